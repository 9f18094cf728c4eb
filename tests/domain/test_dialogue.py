"""The conversation whoever pays: several connectors, overlays, time, presses, no new customers."""

import pytest

from chargepoint.domain.devices import (
    BoardFault,
    BoardFaultRaised,
    DeviceKind,
    DeviceRef,
)
from chargepoint.domain.dialogue.events import (
    KioskChanged,
    NamesDrawn,
    Pressed,
    SharedDevice,
    Tick,
)
from chargepoint.domain.effects import (
    AskToken,
    Start,
    Stop,
    TellPoint,
)
from chargepoint.domain.money.account import (
    TokenAnswer,
    TokenStatus,
)
from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.session import EndCause
from chargepoint.domain.units import ConnectorId, SessionId
from tests.support.points import card_order
from tests.support.stations import StationUnderTest, a_station, answer
from tests.support.talks import CARD, OTHER, UNKNOWN, a_card_charge, a_cash_charge

# --- two connectors --------------------------------------------------------------------------------


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


# --- overlays --------------------------------------------------------------------------------------


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


# --- time ------------------------------------------------------------------------------------------


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


# --- presses ---------------------------------------------------------------------------------------


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


# --- nobody new ------------------------------------------------------------------------------------


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
