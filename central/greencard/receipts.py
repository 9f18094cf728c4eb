"""A receipt against our own sum. Pure: it finds differences and corrects none."""

import math
from dataclasses import dataclass

from central.clock import utc_from_text
from central.greencard.accounts import Card, Terms
from central.greencard.conditional import tariffs_between
from central.greencard.months_energy import included_wh
from central.greencard.records import Receipt, Transaction
from central.greencard.tariffs import Tariff, price_minor, round_half_up

_MILLI = 1000
_WH_PER_KWH = 1000
_SECONDS_PER_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Difference:
    """`own_minor` is our sum where the difference is one of money."""

    code: str
    detail: str
    own_minor: int | None = None


def differences(
    receipt: Receipt, transaction: Transaction | None, card: Card | None, timezone: str
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
        found += _differences_of_price(receipt, transaction, card, transaction.terms, timezone)
    return found


def _differences_of_price(
    receipt: Receipt, transaction: Transaction, card: Card, terms: Terms, timezone: str
) -> list[Difference]:
    """A point that reads prices with conditions bills by them; another bills by the plain ones."""
    energy_wh = receipt.energy_wh
    billed_wh = energy_wh - included_wh(card, terms, energy_wh)
    told = _told(terms, transaction, timezone)
    found = _differences_of_lines(receipt, billed_wh, told)
    ranges = [_own_range(receipt, transaction, billed_wh, [terms.tariff])]
    if terms.timed:
        ranges.append(_own_range(receipt, transaction, billed_wh, told))
    total = receipt.total_minor
    if not any(low <= total <= high for low, high in ranges):
        low, high = ranges[-1]
        own = low if total < low else high
        found.append(Difference("receipt.total", f"our sum is {own}, total {total}", own))
    return found


def _told(terms: Terms, transaction: Transaction, timezone: str) -> list[Tariff]:
    """Every tariff that held while the charge ran."""
    if not terms.timed:
        return [terms.tariff]
    first = utc_from_text(transaction.key.started_at)
    ended = transaction.stopped_at
    last = first if ended is None else max(first, utc_from_text(ended))
    return tariffs_between(terms.timed, first, last, timezone)


def _differences_of_lines(receipt: Receipt, billed_wh: int, told: list[Tariff]) -> list[Difference]:
    """Lines that say at which price energy was sold: all of it, at prices that held."""
    if not receipt.rates:
        return []
    prices = {tariff.energy_milli_per_kwh for tariff in told}
    if strange := [milli for _, milli in receipt.rates if milli not in prices]:
        detail = f"energy at {strange[0]} milli/kWh, told {sorted(prices)}"
        return [Difference("receipt.price", detail)]
    sold_wh = sum(wh for wh, milli in receipt.rates)
    least_wh = billed_wh if 0 not in prices else 0
    if not least_wh <= sold_wh <= billed_wh:
        return [Difference("receipt.energy", f"lines sell {sold_wh} Wh of {billed_wh} Wh")]
    return []


def _own_range(
    receipt: Receipt, transaction: Transaction, billed_wh: int, tariffs: list[Tariff]
) -> tuple[int, int]:
    """Least and most the charge may cost, at whichever of `tariffs` held.

    They differ where several did, where time is priced (when the car was full is known at the point
    alone) and where the hold ran out (the point never bills more than was held). A start that could
    not be asked has the point's own limit: what the card had then says nothing of the most.
    """
    kept_s = receipt.reserved_s
    if receipt.energy_wh == 0:
        return 0, max(price_minor(each, energy_wh=0, reserved_s=kept_s) for each in tariffs)
    exact = _sum_of_lines(receipt, billed_wh, tariffs)
    low = min(price_minor(each, energy_wh=billed_wh, reserved_s=kept_s) for each in tariffs)
    high = max(
        price_minor(
            each,
            energy_wh=billed_wh,
            charging_s=_charging_s(receipt, transaction, each),
            idle_s=_idle_s(receipt, transaction, each),
            reserved_s=kept_s,
        )
        for each in tariffs
    )
    if exact is not None:
        low = high = exact
    if 0 < transaction.hold_minor < low:
        low = transaction.hold_minor
    return low, high


def _sum_of_lines(receipt: Receipt, billed_wh: int, tariffs: list[Tariff]) -> int | None:
    """Our sum to the cent, where lines sell all energy and nothing but energy costs."""
    rates = receipt.rates
    has_other = any(
        each.charging_milli_per_minute
        or each.session_minor
        or each.idle_milli_per_minute
        or each.reservation_milli_per_minute
        for each in tariffs
    )
    told = {each.energy_milli_per_kwh for each in tariffs}
    is_told = all(milli in told for _, milli in rates)
    if has_other or not is_told or sum(wh for wh, _ in rates) != billed_wh:
        return None
    return round_half_up(sum(wh * milli for wh, milli in rates), _WH_PER_KWH * _MILLI)


def _idle_s(receipt: Receipt, transaction: Transaction, tariff: Tariff) -> int:
    """The most that may be billed, with the grace, as `price_minor` takes it.

    Idle time runs on after StopTransaction, until the car leaves: the receipt says how long, and that
    is not longer than what passed until it was made. A clock that was set back says nothing.
    """
    if tariff.idle_milli_per_minute == 0:
        return 0
    passed_s = _seconds_between(transaction.key.started_at, receipt.made_at)
    if receipt.line_sum_minor is None:
        return max(0, passed_s)
    told_s = _told_idle_s(receipt, tariff)
    return told_s if passed_s < 0 else min(told_s, passed_s)


def _told_idle_s(receipt: Receipt, tariff: Tariff) -> int:
    """A line after the grace has whole seconds of what was billed by the millisecond."""
    grace_s = tariff.idle_grace_minutes * _SECONDS_PER_MINUTE
    if not receipt.idle:
        return grace_s + _unsaid_s(tariff.idle_milli_per_minute)
    after_s = [seconds + 1 for seconds, is_after_grace in receipt.idle if is_after_grace]
    others_s = [seconds for seconds, is_after_grace in receipt.idle if not is_after_grace]
    return sum(after_s) + sum(others_s) + (grace_s if after_s else 0)


def _charging_s(receipt: Receipt, transaction: Transaction, tariff: Tariff) -> int:
    """The most that may be billed; what the receipt says where the clock was set back meanwhile."""
    passed_s = _seconds_between(transaction.key.started_at, transaction.stopped_at)
    if passed_s >= 0:
        return passed_s
    return receipt.charging_s or _unsaid_s(tariff.charging_milli_per_minute)


def _unsaid_s(milli_per_minute: int) -> int:
    """What costs less than one minor unit has no line."""
    if milli_per_minute == 0:
        return 0
    return math.ceil(_SECONDS_PER_MINUTE * _MILLI / milli_per_minute)


def _seconds_between(first: str, last: str | None) -> int:
    """With the one that has begun: prices with conditions are billed by the millisecond."""
    if last is None:
        return 0
    return math.ceil((utc_from_text(last) - utc_from_text(first)).total_seconds())
