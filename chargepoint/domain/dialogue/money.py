"""Coins, notes, cards and vouchers as the conversation meets them: booked first, shown after.

Whatever the screen makes of a coin, it is in the books with its device's cursor before anything
else happens; what nobody consumed is an incident, never lost.
"""

from collections.abc import Callable
from dataclasses import replace

from chargepoint.domain.devices import CoinCursor, CoinCursorMoved, CoinRefused, CoinSeen
from chargepoint.domain.dialogue import actions as action
from chargepoint.domain.dialogue import (
    bank_talk,
    cash_limits,
    change_talk,
    leaving_talk,
    screens,
    topup_talk,
)
from chargepoint.domain.dialogue import guards as guard
from chargepoint.domain.dialogue.context import UNASSIGNED, Talk
from chargepoint.domain.dialogue.events import InvoiceIssued, PaidOut, TopUpDelivered, TopUpRefused
from chargepoint.domain.effects import (
    AcceptCoins,
    AcceptNotes,
    DecideNote,
    InhibitCoins,
    InhibitNotes,
    SettleHolds,
    Sound,
)
from chargepoint.domain.money import ledger
from chargepoint.domain.payments import (
    BankOutcome,
    BankResult,
    NoteCursor,
    NoteCursorMoved,
    NoteInEscrow,
    NoteReturned,
    NoteStacked,
)
from chargepoint.domain.record import HoldRecord, HoldState, Incident
from chargepoint.domain.service import replace_trial as replacement
from chargepoint.domain.service import trials
from chargepoint.domain.service.passport import serial_key
from chargepoint.domain.units import Minor

Fire = Callable[[str], bool]
CoinEvent = CoinSeen | CoinRefused | CoinCursorMoved
NoteEvent = NoteInEscrow | NoteStacked | NoteReturned | NoteCursorMoved

_OUT_OF_ESCROW = "returned"  # of NoteReturned: as it was told (drivers/cctalk/note_codes.py)

# A hold nobody is using any more is given back when the conversation has moved on to these.
_HOLD_IS_OVER = frozenset(
    {
        "home",
        "thanks",
        "receipt",
        "receipt_qr",
        "gc_tap",
        "gc_wait",
        "gc_ok",
        "cash_in",
        "res_none",
        "service",
    }
)


def hear_coin(talk: Talk, event: CoinEvent, fire: Fire) -> None:
    is_money = isinstance(event, CoinSeen)
    if not _is_news(talk, event.cursor, is_money=is_money):
        return
    match event:
        case CoinSeen(value=value, cursor=cursor):
            book_cash(talk, f"coin:{cursor.serial}:{cursor.epoch}:{cursor.sequence}", value, fire)
        case CoinRefused(reason=reason):
            talk.set(reason=reason, refused=talk.data.refused + 1)
            talk.do(Sound("error"))
            replacement.refused(talk, reason)
            fire("coin_refused")
        case CoinCursorMoved(possibly_lost=lost):
            _report_lost(talk, lost, "coin.events_lost", "coin_acceptor")


def hear_note(talk: Talk, event: NoteEvent, fire: Fire) -> None:
    """A note is money when it is stacked; in escrow it waits for a decision."""
    if isinstance(event, NoteInEscrow):
        # Its cursor is kept: a note stacked and then forgotten by the validator is seen as lost.
        _is_news(talk, event.cursor, is_money=False)
        talk.do(DecideNote(keep=_keeps(talk, event)))
        return
    if not _is_news(talk, event.cursor, is_money=isinstance(event, NoteStacked)):
        return
    match event:
        case NoteStacked(value=value, cursor=cursor):
            book_cash(talk, f"note:{cursor.serial}:{cursor.epoch}:{cursor.sequence}", value, fire)
        case NoteReturned(reason=reason):
            talk.set(reason=reason)
            _came_back(talk, reason)
        case NoteCursorMoved(possibly_lost=lost):
            _report_lost(talk, lost, "note.events_lost", "note_validator")


def _keeps(talk: Talk, event: NoteInEscrow) -> bool:
    if trials.tries_note(talk):
        return trials.keeps_note(talk)
    is_wanted = event.value in talk.data.pay.notes_level
    return is_wanted and not replacement.is_out(talk, "note_validator")


def _came_back(talk: Talk, reason: str) -> None:
    """As it was told: that is the end of a trial, if there was one."""
    if reason != _OUT_OF_ESCROW:
        return
    replacement.note_came_back(talk)
    if trials.tries_note(talk):
        trials.note_came_back(talk)


def _is_news(talk: Talk, cursor: CoinCursor | NoteCursor, *, is_money: bool) -> bool:
    """False for what is booked already; otherwise the cursor goes into this commit."""
    here = (cursor.epoch, cursor.sequence)
    booked = talk.data.booked.get(cursor.serial, (0, 0))
    if here < booked or (is_money and here == booked):
        return False
    if cursor.serial not in talk.data.booked:  # so that it is known when it is dead after a boot
        name = "coin_acceptor" if isinstance(cursor, CoinCursor) else "note_validator"
        talk.draft.settings.append((serial_key(name), cursor.serial))
    talk.set(booked={**talk.data.booked, cursor.serial: here})
    talk.draft.cursors.append(cursor)
    return True


def _report_lost(talk: Talk, lost: int, code: str, device: str) -> None:
    if lost:
        talk.draft.incidents.append(Incident(code, f"{lost} events unreadable", device))


def book_cash(talk: Talk, key: str, value: Minor, fire: Fire) -> None:
    topup = talk.data.pay.topup
    is_coin = key.startswith("coin:")  # nobody need take more than fifty; notes are few
    talk.set(last_coin=value, coins=talk.data.coins + is_coin, reason="")
    if replacement.is_test_coin(talk, key):
        replacement.book_test_coin(talk, key, value)
        return
    if key.startswith("note:") and trials.tries_note(talk):
        trials.book_test_note(talk, key, value)
        return
    if change_talk.is_returning(talk):
        _post_in(talk, key, value, ledger.owed(change_talk.claim_on_screen(talk)))
        change_talk.owe_more(talk, value)
        return
    if topup is not None and not topup.sent:
        _post_in(talk, key, value, ledger.topup(topup.reference))
        topup_talk.note_inserted(talk, value)
        fire("coin")
        return
    in_session = guard.cash_session_in_focus(talk)
    focus = talk.data.focus
    ready = talk.data.point.data.is_plugged and talk.data.point.is_usable
    owner = focus if in_session or ready else UNASSIGNED
    account = ledger.UNASSIGNED if owner == UNASSIGNED else ledger.credit(focus)
    _post_in(talk, key, value, account)
    if in_session:
        action.add_to_session(talk, value, key)
        return
    action.count_credit(talk, owner, value)
    if not fire("coin"):
        talk.draft.incidents.append(
            Incident("coin.unexpected", f"{value} booked to {account} in {talk.state}")
        )


def _post_in(talk: Talk, key: str, value: Minor, account: str) -> None:
    talk.draft.postings.append(ledger.transfer(key, value, debit=ledger.CASH_BOX, credit=account))


# --- what may come in ----------------------------------------------------------------------------


def level(talk: Talk, state: str, *, stalled: bool) -> None:
    """Acceptors follow the conversation; the newest generation wins in the driver."""
    may = talk.data.kiosk_alive and not stalled
    may = may and talk.data.service.collection is None  # the cash box is being emptied
    takes = may and screens.takes_coins(state, talk)
    fitted = talk.settings.coins_fitted and "coin_acceptor" not in talk.data.down
    coins = takes and fitted and cash_limits.takes_one_more_coin(talk)
    if replacement.is_out(talk, "coin_acceptor"):
        coins = may and fitted and replacement.is_tried(talk, "coin_acceptor")
    if coins != talk.data.coins_accepted:
        talk.set(coins_accepted=coins)
        generation = talk.mint()
        talk.do(AcceptCoins(generation) if coins else InhibitCoins(generation))
    tries = may and (replacement.is_tried(talk, "note_validator") or trials.tries_note(talk))
    takes = takes and not replacement.is_out(talk, "note_validator")
    _level_notes(talk, takes=takes, tries=tries)


def _level_notes(talk: Talk, *, takes: bool, tries: bool) -> None:
    """Only notes that change covers, so that nobody overpays into a machine without coins."""
    values = frozenset(Minor(value) for value in talk.settings.note_values)
    if not (takes or tries) or "note_validator" in talk.data.down:
        values = frozenset()
    elif tries:
        pass  # each of them comes back
    elif topup_talk.is_topping_up(talk):
        values = frozenset(v for v in values if v <= cash_limits.room(talk))
    else:
        most = min(talk.data.pay.payable, cash_limits.room(talk))
        values = frozenset(v for v in values if v <= most)
    if values != talk.data.pay.notes_level:
        talk.pay(notes_level=values)
        generation = talk.mint()
        talk.do(AcceptNotes(generation, values) if values else InhibitNotes(generation))


# --- bank, payouts, top-ups ----------------------------------------------------------------------


def hear_bank(talk: Talk, result: BankResult, fire: Fire) -> None:
    """A late approval nobody waits for any more is given back at once (decisions §3)."""
    if result.reference == talk.data.pay.bank_reference and fire("bank"):
        return
    if result.outcome is BankOutcome.APPROVED and result.receipt is not None:
        hold = bank_talk.hold_of(result.reference, result.receipt)
        talk.draft.holds.append(HoldRecord(hold, HoldState.RELEASE))
        talk.do(SettleHolds())
    if result.reference == talk.data.pay.bank_reference:
        talk.pay(bank_reference="")


def drop_unused_hold(talk: Talk, state: str) -> None:
    if talk.data.pay.hold is not None and state in _HOLD_IS_OVER:
        bank_talk.release_hold(talk)


def hear_payout(talk: Talk, event: PaidOut, fire: Fire) -> None:
    if event.reference != talk.data.pay.payout:
        return
    talk.pay(paid=event.paid)
    change_talk.note_payout(talk)
    fire("paid")


def hear_topup(talk: Talk, event: TopUpDelivered, fire: Fire) -> None:
    talk.draft.postings.extend(topup_talk.credited(event.reference, event.amount, talk.settings))
    topup = talk.data.pay.topup
    if topup is not None and topup.reference == event.reference:
        talk.pay(topup=replace(topup, balance=event.balance))
        fire("delivered")


def hear_invoice(talk: Talk, event: InvoiceIssued) -> None:
    leaving_talk.note_invoice(talk, event)
    topup_talk.note_invoice(talk, event)


def hear_topup_refused(talk: Talk, event: TopUpRefused, fire: Fire) -> None:
    """Nothing moves in the books; remembered, so that no later start takes it for credited."""
    talk.draft.incidents.append(event.incident)
    talk.draft.settings.append((f"{topup_talk.REFUSED}{event.reference}", "1"))
    topup = talk.data.pay.topup
    if topup is not None and topup.reference == event.reference:
        talk.pay(topup=replace(topup, refused=True))
        fire("delivered")
