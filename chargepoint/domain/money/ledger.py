"""Double-entry postings in minor units. Balances are sums, never columns.

    assets, expenses (debit)          liabilities, income (credit)
    cash_box  coins and notes inside  unassigned  inserted, no connector yet
    collected taken out of the box    topup:REF voucher sales vat surplus
    hopper    change inside           credit:N    inserted for connector N
    card_clearing  owed by acquirer   held:N      pays the running session of N
    gc_clearing    owed by centrals   owed:CLAIM  change not yet given, by whose it is
    cash_rounding  given away
    absorbed       overshoot, ours
    vat_prepaid    VAT of card money not spent yet (prepaid_vat.py)

Entries are signed: debit positive, credit negative; every posting sums to zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from chargepoint.domain.units import ConnectorId, Minor

CASH_BOX = "cash_box"
COLLECTED = "collected"
HOPPER = "hopper"
CARD_CLEARING = "card_clearing"
GC_CLEARING = "gc_clearing"
CASH_ROUNDING = "cash_rounding"
ABSORBED = "absorbed"
UNASSIGNED = "unassigned"
OWED = "owed"
VOUCHER = "voucher"
SURPLUS = "surplus"
SALES = "sales"
VAT = "vat"
VAT_PREPAID = "vat_prepaid"

_DEBIT_NATURED = frozenset(
    {
        CASH_BOX,
        COLLECTED,
        HOPPER,
        CARD_CLEARING,
        GC_CLEARING,
        CASH_ROUNDING,
        ABSORBED,
        VAT_PREPAID,
    }
)


def credit(connector: ConnectorId) -> str:
    return f"credit:{connector}"


def topup(reference: str) -> str:
    return f"topup:{reference}"


def held(connector: ConnectorId) -> str:
    return f"held:{connector}"


def owed(claim: str) -> str:
    """What one customer has not got yet. `claim` is the session, or the name of the return."""
    return f"{OWED}:{claim}" if claim else OWED


def claim_of(account: str) -> str | None:
    """Whose money an account of that kind holds; None: another kind. Older books name nobody."""
    kind, _, claim = account.partition(":")
    return claim if kind == OWED else None


def folded(balances: Mapping[str, int]) -> dict[str, int]:
    """Balances as people read them: one line for what is owed, whoever it is owed to."""
    found: dict[str, int] = {}
    for account, amount in balances.items():
        name = account if claim_of(account) is None else OWED
        found[name] = found.get(name, 0) + amount
    return found


def natural(account: str, signed_minor: int) -> int:
    """The sign in which people read this account: positive is the usual side."""
    return signed_minor if account in _DEBIT_NATURED else -signed_minor


@dataclass(frozen=True, slots=True)
class Entry:
    account: str
    signed_minor: int


class Unbalanced(ValueError):
    """Entries of a posting that do not sum to zero: our own mistake."""


@dataclass(frozen=True, slots=True)
class Posting:
    """`key` comes from the physical event, so booking it twice books it once."""

    key: str
    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        if not self.key:
            raise Unbalanced("posting without a key")
        if sum(entry.signed_minor for entry in self.entries) != 0:
            raise Unbalanced(f"posting {self.key} does not sum to zero: {self.entries}")


def transfer(key: str, amount: Minor, *, debit: str, credit: str) -> Posting:
    """Move `amount` (>= 0): `debit` grows on its debit side, `credit` on its credit side."""
    return Posting(key, (Entry(debit, amount), Entry(credit, -amount)))


@dataclass(frozen=True, slots=True)
class Sale:
    """What one settled session means in money; all in minor units, gross."""

    total: Minor  # what the customer pays, after cash rounding
    vat: Minor  # contained in total: what is given away carries none
    rounding: Minor = Minor(0)  # given away: asked less than the exact price
    absorbed: Minor = Minor(0)  # energy that flowed beyond the budget, at our cost
    vat_prepaid: Minor = Minor(0)  # contained in total, and paid when the card was loaded


def collect(key: str, *, booked: Minor, counted: Minor) -> Posting:
    """The cash box is emptied: what was counted leaves it, the difference is surplus (or lack)."""
    difference = counted - booked
    entries = (Entry(COLLECTED, counted), Entry(CASH_BOX, -booked), Entry(SURPLUS, -difference))
    return Posting(key, tuple(entry for entry in entries if entry.signed_minor))


def settle(
    key: str, sale: Sale, *, payer: str, held_amount: Minor = Minor(0), claim: str = ""
) -> Posting:
    """Book a sale against `payer` (held:N or gc_clearing); what was held beyond it is owed.

    sum: payer + rounding + absorbed - (sales + vat + vat_prepaid) - owed = 0
    """
    gross = sale.total + sale.rounding + sale.absorbed
    change = max(0, held_amount - sale.total)
    entries = [
        Entry(payer, sale.total + change),
        Entry(CASH_ROUNDING, sale.rounding),
        Entry(ABSORBED, sale.absorbed),
        Entry(SALES, -(gross - sale.vat - sale.vat_prepaid)),
        Entry(VAT, -sale.vat),
        Entry(VAT_PREPAID, -sale.vat_prepaid),
        Entry(owed(claim), -change),
    ]
    return Posting(key, tuple(entry for entry in entries if entry.signed_minor))
