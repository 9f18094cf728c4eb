"""Reservations and the day's calendar of a connector, as values that guards read (OCPP 1.6 §3.11).

A reservation keeps a connector, or one of all (connector 0), for one token or its group from the
moment it is accepted until a transaction uses it, it expires, or it is cancelled. A window of the
calendar says when a connector will be needed: until then it is free for anybody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chargepoint.domain.units import ConnectorId

ANY_CONNECTOR = ConnectorId(0)


class Verdict(StrEnum):
    """What becomes of a request to reserve, in the words all versions share."""

    ACCEPTED = "accepted"
    FAULTED = "faulted"
    OCCUPIED = "occupied"
    REJECTED = "rejected"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Reservation:
    id: int
    connector: ConnectorId  # 0: one of all
    id_tag: str
    since: datetime
    expires: datetime
    parent_tag: str | None = None

    def is_for(self, id_tag: str, parent_tag: str | None) -> bool:
        """The token itself, or one of its group; tokens compare without regard to case."""
        if self.id_tag.upper() == id_tag.upper():
            return True
        own, theirs = self.parent_tag, parent_tag
        return own is not None and theirs is not None and own.upper() == theirs.upper()


class WindowKind(StrEnum):
    RESERVED = "reserved"
    BLOCKED = "blocked"  # by the operator: works, an event


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which a connector is not for whoever comes by."""

    begin: datetime
    end: datetime
    kind: WindowKind = WindowKind.RESERVED

    def __post_init__(self) -> None:
        if self.begin >= self.end:
            raise ValueError(f"a window from {self.begin} to {self.end}")

    def holds(self, now: datetime) -> bool:
        return self.begin <= now < self.end


@dataclass(frozen=True, slots=True)
class Calendar:
    """One connector's day. A newer version replaces all of an older one."""

    version: int = 0
    windows: tuple[Window, ...] = ()

    def __post_init__(self) -> None:
        for earlier, later in zip(self.windows, self.windows[1:], strict=False):
            if later.begin < earlier.end:
                raise ValueError(f"windows overlap at {later.begin}")

    def from_now(self, now: datetime) -> tuple[Window, ...]:
        return tuple(window for window in self.windows if window.end > now)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a point knows of reservations: whom a start here may serve."""

    usable: tuple[Reservation, ...] = ()  # a start here may use one of these
    only: bool = False  # nobody else may begin here
    is_own: bool = False  # this very connector was reserved: the status says so
    until: datetime | None = None  # when `only` ends by itself
    windows: tuple[Window, ...] = ()  # of the calendar, those that are not over

    def usable_by(self, id_tag: str, parent_tag: str | None, now: datetime) -> Reservation | None:
        found = (r for r in self.usable if now < r.expires and r.is_for(id_tag, parent_tag))
        return next(found, None)

    def by_id(self, number: int | None, now: datetime) -> Reservation | None:
        return next((r for r in self.usable if r.id == number and now < r.expires), None)

    def next_window(self, now: datetime) -> Window | None:
        """The one that begins next."""
        return next((window for window in self.windows if window.begin > now), None)

    def without_reservations(self) -> "Kept":
        return Kept(windows=self.windows)


NOT_KEPT = Kept()

WARNINGS = (timedelta(minutes=15), timedelta(minutes=5))
"""How long before a window begins a running charge is told."""


def dump_reservation(reservation: Reservation) -> dict[str, Any]:
    return {
        "id": reservation.id,
        "connector": reservation.connector,
        "id_tag": reservation.id_tag,
        "since": reservation.since.isoformat(),
        "expires": reservation.expires.isoformat(),
        "parent_tag": reservation.parent_tag,
    }


def load_reservation(body: dict[str, Any]) -> Reservation:
    return Reservation(
        body["id"],
        ConnectorId(body["connector"]),
        body["id_tag"],
        datetime.fromisoformat(body["since"]),
        datetime.fromisoformat(body["expires"]),
        body["parent_tag"],
    )


def dump_calendar(calendar: Calendar) -> dict[str, Any]:
    windows = [[w.begin.isoformat(), w.end.isoformat(), w.kind.value] for w in calendar.windows]
    return {"version": calendar.version, "windows": windows}


def load_calendar(body: dict[str, Any]) -> Calendar:
    windows = (
        Window(datetime.fromisoformat(begin), datetime.fromisoformat(end), WindowKind(kind))
        for begin, end, kind in body["windows"]
    )
    return Calendar(body["version"], tuple(windows))
