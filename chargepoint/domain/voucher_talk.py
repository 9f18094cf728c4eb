"""Redeeming a voucher: eight digits, asked of the central system, which decides (decisions §4)."""

from chargepoint.domain import ledger
from chargepoint.domain.dialogue_actions import count_credit, focus_free
from chargepoint.domain.dialogue_context import UNASSIGNED, Talk
from chargepoint.domain.dialogue_events import VoucherAnswered
from chargepoint.domain.effects import CancelTimer, RedeemVoucher, Sound
from chargepoint.domain.units import RequestId

CODE_LENGTH = 8


# --- guards --------------------------------------------------------------------------------------


def may_ask(talk: Talk) -> bool:
    return talk.data.online


def is_complete(talk: Talk) -> bool:
    return len(talk.data.typed) == CODE_LENGTH and talk.data.pay.voucher_request is None


def is_worth_money(talk: Talk) -> bool:
    return isinstance(talk.event, VoucherAnswered) and talk.event.amount > 0


# --- actions -------------------------------------------------------------------------------------


def begin(talk: Talk) -> None:
    """An answer to a code asked before comes too late: typed again, it is answered the same."""
    focus_free(talk)
    talk.pay(voucher_request=None)
    talk.set(typed="", wrong=0, reason="")
    talk.timer("t_idle", 60)


def type_digit(talk: Talk) -> None:
    talk.set(typed=(talk.data.typed + str(talk.event)[-1])[:CODE_LENGTH], reason="")
    talk.timer("t_idle", 60)


def ask(talk: Talk) -> None:
    number = talk.data.requests + 1
    request = RequestId(f"v{number}")
    talk.set(requests=number)
    talk.pay(voucher_request=request)
    talk.do(RedeemVoucher(request, talk.data.typed))


def credit(talk: Talk) -> None:
    """The voucher's liability ends, the customer has credit: the same posting at any point."""
    assert isinstance(talk.event, VoucherAnswered)
    amount = talk.event.amount
    plugged = talk.data.point.data.is_plugged and talk.data.point.is_usable
    owner = talk.data.focus if plugged else UNASSIGNED
    account = ledger.credit(owner) if plugged else ledger.UNASSIGNED
    talk.draft.postings.append(
        ledger.transfer(
            f"voucherin:{talk.event.reference}", amount, debit=ledger.VOUCHER, credit=account
        )
    )
    count_credit(talk, owner, amount)
    talk.set(typed="", last_coin=amount)
    talk.pay(voucher_request=None)
    talk.do(CancelTimer("t_idle"), Sound("ok"))
    talk.timer("t_idle", 60)


def refuse(talk: Talk) -> None:
    assert isinstance(talk.event, VoucherAnswered)
    talk.set(typed="", wrong=talk.data.wrong + 1, reason=talk.event.reason)
    talk.pay(voucher_request=None)
    talk.do(Sound("error"))
    talk.timer("t_idle", 60)
