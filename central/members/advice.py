"""One honest suggestion: would another plan have been cheaper last month? Pure.

Only what was really charged is counted, and only a saving worth a change is told; staying is advised
as honestly as changing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from central.clock import utc_from_text
from central.greencard.tariffs import round_half_up
from central.members.wallet import Charge

_WORTH_MINOR = 200
_MILLI_WH = 1_000_000


@dataclass(frozen=True, slots=True)
class FlatRate:
    """The operator's standing offer. `monthly_wh` None: unlimited; beyond it the price per kWh."""

    monthly_fee_minor: int
    monthly_wh: int | None
    beyond_milli_per_kwh: int

    def cost_minor(self, energy_wh: int) -> int:
        beyond_wh = 0 if self.monthly_wh is None else max(0, energy_wh - self.monthly_wh)
        return self.monthly_fee_minor + round_half_up(
            beyond_wh * self.beyond_milli_per_kwh, _MILLI_WH
        )


@dataclass(frozen=True, slots=True)
class Advice:
    """`saving_minor`: what the flat rate would have saved in `month`; below zero, what it would
    have cost more.
    """

    month: str
    saving_minor: int

    @property
    def is_worth_it(self) -> bool:
        return self.saving_minor >= _WORTH_MINOR


def advise(
    charges: Iterable[Charge], offer: FlatRate | None, now: datetime, timezone: str
) -> Advice | None:
    """About the month that has ended; None without an offer or without a charge."""
    if offer is None:
        return None
    zone = ZoneInfo(timezone)
    month = _month_before(now.astimezone(zone))
    of_month = [
        charge
        for charge in charges
        if charge.total_minor is not None
        and f"{utc_from_text(charge.started_at).astimezone(zone):%Y-%m}" == month
    ]
    if not of_month:
        return None
    paid = sum(charge.total_minor or 0 for charge in of_month)
    energy_wh = sum(charge.energy_wh for charge in of_month)
    return Advice(month, paid - offer.cost_minor(energy_wh))


def _month_before(local: datetime) -> str:
    year, month = (local.year - 1, 12) if local.month == 1 else (local.year, local.month - 1)
    return f"{year:04}-{month:02}"
