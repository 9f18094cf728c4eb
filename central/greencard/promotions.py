"""Offers that come and go: for some days and hours, sites and plans. Pure.

Discounts are never added up: of everything that applies to a charge the one that makes it cheapest
counts alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from central.greencard.tariffs import Tariff, price_minor
from central.greencard.wording import Said, said

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# What offers of different kinds are compared by: a usual charge.
_USUAL_WH = 20_000
_USUAL_S = 3_600


@dataclass(frozen=True, slots=True)
class Hours:
    """When something holds. Both dates are included; an end of day not after its start lies on the
    next day; `days` are those of the moment itself. What is empty does not restrict.
    """

    from_date: str = ""
    until_date: str = ""
    days: tuple[str, ...] = ()
    start_time: str = ""
    end_time: str = ""

    def hold_at(self, local: datetime) -> bool:
        today = local.date().isoformat()
        return (
            self.from_date <= today <= (self.until_date or "9999-12-31")
            and (not self.days or DAYS[local.weekday()] in self.days)
            and self._hold_at_time(f"{local.hour:02}:{local.minute:02}")
        )

    def may_hold_within(self, local: datetime, days: int) -> bool:
        """Whether their dates allow some moment from `local` on, for so many days."""
        last = (local + timedelta(days=days)).date().isoformat()
        ends = self.until_date or "9999-12-31"
        return self.from_date <= min(last, ends) and local.date().isoformat() <= ends

    @property
    def named(self) -> tuple[str, str]:
        return self.start_time, self.end_time

    def _hold_at_time(self, now: str) -> bool:
        start, end = self.start_time or "00:00", self.end_time or "00:00"
        return start <= now < end if start < end else now >= start or now < end


ALWAYS = Hours()


@dataclass(frozen=True, slots=True)
class Promotion:
    """`percent` off the charge, or `milli_off_per_kwh` off its energy, in its hours.

    What is empty does not restrict. `sites`: names of places, or ids of points. `name` is also what it is
    known by; `words` is what customers read instead, where it differs by language.
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
    about: str = ""
    words: tuple[Said, ...] = ()

    def said(self, language: str) -> Said:
        return said(self.words, language, Said("", self.name, self.about))

    @property
    def hours(self) -> Hours:
        return Hours(self.from_date, self.until_date, self.days, self.start_time, self.end_time)

    def applies(self, occasion: "Occasion") -> bool:
        return self.hours.hold_at(occasion.local) and self.is_for(occasion)

    def is_for(self, occasion: "Occasion") -> bool:
        """Whether place and plan fit, whatever the clock says."""
        return (not self.sites or bool(set(self.sites) & set(occasion.places))) and (
            not self.plans or occasion.plan in self.plans
        )

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
    """A tariff, what it is owed to, and when it holds."""

    tariff: Tariff
    percent: int = 0
    reason: str = ""
    name: str = ""
    hours: Hours = ALWAYS


_TOLD_DAYS_AHEAD = 7  # no charge lasts longer


def offers(promotions: Iterable[Promotion], tariff: Tariff, occasion: Occasion) -> list[Offer]:
    """Those that may hold while a charge lasts that begins now."""
    return [
        Offer(each.on(tariff), each.percent, "promotion", each.name, each.hours)
        for each in promotions
        if each.is_for(occasion) and each.hours.may_hold_within(occasion.local, _TOLD_DAYS_AHEAD)
    ]


def by_price(candidates: Iterable[Offer]) -> list[Offer]:
    """Cheapest first, for a usual charge, as far as the first that always holds."""
    ordered = sorted(
        candidates,
        key=lambda offer: price_minor(offer.tariff, energy_wh=_USUAL_WH, charging_s=_USUAL_S),
    )
    last = next(place for place, offer in enumerate(ordered) if offer.hours == ALWAYS)
    return ordered[: last + 1]
