"""The trial of a device that is replaced: what customers' slots say meanwhile, and the test coin."""

from dataclasses import replace

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.money import ledger
from chargepoint.domain.service.orders import Deed, Performed
from chargepoint.domain.service.replacing import (
    finish,
    give_up,
    kind_of,
    plan_of,
    save,
    step,
    under_way,
)
from chargepoint.domain.service.steps import note, perform, say, service
from chargepoint.domain.service.values import Fact, Key
from chargepoint.domain.units import Minor


def is_out(talk: Talk, kind: str) -> bool:
    """Customers cannot use it: it is being replaced."""
    now = service(talk).replacement
    return now is not None and kind_of(now.device) == kind


def is_tried(talk: Talk, kind: str) -> bool:
    """Its slot is open for the technician's trial, and for nobody else."""
    now = service(talk).replacement
    if now is None or service(talk).page != "t_replace_trial":
        return False
    return now.step == "trial" and kind_of(now.device) == kind


# --- the coin -------------------------------------------------------------------------------------


def is_test_coin(talk: Talk, key: str) -> bool:
    """It fell into the new acceptor: nobody but a technician can have put it there."""
    now = service(talk).replacement
    if now is None or now.step not in ("trial", "return"):
        return False
    return bool(now.new) and key.startswith(f"coin:{now.new}:")


def book_test_coin(talk: Talk, key: str, value: Minor) -> None:
    """In the box, and in the books; whoever put it in gets it back on the next page."""
    now = under_way(talk)
    talk.draft.postings.append(
        ledger.transfer(key, value, debit=ledger.CASH_BOX, credit=ledger.SURPLUS)
    )
    note(talk, f"test coin {value}", "inserted")
    if now.step == "return":
        return  # a second one stays in the box, where a collection finds it as a surplus
    tried = replace(now, step="return", coin=value, coin_key=key)
    if is_tried(talk, "coin_acceptor"):
        step(talk, tried)
    else:
        save(talk, tried)  # read after a cut: the page comes when somebody is here


def returned_pressed(talk: Talk, button: str) -> None:
    """The coin comes out of a hopper, out of the box by hand, or stays."""
    now = under_way(talk)
    match button:
        case "t_pay_back":
            perform(talk, Deed.TEST_COIN, str(now.coin))
        case "t_taken":
            talk.draft.postings.append(
                ledger.transfer(
                    f"{now.coin_key}:taken",
                    now.coin,
                    debit=ledger.SURPLUS,
                    credit=ledger.CASH_BOX,
                )
            )
            finish(talk, f"test coin {now.coin} taken out of the box")
        case _:
            finish(talk, f"test coin {now.coin} left in the box")


def refused(talk: Talk, reason: str) -> None:
    """The acceptor has given it back."""
    if is_tried(talk, "coin_acceptor"):
        say(talk, f"replace_refused|{reason}", is_good=False)


# --- a note, a card, a deed -----------------------------------------------------------------------


def note_came_back(talk: Talk) -> None:
    """Read, held in escrow, given back: that is all a validator has to show."""
    if is_tried(talk, "note_validator"):
        finish(talk, "test note returned")


def card_read(talk: Talk, *, is_authentic: bool | None) -> bool:
    """`is_authentic` None: a card that is none of ours. True when it was for the trial."""
    if not is_tried(talk, "card_reader"):
        return False
    if is_authentic:
        finish(talk, "test card read")
    else:
        say(talk, "replace_foreign" if is_authentic is None else "replace_copy", is_good=False)
    return True


def performed(talk: Talk, event: Performed) -> None:
    """How draining, a trial or the return of the coin ended, while its page is still here."""
    data, now = service(talk), service(talk).replacement
    if now is None or event.request != data.request:
        return
    if data.page == "t_replace_drain" and event.deed is Deed.DRAIN:
        talk.serve(replacement=replace(now, drained="yes" if event.is_done else "no"))
    is_trial = data.page == "t_replace_trial" and event.deed is plan_of(talk).deed
    is_return = data.page == "t_replace_return" and event.deed is Deed.TEST_COIN
    if event.is_done and (is_trial or is_return):
        finish(talk, event.outcome)


def trial_pressed(talk: Talk, button: str) -> None:
    deed = plan_of(talk).deed
    if button == "t_give_up" or deed is None:
        give_up(talk)
    else:
        perform(talk, deed, under_way(talk).device.partition(":")[2])


# --- what the pages show --------------------------------------------------------------------------


def trial_facts(talk: Talk) -> tuple[Fact, ...]:
    now = under_way(talk)
    return (
        Fact(f"replace.try_{plan_of(talk).trial}"),
        Fact("replace.new", now.new or "-", mark="ok"),
    )


def trial_keys(talk: Talk) -> tuple[Key, ...]:
    tries = (Key("t_try"),) if plan_of(talk).deed is not None else ()
    return (*tries, Key("t_give_up"))


def return_facts(talk: Talk) -> tuple[Fact, ...]:
    return (
        Fact("replace.coin", str(under_way(talk).coin), "money", "ok"),
        Fact("replace.coin_back"),
    )


def return_keys(talk: Talk) -> tuple[Key, ...]:
    pays = (Key("t_pay_back"),) if talk.settings.hoppers_fitted else ()
    return (*pays, Key("t_taken"), Key("t_left"))
