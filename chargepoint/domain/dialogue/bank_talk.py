"""Paying with a bank card: guards and actions of payment_table.py.

The amount held is shown before the card is presented; nothing is captured when no energy flowed;
the same reservation serves a retry; one that nobody uses is released (decisions §3).
"""

from dataclasses import replace

from chargepoint.domain.dialogue import reservation_fee, topup_talk
from chargepoint.domain.dialogue.actions import focus_free
from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.effects import BankAbort, BankReserve, SettleHolds, Sound, Start, TellPoint
from chargepoint.domain.money import ledger
from chargepoint.domain.payments import BankOutcome, BankReceipt, BankResult
from chargepoint.domain.record import HoldRecord, HoldState, Incident
from chargepoint.domain.session import BankHold, Means, StartOrder
from chargepoint.domain.units import Minor

WAIT_LIMIT_S = 45  # then 06 B0, and on until the terminal has answered


# --- guards --------------------------------------------------------------------------------------


def bank_is_ready(talk: Talk) -> bool:
    pay = talk.data.pay
    return (
        talk.settings.bank_fitted
        and pay.bank_online
        and pay.holds_open < talk.settings.max_holds
        and not pay.bank_reference
    )


def why_not_ready(talk: Talk) -> str:
    """Text key of what a struck bank card says."""
    if not talk.settings.bank_fitted:
        return "not_fitted"
    return "bank_busy" if talk.data.pay.bank_online else "bank_offline"


def can_pay_by_card(talk: Talk) -> bool:
    return bank_is_ready(talk) or has_hold(talk)


def has_hold(talk: Talk) -> bool:
    return talk.data.pay.hold is not None


def can_start_held(talk: Talk) -> bool:
    """A hold of before, too small for the reservation that is claimed now, starts nothing."""
    point, hold = talk.data.point, talk.data.pay.hold
    if hold is None or not (point.is_usable and point.data.is_plugged):
        return False
    return hold.amount >= reservation_fee.least(talk, talk.settings.tariff)


def is_held_too_little(talk: Talk) -> bool:
    """It goes back; when the terminal has given it back a larger one may be asked for."""
    hold = talk.data.pay.hold
    return hold is not None and hold.amount < reservation_fee.least(talk, talk.settings.tariff)


def is_approved(talk: Talk) -> bool:
    return isinstance(talk.event, BankResult) and talk.event.outcome is BankOutcome.APPROVED


def is_approved_too_late(talk: Talk) -> bool:
    """The customer went back, or the time was over; the terminal had gone on."""
    return is_approved(talk) and talk.data.pay.given_up


def is_approved_sale(talk: Talk) -> bool:
    return is_approved(talk) and talk.data.pay.topup is not None


def can_sell_topup(talk: Talk) -> bool:
    topup = talk.data.pay.topup
    if topup is None or not topup_talk.is_within_limits(topup.wanted, talk.settings):
        return False
    return bank_is_ready(talk)


def is_cancelled(talk: Talk) -> bool:
    return isinstance(talk.event, BankResult) and talk.event.outcome is BankOutcome.CANCELLED


def wants_the_card(talk: Talk) -> bool:
    return talk.data.pay.prompt in ("present_card", "insert_card")


# --- actions -------------------------------------------------------------------------------------


def reserve(talk: Talk) -> None:
    """Ask the terminal for the hold; the screen says the amount before the card is presented."""
    _ask_terminal(talk, reservation_fee.hold(talk))


def sell_topup(talk: Talk) -> None:
    topup = talk.data.pay.topup
    assert topup is not None  # top_how is reached with one only
    _ask_terminal(talk, topup.wanted)


def _ask_terminal(talk: Talk, amount: Minor) -> None:
    focus_free(talk)
    reference = talk.take_name()
    talk.pay(
        bank_reference=reference,
        asked=amount,
        prompt="present_card",
        prompt_text="",
        given_up=False,
    )
    talk.do(BankReserve(reference, amount))
    talk.timer("t_bank", WAIT_LIMIT_S)


def give_up_card(talk: Talk) -> None:
    """Back, cancel, or time: the result of the abort still comes, and decides."""
    talk.pay(prompt="cancelling", given_up=True)
    talk.do(BankAbort())


def give_back_late(talk: Talk) -> None:
    """A late approval is released first (decisions §3)."""
    hold = _approved_hold(talk)
    talk.draft.holds.append(HoldRecord(hold, HoldState.RELEASE))
    talk.do(SettleHolds())
    forget_bank(talk)


def take_hold(talk: Talk) -> None:
    """Approved: the reservation is durable already, the driver saw to it."""
    talk.pay(hold=_approved_hold(talk), bank_reference="")
    talk.do(Sound("ok"))
    talk.timer("t_card_ok", 2)


def _approved_hold(talk: Talk) -> BankHold:
    assert isinstance(talk.event, BankResult)
    assert talk.event.receipt is not None  # an approval carries one
    return hold_of(talk.event.reference, talk.event.receipt)


def hold_of(reference: str, receipt: BankReceipt) -> BankHold:
    return BankHold(
        reference=reference,
        receipt_number=receipt.receipt_number,
        trace=receipt.trace,
        terminal_id=receipt.terminal_id,
        amount=receipt.amount,
        masked_pan=receipt.masked_pan,
    )


def refuse_bank(talk: Talk) -> None:
    assert isinstance(talk.event, BankResult)
    if talk.event.reason == topup_talk.NO_AMOUNT:
        detail = f"{talk.event.reference}: no amount that a terminal is asked for"
        talk.draft.incidents.append(Incident("bank_terminal.amount", detail, "bank_terminal"))
    talk.pay(bank_reference="", prompt="")
    talk.set(reason=talk.event.reason or "declined")
    talk.do(Sound("error"))
    talk.timer("t_idle", 60)


def forget_bank(talk: Talk) -> None:
    talk.pay(bank_reference="", prompt="", topup=None)


def start_held(talk: Talk) -> None:
    data = talk.data
    hold = data.pay.hold
    assert hold is not None  # can_start_held
    order = StartOrder(
        talk.take_name(),
        Means.BANK,
        talk.settings.bank_tag,
        talk.settings.tariff,
        hold.amount,
        data.next_code,
        hold,
    )
    talk.do(TellPoint(data.focus, Start(order)))
    talk.set(ordered=data.focus)
    talk.pay(hold=None)
    talk.timer("t_code", 15)


def release_hold(talk: Talk) -> None:
    """Nobody wants it any more: the whole of it goes back to the card."""
    hold = talk.data.pay.hold
    assert hold is not None  # asked where there is one
    talk.draft.holds.append(HoldRecord(hold, HoldState.RELEASE))
    talk.pay(hold=None)
    talk.do(SettleHolds())


def book_sale(talk: Talk) -> None:
    """A top-up paid by card: the acquirer owes us, we owe the card. Capture and debt in one commit."""
    topup, hold = talk.data.pay.topup, _approved_hold(talk)
    assert topup is not None  # is_approved_sale
    amount = hold.amount
    talk.draft.holds.append(HoldRecord(hold, HoldState.CAPTURE, wanted=amount))
    talk.do(SettleHolds())
    talk.draft.postings.append(
        ledger.transfer(
            f"banksale:{topup.reference}",
            amount,
            debit=ledger.CARD_CLEARING,
            credit=ledger.topup(topup.reference),
        )
    )
    talk.pay(
        bank_reference="",
        prompt="",
        topup=replace(topup, inserted=amount, means="bank", hold=hold),
    )


def book_sale_and_send(talk: Talk) -> None:
    book_sale(talk)
    topup_talk.send(talk)
