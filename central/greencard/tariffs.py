"""Price lists and what a charge costs by them. Pure.

Money is integers in minor units; rates are integers in 1/1000 minor unit per kWh or per minute,
VAT included, so 0.45 EUR/kWh is 45 000.
"""

from dataclasses import dataclass, replace

_MILLI = 1000
_WH_PER_KWH = 1000
_SECONDS_PER_MINUTE = 60
_SCALE = _MILLI * _WH_PER_KWH * _SECONDS_PER_MINUTE


def round_half_up(numerator: int, denominator: int) -> int:
    """The only rounding of money here. Both arguments >= 0."""
    return (2 * numerator + denominator) // (2 * denominator)


@dataclass(frozen=True, slots=True)
class Tariff:
    """Gross price list; field for field what `GreenCard.Account` carries as `tariff`."""

    currency: str = "EUR"
    vat_percent: int = 21
    energy_milli_per_kwh: int = 41_000
    charging_milli_per_minute: int = 0
    idle_milli_per_minute: int = 0
    idle_grace_minutes: int = 0
    session_minor: int = 0
    reservation_milli_per_minute: int = 0

    def __post_init__(self) -> None:
        rates = (
            self.energy_milli_per_kwh,
            self.charging_milli_per_minute,
            self.idle_milli_per_minute,
            self.idle_grace_minutes,
            self.session_minor,
            self.reservation_milli_per_minute,
        )
        if min(rates) < 0 or not 0 <= self.vat_percent <= 100:
            raise ValueError(f"tariff out of range: {self}")

    def less(self, percent: int) -> "Tariff":
        """The same list with the charge itself `percent` cheaper; idle time is never cheaper."""
        left = 100 - percent
        return replace(
            self,
            energy_milli_per_kwh=round_half_up(self.energy_milli_per_kwh * left, 100),
            charging_milli_per_minute=round_half_up(self.charging_milli_per_minute * left, 100),
            session_minor=round_half_up(self.session_minor * left, 100),
        )

    def less_per_kwh(self, milli: int) -> "Tariff":
        return replace(self, energy_milli_per_kwh=max(0, self.energy_milli_per_kwh - milli))


def price_minor(
    tariff: Tariff, *, energy_wh: int, charging_s: int = 0, idle_s: int = 0, reserved_s: int = 0
) -> int:
    """Gross price, rounded half up once; `idle_s` still contains the tariff's grace."""
    billed_idle_s = max(0, idle_s - tariff.idle_grace_minutes * _SECONDS_PER_MINUTE)
    exact = (
        energy_wh * tariff.energy_milli_per_kwh * _SECONDS_PER_MINUTE
        + charging_s * tariff.charging_milli_per_minute * _WH_PER_KWH
        + billed_idle_s * tariff.idle_milli_per_minute * _WH_PER_KWH
        + tariff.session_minor * _SCALE
        + reserved_s * tariff.reservation_milli_per_minute * _WH_PER_KWH
    )
    return round_half_up(exact, _SCALE)
