"""Prices on a screen: those of now, and those the clock brings within a day. Pure; no words."""

from chargepoint.domain.pricing.tariff import MILLI, Component, Tariff
from chargepoint.domain.pricing.tariff_ahead import next_change
from chargepoint.domain.pricing.tariff_conditions import Moment

Prices = dict[str, str | int]

_COMING = {
    Component.ENERGY: "next_energy",
    Component.CHARGING_TIME: "next_charging",
    Component.IDLE_TIME: "next_idle",
    Component.FIXED_FEE: "next_session_minor",
    Component.RESERVATION_TIME: "next_reservation",
}
BEFORE_A_CHARGE = tuple(_COMING)
WHILE_CHARGING = (Component.ENERGY, Component.CHARGING_TIME)


def prices_of(tariff: Tariff) -> Prices:
    """Of a tariff without conditions: the prices of one moment."""
    return {
        "price_energy": tariff.energy_milli_per_kwh,
        "price_charging": tariff.charging_milli_per_minute,
        "price_idle": tariff.idle_milli_per_minute,
        "idle_grace_min": tariff.idle_grace_minutes,
        "price_session_minor": tariff.session_minor,
        "price_reservation": tariff.reservation_milli_per_minute,
    }


def coming_prices(tariff: Tariff, now: Moment, components: tuple[Component, ...]) -> Prices:
    """`next_at` and what each component that changes then will cost; nothing when none does."""
    change = next_change(tariff, now, components) if tariff.has_conditions else None
    if change is None:
        return {}
    found: Prices = {"next_at": f"{change.at:%H:%M}"}
    for component, milli in change.prices:
        is_fee = component is Component.FIXED_FEE
        found[_COMING[component]] = -(-milli // MILLI) if is_fee else milli
    return found
