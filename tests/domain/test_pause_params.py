"""When a pause of the station's making ends, as the screen says it."""

from datetime import timedelta

import pytest

from chargepoint.domain.point.offer import CurrentAllowed
from chargepoint.domain.units import MilliAmp
from tests.support.points import EPOCH
from tests.support.stations import a_station, answer
from tests.support.talks import CARD, a_card_charge


@pytest.mark.parametrize(("ends_s", "said"), [(0, "00"), (1, "01"), (59, "01"), (60, "01")])
def test_pause_is_never_said_to_end_before_it_does(ends_s: int, said: str) -> None:
    at = EPOCH.replace(minute=0, second=0) + timedelta(hours=1, seconds=ends_s)
    station = a_card_charge().hear(1, CurrentAllowed(MilliAmp(0), at))
    assert station.screen == "paused_grid"
    assert str(station.param("resumes")).endswith(f":{said}")


def test_pause_whose_end_nobody_knows_says_none() -> None:
    station = a_card_charge().hear(1, CurrentAllowed(MilliAmp(0)))
    assert station.param("resumes") == ""


def test_wait_for_the_vehicle_begins_anew_when_a_pause_ends() -> None:
    """The ring counts what is left of this wait, not of one before the pause."""
    station = a_station().plugged().tell(CARD).answered(answer()).press("start").wait(100)
    assert station.screen == "start_wait"
    station.hear(1, CurrentAllowed(MilliAmp(0))).wait(600).hear(1, CurrentAllowed(MilliAmp(16_000)))
    assert (station.screen, station.param("countdown_s")) == ("start_wait", 150)
