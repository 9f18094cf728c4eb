"""The last day of a card counts whole; afterwards it opens nothing and keeps everything."""

from dataclasses import replace

import pytest

from central.cards.__main__ import main
from central.greencard.blanks import Blanks, Made
from central.storage.store import Store
from central.system import CentralSystem
from tests.support.central import CARD, FixedClock, a_system

pytestmark = pytest.mark.usefixtures("both_databases")
NEW = "9724000000000017"


def a_system_with_a_card_that_ends(day: str, clock: FixedClock) -> CentralSystem:
    system = a_system(clock=clock)
    system.accounts.create_card(CARD, balance_minor=700)
    with system.store.change():
        card = system.store.card(CARD)
        assert card is not None
        system.store.save_card(replace(card, expires_on=day))
    return system


def test_card_when_its_last_day_is_over_in_local_time_then_expired_once() -> None:
    clock = FixedClock()
    system = a_system_with_a_card_that_ends("2026-11-21", clock)
    assert system.charges.authorise(CARD) == "Accepted"
    clock.advance(hours=14, minutes=59)  # 23:59 in Madrid
    assert system.charges.authorise(CARD) == "Accepted"
    clock.advance(minutes=1)
    assert system.charges.authorise(CARD) == "Expired"
    assert system.charges.authorise(CARD) == "Expired"
    assert [note.event for note in system.store.trail.notes(CARD)] == ["card.expired"]
    assert system.accounts.balance(CARD) == 700


def test_sweep_when_days_are_over_then_those_and_no_others() -> None:
    clock = FixedClock()
    system = a_system_with_a_card_that_ends("2026-11-20", clock)
    system.accounts.create_card(NEW)
    assert system.accounts.expiry.sweep() == [CARD]
    assert system.accounts.expiry.sweep() == []


def test_expired_card_when_replaced_then_its_money_moves_to_one_that_lasts() -> None:
    clock = FixedClock()
    system = a_system_with_a_card_that_ends("2026-11-20", clock)
    system.accounts.expiry.sweep()
    made = [Made(NEW, None, "hash", "48120934")]
    Blanks(system.store, clock).make("b", made, by="maria", expires_on="2034-11-30")
    system.replacing.replace(CARD, actor="maria", reason="expired")
    heir = system.accounts.card(NEW)
    assert heir is not None
    assert (heir.state_reason, heir.expires_on) == ("sent", "2034-11-30")
    assert system.accounts.balance(NEW) == 700


def test_command_says_what_expired_and_what_ends_soon(
    tmp_path: object, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    if place == ":memory:":
        place = f"{tmp_path}/central.db"
    store = Store(place)
    system = a_system(store)
    for number, day in ((CARD, "2026-11-01"), (NEW, "2026-12-31")):
        system.accounts.create_card(number)
        with store.change():
            card = store.card(number)
            assert card is not None
            store.save_card(replace(card, expires_on=day))
    words = ["--db", place, "--by", "maria"]
    assert main([*words, "expire"], clock=FixedClock()) == 0
    assert capsys.readouterr().out == "expired now: 1\n•••• 0017 ends on 2026-12-31\n"
    assert main([*words, "replace", CARD, "--reason", "expired"], clock=FixedClock()) == 2
    assert "no blank card" in capsys.readouterr().err
    store.close()
