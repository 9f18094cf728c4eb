"""What a technician far away may read (ports: LogSource): bounded, line by line, without secrets.

Settings are not part of it, because passwords are settings; nor are messages, because they hold
card numbers.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

MAX_LINES = 20_000
_SETTINGS_HIDDEN = "settings, messages and keys are not part of this file"

Row = tuple[str, ...]


class Records(Protocol):
    """The journal as this reads it; oldest first, the newest of what is too much."""

    def security_events(
        self, since: datetime | None, until: datetime | None, limit: int
    ) -> list[Row]: ...

    def incidents_between(
        self, since: datetime | None, until: datetime | None, limit: int
    ) -> list[Row]: ...

    def boots(self, limit: int) -> list[Row]: ...


class JournalLogs:
    def __init__(self, records: Records, station_id: str, firmware: str) -> None:
        self._records = records
        self._head = f"station {station_id}, firmware {firmware}"

    def security(self, since: datetime | None, until: datetime | None) -> bytes:
        rows = self._records.security_events(since, until, MAX_LINES)
        return _text([self._head, "security log", *map(_line, rows)])

    def diagnostics(self, since: datetime | None, until: datetime | None) -> bytes:
        boots = [f"boot {_line(row)}" for row in self._records.boots(100)]
        rows = self._records.incidents_between(since, until, MAX_LINES)
        return _text([self._head, _SETTINGS_HIDDEN, *boots, *map(_line, rows)])


def technicians_file(
    logs: JournalLogs, doings: Iterable[Row], frames: Iterable[tuple[datetime, str]]
) -> bytes:
    """All that a technician takes along: both logs, what was done in the menu, which messages went
    and came. Of a message its name only."""
    done = ["service menu", *map(_line, doings)]
    went = ["messages", *(_line((at.isoformat(), words)) for at, words in frames)]
    return logs.diagnostics(None, None) + logs.security(None, None) + _text([*done, *went])


def _line(row: Row) -> str:
    return "\t".join(" ".join(str(cell).split()) for cell in row)


def _text(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
