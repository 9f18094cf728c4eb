"""What a session consumes at each price of a tariff with conditions. Pure, exact, in integers.

    meter  ─ Wh ─► add_energy ─┐
    clock  ─ ms ─► add_time  ──┴─► Usage ((component, place, amount), …) ─► tariff.price, once

Energy counts at the price of the reading before it, when it began to flow: what a meter reports
after a power cut or a stop is not billed at a price that came later. Time is cut at every change of
price. Nothing is added to a tariff without conditions: there the session's totals are enough.
"""

from collections.abc import Iterator
from dataclasses import replace

from chargepoint.domain.tariff import (
    Component,
    Consumption,
    Tariff,
    Usage,
    exact_price,
    room_within,
    rounded,
    weight_of,
)
from chargepoint.domain.tariff_conditions import (
    MS_PER_MINUTE,
    Conditions,
    Moment,
    highest,
    place_of,
)
from chargepoint.domain.units import Minor, Wh

_HORIZON_MS = 24 * 60 * MS_PER_MINUTE  # further ahead nobody wants to know what money lasts for
_MS_PER_HOUR = 3_600_000
_MS_PER_S = 1000


def opened(tariff: Tariff, start: Moment) -> Usage:
    """The fee of a session is the one that holds at its start."""
    if not tariff.has_conditions:
        return ()
    return _added((), Component.FIXED_FEE, place_of(tariff.fixed_fee, start), 1)


def add_energy(
    usage: Usage, tariff: Tariff, before: Moment, *, energy: Wh, included: Wh = Wh(0)
) -> Usage:
    """`energy` more since the reading of `before`; `included`: of the session, that costs nothing."""
    moment, left = before, energy
    while left > 0:
        step = min(left, _wh_to_change(tariff, moment.energy, included))
        if moment.energy >= included:
            place = place_of(tariff.energy, moment)
            usage = _added(usage, Component.ENERGY, place, step)
        moment = replace(moment, energy=Wh(moment.energy + step))
        left = Wh(left - step)
    return usage


def add_time(
    usage: Usage, tariff: Tariff, component: Component, before: Moment, gone_ms: int
) -> Usage:
    """`gone_ms` more since `before`, at every price that held in that time; the grace is free."""
    moment, left = before, gone_ms
    grace_ms = tariff.idle_grace_minutes * MS_PER_MINUTE
    while left > 0:
        step = min(left, _ms_to_change(tariff, component, moment))
        if component is not Component.IDLE_TIME or moment.idle_ms >= grace_ms:
            usage = _added(usage, component, place_of(tariff.prices(component), moment), step)
        moment = _later(moment, component, step)
        left -= step
    return usage


def price_ahead(
    tariff: Tariff, used: Consumption, first: Moment, last: Moment, *, billed: Wh
) -> Minor:
    """The most that `used` and a charge from `first` to `last` may cost, whatever price holds.

    The two are at most a minute apart. `billed`: of the energy between them, what is not included.
    """
    time_ms = last.charging_ms - first.charging_ms
    more = 0
    for component, amount in ((Component.ENERGY, billed), (Component.CHARGING_TIME, time_ms)):
        prices, base = tariff.prices(component), tariff.base_milli(component)
        more += weight_of(component, highest(prices, base, first, last), amount)
    return rounded(exact_price(tariff, used) + more)


def seconds_within(
    tariff: Tariff, budget: Minor, used: Consumption, now: Moment, included: Wh = Wh(0)
) -> int | None:
    """How long `budget` lasts at the power of `now`; None if a day of it costs less."""
    room = room_within(budget, exact_price(tariff, used)) * _MS_PER_HOUR
    if room < 0:
        return 0
    passed_ms = 0
    for moment, span_ms in _pieces(tariff, now, included):
        rate = _rate_per_hour(tariff, moment, included)
        if rate * span_ms > room:
            return (passed_ms + room // rate) // _MS_PER_S
        room -= rate * span_ms
        passed_ms += span_ms
    return None


def _rate_per_hour(tariff: Tariff, moment: Moment, included: Wh) -> int:
    """Exact price of an hour at this moment's prices and power."""
    found = 0
    for component, amount in (
        (Component.ENERGY, int(moment.power) if moment.energy >= included else 0),
        (Component.CHARGING_TIME, _MS_PER_HOUR),
    ):
        place = place_of(tariff.prices(component), moment)
        found += weight_of(component, tariff.milli(component, place), amount)
    return found


def _pieces(tariff: Tariff, now: Moment, included: Wh) -> Iterator[tuple[Moment, int]]:
    """The next day in spans during which no price changes, while the power stays the same."""
    moment, passed_ms = now, 0
    while passed_ms < _HORIZON_MS:
        to_threshold = _wh_to_change(tariff, moment.energy, included)
        span = -(-to_threshold * _MS_PER_HOUR // moment.power)
        span = min(span, _ms_to_calendar_change(tariff, moment), _HORIZON_MS - passed_ms)
        span = min(span, _ms_to_threshold(tariff, Component.CHARGING_TIME, moment))
        yield moment, span
        flowed = Wh(moment.energy + moment.power * span // _MS_PER_HOUR)
        moment = replace(_later(moment, Component.CHARGING_TIME, span), energy=flowed)
        passed_ms += span


def _added(usage: Usage, component: Component, place: int, amount: int) -> Usage:
    for position, (known, known_place, so_far) in enumerate(usage):
        if known is component and known_place == place:
            grown = (component, place, so_far + amount)
            return (*usage[:position], grown, *usage[position + 1 :])
    return (*usage, (component, place, amount))


def _later(moment: Moment, component: Component, gone_ms: int) -> Moment:
    local = moment.at(gone_ms)
    if component is Component.CHARGING_TIME:
        return replace(moment, local=local, charging_ms=moment.charging_ms + gone_ms)
    if component is Component.IDLE_TIME:
        return replace(moment, local=local, idle_ms=moment.idle_ms + gone_ms)
    return replace(moment, local=local)


_NEVER = 1 << 62


def _next_above(value: int, thresholds: Iterator[int | None]) -> int:
    """How far the next of them is."""
    return min((t - value for t in thresholds if t is not None and t > value), default=_NEVER)


def _wh_to_change(tariff: Tariff, energy: Wh, included: Wh) -> Wh:
    bounds = (
        bound
        for price in tariff.energy
        for bound in (price.conditions.min_energy_wh, price.conditions.max_energy_wh)
    )
    return Wh(min(_next_above(energy, bounds), included - energy if included > energy else _NEVER))


def _ms_to_change(tariff: Tariff, component: Component, moment: Moment) -> int:
    """Prices change at full minutes of the clock, and where a session's own time passes a bound."""
    if not tariff.prices(component):
        return _ms_to_grace(tariff, component, moment)
    into_minute = moment.local.second * _MS_PER_S + moment.local.microsecond // _MS_PER_S
    return min(
        MS_PER_MINUTE - into_minute,
        _ms_to_threshold(tariff, component, moment),
        _ms_to_grace(tariff, component, moment),
    )


def _ms_to_grace(tariff: Tariff, component: Component, moment: Moment) -> int:
    grace_ms = tariff.idle_grace_minutes * MS_PER_MINUTE
    if component is Component.IDLE_TIME and moment.idle_ms < grace_ms:
        return grace_ms - moment.idle_ms
    return _NEVER


def _ms_to_threshold(tariff: Tariff, component: Component, moment: Moment) -> int:
    found = [price.conditions for price in tariff.prices(component)]
    if component is Component.IDLE_TIME:
        bounds = [b for c in found for b in (c.min_idle_time_s, c.max_idle_time_s)]
        so_far = moment.idle_ms
    else:
        bounds = [b for c in found for b in (c.min_charging_time_s, c.max_charging_time_s)]
        so_far = moment.charging_ms
    return _next_above(so_far, (None if b is None else b * _MS_PER_S for b in bounds))


def _ms_to_calendar_change(tariff: Tariff, moment: Moment) -> int:
    """Until a time of day that a condition names, or the next half hour: a night in which the
    clock is put forward or back changes it then.
    """
    if not tariff.energy and not tariff.charging_time:
        return _NEVER
    local = moment.local
    now = local.hour * 60 + local.minute
    named = [
        _minute_of(written)
        for price in (*tariff.energy, *tariff.charging_time)
        for written in _times_of(price.conditions)
    ]
    gaps = [30 - now % 30, *(minute - now for minute in named if minute > now)]
    into_minute = local.second * _MS_PER_S + local.microsecond // _MS_PER_S
    return min(gaps) * MS_PER_MINUTE - into_minute


def _times_of(conditions: Conditions) -> tuple[str, ...]:
    written = (conditions.start_time_of_day, conditions.end_time_of_day)
    return tuple(each for each in written if each)


def _minute_of(written: str) -> int:
    hours, minutes = written.split(":")
    return int(hours) * 60 + int(minutes)
