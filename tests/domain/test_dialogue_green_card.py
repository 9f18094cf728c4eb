"""Journeys of the conversation with a Green Card."""

import pytest

from chargepoint.domain.devices import (
    CardNotAuthentic,
    CardRemoved,
    CardUnreadable,
    ForeignCardRead,
)
from chargepoint.domain.dialogue.events import (
    LinkChanged,
    TokenAnswered,
)
from chargepoint.domain.effects import (
    SetOperative,
    Sound,
)
from chargepoint.domain.money.account import (
    Account,
    AccountState,
    Plan,
    TokenAnswer,
    TokenStatus,
)
from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.session import Means
from chargepoint.domain.units import Minor, RequestId, Wh
from tests.support.points import PUBLIC, at
from tests.support.stations import a_station, answer
from tests.support.talks import CARD, OTHER, UNKNOWN, a_card_charge


def test_card_is_asked_about_and_welcomed() -> None:
    station = a_station().plugged().tell(CARD)
    assert station.screen == "gc_wait"
    assert station.questions[-1].id_tag == CARD.number
    station.answered(answer(2350))
    assert station.screen == "gc_ok"
    assert station.param("balance_minor") == 2350


def test_card_starts_only_with_start_and_with_its_own_price() -> None:
    cheaper = Tariff(energy_milli_per_kwh=41_000)
    station = a_station().tell(CARD).answered(answer(tariff=cheaper))
    assert "start" not in station.buttons()
    station.plugged().press("start")
    session = station.point().data.session
    assert session is not None
    assert session.order.tariff == cheaper
    assert session.order.means is Means.GREENCARD
    assert station.screen == "start_wait"


def test_same_card_stops_and_another_does_not() -> None:
    station = a_card_charge().charge(1, 100).press("stop").tell(OTHER)
    assert station.screen == "stop_auth"
    assert station.point().state == "session/energised"
    assert station.tell(CARD).screen == "unplug"
    assert station.unplugged().screen == "receipt"


def test_same_card_stops_without_any_button() -> None:
    assert a_card_charge().charge(1, 100).tell(CARD).screen == "unplug"


def test_keypad_of_a_card_session_has_no_digits() -> None:
    assert a_card_charge().press("stop").buttons(enabled=False)[:1] == ["back"]


@pytest.mark.parametrize("other", [CardNotAuthentic("04"), CardUnreadable(), ForeignCardRead("04")])
def test_foreign_things_at_the_keypad_only_sound(other: object) -> None:
    station = a_card_charge().press("stop").tell(other)  # type: ignore[arg-type]
    assert station.screen == "stop_auth"
    assert Sound("error") in station.effects


def test_low_balance_offers_another_way() -> None:
    station = a_station().plugged().tell(CARD).answered(answer(50))
    assert station.screen == "gc_low"
    assert station.press("other_method").screen == "pay"


def test_flat_rate_is_never_low_and_has_included_energy() -> None:
    account = Account(AccountState.ACTIVE, Minor(0), Minor(0), PUBLIC, Plan("flatRate", Wh(80_000)))
    station = a_station().plugged().tell(CARD)
    station.answered(TokenAnswer(TokenStatus.ACCEPTED, account))
    assert station.screen == "gc_ok"
    assert station.param("wh_left") == 80_000
    session = station.press("start").point().data.session
    assert session is not None
    assert session.order.included == 80_000


def test_free_flat_rate_has_no_limit() -> None:
    account = Account(AccountState.ACTIVE, Minor(0), Minor(0), Tariff(), Plan("flatRate"))
    station = a_station().plugged().tell(CARD)
    session = station.answered(TokenAnswer(TokenStatus.ACCEPTED, account)).press("start")
    assert session.point().data.session is not None
    assert session.point().data.session.limit is None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("given", "state"),
    [
        (answer(state=AccountState.BLOCKED), "blocked"),
        (answer(state=AccountState.EXPIRED), "expired"),
        (TokenAnswer(TokenStatus.BLOCKED), "blocked"),
        (TokenAnswer(TokenStatus.EXPIRED), "expired"),
    ],
)
def test_closed_account_is_told_so(given: TokenAnswer, state: str) -> None:
    station = a_station().plugged().tell(CARD).answered(given)
    assert station.screen == "gc_blocked"
    assert station.param("state") == state
    assert station.wait(31).screen == "pay"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (UNKNOWN, "invalid"),
        (TokenAnswer(TokenStatus.INVALID, offline=True), "unknown_offline"),
        (TokenAnswer(TokenStatus.INVALID, offline=True, allowance=Minor(20)), "offline_spent"),
        (TokenAnswer(TokenStatus.CONCURRENT_TX), "busy"),
    ],
)
def test_card_that_is_not_accepted_is_told_why(given: TokenAnswer, reason: str) -> None:
    station = a_station().tell(CARD).answered(given)
    assert station.screen == "gc_unknown"
    assert station.param("reason") == reason
    assert station.press("cancel").screen == "home"


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (CardNotAuthentic("04"), "cloned"),
        (CardUnreadable(), "unreadable"),
        (ForeignCardRead("04"), "not_green_card"),
    ],
)
def test_card_that_is_none_is_told_so(event: object, reason: str) -> None:
    station = a_station().tell(event)  # type: ignore[arg-type]
    assert station.screen == "gc_unknown"
    assert station.param("reason") == reason
    assert ("card.not_authentic" in station.incident_codes()) is (reason == "cloned")
    assert not station.questions


def test_offline_answer_charges_within_the_offline_limit() -> None:
    offline = TokenAnswer(TokenStatus.ACCEPTED, offline=True)
    station = a_station().tell(LinkChanged(online=False)).plugged().tell(CARD).answered(offline)
    assert station.param("balance_minor") == -1
    assert station.param("plan") == "unknown"
    session = station.press("start").point().data.session
    assert session is not None
    assert session.limit == 1000
    assert session.order.offline


def test_offline_allowance_of_the_day_is_shown_and_is_the_limit() -> None:
    rest = TokenAnswer(TokenStatus.ACCEPTED, offline=True, allowance=Minor(370))
    station = a_station().tell(LinkChanged(online=False)).plugged().tell(CARD).answered(rest)
    assert station.param("spend_minor") == 370
    session = station.press("start").point().data.session
    assert session is not None
    assert session.limit == 370


def test_no_answer_in_time_is_told_and_a_late_one_ignored() -> None:
    station = a_station().tell(CARD).wait(13)
    assert station.param("reason") == "unknown_offline"
    assert station.answered(answer()).screen == "gc_unknown"
    station.tell(TokenAnswered(RequestId("other"), answer()))
    assert station.screen == "gc_unknown"


def test_foreign_cards_are_tokens_where_the_site_says_so() -> None:
    station = a_station(uid_tokens=True).plugged().tell(ForeignCardRead("04AA"))
    assert station.questions[-1].card is False
    station.answered(TokenAnswer(TokenStatus.ACCEPTED)).press("start")
    session = station.point().data.session
    assert session is not None
    assert session.order.means is Means.TOKEN
    assert station.asks().charge(1, 10).tell(ForeignCardRead("04AA")).screen == "unplug"


def test_green_card_in_cash_is_asked_about_and_any_other_over_credit_only_sounds() -> None:
    station = a_station().plugged().press("pay_cash").tell(CARD)
    assert station.screen == "gc_wait"
    station = a_station().plugged().coin().tell(CardNotAuthentic("04"))
    station.tell(ForeignCardRead("04")).tell(CardUnreadable())
    assert station.screen == "cash_in"
    assert not station.questions


def test_removed_card_means_nothing() -> None:
    assert a_station().tell(CARD).tell(CardRemoved()).screen == "gc_wait"


def test_green_card_button_shows_where_to_tap() -> None:
    assert a_station().press("greencard").screen == "gc_tap"
    assert a_station().press("greencard").press("back").screen == "home"
    assert a_station().plugged().press("pay_greencard").screen == "gc_tap"


def test_coin_over_a_card_wins() -> None:
    assert a_station().tell(CARD).coin().screen == "cash_in"


def test_refused_card_start_says_so() -> None:
    station = a_station().plugged().tell(CARD).answered(answer())
    station.point().handle(SetOperative(operative=False), at(station.seconds))
    assert station.press("start").screen in ("home", "pay", "oos")
