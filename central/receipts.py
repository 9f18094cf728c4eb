"""A receipt against our own sum. Pure: it finds differences and corrects none."""

from dataclasses import dataclass

from central.accounts import Card, Terms
from central.clock import utc_from_text
from central.records import Receipt, Transaction
from central.tariffs import price_minor


@dataclass(frozen=True, slots=True)
class Difference:
    """`own_minor` is our sum where the difference is one of money."""

    code: str
    detail: str
    own_minor: int | None = None


def differences(
    receipt: Receipt, transaction: Transaction | None, card: Card | None
) -> list[Difference]:
    """Every way in which `receipt` does not fit itself, the meter, or the agreed price."""
    found: list[Difference] = []
    lines, total = receipt.line_sum_minor, receipt.total_minor
    if lines is not None and lines != total:
        found.append(Difference("receipt.lines", f"lines give {lines}, total {total}", lines))
    if transaction is None:
        return found
    metered_wh = transaction.energy_wh
    if not transaction.is_running and receipt.energy_wh != metered_wh:
        detail = f"receipt says {receipt.energy_wh} Wh, the meter {metered_wh} Wh"
        found.append(Difference("receipt.energy", detail))
    if transaction.terms is not None and card is not None:
        low, high = _own_range(receipt, transaction, card, transaction.terms)
        if not low <= total <= high:
            own = low if total < low else high
            found.append(Difference("receipt.total", f"our sum is {own}, total {total}", own))
    return found


def _own_range(
    receipt: Receipt, transaction: Transaction, card: Card, terms: Terms
) -> tuple[int, int]:
    """Least and most the charge may cost.

    They differ only where time is priced (when the car was full is known at the point alone) and
    where the hold ran out (the point never bills more than was held).
    """
    energy_wh = receipt.energy_wh
    tariff = terms.tariff
    billed_wh = energy_wh - (card.plan.included_wh(energy_wh) if terms.uses_plan else 0)
    if energy_wh == 0:
        return 0, price_minor(tariff, energy_wh=0)
    low = price_minor(tariff, energy_wh=billed_wh)
    # Idle time runs on after StopTransaction, until the car leaves: no upper bound from here.
    idle_is_priced = tariff.idle_milli_per_minute > 0
    connected_s = _connected_s(transaction)
    high = price_minor(tariff, energy_wh=billed_wh, charging_s=connected_s)
    if idle_is_priced:
        high = max(high, transaction.hold_minor)
    if 0 < transaction.hold_minor < low:
        low = transaction.hold_minor
    return low, high


def _connected_s(transaction: Transaction) -> int:
    if transaction.stopped_at is None:
        return 0
    passed = utc_from_text(transaction.stopped_at) - utc_from_text(transaction.key.started_at)
    return max(0, int(passed.total_seconds()))
