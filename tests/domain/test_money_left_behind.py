"""Bills that come while the screen serves somebody else, and debts that a cut left behind."""

import pytest

from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.dialogue.events import (
    KioskChanged,
    OwedRecovered,
    VoucherAnswered,
    VoucherFound,
)
from chargepoint.domain.effects import FindVoucher
from chargepoint.domain.money import ledger
from chargepoint.domain.money.voucher import VoucherRecord
from chargepoint.domain.units import Minor
from tests.support.stations import answer
from tests.support.tills import CARD, PayingStation, a_till

SLIP = VoucherRecord("31415926", "s9", Minor(360), "2027-11-21")


def charging_on_both(inside: int = 10_000) -> PayingStation:
    """A customer who paid four euros charges at each connector."""
    station = a_till(2, inside=inside)
    for connector in (1, 2):
        station.plugged(connector)
        station.press(f"connector_{connector}")
        station.coin().coin().press("start").asks(connector)
        station.press("key_ok").charge(connector, 1000)
    return station


def pay(station: PayingStation) -> PayingStation:
    """Somebody is there, and the coins fall."""
    station.press("key_ok")
    return station.pay_out()


def vouchers(station: PayingStation) -> list[int]:
    return [
        each.payload["amount"]["amount"]
        for each in station.deliveries.values()
        if isinstance(each, VendorMessage) and each.message_id == "Voucher.Issue"
    ]


# --- several customers at once ---------------------------------------------------------------------


def test_two_connectors_that_settle_at_the_same_moment_both_get_their_change() -> None:
    station = charging_on_both()
    station.unplugged(1).unplugged(2)
    assert station.balances()["owed"] == 720
    seen = []
    for _ in range(2):
        assert station.screen == "change"
        seen.append(station.param("amount_minor"))
        pay(station).press("receipt_none").wait(7)
    assert seen == [360, 360]
    assert station.screen == "home"
    assert station.paid_out == 720
    assert "owed" not in station.balances()


def test_nobody_comes_for_either_so_each_becomes_a_voucher() -> None:
    station = charging_on_both()
    station.unplugged(1).unplugged(2).wait(1000)
    assert station.screen == "home"
    assert vouchers(station) == [360, 360]
    assert station.balances()["voucher"] == 720
    assert "owed" not in station.balances()


def test_bill_in_focus_during_a_payout_keeps_the_money_on_the_screen() -> None:
    station = charging_on_both()
    station.unplugged(2).press("key_ok")
    assert station.screen == "change"
    order = station.payout
    assert order is not None
    assert order.amount == 360
    station.charge(1, 1000).unplugged(1)
    assert station.param("amount_minor") == 360, "still of the first"
    station.pay_out()
    assert station.screen == "receipt"
    assert station.param("cost_minor") == 40
    station.press("receipt_none").wait(7)
    assert station.screen == "change"
    assert station.param("amount_minor") == 310
    assert pay(station).screen == "receipt"
    assert station.param("cost_minor") == 90
    assert "owed" not in station.balances()


def test_tab_leads_to_the_money_of_that_connector_only() -> None:
    station = charging_on_both()
    station.press("connector_1").press("stop").enter(station.code(1))
    station.press("connector_2")
    station.unplugged(2)
    assert station.param("amount_minor") == 360
    station.pay_out().press("receipt_none").wait(7).press("connector_1").unplugged(1)
    assert station.screen == "change"
    assert pay(station).paid_out == 720


def test_who_left_with_nothing_owed_needs_no_screen() -> None:
    station = charging_on_both()
    station.charge(1, 9000).unplugged(1).unplugged(2)
    assert pay(station).press("receipt_none").wait(7).screen == "home"
    assert station.paid_out == 360


def test_change_waits_for_a_living_screen() -> None:
    station = charging_on_both()
    station.tell(KioskChanged(alive=False)).unplugged(1).wait(2000).unplugged(2).wait(2000)
    station.tell(KioskChanged(alive=True)).wait(1000)
    assert station.balances()["voucher"] == 720


def test_plug_still_in_after_a_cut_gets_its_change_when_it_is_pulled() -> None:
    station = a_till()
    station.plugged().coin().coin().press("start").asks().press("key_ok").charge(1, 1000)
    station.press("stop").enter(station.code())
    assert station.balances()["owed"] == 360
    station.restarted().unplugged()
    assert station.screen == "change"
    assert pay(station).screen == "receipt"
    assert "owed" not in station.balances()


# --- after a cut -------------------------------------------------------------------------------------


def test_debt_with_a_stop_code_is_asked_for_by_it() -> None:
    station = a_till().tell(OwedRecovered(SLIP, needs_code=True))
    assert station.screen == "voucher_in"
    assert station.param("recovered_minor") == 360
    station.enter("4827").press("key_ok")
    (order,) = station.sent(FindVoucher)
    assert order.stop_code == "4827"
    station.tell(VoucherFound(order.request, (SLIP,)))
    assert station.screen == "cash_iou"
    assert (station.param("code"), station.param("amount_minor")) == (SLIP.code, 360)
    assert station.press("key_ok").screen == "home"


def test_stop_code_shows_every_voucher_of_its_session() -> None:
    second = VoucherRecord("27182818", "s9", Minor(100), "2027-11-21")
    station = a_till()
    station.press("voucher").enter("4827").press("key_ok")
    (order,) = station.sent(FindVoucher)
    station.tell(VoucherFound(order.request, (SLIP, second)))
    assert station.param("code") == SLIP.code
    assert station.press("key_ok").param("code") == second.code
    assert station.press("key_ok").screen == "home"


def test_debt_that_nobody_asks_for_is_not_shown_to_the_street() -> None:
    station = a_till().tell(OwedRecovered(SLIP, needs_code=True)).wait(200)
    assert station.screen == "home"
    assert station.press("voucher").screen == "voucher_in"
    assert station.param("recovered_minor") == 0


def test_debt_without_a_session_shows_its_voucher_to_whoever_stands_there() -> None:
    station = a_till()
    station.tell(OwedRecovered(SLIP, needs_code=False))
    assert station.screen == "cash_iou"
    assert station.param("code") == SLIP.code
    assert station.wait(121).screen == "home"
    assert vouchers(station) == [], "it was issued before it was told"


def test_debts_are_told_one_after_the_other_and_only_on_a_living_screen() -> None:
    station = a_till().tell(KioskChanged(alive=False))
    station.tell(OwedRecovered(SLIP, needs_code=False))
    station.tell(OwedRecovered(SLIP, needs_code=True))
    assert station.dialogue.data.pay.voucher is None
    station.tell(KioskChanged(alive=True))
    assert station.screen == "cash_iou"
    assert station.press("key_ok").screen == "voucher_in"
    assert station.press("back").screen == "home"


def test_three_unknown_codes_lock_the_keypad_whoever_types_them() -> None:
    station = a_till()
    for _ in range(3):
        station.press("voucher").enter("0000").press("key_ok")
        order = station.sent(FindVoucher)[-1]
        station.tell(VoucherAnswered(order.request, "", Minor(0), "unknown"))
        station.press("back")
    assert "code.locked" in station.incident_codes()
    station.press("voucher")
    assert not [button for button in station.buttons() if button.startswith("key_")]
    assert station.param("locked_s") == 60
    station.wait(61).press("more_time")
    assert "key_1" in station.buttons()


# --- vouchers, from wherever money is asked for --------------------------------------------------------


def typed(station: PayingStation, code: str = "12345678") -> PayingStation:
    station.press("voucher").enter(code)
    return station


def test_voucher_at_home_is_credit_that_waits_for_a_plug() -> None:
    station = typed(a_till())
    station.voucher(360)
    assert station.screen == "cash_in"
    assert station.balances() == {"unassigned": 360, "voucher": -360}
    assert station.plugged().balances() == {"credit:1": 360, "voucher": -360}


def test_voucher_beside_coins_adds_up_and_back_returns_to_them() -> None:
    station = a_till()
    station.plugged().coin()
    assert station.press("voucher").press("back").screen == "cash_in"
    typed(station).voucher(360)
    assert station.param("credit_minor") == 560


def topping_up() -> PayingStation:
    station = a_till()
    station.tell(CARD).answered(answer()).press("topup").press("topup_10")
    return station


def test_voucher_goes_onto_the_green_card_whole() -> None:
    station = topping_up()
    assert station.press("voucher").press("back").screen == "top_how"
    typed(station).voucher(360)
    assert station.screen == "top_wait"
    station.wait(1)
    station.delivered(2360)
    assert station.screen == "top_done"
    assert station.balances() == {"gc_clearing": -360, "voucher": -360}


def test_voucher_joins_coins_that_are_already_in_for_the_card() -> None:
    station = topping_up()
    station.press("topup_cash").coin()
    assert station.press("voucher").press("back").screen == "cash_in"
    typed(station).voucher(360)
    station.wait(1)
    station.delivered()
    assert station.balances() == {"cash_box": 200, "gc_clearing": -560, "voucher": -360}


def test_voucher_decided_here_tells_the_central_system_in_the_same_commit() -> None:
    station = typed(a_till())
    request = station.dialogue.data.pay.voucher_request
    assert request is not None
    station.tell(VoucherAnswered(request, "redeem:12345678", Minor(360), "", "12345678"))
    message = station.deliveries["voucher:12345678:redeem"]
    assert isinstance(message, VendorMessage)
    assert message.payload == {"code": "12345678", "reference": "redeem:12345678"}


def test_answer_about_a_code_that_has_just_been_booked_is_worth_nothing_more() -> None:
    station = typed(a_till())
    station.voucher(360)
    typed(station)
    request = station.dialogue.data.pay.voucher_request
    assert request is not None
    station.tell(VoucherAnswered(request, "redeem:12345678", Minor(360)))
    assert station.screen == "voucher_in"
    assert station.param("reason") == "used"
    assert station.balances()["unassigned"] == 360


@pytest.mark.parametrize("reason", ["unknown", "used", "expired", "offline", "trouble"])
def test_voucher_that_is_worth_nothing_says_why(reason: str) -> None:
    station = typed(a_till())
    request = station.dialogue.data.pay.voucher_request
    assert request is not None
    station.tell(VoucherAnswered(request, "r", Minor(0), reason))
    assert (station.screen, station.param("reason")) == ("voucher_in", reason)


def test_voucher_loaded_onto_a_card_is_used_up_here() -> None:
    station = a_till(inside=0)
    station.coin().press("return_money").press("voucher").tell(CARD)
    code = next(k for k in station.deliveries if k.endswith(":issue")).split(":")[1]
    assert f"voucherin:redeem:{code}" in station.postings
    assert station.delivered().balances() == {"cash_box": 200, "gc_clearing": -200}


def test_debts_are_kept_apart_in_the_books() -> None:
    station = charging_on_both()
    station.unplugged(1).unplugged(2)
    owed = {k: v for k, v in station.accounts().items() if ledger.claim_of(k) is not None}
    assert sorted(owed.values()) == [360, 360]


# --- who stands there when the station comes up ----------------------------------------------------


def test_car_that_stood_there_before_is_asked_how_it_pays() -> None:
    station = a_till().plugged(1)
    assert station.screen == "pay"
    station.restarted()
    assert station.screen == "pay"
    station.wait(61)
    assert station.screen == "more_time"


def test_car_that_stood_there_while_no_kiosk_lived_is_asked_when_one_does() -> None:
    station = a_till().tell(KioskChanged(alive=False)).plugged(1)
    station.tell(KioskChanged(alive=True))
    assert station.screen == "pay"
