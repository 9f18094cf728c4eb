"""Giving money back: coins while the hoppers can, a voucher or a Green Card for the rest.

Change falls only when the code was given or somebody pressed a key: nobody's money lies in the
tray of an empty street. What is not paid stays in `owed`, then becomes a voucher.
"""

from dataclasses import replace

from chargepoint.domain.dialogue.actions import offer_receipt, reference_of
from chargepoint.domain.dialogue.context import UNASSIGNED, Leaving, Talk, Voucher
from chargepoint.domain.dialogue.guards import about_focus, has_receipt
from chargepoint.domain.effects import CancelTimer, PayOut, Sound
from chargepoint.domain.money import ledger, voucher
from chargepoint.domain.payments import payout_reference
from chargepoint.domain.record import Incident
from chargepoint.domain.session import Means
from chargepoint.domain.units import Minor, Wh

_COIN_IN_FLIGHT_S = 1.0


def claim_on_screen(talk: Talk) -> str:
    leaving = talk.data.leaving
    return leaving.claim if leaving else ""


def amount_owed(talk: Talk) -> Minor:
    leaving = talk.data.leaving
    return leaving.owed if leaving else Minor(0)


# --- guards --------------------------------------------------------------------------------------


def can_pay_change(talk: Talk) -> bool:
    """At least one coin can fall."""
    return talk.settings.hoppers_fitted and talk.data.pay.payable > 0


def gives_change(talk: Talk) -> bool:
    """What the screen may promise before the first coin: even the largest comes back in coins."""
    return can_pay_change(talk) and talk.data.pay.payable >= max(talk.settings.denominations)


def left_with_payable_change(talk: Talk) -> bool:
    return about_focus(talk) and amount_owed(talk) > 0 and can_pay_change(talk)


def has_something(talk: Talk) -> bool:
    topup = talk.data.pay.topup
    return talk.data.here > 0 or (topup is not None and topup.inserted > 0)


def returns_in_coins(talk: Talk) -> bool:
    return has_something(talk) and can_pay_change(talk)


def gives_up_coins(talk: Talk) -> bool:
    return talk.data.under == "cash_in" and returns_in_coins(talk)


def is_returning(talk: Talk) -> bool:
    """Money is on its way out to this customer, in coins or as a voucher not yet issued."""
    leaves = talk.state in ("cash_back", "change", "cash_iou") and talk.data.leaving is not None
    return leaves and talk.data.pay.voucher is None


def not_issued(talk: Talk) -> bool:
    return talk.data.pay.voucher is None and amount_owed(talk) > 0


def not_issued_and_receipt(talk: Talk) -> bool:
    return not_issued(talk) and has_receipt(talk)


def is_paying(talk: Talk) -> bool:
    return bool(talk.data.pay.payout)


def must_pay_more(talk: Talk) -> bool:
    """A coin or a note came in while the others fell: it falls like them."""
    return talk.data.pay.came_late > 0 and can_pay_change(talk)


# --- actions -------------------------------------------------------------------------------------


def owe_credit(talk: Talk) -> None:
    """All that was inserted and not used is owed from now on; the books say so first."""
    data, name = talk.data, talk.take_name()
    for connector in (UNASSIGNED, data.focus):
        amount = data.credit.get(connector, Minor(0))
        if amount:
            account = ledger.UNASSIGNED if connector == UNASSIGNED else ledger.credit(connector)
            talk.draft.postings.append(
                ledger.transfer(
                    f"owe:{name}:{connector}", amount, debit=account, credit=ledger.owed(name)
                )
            )
    owed = Minor(data.here + _owe_topup(talk, name))
    leaving = Leaving(Minor(0), owed, Wh(0), 0, "", reference_of(name), Means.CASH, name=name)
    credit = {**data.credit, UNASSIGNED: Minor(0), data.focus: Minor(0)}
    talk.set(credit=credit, coins=0, leaving=leaving)


def _owe_topup(talk: Talk, name: str) -> Minor:
    topup = talk.data.pay.topup
    if topup is None or topup.sent or topup.inserted == 0:
        return Minor(0)
    talk.draft.postings.append(
        ledger.transfer(
            f"owe:{name}:topup",
            topup.inserted,
            debit=ledger.topup(topup.reference),
            credit=ledger.owed(name),
        )
    )
    talk.pay(topup=None)
    return topup.inserted


def return_in_coins(talk: Talk) -> None:
    """A coin may still be falling through the acceptor: it comes back with the others."""
    owe_credit(talk)
    talk.timer("t_payout", _COIN_IN_FLIGHT_S)


def owe_more(talk: Talk, amount: Minor) -> None:
    """A coin that came in while money goes out is owed like the rest."""
    leaving = talk.data.leaving
    assert leaving is not None  # is_returning
    talk.set(leaving=replace(leaving, owed=Minor(leaving.owed + amount)))
    if talk.data.pay.payout:
        talk.pay(came_late=Minor(talk.data.pay.came_late + amount))


def return_without_coins(talk: Talk) -> None:
    owe_credit(talk)
    show_owed(talk)


def offer_change(talk: Talk) -> None:
    """With the code given the coins fall at once; otherwise a present person presses a key."""
    if talk.data.pay.proved:
        begin_payout(talk)
    else:
        talk.timer("t_change", 60)


def begin_payout(talk: Talk) -> None:
    amount = amount_owed(talk)
    reference = payout_reference(claim_on_screen(talk), talk.take_name())
    talk.pay(payout=reference, to_pay=amount, paid=Minor(0), came_late=Minor(0))
    talk.do(CancelTimer("t_change"), PayOut(reference, amount), Sound("ok"))


def note_payout(talk: Talk) -> None:
    """What fell is no longer owed; its posting came with the proof from the hopper."""
    leaving = talk.data.leaving
    paid = talk.data.pay.paid
    assert leaving is not None  # it goes with the payout's reference
    rest = Minor(max(0, leaving.owed - paid))
    talk.set(leaving=replace(leaving, owed=rest))
    talk.pay(payout="", to_pay=Minor(0))


def show_owed(talk: Talk) -> None:
    """Coins ran short or nobody took them: a voucher or a Green Card, the customer chooses."""
    leaving = talk.data.leaving
    assert leaving is not None  # is_owed
    talk.draft.incidents.append(
        Incident("cash.owed", f"{leaving.owed} minor units owed, reference {leaving.code}")
    )
    talk.pay(payout="", to_pay=Minor(0))
    talk.timer("t_iou", 120)


def issue_voucher(talk: Talk) -> None:
    """The voucher is durable when its code is on the screen. Nobody chose: it is issued anyway."""
    amount = amount_owed(talk)
    code = talk.data.next_voucher
    issued = voucher.issue(
        voucher.VoucherTerms(talk.settings.voucher_days, talk.settings.tariff.currency),
        claim_on_screen(talk),
        amount,
        code=code,
        reference=f"{talk.settings.id}:{talk.take_name()}",
        at=talk.now.utc,
    )
    talk.draft.postings.append(issued.posting)
    talk.draft.deliveries.append(issued.message)
    talk.draft.vouchers.append(issued.record)
    detail = f"{amount} minor units as voucher ending {voucher.masked(code)}"
    talk.draft.incidents.append(Incident("cash.voucher", detail))
    talk.pay(voucher=Voucher(code, amount, issued.record.expires))
    talk.timer("t_iou", 120)


def issue_on_receipt(talk: Talk) -> None:
    """No time to choose: the voucher's code stands on the receipt."""
    issue_voucher(talk)
    offer_receipt(talk)
