"""Each promise that the witness watches can be broken: stations that were spoiled on purpose are told."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from chargepoint.app.lease import LeaseKeeper
from chargepoint.domain.effects import SetLock
from chargepoint.domain.engine import Table
from chargepoint.domain.point import endings, machine, offer, states, supply
from chargepoint.domain.point.context import Point
from chargepoint.domain.session import Session
from chargepoint.domain.supply.sharing import Sharing
from drivers.rapi.parting import Parting
from simulator.devices import evse_board
from simulator.devices.board_heat import Heat
from simulator.devices.evse_board import EvseBoard
from simulator.iec61851.proximity import NOMINAL_OHM, cable_of
from simulator.play_options import StationOptions
from simulator.scenario_file import parse
from simulator.virtual_station import play_virtual

Patch = pytest.MonkeyPatch
PROFILE = (
    "central: {send: SetChargingProfile, payload: {connectorId: 0, csChargingProfiles:"
    " {chargingProfileId: 1, stackLevel: 0, chargingProfilePurpose: TxDefaultProfile,"
    " chargingProfileKind: Absolute, chargingSchedule: {chargingRateUnit: A,"
    " chargingSchedulePeriod: [{startPeriod: 0, limit: 8}]}}}}"
)


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A charge, `spoil` in the code, `then` in the story, and which promise that breaks."""

    promise: str
    spoil: Callable[[Patch], None]
    then: tuple[str, ...]
    config: str = "tariff.energy: 1.00"
    cable_a: int = 32

    def story(self) -> str:
        then = "".join(f"  - {line}\n" for line in self.then)
        return f"""title: spoiled
given:
  config: {{{self.config}}}
  cards: {{GC-1: {{balance: 20.00}}}}
steps:
  - plug: {{connector: 1, ev: {{soc: 20, max_a: 32, phases: 3, cable_a: {self.cable_a}}}}}
  - coin: 2.00
  - touch: start
  - touch: key_ok
  - expect: {{contactor: {{1: closed}}, within: 20s}}
  - wait: 3s
{then}"""


def ignored_stop(patch: Patch) -> None:
    patch.setattr(LeaseKeeper, "open", lambda _keeper, _generation: None)


def endless_money(patch: Patch) -> None:
    patch.setattr(Session, "will_overspend", lambda _session, _power: False)


def ignored_faults(patch: Patch) -> None:
    sound = machine._triggers

    def deaf(*facts: object) -> list[str]:
        return [each for each in sound(*facts) if each != "faulted"]  # type: ignore[arg-type]  # as it came

    patch.setattr(machine, "_triggers", deaf)


def ignored_profile(patch: Patch) -> None:
    patch.setattr(offer, "offer_anew", lambda _point: None)


def greedy_shares(patch: Patch) -> None:
    """Everybody has what he wishes."""
    patch.setattr(Sharing, "shared", lambda sharing, _now, _total, _wishes: sharing)


def ignored_warmth(patch: Patch) -> None:
    """By the station, and by the board that would halve it by itself."""
    patch.setattr(supply, "warm_up", lambda _point: None)
    patch.setattr(
        EvseBoard, "heat", property(lambda _: Heat.NONE, lambda _board, _heat: None), raising=False
    )


def thick_cable(patch: Patch) -> None:
    patch.setattr(EvseBoard, "_cable", cable_of(NOMINAL_OHM[32]))


def slow_board(patch: Patch) -> None:
    patch.setattr(evse_board, "OPEN_S", 5.0)
    patch.setattr(evse_board, "DEBOUNCE_S", 5.0)


def hasty_lock(patch: Patch) -> None:
    async def at_once(_parting: Parting, *, locked: bool) -> bool:
        del locked
        return True

    def hasty(point: Point) -> None:
        point.do(SetLock(point.data.connector, locked=False))
        endings.open_contactor(point)

    enter = {**states.ENTER, "session/stopping": hasty}
    table = Table(states.TREE, states.ROWS, states.IGNORED, enter, states.INITIAL)
    patch.setattr(states, "TABLE", table)
    patch.setattr(Parting, "may_move", at_once)
    patch.setattr(LeaseKeeper, "open", lambda _keeper, _generation: None)


STOP = ("touch: stop", "enter_code: own", "wait: 15s")
SECOND = (
    "plug: {connector: 2, ev: {soc: 20, max_a: 32, phases: 3}}",
    "touch: connector_2",
    "tap: GC-1",
    "touch: start",
    "expect: {contactor: {2: closed}, within: 30s}",
    "wait: 40s",
)
STATIONS = (
    Spoiled("closed only while a session pays", ignored_stop, STOP),
    Spoiled(
        "closed only while a session pays", endless_money, ("wait: 60s",), "tariff.energy: 45.00"
    ),
    Spoiled(
        "closed only while a believable meter counts",
        ignored_faults,
        ("fault: {device: meter, kind: silent, connector: 1}", "wait: 60s"),
    ),
    Spoiled(
        "closed only while the meter counts",
        ignored_faults,
        ("fault: {device: meter, kind: stuck, connector: 1}", "wait: 60s"),
    ),
    Spoiled(
        "closed only while the vehicle asks",
        slow_board,
        ("ev: {connector: 1, ready: false}", "wait: 15s"),
    ),
    Spoiled(
        "closed only while the plug is locked",
        ignored_faults,
        ("fault: {device: evse, kind: lock_open, connector: 1}", "wait: 30s"),
    ),
    Spoiled("locked while the contacts are live", hasty_lock, STOP),
    Spoiled("an offer within the profiles", ignored_profile, (PROFILE, "wait: 20s")),
    Spoiled("an offer within all limits", ignored_profile, (PROFILE, "wait: 20s")),
    Spoiled(
        "offers within the site's limit on L1", greedy_shares, SECOND, "site.max_current_a: 32"
    ),
    Spoiled(
        "an offer that the board's warmth permits",
        ignored_warmth,
        ("fault: {device: evse, kind: warm, connector: 1}", "wait: 60s"),
    ),
    Spoiled("an offer that the cable carries", thick_cable, ("wait: 5s",), cable_a=13),
)


@pytest.mark.parametrize("station", STATIONS, ids=lambda s: f"{s.spoil.__name__}: {s.promise}")
def test_station_that_was_spoiled_breaks_the_promise_it_was_spoiled_for(
    station: Spoiled, monkeypatch: Patch
) -> None:
    station.spoil(monkeypatch)
    report = play_virtual(parse(station.story()), StationOptions())
    told = {failure.expected.partition(": ")[2] for failure in report.failures}
    assert station.promise in told, [(f.expected, f.was) for f in report.failures]
