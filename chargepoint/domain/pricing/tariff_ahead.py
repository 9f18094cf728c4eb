"""What a tariff with conditions will ask: the next change of price, and how long money lasts. Pure.

All that can change a price within a day is known beforehand, so nothing is stepped through: times
of day that conditions name, midnight where they name days, and the session's own thresholds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chargepoint.domain.pricing.tariff import (
    Component,
    Consumption,
    Tariff,
    exact_price,
    room_within,
    weight_of,
)
from chargepoint.domain.pricing.tariff_conditions import (
    MINUTES_PER_DAY,
    MS_PER_MINUTE,
    ConditionalPrice,
    Moment,
)
from chargepoint.domain.units import Minor, Wh

_HORIZON_MS = MINUTES_PER_DAY * MS_PER_MINUTE  # further ahead nobody wants to know
_MS_PER_HOUR = 3_600_000
_MS_PER_S = 1000
_ENERGY, _TIME = Component.ENERGY, Component.CHARGING_TIME
_GRID_MINUTES = 30  # where clocks are put forward or back, it is on such a minute


@dataclass(frozen=True, slots=True)
class Change:
    """When prices change next, and the new price of each component that does, in milli."""

    at: datetime  # local
    prices: tuple[tuple[Component, int], ...]

    def milli(self, component: Component) -> int | None:
        return next((milli for found, milli in self.prices if found is component), None)


def next_change(tariff: Tariff, now: Moment, components: Iterable[Component]) -> Change | None:
    """The first change by the clock alone within a day; energy, power and times stay as they are."""
    watched = [each for each in components if tariff.prices(each)]
    before = [_milli(tariff, each, now) for each in watched]
    listed = [price for each in watched for price in tariff.prices(each)]
    for gone_ms in calendar_changes(listed, now.local, is_even=_is_even_day(now.local)):
        then = _moved(now, gone_ms)
        after = [_milli(tariff, each, then) for each in watched]
        if after != before:
            changed = zip(watched, before, after, strict=True)
            return Change(
                then.local, tuple((each, new) for each, old, new in changed if new != old)
            )
    return None


def seconds_within(
    tariff: Tariff, budget: Minor, used: Consumption, now: Moment, included: Wh = Wh(0)
) -> int | None:
    """How long `budget` lasts at the power of `now`, above 0 W; None if a day of it costs less."""
    room = room_within(budget, exact_price(tariff, used)) * _MS_PER_HOUR
    if room < 0:
        return 0
    if not tariff.has_conditions and included <= now.energy:
        rate = _rate_per_hour(tariff, now, included)
        return room // rate // _MS_PER_S if rate * _HORIZON_MS > room else None
    is_even = _is_even_day(now.local)
    begin_ms = 0
    for end_ms in (*_changes(tariff, now, included, is_even=is_even), _HORIZON_MS):
        span_ms = end_ms - begin_ms
        then = _charged(now, begin_ms, is_even=is_even)
        rate = _rate_per_hour(tariff, then, included)
        if rate * span_ms > room:
            return (begin_ms + room // rate) // _MS_PER_S
        room -= rate * span_ms
        begin_ms = end_ms
    return None


def calendar_changes(
    prices: Iterable[ConditionalPrice], local: datetime, *, is_even: bool
) -> list[int]:
    """Milliseconds from `local`, up to a day, at which the calendar may change one of `prices`."""
    named = {minute for price in prices for minute in price.conditions.named_minutes()}
    if not named:
        return []
    if not is_even:
        return _changes_of_a_short_or_long_day(named, local)
    now = local.hour * 60 + local.minute
    gaps = sorted((minute - now - 1) % MINUTES_PER_DAY + 1 for minute in named)
    return [gap * MS_PER_MINUTE - _into_minute_ms(local) for gap in gaps]


def _changes_of_a_short_or_long_day(named: set[int], local: datetime) -> list[int]:
    found, gone_ms, moment = [], 0, local
    while gone_ms < _HORIZON_MS:
        now = moment.hour * 60 + moment.minute
        gap = min(_GRID_MINUTES - now % _GRID_MINUTES, *(m - now for m in named if m > now), 30)
        gone_ms += gap * MS_PER_MINUTE - _into_minute_ms(moment)
        found.append(gone_ms)
        moment = _later(local, gone_ms)
    return found


def _changes(tariff: Tariff, now: Moment, included: Wh, *, is_even: bool) -> list[int]:
    """When some price may change while a vehicle draws the power of `now`, in order."""
    if not tariff.has_conditions and included <= now.energy:
        return []
    prices = (*tariff.energy, *tariff.charging_time)
    found = set(calendar_changes(prices, now.local, is_even=is_even))
    thresholds = [
        *((included,) if included > now.energy else ()),
        *_bounds_wh(tariff.energy, now.energy),
        *_bounds_wh(tariff.charging_time, now.energy),
    ]
    found.update(-(-(wh - now.energy) * _MS_PER_HOUR // now.power) for wh in thresholds)
    for prices in (tariff.energy, tariff.charging_time):
        found.update(_bounds_ms(prices, now.charging_ms))
    return sorted(ms for ms in found if 0 < ms < _HORIZON_MS)


def _bounds_wh(prices: tuple[ConditionalPrice, ...], so_far: int) -> Iterator[int]:
    for price in prices:
        for wh in (price.conditions.min_energy_wh, price.conditions.max_energy_wh):
            if wh is not None and wh > so_far:
                yield wh


def _bounds_ms(prices: tuple[ConditionalPrice, ...], so_far_ms: int) -> Iterator[int]:
    for price in prices:
        for s in (price.conditions.min_charging_time_s, price.conditions.max_charging_time_s):
            if s is not None:
                yield s * _MS_PER_S - so_far_ms


def _rate_per_hour(tariff: Tariff, moment: Moment, included: Wh) -> int:
    """Exact price of an hour at this moment's prices and power."""
    watt = int(moment.power) if moment.energy >= included else 0
    energy = _milli_of(tariff.energy, tariff.energy_milli_per_kwh, moment)
    time = _milli_of(tariff.charging_time, tariff.charging_milli_per_minute, moment)
    return weight_of(_ENERGY, energy, watt) + weight_of(_TIME, time, _MS_PER_HOUR)


def _milli(tariff: Tariff, component: Component, moment: Moment) -> int:
    return _milli_of(tariff.prices(component), tariff.base_milli(component), moment)


def _milli_of(prices: tuple[ConditionalPrice, ...], base: int, moment: Moment) -> int:
    """The first that holds."""
    for price in prices:
        if price.conditions.hold(moment):
            return price.milli
    return base


def _charged(now: Moment, gone_ms: int, *, is_even: bool) -> Moment:
    """`gone_ms` later, at the same power all the time; as the calendar sees it (no `fold`)."""
    if gone_ms == 0:
        return now
    return Moment(
        now.local + timedelta(milliseconds=gone_ms) if is_even else _later(now.local, gone_ms),
        Wh(now.energy + now.power * gone_ms // _MS_PER_HOUR),
        now.power,
        now.charging_ms + gone_ms,
        now.idle_ms,
    )


def _moved(now: Moment, gone_ms: int) -> Moment:
    local = _later(now.local, gone_ms)
    return Moment(local, now.energy, now.power, now.charging_ms, now.idle_ms)


def _later(local: datetime, gone_ms: int) -> datetime:
    """Through UTC: a day may have 23 or 25 hours."""
    return (local.astimezone(UTC) + timedelta(milliseconds=gone_ms)).astimezone(local.tzinfo)


def _is_even_day(local: datetime) -> bool:
    """Whether the clocks go on as they are for a day: then local hours may be counted as they are."""
    return local.utcoffset() == _later(local, _HORIZON_MS).utcoffset()


def _into_minute_ms(local: datetime) -> int:
    return local.second * _MS_PER_S + local.microsecond // _MS_PER_S
