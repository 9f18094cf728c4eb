"""Short texts of the operator for the screen: what may be in them, and which one is shown. Pure.

The model is SetDisplayMessage of OCPP 2: priority, the state in which it is shown, expiry.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

MOST_CHARS = 120  # two lines on the smallest panel
MOST_ANNOUNCEMENTS = 16


class Priority(StrEnum):
    ALWAYS_FRONT = "AlwaysFront"
    IN_FRONT = "InFront"
    NORMAL_CYCLE = "NormalCycle"


class Occasion(StrEnum):
    """In which state of the connector in focus; ANY stands for none given."""

    ANY = ""
    IDLE = "Idle"
    CHARGING = "Charging"
    FAULTED = "Faulted"
    UNAVAILABLE = "Unavailable"


@dataclass(frozen=True, slots=True)
class Announcement:
    id: int
    texts: Mapping[str, str] = field(hash=False)  # by language, "" for any
    priority: Priority = Priority.NORMAL_CYCLE
    occasion: Occasion = Occasion.ANY
    since: datetime | None = None
    until: datetime | None = None

    def is_shown(self, occasion: Occasion, utc: datetime) -> bool:
        begun = self.since is None or self.since <= utc
        over = self.until is not None and self.until <= utc
        return begun and not over and self.occasion in (Occasion.ANY, occasion)


def sanitised(text: str) -> str:
    """One line of what people can read: no control characters, no marks of direction, bounded."""
    kept = "".join(" " if _is_unseen(letter) else letter for letter in text)
    words = " ".join(kept.split())
    return words if len(words) <= MOST_CHARS else words[: MOST_CHARS - 1].rstrip() + "…"


def _is_unseen(letter: str) -> bool:
    """Controls, formats (among them the turners of direction), surrogates, private and unassigned."""
    return unicodedata.category(letter).startswith("C")


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text of this language, else the one for any, else none: no half-understood words."""
    return texts.get(language) or texts.get("", "")


_ORDER = (Priority.ALWAYS_FRONT, Priority.IN_FRONT, Priority.NORMAL_CYCLE)
_TURN_S = 10  # of several that rank alike, each is shown this long


def chosen(found: Iterable[Announcement], occasion: Occasion, language: str, utc: datetime) -> str:
    """The text to show now, "" for none. AlwaysFront hides all others, InFront the normal ones."""
    shown = [
        (each.priority, in_language(each.texts, language))
        for each in sorted(found, key=lambda each: each.id)
        if each.is_shown(occasion, utc)
    ]
    for priority in _ORDER:
        texts = [text for its, text in shown if its is priority and text]
        if texts:
            return texts[int(utc.timestamp()) // _TURN_S % len(texts)]
    return ""
