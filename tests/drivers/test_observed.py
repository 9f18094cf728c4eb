"""What the core is told of a board, in which order, and what is held back for a moment."""

from chargepoint.domain.devices import (
    BoardFault,
    BoardFaultRaised,
    ContactorMoved,
    Pilot,
    PilotChanged,
)
from chargepoint.domain.units import ConnectorId
from drivers.observed import EXPLAINED_WITHIN_S, Observed, Openings, differences

ONE = ConnectorId(1)
CHARGING = Observed(Pilot.C, is_closed=True, fault=None)
OPEN = Observed(Pilot.C, is_closed=False, fault=None)


def test_reason_is_told_before_its_consequence() -> None:
    stopped = Observed(Pilot.B, is_closed=False, fault=BoardFault.DIODE)
    assert list(differences(ONE, CHARGING, stopped)) == [
        BoardFaultRaised(ONE, BoardFault.DIODE),
        PilotChanged(ONE, Pilot.B),
        ContactorMoved(ONE, closed=False),
    ]


def test_opening_is_told_when_the_vehicle_s_pilot_explains_it() -> None:
    openings = Openings()
    held = openings.judged(CHARGING, OPEN, is_permitted=True, now_s=10.0)
    assert held == CHARGING
    assert openings.is_unexplained
    paused = Observed(Pilot.B, is_closed=False, fault=None)
    assert openings.judged(held, paused, is_permitted=True, now_s=10.2) == paused
    assert not openings.is_unexplained


def test_opening_that_nothing_explains_is_told_after_a_moment() -> None:
    openings = Openings()
    assert openings.judged(CHARGING, OPEN, is_permitted=True, now_s=10.0).is_closed
    late_s = 10.01 + EXPLAINED_WITHIN_S
    assert not openings.judged(CHARGING, OPEN, is_permitted=True, now_s=late_s).is_closed


def test_opening_that_was_ordered_or_that_a_fault_explains_is_told_at_once() -> None:
    assert not Openings().judged(CHARGING, OPEN, is_permitted=False, now_s=1.0).is_closed
    tripped = Observed(Pilot.C, is_closed=False, fault=BoardFault.RCD_TRIP)
    assert Openings().judged(CHARGING, tripped, is_permitted=True, now_s=1.0) == tripped
