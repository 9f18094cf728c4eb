"""The lamp of a connector: every state has one, and what matters more wins."""

from dataclasses import replace

import pytest

from chargepoint.domain.devices import BoardFault, Hazard, Pilot
from chargepoint.domain.faults import standing as faults
from chargepoint.domain.point.lamp import lamp_of
from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.session import StartOrder
from chargepoint.domain.units import ConnectorId, Wh

SOUND = PointData(ConnectorId(1), pilot=Pilot.A, register=Wh(1_000))
PLUGGED = replace(SOUND, pilot=Pilot.B)


def lamp(state: str, data: PointData = SOUND, *, serves: bool = True) -> str:
    return str(lamp_of(PointSeen(state, data), serves=serves))


@pytest.mark.parametrize(
    ("state", "data", "wanted"),
    [
        ("booting", PointData(ConnectorId(1)), "white flash"),
        ("idle/free", SOUND, "green"),
        ("idle/plugged", PLUGGED, "green blink"),
        ("session/starting/locking", PLUGGED, "blue blink"),
        ("session/starting/waiting", PLUGGED, "blue blink"),
        ("session/energised", PLUGGED, "blue"),
        ("session/suspended/by_vehicle", PLUGGED, "blue flash"),
        ("session/suspended/by_station", PLUGGED, "blue flash"),
        ("session/stopping", PLUGGED, "blue blink"),
        ("settling/metering", PLUGGED, "blue blink"),
        ("settling/occupied", PLUGGED, "white blink"),
        ("settling/billed", PLUGGED, "white blink"),
        ("settling/billed", SOUND, "green"),
        ("idle/plugged", replace(PLUGGED, cable_of="GC"), "white blink"),
        ("idle/free", replace(SOUND, operative=False), "red"),
    ],
)
def test_each_state_has_its_lamp(state: str, data: PointData, wanted: str) -> None:
    assert lamp(state, data) == wanted


@pytest.mark.parametrize("key", [BoardFault.WELD, Hazard.EMERGENCY_STOP, faults.METER_LOST])
@pytest.mark.parametrize("state", ["idle/free", "session/energised", "settling/occupied"])
def test_a_fault_blinks_red_wherever_it_meets_the_point(state: str, key: str) -> None:
    assert lamp(state, replace(PLUGGED, faults=frozenset({key}))) == "red blink"


def test_what_the_vehicle_does_wrong_is_no_fault_of_the_point() -> None:
    data = replace(PLUGGED, faults=frozenset({BoardFault.DIODE}))
    assert lamp("idle/plugged", data) == "yellow blink"


def test_without_a_screen_nobody_is_invited_and_who_charges_sees_no_difference() -> None:
    assert lamp("idle/free", serves=False) == "red"
    assert lamp("session/energised", PLUGGED, serves=False) == "blue"


def test_a_remote_start_asks_for_the_plug_also_without_a_screen() -> None:
    waiting = replace(SOUND, pending=StartOrder.__new__(StartOrder))
    assert lamp("idle/awaiting_plug", waiting, serves=False) == "green blink"
