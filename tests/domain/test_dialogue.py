"""Journeys of the conversation: what a person does, what the screen says, where the money is."""

import pytest

from chargepoint.domain.devices import (
    BoardFault,
    BoardFaultRaised,
    CardNotAuthentic,
    CardRemoved,
    CardUnreadable,
    CoinCursor,
    CoinCursorMoved,
    CoinRefused,
    CoinSeen,
    DeviceKind,
    DeviceRef,
    ForeignCardRead,
    GreenCardRead,
)
from chargepoint.domain.dialogue.events import (
    DiskStalled,
    KioskChanged,
    LinkChanged,
    NamesDrawn,
    PointChanged,
    Pressed,
    SharedDevice,
    Tick,
    TokenAnswered,
)
from chargepoint.domain.effects import (
    AcceptCoins,
    AskToken,
    InhibitCoins,
    SetOperative,
    Sound,
    Start,
    Stop,
    TellPoint,
)
from chargepoint.domain.money.account import (
    Account,
    AccountState,
    Plan,
    TokenAnswer,
    TokenStatus,
)
from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.session import EndCause, Means
from chargepoint.domain.units import ConnectorId, Minor, RequestId, SessionId, Wh
from tests.support.points import PUBLIC, at, card_order
from tests.support.stations import StationUnderTest, a_station, answer

CARD = GreenCardRead("7123450000000018", "04AABBCC")
OTHER = GreenCardRead("7123450000000026", "04DDEEFF")
UNKNOWN = TokenAnswer(TokenStatus.INVALID)


def a_cash_charge(coins: int = 1) -> StationUnderTest:
    station = a_station().plugged()
    for _ in range(coins):
        station.coin(200)
    return station.press("start").asks().press("key_ok")


def a_card_charge(connectors: int = 1) -> StationUnderTest:
    station = a_station(connectors).plugged().tell(CARD).answered(answer())
    return station.press("start").asks()


# --- cash ----------------------------------------------------------------------------------------


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


# --- Green Card ----------------------------------------------------------------------------------


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


# --- two connectors ------------------------------------------------------------------------------


def test_card_of_connector_one_stops_one_while_the_screen_shows_two() -> None:
    station = a_card_charge(2).charge(1, 100).press("connector_2").plugged(2)
    assert station.screen == "pay"
    station.tell(CARD)
    assert station.point(1).state == "settling/billed"
    assert station.dialogue.data.focus == 1


def test_other_card_is_served_at_the_free_connector() -> None:
    station = a_card_charge(2).tell(OTHER)
    assert station.questions[-1].connector == 2
    station.answered(answer()).plugged(2).press("start")
    assert station.point(2).state.startswith("session/")


def test_nobody_can_be_served_when_every_connector_is_taken() -> None:
    station = a_card_charge().tell(OTHER)
    assert station.screen == "gc_unknown"
    assert station.param("reason") == "busy"


def test_tabs_choose_the_connector() -> None:
    station = a_card_charge(2).press("connector_2")
    assert station.screen == "home"
    assert station.press("connector_1").screen == "charging"


def test_plug_at_the_other_connector_comes_to_the_front() -> None:
    station = a_card_charge(2).plugged(2)
    assert station.dialogue.data.focus == 2
    assert station.screen == "pay"


def test_plug_elsewhere_does_not_disturb_who_is_paying() -> None:
    station = a_station(2).plugged(1).coin().plugged(2)
    assert station.dialogue.data.focus == 1
    assert station.screen == "cash_in"


def test_coin_with_the_first_connector_taken_goes_to_the_free_one() -> None:
    station = a_card_charge(2).press("connector_2").coin()
    assert station.dialogue.data.focus == 2
    assert station.plugged(2).balances()["credit:2"] == 200


def test_remote_start_shows_itself() -> None:
    station = a_station(2).plugged(2).wait(1)
    station.hear(2, Start(card_order()))
    assert station.dialogue.data.focus == 2
    assert station.screen == "start_wait"


def test_leaving_at_the_other_connector_changes_nothing_here() -> None:
    station = a_card_charge(2).charge(1, 100).press("connector_2").plugged(2).coin()
    station.hear(1, Stop(EndCause.REMOTE)).unplugged(1)
    assert station.screen == "cash_in"


# --- overlays ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("button", "screen", "shown_s"),
    [("language", "lang", 30), ("easy", "access", 60), ("help", "help", 120)],
)
def test_overlay_opens_and_goes_back(button: str, screen: str, shown_s: int) -> None:
    station = a_station().plugged().press(button)
    assert station.screen == screen
    assert station.press("back").screen == "pay"
    assert station.press(button).wait(shown_s - 1).screen == screen
    assert station.wait(2).screen == "pay"


def test_language_is_chosen_on_any_screen() -> None:
    station = a_station().coin().press("language").press("lang_en")
    assert station.dialogue.data.language == "en"
    assert station.screen == "cash_in"


def test_easy_mode_is_switched_in_its_overlay() -> None:
    station = a_station().press("easy").press("easy_toggle")
    assert station.param("easy") is True
    assert station.press("easy_toggle").param("easy") is False


def test_physical_events_lift_the_overlay() -> None:
    assert a_station().press("help").coin().screen == "cash_in"
    assert a_station().press("help").plugged().screen == "pay"
    assert a_station().press("language").tell(CARD).screen == "gc_wait"
    assert a_card_charge().charge(1, 10).press("help").tell(CARD).screen == "unplug"


def test_answer_that_arrives_under_an_overlay_is_not_lost() -> None:
    station = a_station().plugged().tell(CARD).press("language").answered(answer())
    assert station.screen == "gc_ok"


def test_missing_answer_under_an_overlay_is_told() -> None:
    assert a_station().tell(CARD).press("help").wait(13).screen == "gc_unknown"


@pytest.mark.parametrize(
    ("station", "later", "after_s"),
    [
        (lambda: a_station().coin(), "more_time", 61),
        (lambda: a_station().tell(CARD).answered(UNKNOWN), "home", 31),
        (lambda: a_station().tell(CARD).answered(TokenAnswer(TokenStatus.BLOCKED)), "home", 31),
        (lambda: a_station().press("reservation"), "home", 61),
        (lambda: a_station().coin().press("return_money").press("voucher"), "home", 121),
        (lambda: a_station().plugged().press("cancel"), "pay", 7),
        (lambda: a_cash_charge().press("stop"), "charging", 46),
        (lambda: a_station().plugged().coin().press("start"), "start_wait", 16),
    ],
)
def test_screen_under_an_overlay_gets_its_full_time_again(
    station: object, later: str, after_s: int
) -> None:
    under = station()  # type: ignore[operator]
    before = under.screen
    under.press("help").wait(40).press("back")
    assert under.screen == before
    assert under.wait(after_s).screen == later


# --- time ----------------------------------------------------------------------------------------


def test_more_time_is_offered_before_money_goes() -> None:
    station = a_station().coin().wait(61)
    assert station.screen == "more_time"
    assert station.param("under") == "cash_in"
    assert station.press("more_time").screen == "cash_in"


def test_money_left_behind_is_owed_not_lost() -> None:
    station = a_station().coin().wait(61).wait(21)
    assert station.screen == "cash_iou"
    assert station.balances() == {"cash_box": 200, "owed": 200}


def test_card_left_behind_is_forgotten() -> None:
    station = a_station().tell(CARD).answered(answer()).wait(61).press("cancel")
    assert station.screen == "home"
    assert station.dialogue.data.card is None


def test_coin_during_more_time_counts() -> None:
    station = a_station().coin().wait(61).coin()
    assert station.screen == "cash_in"
    assert station.param("credit_minor") == 400


def test_plug_during_more_time_starts_the_wait_again() -> None:
    station = a_station().coin().wait(61).plugged()
    assert station.screen == "cash_in"
    assert station.wait(61).screen == "more_time"


def test_reservation_is_told_not_to_be_there_and_times_out() -> None:
    assert a_station().press("reservation").screen == "res_none"
    assert a_station().press("reservation").press("back").screen == "home"
    assert a_station().press("reservation").wait(31).screen == "home"


def test_cancel_says_goodbye_and_returns_to_the_plug() -> None:
    station = a_station().plugged().press("cancel")
    assert station.screen == "thanks"
    assert station.wait(7).screen == "pay"


def test_unplugging_before_paying_goes_home() -> None:
    assert a_station().plugged().unplugged().screen == "home"


def test_receipt_nobody_takes_goes_away() -> None:
    station = a_card_charge().charge(1, 100).tell(CARD).unplugged()
    assert station.wait(31).screen == "thanks"


def test_charge_without_energy_leaves_no_receipt() -> None:
    assert a_card_charge().tell(CARD).unplugged().screen == "home"


# --- presses -------------------------------------------------------------------------------------


def test_stale_press_is_dropped() -> None:
    station = a_station().plugged()
    stale = station.dialogue.screen_seq
    station.coin()
    station.tell(Pressed("return_money", stale))
    assert station.screen == "cash_in"
    assert station.dialogue.data.here == 200


def test_disabled_and_unknown_buttons_are_dropped() -> None:
    station = a_station().plugged()
    assert station.press("pay_card").screen == "pay"
    assert station.press("voice").screen == "pay"
    assert station.press("self_destruct").screen == "pay"
    assert station.incident_codes() == []


def test_stop_counts_under_a_stale_sequence_while_its_session_runs() -> None:
    station = a_cash_charge()
    session = station.point().data.session
    assert session is not None
    station.tell(Pressed("stop", -1, "another"))
    assert station.screen == "charging"
    station.tell(Pressed("stop", -1, session.id))
    assert station.screen == "stop_auth"


def test_sequence_changes_with_the_screen_and_never_with_numbers() -> None:
    station = a_cash_charge()
    before = station.dialogue.screen_seq
    station.charge(1, 10).tell(Tick("14:32"))
    assert station.dialogue.screen_seq == before
    station.press("stop")
    assert station.dialogue.screen_seq == before + 1


# --- nobody new ----------------------------------------------------------------------------------


def test_dead_kiosk_lets_nobody_start() -> None:
    station = a_station().plugged().tell(KioskChanged(alive=False)).tell(CARD)
    assert station.param("reason") == "busy"
    assert not station.sent(AskToken)


def test_dead_kiosk_does_not_end_a_charge() -> None:
    station = a_card_charge().tell(KioskChanged(alive=False)).charge(1, 100)
    assert station.point().state == "session/energised"
    assert station.tell(CARD).point().state == "settling/billed"


def test_out_of_order_says_why_and_offers_nothing() -> None:
    station = a_station().meter_gone(1)
    assert station.screen == "oos"
    assert station.param("reason") == "fault_point"
    assert station.buttons() == ["language", "easy", "help"]
    assert station.meter_back(1).screen == "home"


def test_boot_is_shown_until_the_world_is_known() -> None:
    station = StationUnderTest()
    assert station.screen == "boot"
    assert station.buttons() == []
    assert station.booted().screen == "home"


def test_recovery_is_shown_while_a_session_is_looked_for() -> None:
    station = a_cash_charge()
    station.sockets[station.dialogue.data.focus].meter_online = False
    assert station.restarted().screen == "recover"


def test_credit_survives_a_restart() -> None:
    station = a_station(2).plugged(2).coin().restarted()
    assert station.dialogue.data.focus == 2
    assert station.dialogue.data.here == 200


def test_fault_during_a_charge_is_told_in_words() -> None:
    station = a_cash_charge().charge(1, 100).meter_gone(1).wait(10)
    assert station.screen == "session_fault"
    assert station.param("reason") == "fault_point"


def test_start_that_never_becomes_a_charge_fails_in_words() -> None:
    station = a_station().plugged().tell(CARD).answered(answer()).press("start").wait(151)
    assert station.screen == "start_fail"
    assert station.press("retry").screen == "gc_wait"


def test_help_names_the_session() -> None:
    station = a_cash_charge().press("help")
    assert station.param("reference")


def test_names_are_taken_once() -> None:
    station = a_station().tell(NamesDrawn(SessionId("N1"), "1111")).plugged().coin()
    station.tell(NamesDrawn(SessionId("N2"), "2222")).press("start")
    session = station.point().data.session
    assert session is not None
    assert session.id == "N2"
    (told,) = (e for e in station.sent(TellPoint) if isinstance(e.command, Start))
    assert told.command.order.code == "2222"


def test_welded_contactor_is_told_as_a_fault_and_never_as_a_finished_charge() -> None:
    station = a_card_charge().charge(1, 100).tell(CARD)
    station.hear(1, BoardFaultRaised(ConnectorId(1), BoardFault.WELD))
    assert station.screen == "session_fault"
    assert station.param("reason") == "fault_safety"


def test_lost_acceptor_takes_no_coins_even_while_cash_is_charged() -> None:
    station = a_cash_charge()
    assert station.dialogue.data.coins_accepted
    station.tell(SharedDevice("coin_acceptor", online=False))
    assert not station.dialogue.data.coins_accepted


def test_time_left_is_shown_only_when_it_is_short() -> None:
    station = a_cash_charge().charge(1, 100)
    assert station.param("low_s") == 0
    station.charge(1, 4200)
    assert 0 < int(str(station.param("low_s"))) < 120


def test_idle_fee_is_counted_down_on_the_last_screens() -> None:
    tariff = Tariff(energy_milli_per_kwh=45_000, idle_milli_per_minute=10_000, idle_grace_minutes=5)
    station = a_station().plugged().tell(CARD).answered(answer(tariff=tariff)).press("start")
    station.asks().charge(1, 1000).tell(CARD)
    assert station.screen == "unplug"
    assert station.param("idle_starts_s") == 300


def test_device_is_named_with_its_connector() -> None:
    assert str(DeviceRef(DeviceKind.METER, ConnectorId(2))) == "meter:2"
    assert str(DeviceRef(DeviceKind.CARD_READER)) == "card_reader"
