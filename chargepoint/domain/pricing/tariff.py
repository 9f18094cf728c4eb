"""Price of a session in integer minor units, VAT included; the one rounding function.

Rates are integers in 1/1000 minor unit (a "milli"), per kWh and per minute, so 0.45 EUR/kWh is
45 000. Structure and names follow OCPP 2.1 `TariffType`; its own prices are net floats and stop at
the wire. Of each component the first conditional price that holds applies; the plain fields are
what holds when none does, so a tariff without conditions is these fields alone.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from chargepoint.domain.pricing.tariff_conditions import (
    BASE,
    ConditionalPrice,
    Conditions,
    Moment,
    place_of,
)
from chargepoint.domain.units import Minor, Wh
from chargepoint.quick import quickly_made

MILLI = 1000
_SECONDS_PER_MINUTE = 60
_WH_PER_KWH = 1000
SCALE = MILLI * _WH_PER_KWH * _SECONDS_PER_MINUTE
"""Exact prices are integers of minor / (1000 milli * 1000 Wh * 60 s)."""


class Component(StrEnum):
    """What has a price, by its name in OCPP 2.1 `TariffType`."""

    ENERGY = "energy"
    CHARGING_TIME = "chargingTime"
    IDLE_TIME = "idleTime"
    FIXED_FEE = "fixedFee"
    RESERVATION_TIME = "reservationTime"


# Exact price of one unit at one milli: a Wh, a millisecond, a session.
_WEIGHTS = {
    Component.ENERGY: _SECONDS_PER_MINUTE,
    Component.CHARGING_TIME: 1,
    Component.IDLE_TIME: 1,
    Component.FIXED_FEE: _WH_PER_KWH * _SECONDS_PER_MINUTE,
    Component.RESERVATION_TIME: 1,
}

Usage = tuple[tuple[Component, int, int], ...]
"""What was consumed at each price: component, place of the price, Wh or ms or sessions."""


@dataclass(frozen=True, slots=True)
class Tariff:
    """A copy of this is frozen into each session at its start. `zone`: where its hours are local."""

    currency: str = "EUR"
    vat_percent: int = 21
    energy_milli_per_kwh: int = 0
    charging_milli_per_minute: int = 0
    idle_milli_per_minute: int = 0
    idle_grace_minutes: int = 0
    session_minor: int = 0
    reservation_milli_per_minute: int = 0
    zone: str = "UTC"
    energy: tuple[ConditionalPrice, ...] = ()
    charging_time: tuple[ConditionalPrice, ...] = ()
    idle_time: tuple[ConditionalPrice, ...] = ()
    fixed_fee: tuple[ConditionalPrice, ...] = ()
    reservation_time: tuple[ConditionalPrice, ...] = ()

    def __post_init__(self) -> None:
        for name in (
            "energy_milli_per_kwh",
            "charging_milli_per_minute",
            "idle_milli_per_minute",
            "idle_grace_minutes",
            "session_minor",
            "reservation_milli_per_minute",
        ):
            if getattr(self, name) < 0:
                raise ValueError(f"tariff {name} is negative: {getattr(self, name)}")
        if not 0 <= self.vat_percent <= 100:
            raise ValueError(f"tariff vat_percent {self.vat_percent} is not within 0..100")

    @property
    def has_conditions(self) -> bool:
        return bool(
            self.energy
            or self.charging_time
            or self.idle_time
            or self.fixed_fee
            or self.reservation_time
        )

    @property
    def asks_idle_fee(self) -> bool:
        return self.idle_milli_per_minute > 0 or any(price.milli for price in self.idle_time)

    def prices(self, component: Component) -> tuple[ConditionalPrice, ...]:
        match component:
            case Component.ENERGY:
                return self.energy
            case Component.CHARGING_TIME:
                return self.charging_time
            case Component.IDLE_TIME:
                return self.idle_time
            case Component.FIXED_FEE:
                return self.fixed_fee
            case Component.RESERVATION_TIME:
                return self.reservation_time

    def base_milli(self, component: Component) -> int:
        """The price when no conditional one holds."""
        match component:
            case Component.ENERGY:
                return self.energy_milli_per_kwh
            case Component.CHARGING_TIME:
                return self.charging_milli_per_minute
            case Component.IDLE_TIME:
                return self.idle_milli_per_minute
            case Component.FIXED_FEE:
                return self.session_minor * MILLI
            case Component.RESERVATION_TIME:
                return self.reservation_milli_per_minute

    def milli(self, component: Component, place: int) -> int:
        if place == BASE:
            return self.base_milli(component)
        return self.prices(component)[place].milli

    def local(self, utc: datetime) -> datetime:
        return utc.astimezone(ZoneInfo(self.zone))

    def at(self, utc: datetime) -> "Tariff":
        """What a customer who starts now is told."""
        return self.at_moment(Moment(self.local(utc))) if self.has_conditions else self

    def at_moment(self, moment: Moment) -> "Tariff":
        """The prices of a moment of a session, as a tariff without conditions."""
        if not self.has_conditions:
            return self
        now = {each: self.milli(each, place_of(self.prices(each), moment)) for each in Component}
        return Tariff(
            currency=self.currency,
            vat_percent=self.vat_percent,
            energy_milli_per_kwh=now[Component.ENERGY],
            charging_milli_per_minute=now[Component.CHARGING_TIME],
            idle_milli_per_minute=now[Component.IDLE_TIME],
            idle_grace_minutes=self.idle_grace_minutes,
            session_minor=-(-now[Component.FIXED_FEE] // MILLI),
            reservation_milli_per_minute=now[Component.RESERVATION_TIME],
            zone=self.zone,
        )


def round_half_up(numerator: int, denominator: int) -> int:
    """The project's only rounding of money; call it once, last. Both arguments >= 0."""
    return (2 * numerator + denominator) // (2 * denominator)


@quickly_made
@dataclass(frozen=True, slots=True)
class Consumption:
    """What is billed: `energy` by the meter's register, times in whole seconds.

    `usage` says at which price, where prices have conditions (tariff_usage.py); it counts alone then.
    """

    energy: Wh = Wh(0)
    charging_s: int = 0
    idle_s: int = 0  # after charging ended, plugged; the tariff's grace is not yet taken off
    usage: Usage = ()
    reserved_s: int = 0  # the connector was kept for this customer before the start


def weight_of(component: Component, milli: int, amount: int) -> int:
    """Exact price of `amount` Wh, ms or sessions at `milli`."""
    return milli * amount * _WEIGHTS[component]


def exact_price(tariff: Tariff, used: Consumption) -> int:
    """In units of minor / SCALE."""
    if tariff.has_conditions:
        return sum(
            weight_of(component, tariff.milli(component, place), amount)
            for component, place, amount in used.usage
        )
    billed_idle_s = max(0, used.idle_s - tariff.idle_grace_minutes * _SECONDS_PER_MINUTE)
    energy = used.energy * tariff.energy_milli_per_kwh * _SECONDS_PER_MINUTE
    charging = used.charging_s * tariff.charging_milli_per_minute * _WH_PER_KWH
    idle = billed_idle_s * tariff.idle_milli_per_minute * _WH_PER_KWH
    fee = tariff.session_minor * MILLI * _WH_PER_KWH * _SECONDS_PER_MINUTE
    reserved = used.reserved_s * tariff.reservation_milli_per_minute * _WH_PER_KWH
    return energy + charging + idle + fee + reserved


def price(tariff: Tariff, used: Consumption) -> Minor:
    """Gross price of `used`, rounded half up once."""
    return rounded(exact_price(tariff, used))


def rounded(exact: int) -> Minor:
    return Minor(round_half_up(exact, SCALE))


def itemised(tariff: Tariff, used: Consumption) -> list[tuple[Component, int, int, Minor]]:
    """`used` by price: component, place, quantity, amount. The amounts add up to `price`.

    Each is cut to whole minor units; what the one rounding leaves goes to the largest remainders.
    """
    exact = [weight_of(c, tariff.milli(c, place), quantity) for c, place, quantity in used.usage]
    shares = [part // SCALE for part in exact]
    left = rounded(sum(exact)) - sum(shares)
    by_remainder = sorted(range(len(exact)), key=lambda i: (-(exact[i] % SCALE), i))
    for position in by_remainder[:left]:
        shares[position] += 1
    return [(*part, Minor(share)) for part, share in zip(used.usage, shares, strict=True)]


def room_within(budget: Minor, exact: int) -> int:
    """What may still be added to an exact price so that it is not rounded above `budget`."""
    # round_half_up(x) <= budget  <=>  2x + SCALE < 2 (budget + 1) SCALE
    return (2 * (budget + 1) * SCALE - SCALE - 1 - 2 * exact) // 2


def energy_within(tariff: Tariff, budget: Minor, used: Consumption) -> Wh | None:
    """Whole Wh that may still flow so that `price` stays within `budget`; None if energy is free.

    With conditions it counts at the highest energy price, so that no change of price exceeds it.
    """
    milli = max(tariff.energy_milli_per_kwh, *(price.milli for price in tariff.energy), 0)
    if milli == 0:
        return None
    room = room_within(budget, exact_price(tariff, used))
    return Wh(max(0, room) // weight_of(Component.ENERGY, milli, 1))


def vat_of(tariff: Tariff, gross: Minor) -> Minor:
    """The VAT contained in a gross amount, rounded half up."""
    return Minor(round_half_up(gross * tariff.vat_percent, 100 + tariff.vat_percent))


_CONDITIONAL = ("energy", "charging_time", "idle_time", "fixed_fee", "reservation_time")


def load_tariff(body: dict[str, Any]) -> Tariff:
    """A tariff as it was saved; one that was saved without conditions has none."""
    lists = {name: tuple(_load_price(each) for each in body.get(name, ())) for name in _CONDITIONAL}
    return Tariff(**{**body, **lists})


def _load_price(body: dict[str, Any]) -> ConditionalPrice:
    found = dict(body["conditions"])
    found["day_of_week"] = tuple(found["day_of_week"])
    return ConditionalPrice(body["milli"], Conditions(**found))
