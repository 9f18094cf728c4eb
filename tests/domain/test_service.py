"""The technician's menu: who gets in, what is kept, and that drivers and their money are untouched."""

from dataclasses import replace
from typing import Any

import pytest

from chargepoint.domain.devices import CoinCursor, CoinRefused, DoorMoved, GreenCardRead
from chargepoint.domain.dialogue.events import Pressed
from chargepoint.domain.effects import Sound, TellPoint
from chargepoint.domain.service.login import saved
from chargepoint.domain.service.orders import (
    CheckPin,
    Consult,
    Consulted,
    Deed,
    Perform,
    Performed,
    PinChecked,
)
from chargepoint.domain.service.pages import PAGES
from chargepoint.domain.service.people import MENU, Person, Role
from chargepoint.domain.service.values import Collection, Fact, Replacement, Sheet
from chargepoint.domain.units import Minor
from tests.support.stations import a_station

ANNA = Person("anna", Role.TECHNICIAN)
CARLOS = Person("carlos", Role.COLLECTOR)
SERVICE_CARD = "7123450000000026"


class Site:
    """A station with somebody at its service menu, and what it would write down."""

    def __init__(self, connectors: int = 1, **settings: Any) -> None:
        self.station = a_station(connectors, **settings)
        self.notes: list[tuple[str, str, str]] = []
        self.settings: dict[str, str] = {}
        self.seals: list[Any] = []
        self._listen()

    def _listen(self) -> None:
        handle = self.station.dialogue.handle

        def heard(event: Any, now: Any) -> Any:
            outcome = handle(event, now)
            self.notes += [(n.who, n.what, n.outcome) for n in outcome.batch.service_notes]
            self.settings |= dict(outcome.batch.settings)
            self.seals += outcome.batch.seals
            return outcome

        self.station.dialogue.handle = heard  # type: ignore[method-assign]  # a tap, nothing else

    def hold_the_brand(self, seconds: float = 5.0) -> "Site":
        self.station.tell(Pressed("service", 0, "", seconds))
        return self

    def press(self, *buttons: str) -> "Site":
        for button in buttons:
            assert button in self.station.buttons(), (button, self.screen, self.station.buttons())
            self.station.press(button)
        return self

    def pin(self, digits: str = "246810") -> "Site":
        self.press(*(f"key_{digit}" for digit in digits), "key_ok")
        return self

    def checked(self, person: Person | None) -> "Site":
        (order,) = self.station.sent(CheckPin)[-1:]
        self.station.tell(PinChecked(order.request, person))
        return self

    def inside(self, person: Person = ANNA) -> "Site":
        return self.hold_the_brand().pin().checked(person)

    def told(self, *facts: Fact, amount: int = 0) -> "Site":
        (order,) = self.station.sent(Consult)[-1:]
        self.station.tell(Consulted(order.request, Sheet(facts, Minor(amount))))
        return self

    def performed(self, *, is_done: bool = True, outcome: str = "done") -> "Site":
        (order,) = self.station.sent(Perform)[-1:]
        self.station.tell(Performed(order.request, order.deed, is_done, outcome, order.subject))
        return self

    @property
    def screen(self) -> str:
        return self.station.screen


# --- getting in -----------------------------------------------------------------------------------


def test_brand_mark_when_held_five_seconds_then_a_pin_is_asked() -> None:
    assert Site().hold_the_brand(4.9).screen == "home"
    assert Site().hold_the_brand(5.0).screen == "t_login"


def test_service_card_when_tapped_then_a_pin_is_asked_and_no_account() -> None:
    site = Site(service_cards=(SERVICE_CARD,))
    site.station.tell(GreenCardRead(SERVICE_CARD, "04BB"))
    assert site.screen == "t_login"
    assert not site.station.questions


def test_door_when_opened_then_a_pin_is_asked_and_shut_again_drivers_are_back() -> None:
    site = Site()
    site.station.tell(DoorMoved(is_open=True))
    assert site.screen == "t_login"
    site.press("back")
    assert site.screen == "service_busy"
    site.press("service")
    assert site.screen == "t_login"
    site.station.wait(301)
    assert site.screen == "service_busy"
    site.station.tell(DoorMoved(is_open=False))
    assert site.screen == "home"


def test_money_under_way_when_brand_is_held_then_the_customer_stays() -> None:
    site = Site()
    site.station.coin(200)
    assert site.hold_the_brand().screen == "cash_in"


def test_pin_when_right_then_the_menu_of_the_role() -> None:
    assert set(MENU) <= set(Site().inside().station.buttons())
    buttons = Site().inside(CARLOS).station.buttons()
    assert buttons == ["t_cash", "t_out"]


def test_pin_when_shorter_than_six_digits_then_nobody_is_asked() -> None:
    site = Site().hold_the_brand().press("key_1", "key_2", "key_3", "key_4", "key_5", "key_ok")
    assert not site.station.sent(CheckPin)


def test_pin_is_never_in_what_is_shown_or_written_down() -> None:
    site = Site().hold_the_brand()
    site.press(*(f"key_{digit}" for digit in "97531864"))
    assert site.station.param("typed") == 8
    assert "97531864" not in repr(site.station.dialogue.data)
    site.press("key_ok")
    assert "97531864" not in repr(site.station.sent(CheckPin)[-1])


def test_pin_when_wrong_five_times_then_locked_for_a_quarter_of_an_hour() -> None:
    site = Site().hold_the_brand()
    for _ in range(4):
        site.pin().checked(None)
    assert site.settings["service.wrong"] == "4"
    site.pin().checked(None)
    assert site.station.param("locked_s") == 900
    assert "key_1" not in site.station.buttons()
    assert "code.service_locked" in site.station.incident_codes()
    site.station.wait(299)  # not so long that the menu is left
    assert site.station.param("locked_s") == 601
    site.press("back").station.wait(602)
    assert "key_1" in site.hold_the_brand().station.buttons()


def test_lock_when_the_power_was_cut_then_it_holds() -> None:
    site = Site().hold_the_brand()
    for _ in range(5):
        site.pin().checked(None)
    again = saved(site.settings.get)
    assert again.locked_until == site.station.dialogue.data.service.locked_until
    assert again.locked_until is not None
    wrong_thrice = saved({"service.wrong": "3"}.get)
    assert wrong_thrice.wrong == 3


def test_answer_when_the_technician_has_left_then_nobody_is_let_in() -> None:
    site = Site().hold_the_brand().pin()
    site.press("back")
    site.checked(ANNA)
    assert site.screen == "home"
    assert site.station.dialogue.data.service.person is None


def test_idle_when_five_minutes_pass_then_logged_out() -> None:
    site = Site().inside()
    site.station.wait(299)
    site.press("t_avail").station.wait(299)
    assert site.screen == "t_avail"
    site.station.wait(2)
    assert site.screen == "home"
    assert site.notes[-1] == ("anna", "logout", "idle")


def test_every_login_is_written_down() -> None:
    site = Site().hold_the_brand().pin().checked(None).pin().checked(ANNA)
    site.press("t_out", "key_ok")
    assert site.notes == [
        ("", "login", "refused"),
        ("anna", "login", "done"),
        ("anna", "logout", "done"),
    ]
    assert site.screen == "home"


# --- drivers meanwhile ----------------------------------------------------------------------------


def test_plug_when_somebody_is_inside_then_it_waits_until_they_left() -> None:
    site = Site().inside()
    site.station.plugged()
    assert site.screen == "t_home"
    assert site.press("t_out", "key_ok").screen == "pay"


def test_charge_when_somebody_is_inside_then_it_goes_on_and_its_screen_returns() -> None:
    site = Site()
    site.station.plugged().coin(200).press("start")
    site.station.press("key_ok")
    site.station.asks()
    site.inside()
    site.station.charge(1, 100)
    assert site.station.point().state == "session/energised"
    assert site.press("t_out", "key_ok").screen == "charging"


def test_coin_when_somebody_is_inside_then_it_is_booked_and_offered_afterwards() -> None:
    site = Site().inside()
    site.station.coin(100)
    assert site.station.balances() == {"cash_box": 100, "unassigned": 100}
    assert site.press("t_out", "key_ok").screen == "cash_in"


def test_every_page_has_a_way_out() -> None:
    for page in PAGES:
        station = a_station()
        site = Site()
        site.station = station
        site.inside()
        data = station.dialogue.data
        station.dialogue._talk.set(
            service=replace(
                data.service,
                page=page,
                subject="1",
                collection=Collection(),
                replacement=Replacement("coin_acceptor"),
            )
        )
        ways = set(station.buttons(enabled=False))
        assert ways & {"back", "t_out", "service", "key_ok"}, page
        assert station.dialogue.params is not None


# --- cash -----------------------------------------------------------------------------------------


def _at_the_box(**settings: Any) -> Site:
    return Site(**settings).inside(CARLOS).press("t_cash").told().press("t_collect")


def test_collection_when_walked_then_sealed_once_and_open_again() -> None:
    site = Site()
    site.station.coin(200).press("return_money")
    site.station.wait(200)
    site = _at_the_box()
    site.press("t_freeze")
    assert not site.station.dialogue.data.coins_accepted
    site.told(amount=700).press("key_ok", "key_ok")
    site.press("key_6", "key_5", "key_0", "key_ok")
    assert site.screen == "t_collect_difference"
    assert site.station.param("values")[:3] == ["700", "650", "-50"]  # type: ignore[index]
    site.press("row_4")
    site.press("key_4", "key_7", "key_1", "key_1", "key_ok")
    assert site.screen == "t_collect_done"
    (seal,) = site.seals
    assert (seal.counted, seal.who, seal.seal_number) == (650, "carlos", "4711")
    assert seal.reason == "miscounted"
    assert site.settings["service.collection"] == ""
    site.press("back").told().press("back", "t_out", "key_ok")
    assert site.station.dialogue.data.coins_accepted


def test_collection_when_it_agrees_then_no_reason_is_asked() -> None:
    site = _at_the_box().press("t_freeze").told(amount=700).press("key_ok", "key_ok")
    site.press("key_7", "key_0", "key_0", "key_ok")
    assert not [button for button in site.station.buttons() if button.startswith("row_")]
    assert site.press("key_ok").screen == "t_collect_seal"


def test_collection_when_left_half_way_then_cash_stays_shut_and_the_wizard_goes_on() -> None:
    site = _at_the_box().press("t_freeze").told(amount=700).press("key_ok")
    site.station.wait(301)
    assert site.screen == "home"
    assert not site.station.dialogue.data.coins_accepted
    kept = saved(site.settings.get).collection
    assert kept == Collection("open", booked=Minor(700))
    site.inside(CARLOS).press("t_cash").told().press("t_collect")
    assert site.screen == "t_collect_open"


def test_collection_when_given_up_before_the_box_was_opened_then_cash_is_on_again() -> None:
    site = _at_the_box().press("t_freeze").told(amount=700).press("t_give_up")
    assert site.settings["service.collection"] == ""
    site.told().press("back", "t_out", "key_ok")
    assert site.station.dialogue.data.coins_accepted


def test_hopper_when_filled_then_booked_under_a_key_of_its_own() -> None:
    site = Site(hoppers_fitted=True).inside().press("t_cash").told().press("t_refill")
    site.told(Fact("hopper|100", id="100")).press("row_1", "key_2", "key_0", "key_ok")
    assert site.station.balances() == {"hopper": 2000, "surplus": 2000}
    (order,) = site.station.sent(Perform)
    assert (order.deed, order.subject) == (Deed.HOPPER_FILLED, "100")


# --- sales ----------------------------------------------------------------------------------------


def _at_a_sale(person: Person = ANNA, amount: int = 300) -> Site:
    site = Site().inside(person).press("t_sessions").told(Fact("x", id="S-1")).press("row_1")
    return site.told(Fact("session.total", "300", "money"), amount=amount)


def test_refund_when_more_than_paid_then_refused() -> None:
    site = _at_a_sale().press("t_refund", "key_3", "key_0", "key_1", "key_ok")
    assert site.screen == "t_refund"
    assert site.station.param("notice") == "refund_too_much"
    assert not site.station.sent(Perform)


def test_refund_when_asked_with_a_reason_then_ordered_in_the_name_of_who_asked() -> None:
    site = _at_a_sale().press("t_refund", "key_1", "key_5", "key_0", "key_ok", "row_4")
    (order,) = site.station.sent(Perform)
    assert (order.deed, order.subject, order.amount) == (Deed.REFUND, "S-1", 150)
    assert (order.reason, order.person) == ("overcharged", ANNA)
    site.performed(outcome="refund_asked")
    assert site.screen == "t_session"
    assert site.notes[-2:] == [
        ("anna", "refund S-1", "ordered"),
        ("anna", "refund S-1", "refund_asked"),
    ]


def test_refund_when_nothing_is_left_then_struck() -> None:
    assert "t_refund" not in _at_a_sale(amount=0).station.buttons()


def test_card_when_tapped_on_the_list_then_its_charges_are_looked_for() -> None:
    site = Site().inside().press("t_sessions").told()
    site.station.tell(GreenCardRead("7123450000000018", "04AA"))
    assert site.station.sent(Consult)[-1].subject == "card:7123450000000018"
    assert site.screen == "t_sessions"


# --- upkeep ---------------------------------------------------------------------------------------


def test_connector_when_taken_out_with_a_reason_then_out_and_written_down() -> None:
    site = Site(2).inside().press("t_avail", "row_2")
    assert not site.station.sent(TellPoint)
    site.press("row_3")
    assert not site.station.points[2].data.operative  # type: ignore[index]
    assert ("anna", "connector B out of service: vandalism", "done") in site.notes
    site.press("row_2")
    assert site.station.points[2].data.operative  # type: ignore[index]


def test_lock_when_a_plug_is_in_then_it_is_not_moved() -> None:
    site = Site().inside()
    site.station.plugged()
    site.press("t_test").told(Fact("test.lock|A", id="lock:1")).press("row_1")
    assert not site.station.sent(Perform)
    assert site.station.param("notice") == "not_while_used"
    site.station.unplugged()
    site.press("row_1")
    assert site.station.sent(Perform)[-1].deed is Deed.TEST_LOCK


def test_beep_and_touch_grid() -> None:
    site = Site().inside().press("t_test")
    site.told(Fact("test.beep", id="beep"), Fact("test.touch", id="touch")).press("row_1")
    assert Sound("attention") in site.station.sent(Sound)
    site.press("row_2", *(f"grid_{n}" for n in range(1, 13)))
    assert site.screen == "t_test"
    assert site.station.param("notice") == "touch_is_good"


@pytest.mark.parametrize(
    ("count", "ids", "expected"), [(13, False, 12), (12, False, 12), (7, True, 6)]
)
def test_long_lists_turn_pages(count: int, ids: bool, expected: int) -> None:
    facts = [Fact(f"f|{n}", id=str(n) if ids else "") for n in range(count)]
    site = Site().inside().press("t_logs").told(*facts)
    assert len(site.station.param("labels")) == expected  # type: ignore[arg-type]
    assert ("t_next" in site.station.buttons()) is (count > expected)
    if count > expected:
        site.press("t_next")
        assert site.station.param("labels") == [f"f|{n}" for n in range(expected, count)]


def test_coins_that_were_refused_are_counted_for_whoever_looks() -> None:
    site = Site()
    for number in (1, 2):
        site.station.tell(CoinRefused("rejected", CoinCursor("C1", 1, number, number)))
    site.inside().press("t_cash").told()
    assert site.station.param("labels") == ["till.refused"]
    assert site.station.param("values") == ["2"]
