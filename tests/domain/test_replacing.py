"""A device is replaced: who is shut out, what is closed, what the test coin leaves in the books."""

import json
from typing import Any

import pytest

from chargepoint.domain.devices import (
    CardNotAuthentic,
    CoinCursor,
    CoinRefused,
    CoinSeen,
    ForeignCardRead,
    GreenCardRead,
)
from chargepoint.domain.effects import AcceptCoins, DecideNote, TellPoint
from chargepoint.domain.payments import NoteCursor, NoteInEscrow, NoteReturned
from chargepoint.domain.service.examination import Wanted, examined, is_fit
from chargepoint.domain.service.login import REPLACEMENT, saved
from chargepoint.domain.service.orders import Consult, Consulted, Deed, Perform
from chargepoint.domain.service.passport import Passport, closed_key
from chargepoint.domain.service.values import Fact, Replacement, Sheet
from chargepoint.domain.units import Minor
from tests.domain.test_service import Site

EUROS = tuple(Minor(value) for value in (10, 20, 50, 100, 200))
OLD = Passport("C1", "RM5", address=2, values=EUROS, booked="1:7", is_online=True)
NEW = Passport("C2", "RM5", address=2, values=EUROS, booked="1:0", is_online=True)
COINS = Wanted(EUROS, counts=True)


def there(site: Site, passport: Passport) -> Site:
    (order,) = site.station.sent(Consult)[-1:]
    site.station.tell(Consulted(order.request, Sheet(passport=passport)))
    return site


def begun(device: str = "coin_acceptor", **settings: Any) -> Site:
    site = Site(**settings).inside().press("t_devices").told(Fact("raw|it", id=device))
    return site.press("row_1").told().press("t_replace", "t_begin")


def at_trial(device: str = "coin_acceptor", **settings: Any) -> Site:
    site = begun(device, **settings)
    there(site.performed(), OLD).press("key_ok")
    there(site, OLD).press("key_ok")
    return there(site, NEW).press("key_ok")


def coin(serial: str, sequence: int, value: int = 200) -> CoinSeen:
    return CoinSeen(Minor(value), CoinCursor(serial, 1, sequence, sequence))


# --- is it the right one? -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("new", "trouble"),
    [
        (Passport(why="no coin of EU is programmed", is_online=False), "replace.line"),
        (Passport(), "replace.line"),
        (Passport("", values=EUROS, booked="1:0", is_online=True), "replace.new"),
        (Passport("C1", values=EUROS, booked="1:7", is_online=True), "replace.same"),
        (Passport("C2", values=EUROS[:-1], booked="1:0", is_online=True), "replace.missing"),
        (Passport("C2", values=EUROS, is_online=True), "replace.baseline"),
        (
            Passport("C2", values=EUROS, booked="1:0", is_online=True, locks=("pin",)),
            "replace.lock_pin",
        ),
    ],
)
def test_device_when_something_is_wrong_then_refused_with_its_reason(
    new: Passport, trouble: str
) -> None:
    found = examined("C1", new, COINS)
    assert not is_fit(found)
    assert trouble in [fact.label for fact in found if fact.mark in ("bad", "warn")]


def test_device_when_all_is_right_then_fit() -> None:
    assert is_fit(examined("C1", NEW, COINS))
    assert is_fit(examined("", Passport(is_online=True), Wanted(has_serial=False)))


# --- the way through ------------------------------------------------------------------------------


def test_replacement_when_begun_then_durable_and_drained() -> None:
    site = begun()
    assert json.loads(site.settings[REPLACEMENT])["step"] == "drain"
    assert site.station.sent(Perform)[-1].deed is Deed.DRAIN
    assert "key_ok" not in site.station.buttons()
    there(site.performed(), OLD)
    assert "key_ok" in site.station.buttons()


def test_old_one_when_read_then_its_epoch_is_closed_in_the_same_commit() -> None:
    site = begun()
    there(site.performed(), OLD).press("key_ok")
    assert site.settings[closed_key("C1")] == "1"
    assert json.loads(site.settings[REPLACEMENT]) | {"step": "", "mark": ""} == (
        Replacement("coin_acceptor", "", "C1", drained="yes").saved()
    )


def test_old_one_when_dead_then_an_incident_says_what_is_unknown() -> None:
    site = begun()
    there(site.performed(is_done=False, outcome="failed|silent"), OLD).press("t_without")
    (incident,) = [i for i in site.station.incidents if i.code == "replacement.undrained"]
    assert "C1" in incident.detail
    assert "1:7" in incident.detail


def test_given_up_when_the_old_one_is_back_then_its_epoch_is_open_again() -> None:
    site = begun()
    there(site.performed(), OLD).press("key_ok")
    there(site, OLD).press("t_give_up")
    assert site.settings[closed_key("C1")] == ""
    assert site.settings[REPLACEMENT] == ""


@pytest.mark.parametrize("present", [NEW, Passport("C1", is_online=False)])
def test_given_up_when_the_old_one_is_not_there_then_it_stays_closed(present: Passport) -> None:
    site = begun()
    there(site.performed(), OLD).press("key_ok")
    there(site, present).press("t_give_up")
    assert site.settings[closed_key("C1")] == "1"


def test_coins_when_replacement_is_under_way_then_shut_for_customers() -> None:
    site = begun()
    site.performed().press("back", "back", "back", "t_out", "key_ok")
    assert site.screen == "home"
    assert not site.station.dialogue.data.coins_accepted
    (cash,) = [b for b in site.station.dialogue.buttons() if b.id == "pay_cash"] or [None]
    assert cash is None or not cash.enabled


def test_replacement_when_power_fails_then_it_goes_on_at_its_step() -> None:
    site = at_trial()
    kept = saved(site.settings.get).replacement
    assert kept is not None
    assert (kept.step, kept.old, kept.new) == ("trial", "C1", "C2")


# --- the trial ------------------------------------------------------------------------------------


def test_acceptor_when_tried_then_its_slot_is_open_for_one_coin() -> None:
    site = at_trial()
    assert site.station.dialogue.data.coins_accepted
    assert site.station.sent(AcceptCoins)
    site.station.tell(coin("C2", 1))
    assert site.screen == "t_replace_return"
    assert not site.station.dialogue.data.coins_accepted
    assert site.station.balances() == {"cash_box": 200, "surplus": 200}


def test_test_coin_when_taken_out_of_the_box_then_the_books_are_as_before() -> None:
    site = at_trial()
    site.station.tell(coin("C2", 1))
    site.press("t_taken")
    assert site.screen == "t_replace_done"
    assert {a: v for a, v in site.station.balances().items() if v} == {}
    assert site.notes[-1][1] == "replaced coin_acceptor C1 by C2"


def test_test_coin_when_left_inside_then_a_surplus() -> None:
    site = at_trial()
    site.station.tell(coin("C2", 1))
    site.press("t_left")
    assert site.station.balances() == {"cash_box": 200, "surplus": 200}


def test_test_coin_when_paid_back_then_a_hopper_is_asked_once() -> None:
    site = at_trial(hoppers_fitted=True)
    site.station.tell(coin("C2", 1))
    site.press("t_pay_back")
    order = site.station.sent(Perform)[-1]
    assert (order.deed, order.subject) == (Deed.TEST_COIN, "200")
    site.performed(outcome="coin_paid")
    assert site.screen == "t_replace_done"


def test_coin_of_the_old_one_when_it_falls_late_then_a_customers() -> None:
    site = begun()
    site.station.tell(coin("C1", 8, 50))
    assert site.station.balances() == {"cash_box": 50, "unassigned": 50}


def test_coin_when_refused_at_the_trial_then_told() -> None:
    site = at_trial()
    site.station.tell(CoinRefused("rejected", CoinCursor("C2", 1, 1, 1)))
    assert site.station.param("notice") == "replace_refused|rejected"


def test_note_when_tried_then_it_comes_back_and_is_no_money() -> None:
    notes = Passport("N2", values=(Minor(1000),), booked="1:0", is_online=True)
    site = begun("note_validator", note_values=(1000,))
    there(site.performed(), Passport("N1", booked="1:3", is_online=True)).press("key_ok")
    there(site, notes).press("key_ok")
    there(site, notes).press("key_ok")
    site.station.tell(NoteInEscrow(Minor(1000), NoteCursor("N2", 1, 1, 1)))
    assert site.station.sent(DecideNote)[-1].keep is False
    site.station.tell(NoteReturned("rejected", NoteCursor("N2", 1, 2, 2)))
    assert site.screen == "t_replace_trial"
    site.station.tell(NoteReturned("returned", NoteCursor("N2", 1, 3, 3)))
    assert site.screen == "t_replace_done"
    assert not site.station.balances()


def test_reader_when_tried_then_only_an_authentic_card_proves_its_keys() -> None:
    site = at_trial("card_reader")
    site.station.tell(ForeignCardRead("04AA"))
    assert site.station.param("notice") == "replace_foreign"
    site.station.tell(CardNotAuthentic("04BB"))
    assert site.station.param("notice") == "replace_copy"
    site.station.tell(GreenCardRead("7123450000000026", "04CC"))
    assert site.screen == "t_replace_done"


def test_meter_when_somebody_is_plugged_in_then_not_now() -> None:
    site = Site().inside()
    site.station.plugged()
    site.press("t_devices").told(Fact("raw|it", id="meter:1"))
    site.press("row_1").told().press("t_replace", "t_begin")
    assert site.station.param("notice") == "not_while_used"
    assert site.screen == "t_replace"


def test_meter_when_replaced_then_its_connector_is_out_of_service_meanwhile() -> None:
    site = at_trial("meter:1")
    orders = [effect.command.operative for effect in site.station.sent(TellPoint)]
    site.press("t_try").performed(outcome="replace_sampled")
    assert site.screen == "t_replace_done"
    assert orders == [False]
    assert [e.command.operative for e in site.station.sent(TellPoint)] == [False, True]


def test_hopper_when_it_cannot_be_read_then_what_is_unproved_is_written_off() -> None:
    site = begun("hopper:100")
    there(site.performed(is_done=False, outcome="failed|x"), OLD).press("t_without")
    order = site.station.sent(Perform)[-1]
    assert (order.deed, order.subject) == (Deed.WRITE_OFF, "hopper:100")
