"""What happened, in the report's shapes: kept in memory, written as bytes that depend on it alone.

Amounts are minor units, times are seconds since the start. The field names are a contract
(docs/scenarios.md); the bench sends the same shapes as events.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Entry = dict[str, Any]
Listener = Callable[[str, Entry], None]
"""Called with the list's name (`screens`, `ocpp` …) and the new entry."""

TIME_DECIMALS = 3


def seconds(value: float) -> float:
    """Times in reports: milliseconds are enough, and hide the rounding of floats."""
    return round(value, TIME_DECIMALS)


@dataclass(slots=True)
class Record:
    """Everything observable that a station did, in order."""

    screens: list[Entry] = field(default_factory=list)
    ocpp: list[Entry] = field(default_factory=list)
    physical: list[Entry] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)

    def screen(self, at_s: float, screen_id: str) -> None:
        """A screen came up; the same one again is no news."""
        if not self.screens or self.screens[-1]["id"] != screen_id:
            self._add("screens", self.screens, {"t": seconds(at_s), "id": screen_id})

    def frame(self, at_s: float, frame: Entry) -> None:
        self._add("ocpp", self.ocpp, {"t": seconds(at_s), **frame})

    def happened(self, at_s: float, what: str, connector: int, value: str) -> None:
        entry = {"t": seconds(at_s), "what": what, "connector": connector, "value": value}
        self._add("physical", self.physical, entry)

    def _add(self, name: str, entries: list[Entry], entry: Entry) -> None:
        entries.append(entry)
        for listener in self.listeners:
            listener(name, entry)


@dataclass(frozen=True, slots=True)
class Failure:
    """What did not hold. `expected` and `was` are sentences for a person."""

    step: int
    line: int
    expected: str
    was: str

    def entry(self) -> Entry:
        return {
            "step": self.step,
            "line": self.line,
            "expected": self.expected,
            "was": self.was,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """One played scenario. `wall_s` is None in virtual time: it would differ from run to run."""

    title: str
    seed: int
    virtual_s: float
    wall_s: float | None
    failures: tuple[Failure, ...]
    record: Record
    balanced: bool
    accounts: dict[str, int]
    incidents: tuple[Entry, ...]

    @property
    def passed(self) -> bool:
        return not self.failures

    def entry(self) -> Entry:
        return {
            "title": self.title,
            "passed": self.passed,
            "seed": self.seed,
            "virtual_s": seconds(self.virtual_s),
            "wall_s": None if self.wall_s is None else seconds(self.wall_s),
            "failures": [failure.entry() for failure in self.failures],
            "screens": self.record.screens,
            "ocpp": self.record.ocpp,
            "ledger": {"balanced": self.balanced, "accounts": dict(sorted(self.accounts.items()))},
            "physical": self.record.physical,
            "incidents": list(self.incidents),
        }


def to_bytes(reports: list[Report]) -> bytes:
    """One report as an object, several as a list; the same reports give the same bytes."""
    entries = [report.entry() for report in reports]
    shown = entries[0] if len(entries) == 1 else entries
    return (json.dumps(shown, ensure_ascii=False, indent=1) + "\n").encode()
