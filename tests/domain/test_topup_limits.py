"""One top-up is worth no less and no more than the site says; a terminal is never asked for nothing."""

from pathlib import Path

import pytest

from chargepoint.domain.payments import BankOutcome
from config.loader import ConfigurationWrong, load
from tests.support.stations import StationUnderTest, answer
from tests.support.tills import CARD, PayingStation, a_till

NOTHING: dict[str, str] = {}


def limited(least: int, most: int, amount: str = "topup_other") -> PayingStation:
    station = a_till(topup_min=least, topup_max=most)
    station.tell(CARD).answered(answer()).press("topup")
    if amount:
        station.press(amount)
    return station


def reason_of(station: StationUnderTest, name: str) -> str:
    (button,) = (each for each in station.dialogue.buttons() if each.id == name)
    return "" if button.enabled else button.reason


def test_limits_are_on_the_screen() -> None:
    station = limited(1500, 3000, "")
    assert (station.param("min_minor"), station.param("max_minor")) == (1500, 3000)
    offered = {name: reason_of(station, name) for name in ("topup_10", "topup_20", "topup_50")}
    assert offered == {"topup_10": "not_fitted", "topup_20": "", "topup_50": "not_fitted"}
    assert station.press("topup_10").screen == "top_amt"
    assert station.press("topup_20").screen == "top_how"


def typing(amount: str, least: int = 100, most: int = 20_000) -> PayingStation:
    station = limited(least, most)
    station.press("topup_card")
    assert station.screen == "top_other"
    for digit in amount:
        station.press(f"key_{digit}")
    return station


def test_other_amount_by_bank_card_is_typed_and_sold() -> None:
    station = typing("35")
    assert station.param("amount_minor") == 3500
    assert station.press("key_ok").screen == "card_tap"
    assert (station.param("amount_minor"), station.param("purpose")) == (3500, "sale")
    station.bank().delivered()
    station.settle()
    assert station.balances() == {"card_clearing": 3500, "gc_clearing": -3500}


@pytest.mark.parametrize(("amount", "reason"), [("", "below"), ("4", "below"), ("201", "above")])
def test_other_amount_beyond_the_limits_says_so_and_asks_no_terminal(
    amount: str, reason: str
) -> None:
    station = typing(amount, least=500)
    station.press("key_ok")
    assert (station.screen, station.param("reason")) == ("top_other", reason)
    assert station.param("amount_minor") == 0
    assert station.bank_order is None
    assert station.press("key_5").param("reason") == ""
    assert station.press("key_ok").screen == "card_tap"


def test_other_amount_has_no_more_digits_than_the_most_and_no_zero_before_it() -> None:
    assert typing("0012").param("amount_minor") == 1200
    assert typing("12345").param("amount_minor") == 12_300
    assert typing("12").press("key_clear").param("amount_minor") == 0


def test_other_amount_while_the_terminal_goes_away_says_so() -> None:
    station = typing("35").bank_online(online=False).press("key_ok")
    assert (station.screen, station.param("reason")) == ("top_other", "bank_offline")


def test_other_amount_that_is_left_leads_back_and_then_away() -> None:
    station = typing("35").press("back")
    assert station.screen == "top_how"
    assert station.press("topup_card").param("amount_minor") == 0
    assert station.wait(61).screen == "more_time"
    assert station.wait(21).screen == "home"


def test_other_amount_without_a_whole_one_within_the_limits_is_struck() -> None:
    station = limited(310, 390)
    assert reason_of(station, "topup_card") == "amount"
    assert station.press("topup_card").screen == "top_how"
    assert station.bank_order is None


def test_too_little_is_not_confirmed_and_says_what_is_missing() -> None:
    station = limited(500, 20_000)
    station.press("topup_cash").coin(200)
    assert reason_of(station, "key_ok") == "minimum"
    assert station.param("minimum_minor") == 500
    assert station.press("key_ok").screen == "cash_in"
    assert station.coin(200).coin(200).press("key_ok").screen == "top_wait"


def test_too_little_that_is_left_alone_still_reaches_the_card() -> None:
    station = limited(500, 20_000)
    station.press("topup_cash").coin(200).wait(84)
    assert station.delivered().balances() == {"cash_box": 200, "gc_clearing": -200}


def test_slot_shuts_before_more_is_inside_than_a_topup_may_be() -> None:
    station = limited(100, 1000)
    station.press("topup_cash")
    assert station.param("notes") == [500, 1000]
    station.note(500)
    assert station.param("notes") == [500]
    assert station.note(1000).balances()["cash_box"] == 500, "given back"
    station.coin(200).coin(200)
    assert station.param("room_minor") == 100
    assert not station.dialogue.data.coins_accepted
    assert station.press("key_ok").screen == "top_wait"


def test_amount_that_no_terminal_is_asked_for_is_told() -> None:
    station = limited(100, 20_000, "topup_10")
    station.press("topup_card")
    station.bank(BankOutcome.DECLINED, "amount")
    assert station.screen == "card_no"
    assert station.param("reason") == "amount"
    assert "bank_terminal.amount" in station.incident_codes()


@pytest.mark.parametrize(
    "text",
    [
        "[bank]\nhold = 0\n",
        "[bank]\nhold = 3000.01\n",
        "[cash]\nnotes = [0]\n",
        "[cash]\nnotes = [-500]\n",
        "[cash]\ndenominations = [0, 50]\n",
        "[cash]\nvoucher_limit = 0\n",
        "[greencard]\ntopup_min = 0\n",
        "[greencard]\ntopup_max = 3000.01\n",
        "[greencard]\ntopup_min = 20\ntopup_max = 10\n",
    ],
)
def test_amount_of_nothing_or_beyond_reason_does_not_start(text: str, tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigurationWrong):
        load(file, None, NOTHING)
