"""The voucher keypad: eight digits of a voucher, or the stop code of a session that is owed money.

What a code is worth is decided elsewhere (app/voucher_desk.py); here it becomes credit for a charge,
or goes onto the Green Card that is being topped up. Guessing is slowed down for everybody: wrong
codes are counted across customers.
"""

from dataclasses import replace

from chargepoint.domain.dialogue import topup_talk
from chargepoint.domain.dialogue.actions import (
    KEYPAD_LOCK_S,
    WRONG_CODES,
    count_credit,
    focus_free,
)
from chargepoint.domain.dialogue.context import UNASSIGNED, Recovered, Talk, Voucher
from chargepoint.domain.dialogue.events import OwedRecovered, VoucherAnswered, VoucherFound
from chargepoint.domain.dialogue.guards import CODE_LENGTH as STOP_CODE_LENGTH
from chargepoint.domain.effects import (
    CancelTimer,
    FindVoucher,
    RedeemVoucher,
    Sound,
    StartTimer,
)
from chargepoint.domain.money import ledger, voucher
from chargepoint.domain.money.voucher import VoucherRecord
from chargepoint.domain.record import Incident
from chargepoint.domain.units import Minor, RequestId

CODE_LENGTH = 8
_SHOWN_S = 120


# --- guards --------------------------------------------------------------------------------------


def is_complete(talk: Talk) -> bool:
    return len(talk.data.typed) == CODE_LENGTH and talk.data.pay.voucher_request is None


def is_stop_code(talk: Talk) -> bool:
    return len(talk.data.typed) == STOP_CODE_LENGTH and talk.data.pay.voucher_request is None


def is_worth_money(talk: Talk) -> bool:
    """The answer to a code that has just been booked may come twice."""
    event = talk.event
    return (
        isinstance(event, VoucherAnswered)
        and event.amount > 0
        and event.reference != talk.data.last_voucher
    )


def pays_topup(talk: Talk) -> bool:
    return is_worth_money(talk) and topup_talk.not_sent(talk)


def is_told(talk: Talk) -> bool:
    awake = talk.data.point.state != "booting"
    return awake and talk.data.kiosk_alive and bool(talk.data.pay.recovered)


def is_told_by_code(talk: Talk) -> bool:
    return is_told(talk) and talk.data.pay.recovered[0].needs_code


# --- typing --------------------------------------------------------------------------------------


def begin(talk: Talk) -> None:
    """An answer to a code asked before comes too late: typed again, it is answered the same."""
    if talk.state in ("home", "pay"):
        focus_free(talk)
    talk.pay(voucher_request=None)
    talk.set(typed="", wrong=0, reason="")
    talk.timer("t_idle", 60)


def type_digit(talk: Talk) -> None:
    talk.set(typed=(talk.data.typed + str(talk.event)[-1])[:CODE_LENGTH], reason="")
    talk.timer("t_idle", 60)


def ask(talk: Talk) -> None:
    talk.do(RedeemVoucher(_request(talk), talk.data.typed))


def find(talk: Talk) -> None:
    talk.do(FindVoucher(_request(talk), talk.data.typed))


def _request(talk: Talk) -> RequestId:
    number = talk.data.requests + 1
    request = RequestId(f"v{number}")
    talk.set(requests=number)
    talk.pay(voucher_request=request)
    return request


def refuse(talk: Talk) -> None:
    assert isinstance(talk.event, VoucherAnswered)
    talk.set(typed="", wrong=talk.data.wrong + 1, reason=talk.event.reason or "used")
    talk.pay(voucher_request=None)
    talk.do(Sound("error"))
    talk.timer("t_idle", 60)
    if talk.event.reason == "unknown":
        _count_guess(talk)


def _count_guess(talk: Talk) -> None:
    guesses = talk.data.pay.wrong_codes + 1
    talk.pay(wrong_codes=guesses % WRONG_CODES)
    if guesses < WRONG_CODES:
        return
    talk.set(locked_until=talk.now.monotonic + KEYPAD_LOCK_S)
    talk.do(StartTimer("t_unlock", KEYPAD_LOCK_S, talk.mint()))
    talk.draft.incidents.append(Incident("code.locked", "three unknown voucher codes"))


# --- money ---------------------------------------------------------------------------------------


def credit(talk: Talk) -> None:
    """The voucher's liability ends, the customer has credit."""
    plugged = talk.data.point.data.is_plugged and talk.data.point.is_usable
    owner = talk.data.focus if plugged else UNASSIGNED
    amount = _book(talk, ledger.credit(owner) if plugged else ledger.UNASSIGNED)
    count_credit(talk, owner, amount)
    talk.set(last_coin=amount)
    talk.timer("t_idle", 60)


def load(talk: Talk) -> None:
    """All of the voucher goes onto the card: a rest would need a voucher of its own."""
    topup = talk.data.pay.topup
    assert topup is not None  # pays_topup
    amount = _book(talk, ledger.topup(topup.reference))
    talk.pay(topup=replace(topup, inserted=Minor(topup.inserted + amount), means="voucher"))
    topup_talk.send_soon(talk)


def _book(talk: Talk, account: str) -> Minor:
    """One commit: the code is used up here, and the central system will hear of it."""
    event = talk.event
    assert isinstance(event, VoucherAnswered)
    talk.draft.postings.append(
        ledger.transfer(
            voucher.booking_key(event.reference),
            event.amount,
            debit=ledger.VOUCHER,
            credit=account,
        )
    )
    if event.offline_code:
        talk.draft.deliveries.append(voucher.redeem_message(event.offline_code))
    talk.set(typed="", last_voucher=event.reference)
    talk.pay(voucher_request=None, wrong_codes=0)
    talk.do(CancelTimer("t_idle"), Sound("ok"))
    return event.amount


# --- debts from before a cut -----------------------------------------------------------------------


def note_recovered(talk: Talk, event: OwedRecovered) -> None:
    told = Recovered(_shown(event.record), event.needs_code)
    talk.pay(recovered=(*talk.data.pay.recovered, told))


def ask_for_stop_code(talk: Talk) -> None:
    """Only who had the session knows it; the voucher stays good for whoever comes later."""
    first = _take_recovered(talk)
    begin(talk)
    talk.pay(claimable=first.voucher.amount)


def show_recovered(talk: Talk) -> None:
    """There was no session, so there is no code to ask for."""
    talk.pay(voucher=_take_recovered(talk).voucher)
    talk.timer("t_iou", _SHOWN_S)


def show_found(talk: Talk) -> None:
    """More than one is shown one after the other: whoever typed the code has proved it for all."""
    assert isinstance(talk.event, VoucherFound)
    first, *more = (_shown(record) for record in talk.event.records)
    known = {first.code, *(each.code for each in more)}
    others = (each for each in talk.data.pay.recovered if each.voucher.code not in known)
    proved = (Recovered(each, needs_code=False) for each in more)
    talk.set(typed="", wrong=0)
    talk.pay(voucher=first, voucher_request=None, wrong_codes=0, recovered=(*proved, *others))
    talk.do(CancelTimer("t_idle"), Sound("ok"))
    talk.timer("t_iou", _SHOWN_S)


def _take_recovered(talk: Talk) -> Recovered:
    first, *rest = talk.data.pay.recovered
    talk.pay(recovered=tuple(rest))
    return first


def _shown(record: VoucherRecord) -> Voucher:
    return Voucher(record.code, record.amount, record.expires)
