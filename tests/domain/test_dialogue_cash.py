"""Journeys of the conversation with coins: what the screen says, where the money is."""

import pytest

from chargepoint.domain.devices import (
    CoinCursor,
    CoinCursorMoved,
    CoinRefused,
    CoinSeen,
)
from chargepoint.domain.dialogue.events import (
    DiskStalled,
    KioskChanged,
    PointChanged,
    SharedDevice,
)
from chargepoint.domain.effects import (
    AcceptCoins,
    InhibitCoins,
    SetOperative,
)
from chargepoint.domain.units import Minor
from tests.support.points import at
from tests.support.stations import a_station
from tests.support.talks import CARD, a_card_charge, a_cash_charge


def test_coin_at_home_opens_cash_and_belongs_to_nobody_yet() -> None:
    station = a_station().coin(200)
    assert station.screen == "cash_in"
    assert station.param("credit_minor") == 200
    assert station.balances() == {"cash_box": 200, "unassigned": 200}


def test_plug_takes_the_waiting_credit() -> None:
    station = a_station().coin(200).plugged()
    assert station.balances() == {"cash_box": 200, "credit:1": 200}
    assert station.param("credit_minor") == 200


def test_start_needs_a_plug_and_the_minimum() -> None:
    station = a_station().coin(50)
    assert "start" not in station.buttons()
    station.plugged()
    assert "start" not in station.buttons()
    assert "start" in station.coin(50).buttons()


def test_start_shows_the_code_and_holds_the_money() -> None:
    station = a_station().plugged().coin().press("start")
    assert station.screen == "code"
    assert station.param("code") == station.code()
    assert station.balances() == {"cash_box": 200, "held:1": 200}
    assert station.press("key_ok").screen == "start_wait"


def test_code_goes_away_by_itself() -> None:
    assert a_station().plugged().coin().press("start").wait(16).screen == "start_wait"


def test_right_code_stops() -> None:
    station = a_cash_charge().charge(1, 1000).press("stop")
    assert station.screen == "stop_auth"
    assert station.enter(station.code()).screen in ("stopping", "unplug")
    assert station.screen == "unplug"
    assert station.unplugged().screen == "cash_iou"
    assert station.param("amount_minor") == 160
    assert station.press("voucher").press("key_ok").screen == "receipt"
    assert station.press("receipt_none").screen == "thanks"
    assert station.wait(7).screen == "home"


def test_wrong_code_does_not_stop() -> None:
    station = a_cash_charge().press("stop").enter("0000")
    assert station.screen == "stop_auth"
    assert station.param("wrong") == 1
    assert station.param("typed") == 0
    assert station.point().state == "session/energised"


def test_three_wrong_codes_lock_the_keypad_for_a_minute() -> None:
    station = a_cash_charge().press("stop").enter("0000").enter("1111").enter("2222")
    assert station.param("locked_s") == 60
    assert "key_1" not in station.buttons()
    assert station.incident_codes() == ["code.locked"]
    station.press("back").press("stop").enter(station.code())
    assert station.point().state == "session/energised"
    station.wait(60).press("stop").enter(station.code())
    assert station.screen == "unplug"


def test_ok_on_the_keypad_is_no_surprise() -> None:
    station = a_cash_charge().press("stop").press("key_1").press("key_ok")
    assert station.param("typed") == 1
    assert station.incident_codes() == []


def test_digits_can_be_cleared() -> None:
    station = a_cash_charge().press("stop").enter("12").press("key_clear")
    assert station.param("typed") == 0


def test_keypad_nobody_uses_goes_back_to_the_charge() -> None:
    assert a_cash_charge().press("stop").wait(46).screen == "charging"
    assert a_cash_charge().press("stop").press("back").screen == "charging"


def test_charge_that_ends_under_the_keypad_takes_it_away() -> None:
    station = a_cash_charge().press("stop").charge(1, 4440)
    assert station.screen == "finished"


def test_coin_while_charging_raises_the_limit() -> None:
    station = a_cash_charge().coin(100)
    assert station.param("max_minor") == 300
    assert station.balances() == {"cash_box": 300, "held:1": 300}


def test_coin_that_meets_the_end_is_credit_again() -> None:
    station = a_cash_charge().charge(1, 1000)
    running = station.dialogue.data.points[station.dialogue.data.focus]
    station.press("stop").enter(station.code())
    station.tell(PointChanged(station.dialogue.data.focus, running)).coin(100)
    assert station.balances()["credit:1"] == 100
    assert station.dialogue.data.here == 100


def test_coin_while_nobody_consumes_it_is_booked_and_reported() -> None:
    station = a_card_charge().coin(200)
    assert station.balances() == {"cash_box": 200, "unassigned": 200}
    assert station.incident_codes() == ["coin.unexpected"]
    assert station.charge(1, 100).tell(CARD).unplugged().screen == "cash_in"
    assert station.param("credit_minor") == 200


def test_return_money_is_owed_under_a_reference() -> None:
    station = a_station().coin(200).press("return_money")
    assert station.screen == "cash_iou"
    assert station.param("amount_minor") == 200
    assert station.param("reference")
    assert station.balances() == {"cash_box": 200, "owed": 200}
    assert station.incident_codes() == ["cash.owed"]
    assert station.press("voucher").balances() == {"cash_box": 200, "voucher": 200}
    assert station.param("code")
    assert station.press("key_ok").screen == "home"
    assert station.dialogue.data.here == 0


def test_return_money_gives_back_what_the_plug_took_and_what_waits() -> None:
    station = a_station().plugged().coin(200)
    assert station.press("return_money").balances() == {"cash_box": 200, "owed": 200}
    assert station.wait(121).balances()["voucher"] == 200
    assert station.wait(121).screen == "pay"


def test_back_is_closed_while_money_is_inside() -> None:
    station = a_station().plugged().press("pay_cash")
    assert "back" in station.buttons()
    station.coin()
    assert "back" not in station.buttons()
    assert a_station().plugged().press("pay_cash").press("back").screen == "pay"


def test_refused_start_gives_the_credit_back_with_a_reason() -> None:
    station = a_station().plugged().coin()
    station.point().handle(SetOperative(operative=False), at(station.seconds))
    station.press("start")
    assert station.screen == "cash_in"
    assert station.balances() == {"cash_box": 200, "credit:1": 200}
    assert station.dialogue.data.here == 200
    assert station.param("reason") == "out"


def test_credit_unused_by_a_charge_without_energy_is_offered_again() -> None:
    station = a_cash_charge().wait(181)
    assert station.screen == "start_fail"
    assert station.balances() == {"cash_box": 200, "credit:1": 200}
    assert station.press("retry").screen == "cash_in"


def test_other_method_after_a_failed_start_keeps_the_credit() -> None:
    station = a_cash_charge().wait(181).press("other_method")
    assert station.screen == "pay"
    assert station.dialogue.data.here == 200


def test_fifty_coins_are_enough() -> None:
    station = a_station()
    for _ in range(50):
        station.coin(10)
    assert station.sent(InhibitCoins)
    assert not station.dialogue.data.coins_accepted


def test_coin_told_twice_is_booked_once() -> None:
    station = a_station()
    coin = CoinSeen(Minor(200), CoinCursor("C1", 1, 1, 1))
    station.tell(coin).tell(coin)
    assert station.balances()["cash_box"] == 200
    assert station.tell(CoinRefused("late", CoinCursor("C1", 0, 9, 9))).param("reason") == ""


def test_refused_coin_says_why_and_moves_the_cursor() -> None:
    station = a_station().coin(200).tell(CoinRefused("too fast", CoinCursor("C1", 1, 2, 2)))
    assert station.param("reason") == "too fast"
    assert station.balances()["cash_box"] == 200


def test_lost_coin_events_are_an_incident() -> None:
    station = a_station().tell(CoinCursorMoved(CoinCursor("C1", 2, 0, 0), possibly_lost=3))
    assert station.incident_codes() == ["coin.events_lost"]
    station.tell(CoinCursorMoved(CoinCursor("C1", 3, 0, 0)))
    assert station.incident_codes() == ["coin.events_lost"]


@pytest.mark.parametrize(
    ("away", "back"),
    [
        (DiskStalled(stalled=True), DiskStalled(stalled=False)),
        (KioskChanged(alive=False), KioskChanged(alive=True)),
    ],
)
def test_coins_are_inhibited_while_money_could_not_be_honoured(
    away: DiskStalled | KioskChanged, back: DiskStalled | KioskChanged
) -> None:
    station = a_station()
    assert station.dialogue.data.coins_accepted
    station.tell(away)
    assert isinstance(station.effects[-1], InhibitCoins)
    station.tell(back)
    assert isinstance(station.effects[-1], AcceptCoins)


def test_lost_acceptor_closes_cash_and_comes_back() -> None:
    station = a_station().plugged().tell(SharedDevice("coin_acceptor", online=False))
    assert "pay_cash" not in station.buttons()
    station.tell(SharedDevice("coin_acceptor", online=True))
    assert "pay_cash" in station.buttons()
