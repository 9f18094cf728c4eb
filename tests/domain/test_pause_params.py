"""When a pause of the station's making ends, as the screen says it."""

from datetime import timedelta

import pytest

from chargepoint.domain.point.offer import CurrentAllowed
from chargepoint.domain.units import MilliAmp
from tests.support.points import EPOCH
from tests.support.talks import a_card_charge


@pytest.mark.parametrize(("ends_s", "said"), [(0, "00"), (1, "01"), (59, "01"), (60, "01")])
def test_pause_is_never_said_to_end_before_it_does(ends_s: int, said: str) -> None:
    at = EPOCH.replace(minute=0, second=0) + timedelta(hours=1, seconds=ends_s)
    station = a_card_charge().hear(1, CurrentAllowed(MilliAmp(0), at))
    assert station.screen == "paused_grid"
    assert str(station.param("resumes")).endswith(f":{said}")


def test_pause_whose_end_nobody_knows_says_none() -> None:
    station = a_card_charge().hear(1, CurrentAllowed(MilliAmp(0)))
    assert station.param("resumes") == ""
