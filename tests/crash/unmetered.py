"""What may have flowed without being billed, because a meter or a contactor was broken: nobody's debt.

By the story alone, for each fault of a meter, with the most power of a connector:

    unmetered = power x min(closed, lives x noticed + strikes x lease) + strikes x saved

    closed    how long the contactor was closed since the last reading before the fault
    noticed   what the station may take, in each of its lives, until it stops a charge
              says nothing   1 s since its last reading, two readings of three attempts (1.5 s,
                             1.8 s where it was late before) with a pause of half a second between:
                             6 s with the turns of others on its line
              stands         60 Wh by its own power (domain/supply/believable.py), two readings more
    strikes   how often the core was killed or went dark while the fault stood; lives: one more
    lease     4 s, until the contactors of a killed core are open
    saved     what the journal may be behind the meter, which nobody can read any more

Contacts that are welded, or whose relay is, give what the vehicle takes until somebody repairs them:
power x closed, while that fault stands.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chargepoint.domain.point.machine import SAVE_EVERY_WH
from chargepoint.domain.supply.believable import LATE_WMS, WMS_PER_WH
from config.schema import Config
from simulator.devices.meter import MeterTrouble

READING_S = 1.0
SILENT_S = 6.0
STANDS_S = 2 * READING_S
LEASE_S = 4.0
S_PER_H = 3600
NEVER_OPENS = frozenset({"evse.weld", "evse.weld_pole", "lease_timer.stuck"})
EVERYWHERE = 0  # a connector of a device that all share

Entry = Mapping[str, Any]


@dataclass(slots=True)
class _Fault:
    """`closed_s`, `strikes`: since it began, as far as is read."""

    kind: str
    closed_s: float = READING_S  # nobody knows what flowed since the last reading
    strikes: int = 0


def unmetered_wh(physical: Iterable[Entry], config: Config) -> float:
    """`physical`: everything that happened, in its order."""
    station = config.station
    most_w = station.current_a * station.voltage_v * station.phases
    story = _Story()
    for entry in physical:
        story.go_on(entry)
    return sum(_missed_wh(fault, most_w) for fault in story.faults)


def _missed_wh(fault: _Fault, most_w: int) -> float:
    if fault.kind in NEVER_OPENS:
        return most_w * fault.closed_s / S_PER_H
    if fault.kind == MeterTrouble.STUCK:
        noticed_wh = LATE_WMS / WMS_PER_WH + most_w * STANDS_S / S_PER_H
    else:
        noticed_wh = most_w * SILENT_S / S_PER_H
    lease_wh = most_w * LEASE_S / S_PER_H
    most_wh = (1 + fault.strikes) * noticed_wh + fault.strikes * lease_wh
    saved_wh = fault.strikes * SAVE_EVERY_WH
    return min(most_w * fault.closed_s / S_PER_H, most_wh) + saved_wh


class _Story:
    """What has happened to the meters and contactors so far."""

    def __init__(self) -> None:
        self.faults: list[_Fault] = []
        self._standing: dict[tuple[int, str], _Fault] = {}
        self._closed: set[int] = set()
        self._now_s = 0.0

    def go_on(self, entry: Entry) -> None:
        self._pass_time(entry["t"])
        connector, value = entry["connector"], entry["value"]
        device, _, kind = value.partition(".")
        match entry["what"], device:
            case "core", "killed":
                for fault in self._standing.values():
                    fault.strikes += 1
            case "contactor", "closed":
                self._closed.add(connector)
            case "contactor", _:
                self._closed.discard(connector)
            case "fault", "meter":
                self._begin(connector, kind)
            case "fault", _ if value in NEVER_OPENS:
                self._begin(connector, value)
            case "clear", _:
                self._standing.pop((connector, kind if device == "meter" else value), None)

    def _begin(self, connector: int, kind: str) -> None:
        if (connector, kind) not in self._standing:
            self.faults.append(_Fault(kind))
            self._standing[connector, kind] = self.faults[-1]

    def _pass_time(self, now_s: float) -> None:
        for (connector, _), fault in self._standing.items():
            at = self._closed if connector == EVERYWHERE else self._closed & {connector}
            fault.closed_s += len(at) * (now_s - self._now_s)
        self._now_s = now_s
