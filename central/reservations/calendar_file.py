"""A reservation as a calendar file (RFC 5545), in UTC: no change of clocks moves it."""

from dataclasses import dataclass
from datetime import datetime

from central.reservations.records import OPEN, Reservation, State

_LINE_MAX = 75  # octets, RFC 5545 §3.1
_CONFIRMED = (*OPEN, State.USED, State.DONE)


@dataclass(frozen=True, slots=True)
class Words:
    """In the member's language."""

    summary: str
    description: str
    reminder: str


def calendar_file(
    one: Reservation,
    words: Words,
    *,
    place: str,
    where: tuple[float, float] | None,
    host: str,
    now: datetime,
) -> str:
    """A newer file of the same reservation replaces the older one: same UID, higher SEQUENCE."""
    is_over = one.state not in _CONFIRMED
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Green Card//Reservations//EN",
        "CALSCALE:GREGORIAN",
        f"METHOD:{'CANCEL' if is_over else 'PUBLISH'}",
        "BEGIN:VEVENT",
        f"UID:reservation-{one.id}@{host}",
        f"DTSTAMP:{_stamp(now)}",
        f"DTSTART:{_stamp(one.begins)}",
        f"DTEND:{_stamp(one.ends)}",
        f"SEQUENCE:{one.moves * 2 + is_over}",
        f"STATUS:{'CANCELLED' if is_over else 'CONFIRMED'}",
        f"SUMMARY:{_text(words.summary)}",
        f"LOCATION:{_text(place)}",
        f"DESCRIPTION:{_text(words.description)}",
    ]
    if where is not None:
        lines.append(f"GEO:{where[0]:.6f};{where[1]:.6f}")
    if not is_over:
        lines += [
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "TRIGGER:-PT30M",
            f"DESCRIPTION:{_text(words.reminder)}",
            "END:VALARM",
        ]
    lines += ["END:VEVENT", "END:VCALENDAR"]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _text(written: str) -> str:
    """§3.3.11; no control character ends a line early."""
    for character, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        written = written.replace(character, escaped)
    return "".join(each for each in written if each.isprintable())


def _folded(line: str) -> str:
    """§3.1: a long line goes on after a space; no character of several octets is cut."""
    parts: list[bytes] = []
    part = b""
    for character in line:
        octets = character.encode()
        if len(part) + len(octets) > _LINE_MAX - (1 if parts else 0):
            parts.append(part)
            part = b""
        part += octets
    return "\r\n ".join(each.decode() for each in (*parts, part))
