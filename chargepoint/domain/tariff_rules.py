"""What is wrong with a price list before anybody pays by it, with a remedy for each.

A finding is an error where the law or sense forbids the tariff, else a warning. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from chargepoint.domain.tariff import Component, Tariff
from chargepoint.domain.tariff_conditions import DAYS, ConditionalPrice, Conditions
from chargepoint.domain.units import Watt

FAST_W = 50_000
"""From here the ad-hoc price is per kWh, and an occupancy fee per minute at most (AFIR Art. 5(4))."""

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
}


def findings(tariff: Tariff, max_power: Watt) -> tuple[Finding, ...]:
    """Errors first. `max_power`: of the connector, or of the station where they share it."""
    found = [*_whole(tariff)]
    if max_power >= FAST_W:
        found += _fast(tariff)
    for component, key in _LISTS.items():
        found += _list(key, tariff.prices(component), tariff.base_milli(component), max_power)
    return tuple(sorted(found, key=lambda each: not each.is_error))


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
    if any(not price.conditions.is_of_the_calendar for price in tariff.fixed_fee):
        yield Finding(
            "session_rules",
            "the fee of a session is chosen at its start, where power, energy and times are zero",
            "use times of day, days and dates only",
            is_error=True,
        )


def _fast(tariff: Tariff) -> Iterator[Finding]:
    """AFIR, Regulation (EU) 2023/1804 Art. 5(4), from 50 kW."""
    at = f"at {FAST_W // 1000} kW and more"
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
                f"never holds: it needs {low} W, the station has {max_power} W",
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
