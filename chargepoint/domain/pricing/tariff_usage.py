"""What a session consumes at each price of a tariff with conditions. Pure, exact, in integers.

    meter  ─ Wh ─► add_energy ─┐
    clock  ─ ms ─► add_time  ──┴─► Usage ((component, place, amount), …) ─► tariff.price, once

Energy counts at the price of the reading before it, when it began to flow: what a meter reports
after a power cut or a stop is not billed at a price that came later. Time is cut at every change of
price. Nothing is added to a tariff without conditions: there the session's totals are enough.
"""

from collections.abc import Iterator
from dataclasses import replace

from chargepoint.domain.pricing.tariff import (
    Component,
    Consumption,
    Tariff,
    Usage,
    exact_price,
    rounded,
    weight_of,
)
from chargepoint.domain.pricing.tariff_conditions import (
    MS_PER_MINUTE,
    Moment,
    highest,
    place_of,
)
from chargepoint.domain.units import Minor, Wh

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
        left = Wh(left - step)
        if left:
            moment = replace(moment, energy=Wh(moment.energy + step))
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
        left -= step
        if left:
            moment = _later(moment, component, step)
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
