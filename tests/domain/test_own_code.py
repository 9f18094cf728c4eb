"""The stop code that a customer chooses: as good as the drawn one, and as durable."""

import pytest

from tests.support.stations import StationUnderTest, a_station
from tests.support.talks import a_cash_charge


def at_the_code() -> StationUnderTest:
    station = a_station().plugged().coin(200).press("start")
    assert station.screen == "code"
    return station


def test_chosen_code_is_shown_and_stops_the_charge() -> None:
    station = at_the_code().press("code_own")
    assert station.screen == "code_set"
    assert (station.param("typed"), station.param("length")) == (0, 4)
    station.enter("4072")
    assert (station.screen, station.param("code")) == ("code", "4072")
    station.press("key_ok").asks().charge(1, 1000).press("stop").enter("4072")
    assert station.screen == "unplug"


def test_drawn_code_no_longer_stops() -> None:
    station = at_the_code()
    drawn = station.code()
    station.press("code_own").enter("4072").press("key_ok").asks().press("stop").enter(drawn)
    assert (station.screen, station.param("wrong")) == ("stop_auth", 1)


def test_chosen_code_survives_a_cut() -> None:
    station = at_the_code().press("code_own").enter("4072")
    assert station.restarted().code() == "4072"


@pytest.mark.parametrize("plain", ["0000", "7777", "1234", "9876", "3210"])
def test_code_that_anybody_would_try_is_refused(plain: str) -> None:
    station = at_the_code()
    drawn = station.code()
    station.press("code_own").enter(plain)
    assert (station.screen, station.param("reason")) == ("code_set", "plain_code")
    assert station.param("typed") == 0
    assert station.press("key_4").param("reason") == ""
    assert station.press("back").param("code") == drawn


@pytest.mark.parametrize("good", ["2580", "1357", "0912", "1123"])
def test_any_other_code_is_taken(good: str) -> None:
    assert at_the_code().press("code_own").enter(good).param("code") == good


def test_nobody_chooses_in_time_and_the_drawn_code_is_shown_again() -> None:
    station = at_the_code()
    drawn = station.code()
    station.press("code_own").press("key_4").press("key_clear")
    assert station.param("typed") == 0
    assert station.wait(46).screen == "code"
    assert station.param("code") == drawn
    assert station.wait(16).screen == "start_wait"


def test_pulled_plug_ends_the_choice_and_the_change_is_owed() -> None:
    station = at_the_code().press("code_own").press("key_4").unplugged()
    assert station.screen in ("cash_iou", "cash_in", "change")


def test_next_customers_code_is_their_own() -> None:
    station = at_the_code().press("code_own").enter("4072").press("key_ok").asks()
    station.charge(1, 1000).press("stop").enter("4072").unplugged()
    station.press("voucher").press("key_ok").press("receipt_none").wait(7)
    station.plugged().coin(200).press("start")
    assert station.param("code") == station.code() != "4072"


def test_running_charge_keeps_its_code() -> None:
    station = a_cash_charge()
    assert "code_own" not in station.buttons()
