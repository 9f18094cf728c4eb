"""Offers that come and go: for some days and hours, sites and plans. Pure.

Discounts are never added up: of everything that applies to a charge the one that makes it cheapest
counts alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from central.tariffs import Tariff, price_minor

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# What offers of different kinds are compared by: a usual charge.
_USUAL_WH = 20_000
_USUAL_S = 3_600


@dataclass(frozen=True, slots=True)
class Promotion:
    """`percent` off the charge, or `milli_off_per_kwh` off its energy.

    Both dates are included; an end of day not after its start lies on the next day. What is empty
    does not restrict. `sites`: names of places, or ids of points.
    """

    name: str
    percent: int = 0
    milli_off_per_kwh: int = 0
    from_date: str = ""
    until_date: str = ""
    days: tuple[str, ...] = ()
    start_time: str = ""
    end_time: str = ""
    sites: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()

    def applies(self, occasion: "Occasion") -> bool:
        local = occasion.local
        today = local.date().isoformat()
        return (
            self.from_date <= today <= (self.until_date or "9999-12-31")
            and (not self.days or DAYS[local.weekday()] in self.days)
            and self._holds_at(f"{local.hour:02}:{local.minute:02}")
            and (not self.sites or bool(set(self.sites) & set(occasion.places)))
            and (not self.plans or occasion.plan in self.plans)
        )

    def _holds_at(self, now: str) -> bool:
        start, end = self.start_time or "00:00", self.end_time or "00:00"
        return start <= now < end if start < end else now >= start or now < end

    def on(self, tariff: Tariff) -> Tariff:
        return tariff.less(self.percent).less_per_kwh(self.milli_off_per_kwh)


@dataclass(frozen=True, slots=True)
class Occasion:
    """When and where a card charges. `places`: what its point and its site are called."""

    local: datetime
    places: tuple[str, ...] = ()
    plan: str = "prepaid"


@dataclass(frozen=True, slots=True)
class Offer:
    """A tariff and what it is owed to."""

    tariff: Tariff
    percent: int = 0
    reason: str = ""
    name: str = ""


def offers(promotions: Iterable[Promotion], tariff: Tariff, occasion: Occasion) -> list[Offer]:
    return [
        Offer(each.on(tariff), each.percent, "promotion", each.name)
        for each in promotions
        if each.applies(occasion)
    ]


def cheapest(candidates: Iterable[Offer]) -> Offer:
    """The first of those that make a usual charge cheapest."""
    return min(
        candidates,
        key=lambda offer: price_minor(offer.tariff, energy_wh=_USUAL_WH, charging_s=_USUAL_S),
    )
