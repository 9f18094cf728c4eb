"""Price of a session in integer minor units, VAT included; the one rounding function.

Rates are integers in 1/1000 minor unit (a "milli"), per kWh and per minute, so 0.45 EUR/kWh is
45 000. Names follow OCPP 2.1 `TariffType`; its own prices are net floats and stop at the wire.
"""

from dataclasses import dataclass

from chargepoint.domain.units import Minor, Wh

MILLI = 1000


@dataclass(frozen=True, slots=True)
class Tariff:
    """A copy of this is frozen into each session at its start."""

    currency: str = "EUR"
    vat_percent: int = 21
    energy_milli_per_kwh: int = 0
    charging_milli_per_minute: int = 0
    idle_milli_per_minute: int = 0
    idle_grace_minutes: int = 0
    session_minor: int = 0

    def __post_init__(self) -> None:
        for name in (
            "energy_milli_per_kwh",
            "charging_milli_per_minute",
            "idle_milli_per_minute",
            "idle_grace_minutes",
            "session_minor",
        ):
            if getattr(self, name) < 0:
                raise ValueError(f"tariff {name} is negative: {getattr(self, name)}")
        if not 0 <= self.vat_percent <= 100:
            raise ValueError(f"tariff vat_percent {self.vat_percent} is not within 0..100")


def round_half_up(numerator: int, denominator: int) -> int:
    """The project's only rounding of money; call it once, last. Both arguments >= 0."""
    return (2 * numerator + denominator) // (2 * denominator)


@dataclass(frozen=True, slots=True)
class Consumption:
    """What is billed: `energy` by the meter's register, times in whole seconds."""

    energy: Wh = Wh(0)
    charging_s: int = 0
    idle_s: int = 0  # after charging ended, plugged; the tariff's grace is not yet taken off


_SECONDS_PER_MINUTE = 60
_WH_PER_KWH = 1000


def _exact(tariff: Tariff, used: Consumption) -> int:
    """Price in units of minor / (1000 milli * 1000 Wh * 60 s); exact."""
    billed_idle_s = max(0, used.idle_s - tariff.idle_grace_minutes * _SECONDS_PER_MINUTE)
    energy = used.energy * tariff.energy_milli_per_kwh * _SECONDS_PER_MINUTE
    charging = used.charging_s * tariff.charging_milli_per_minute * _WH_PER_KWH
    idle = billed_idle_s * tariff.idle_milli_per_minute * _WH_PER_KWH
    fee = tariff.session_minor * MILLI * _WH_PER_KWH * _SECONDS_PER_MINUTE
    return energy + charging + idle + fee


_SCALE = MILLI * _WH_PER_KWH * _SECONDS_PER_MINUTE


def price(tariff: Tariff, used: Consumption) -> Minor:
    """Gross price of `used`, rounded half up once."""
    return Minor(round_half_up(_exact(tariff, used), _SCALE))


def energy_within(tariff: Tariff, budget: Minor, used: Consumption) -> Wh | None:
    """Whole Wh that may still flow so that `price` stays within `budget`; None if energy is free."""
    if tariff.energy_milli_per_kwh == 0:
        return None
    # round_half_up(x) <= budget  <=>  2x + scale < 2 (budget + 1) scale
    room = 2 * (budget + 1) * _SCALE - _SCALE - 1 - 2 * _exact(tariff, used)
    if room < 0:
        return Wh(0)
    return Wh(room // (2 * tariff.energy_milli_per_kwh * _SECONDS_PER_MINUTE))


def vat_of(tariff: Tariff, gross: Minor) -> Minor:
    """The VAT contained in a gross amount, rounded half up."""
    return Minor(round_half_up(gross * tariff.vat_percent, 100 + tariff.vat_percent))
