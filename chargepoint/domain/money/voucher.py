"""Vouchers: what is owed, as eight digits that are worth money once. Pure.

    issued   durable here, the central system has not heard of it: only this point can redeem it
    known    the central system has it: online it decides, offline this point does
    refused  the central system will never know the code: good at this point only

Whoever issues one does it in a single commit: the debt becomes a voucher and its message is queued.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.money import ledger
from chargepoint.domain.units import Minor

CODES = 100_000_000  # eight digits
SHOWN_DIGITS = 3  # of a code in incidents and reports: the whole of it is money


class VoucherState(StrEnum):
    ISSUED = "issued"
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class VoucherRecord:
    """One voucher of this point. `claim` is the session, or the name of the return, behind it."""

    code: str
    claim: str
    amount: Minor
    expires: str  # ISO date, the last day on which it is worth money
    state: VoucherState = VoucherState.ISSUED

    def is_expired(self, on: date) -> bool:
        return on > date.fromisoformat(self.expires)


@dataclass(frozen=True, slots=True)
class VoucherTerms:
    days: int
    currency: str


@dataclass(frozen=True, slots=True)
class IssuedVoucher:
    """What one commit must hold so that the voucher is the debt, and nothing else is."""

    record: VoucherRecord
    posting: ledger.Posting
    message: VendorMessage


def issue(
    terms: VoucherTerms, claim: str, amount: Minor, *, code: str, reference: str, at: datetime
) -> IssuedVoucher:
    """`owed:CLAIM` becomes `voucher`. `reference` makes the central system book it once."""
    expires = (at + timedelta(days=terms.days)).date().isoformat()
    posting = ledger.transfer(
        f"voucher:{code}", amount, debit=ledger.owed(claim), credit=ledger.VOUCHER
    )
    message = VendorMessage(
        key=f"voucher:{code}:issue",
        message_id="Voucher.Issue",
        payload={
            "code": code,
            "amount": {"amount": amount, "currency": terms.currency},
            "reference": reference,
            "expires": expires,
        },
    )
    return IssuedVoucher(VoucherRecord(code, claim, amount, expires), posting, message)


def redeem_reference(code: str) -> str:
    """Of a redemption at this point: asked twice it is answered the same, and booked once."""
    return f"redeem:{code}"


def booking_key(reference: str) -> str:
    """Of the posting that ends a voucher here; while the journal has it, the code is used up."""
    return f"voucherin:{reference}"


def redeem_message(code: str) -> VendorMessage:
    """Tells the central system of a redemption that this point decided by itself."""
    return VendorMessage(
        key=f"voucher:{code}:redeem",
        message_id="Voucher.Redeem",
        payload={"code": code, "reference": redeem_reference(code)},
    )


def lost(code: str, amount: Minor) -> ledger.Posting:
    """Redeemed here and elsewhere: the liability had ended there, so this one is our loss."""
    return ledger.transfer(
        f"voucherlost:{code}", amount, debit=ledger.ABSORBED, credit=ledger.VOUCHER
    )


def masked(code: str) -> str:
    return f"…{code[-SHOWN_DIGITS:]}"


def left_behind(
    balances: Mapping[str, int], unproved: Mapping[str, Minor], present: frozenset[str]
) -> dict[str, Minor]:
    """What an earlier life owes and nobody will ask for: claim to amount.

    `unproved`: in coins of which a hopper still must say whether they fell. `present`: claims of
    customers whose plug is still in; the conversation pays them as it always does.
    """
    found: dict[str, Minor] = {}
    for account, balance in balances.items():
        claim = ledger.claim_of(account)
        if claim is None or claim in present:
            continue
        rest = balance - unproved.get(claim, 0)
        if rest > 0:
            found[claim] = Minor(rest)
    return found
