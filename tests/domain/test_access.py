"""How a driver is served: voice, headphone, volume, time; and that the next one finds the usual."""

import pytest

from chargepoint.domain.devices import JackMoved, KeyPressed, TactileKey
from chargepoint.domain.dialogue.access_talk import FORGET_S
from chargepoint.domain.dialogue.events import VoiceChanged
from tests.support.stations import StationUnderTest, a_station

KEY = KeyPressed(TactileKey.NEXT)


def speaking() -> StationUnderTest:
    return a_station().tell(VoiceChanged(works=True))


def test_voice_is_struck_until_the_kiosk_says_that_it_can_speak() -> None:
    station = a_station()
    assert "voice" not in station.buttons()
    assert "voice" in station.tell(VoiceChanged(works=True)).buttons()
    assert "voice" not in station.tell(VoiceChanged(works=False)).buttons()


def test_headphone_begins_voice_and_ends_it() -> None:
    station = speaking().tell(JackMoved(is_in=True))
    assert (station.dialogue.data.access.voice, station.dialogue.data.access.jack) == (True, True)
    station.tell(JackMoved(is_in=False))
    assert (station.dialogue.data.access.voice, station.dialogue.data.access.jack) == (False, False)


def test_voice_that_a_key_began_outlives_the_headphone() -> None:
    station = speaking().press("voice").tell(JackMoved(is_in=True)).tell(JackMoved(is_in=False))
    assert station.dialogue.data.access.voice


def test_headphone_that_is_in_begins_voice_when_the_kiosk_comes_to_speak() -> None:
    station = a_station().tell(JackMoved(is_in=True))
    assert not station.dialogue.data.access.voice
    assert station.tell(VoiceChanged(works=True)).dialogue.data.access.voice
    assert not station.tell(VoiceChanged(works=False)).dialogue.data.access.voice


def test_volume_goes_round_through_four_levels() -> None:
    station = speaking().press("easy")
    assert [station.press("volume").param("volume") for _ in range(5)] == [3, 4, 1, 2, 3]


@pytest.mark.parametrize("way", ["easy_toggle", "slow_toggle", "voice"])
def test_whoever_needs_it_gets_three_times_the_time(way: str) -> None:
    station = speaking().press("easy").press(way).press("back").press("greencard")
    assert station.screen == "gc_tap"
    assert station.wait(179).screen == "gc_tap"
    assert station.wait(2).screen == "more_time"
    assert station.wait(58).screen == "more_time"
    assert station.wait(3).screen == "home"


def test_a_key_begins_the_time_of_its_step_anew() -> None:
    station = speaking().press("greencard").wait(50).tell(KEY)
    assert station.wait(50).screen == "gc_tap"
    assert station.wait(11).screen == "more_time"


def test_what_a_driver_has_chosen_is_gone_for_the_next() -> None:
    station = speaking().press("easy").press("volume").press("contrast_toggle")
    station.press("slow_toggle").press("easy_toggle").press("back")
    assert station.dialogue.data.access.contrast
    assert station.dialogue.data.easy
    station.wait(FORGET_S - 1)
    assert station.dialogue.data.access.contrast
    station.wait(2)
    access = station.dialogue.data.access
    assert (access.contrast, access.slow, access.voice, access.volume) == (False, False, False, 2)
    assert not station.dialogue.data.easy


def test_who_still_touches_is_not_forgotten() -> None:
    station = speaking().press("voice").wait(FORGET_S - 10).tell(KEY).wait(FORGET_S - 10)
    assert station.dialogue.data.access.voice
    assert not station.wait(20).dialogue.data.access.voice


def test_who_is_paying_is_not_forgotten() -> None:
    station = speaking().press("voice").coin().wait(100).coin().wait(100)
    assert station.screen == "cash_in"
    assert station.dialogue.data.access.voice


def test_who_wears_the_headphone_goes_on_hearing() -> None:
    station = speaking().tell(JackMoved(is_in=True)).wait(10 * FORGET_S)
    assert station.dialogue.data.access.voice


def test_keys_surprise_no_state() -> None:
    station = speaking().plugged().coin().press("start").tell(KEY).tell(JackMoved(is_in=True))
    assert station.incident_codes() == []


def test_low_layout_is_chosen_told_to_the_screen_and_gone_for_the_next_driver() -> None:
    station = a_station().press("easy").press("low_toggle")
    assert station.param("low") is True
    assert station.dialogue.data.access.low
    station.press("back").wait(121)
    assert not station.dialogue.data.access.low
