"""What is wrong with a price list before anybody pays by it, with a remedy for each.

A finding is an error where the law or sense forbids the tariff, else a warning. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chargepoint.domain.pricing.tariff import Component, Tariff
from chargepoint.domain.pricing.tariff_conditions import DAYS, ConditionalPrice, Conditions
from chargepoint.domain.units import Watt

FAST_W = 50_000
"""From here the ad-hoc price is per kWh, and an occupancy fee per minute at most (AFIR Art. 5(4)).

It counts for each connector by itself: what two of them share does not make either of them fast.
"""

_FOREVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Finding:
    """`key`: the setting it is about, below `tariff`."""

    key: str
    text: str
    remedy: str
    is_error: bool = False


_LISTS = {
    Component.ENERGY: "energy_rules",
    Component.CHARGING_TIME: "charging_rules",
    Component.IDLE_TIME: "idle_rules",
    Component.FIXED_FEE: "session_rules",
    Component.RESERVATION_TIME: "reservation_rules",
}


def findings(tariff: Tariff, powers: Sequence[Watt]) -> tuple[Finding, ...]:
    """Errors first. `powers`: what each connector can give, from connector 1 on."""
    found = [*_whole(tariff)]
    if fast := [number for number, power in enumerate(powers, start=1) if power >= FAST_W]:
        found += _fast(tariff, _where(fast, powers))
    for component, key in _LISTS.items():
        found += _list(key, tariff.prices(component), tariff.base_milli(component), max(powers))
    return tuple(sorted(found, key=lambda each: not each.is_error))


def _where(fast: Sequence[int], powers: Sequence[Watt]) -> str:
    """As `at connector 2 (150 kW; the rule begins at 50 kW)`."""
    named = " and ".join(f"{number} ({_kw(powers[number - 1])} kW)" for number in fast)
    return f"at connector {named}, because it gives {_kw(FAST_W)} kW and more"


def _kw(watt: int) -> str:
    return f"{watt / 1000:g}"


def _whole(tariff: Tariff) -> Iterator[Finding]:
    is_free = not any(_highest(tariff, component) for component in _LISTS)
    if is_free:
        yield Finding("energy", "everything is free", "set tariff.energy if it should not be")
    if tariff.idle_grace_minutes and not tariff.asks_idle_fee:
        yield Finding(
            "idle_grace",
            "a grace without an idle fee has no effect",
            "set tariff.idle_minute, or remove tariff.idle_grace",
        )
    for component in (Component.FIXED_FEE, Component.RESERVATION_TIME):
        listed = tariff.prices(component)
        if any(not price.conditions.is_of_the_calendar for price in listed):
            yield Finding(
                _LISTS[component],
                "it counts at or before a session's start, where power, energy and times are zero",
                "use times of day, days and dates only",
                is_error=True,
            )


def _fast(tariff: Tariff, at: str) -> Iterator[Finding]:
    """AFIR, Regulation (EU) 2023/1804 Art. 5(4), from 50 kW of a connector."""
    if _highest(tariff, Component.FIXED_FEE):
        yield Finding(
            "session",
            f"no fee for a session {at}: the ad-hoc price is per kWh",
            "set tariff.session = 0 and remove tariff.session_rules",
            is_error=True,
        )
    if tariff.charging_milli_per_minute or any(
        price.milli and not price.conditions.min_charging_time_s for price in tariff.charging_time
    ):
        yield Finding(
            "charging_minute",
            f"no price for the time of charging {at}: only an occupancy fee may be per minute",
            "set tariff.charging_minute = 0; use tariff.idle_minute, or"
            " tariff.charging_rules with min_charging_time_s",
            is_error=True,
        )
    time_costs = _highest(tariff, Component.CHARGING_TIME) or _highest(tariff, Component.IDLE_TIME)
    if time_costs and not _highest(tariff, Component.ENERGY):
        yield Finding(
            "energy",
            f"an occupancy fee {at} needs a price per kWh beside it",
            "set tariff.energy",
            is_error=True,
        )


def _highest(tariff: Tariff, component: Component) -> int:
    listed = (price.milli for price in tariff.prices(component))
    return max(tariff.base_milli(component), *listed, 0)


def _list(
    key: str, prices: tuple[ConditionalPrice, ...], base: int, max_power: Watt
) -> Iterator[Finding]:
    for place, price in enumerate(prices):
        name = f"{key}.{place}"
        low = price.conditions.min_power_w
        if low is not None and low > max_power:
            yield Finding(
                name,
                f"never holds: it needs {low} W, no connector gives more than {max_power} W",
                "correct min_power_w, or remove the price",
            )
            continue
        yield from _against_earlier(name, price, prices[:place])
    if prices and prices[-1].conditions == Conditions() and base:
        yield Finding(
            key,
            "its last price holds always, so the plain price never does",
            f"give the last of tariff.{key} a condition, or remove it and set the plain price",
        )


def _against_earlier(
    name: str, price: ConditionalPrice, earlier: tuple[ConditionalPrice, ...]
) -> Iterator[Finding]:
    for place, other in enumerate(earlier):
        if _covers(other.conditions, price.conditions):
            yield Finding(
                name,
                f"unreachable: price {place} of the list holds whenever this one does",
                "put the narrower price first, or remove it",
            )
            return
        if other.milli != price.milli and _meet(other.conditions, price.conditions):
            yield Finding(
                name,
                f"overlaps with price {place} of the list, which counts where both hold",
                "nothing to do if that is meant; else make their conditions exclusive",
            )
            return


def _covers(wide: Conditions, narrow: Conditions) -> bool:
    """Whether `wide` holds whenever `narrow` does."""
    return (
        narrow.minutes() & ~wide.minutes() == 0
        and _days(narrow) <= _days(wide)
        and all(
            low <= other_low and other_high <= high
            for (low, high), (other_low, other_high) in zip(
                _spans(wide), _spans(narrow), strict=True
            )
        )
    )


def _meet(one: Conditions, other: Conditions) -> bool:
    return (
        one.minutes() & other.minutes() != 0
        and bool(_days(one) & _days(other))
        and all(
            low < other_high and other_low < high
            for (low, high), (other_low, other_high) in zip(_spans(one), _spans(other), strict=True)
        )
    )


def _days(conditions: Conditions) -> frozenset[str]:
    return frozenset(conditions.day_of_week or DAYS)


def _spans(conditions: Conditions) -> list[tuple[int, int]]:
    """Dates and ranges as half-open spans of numbers."""
    first, last = conditions.valid_from_date, conditions.valid_to_date
    dates = (_number(first) if first else 0, _number(last) if last else _FOREVER)
    return [
        dates,
        *((low or 0, _FOREVER if high is None else high) for low, high in conditions.ranges),
    ]


def _number(date: str) -> int:
    return int(date.replace("-", ""))
