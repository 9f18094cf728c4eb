"""Rules of the Green Card account: effective price, loyalty, points, flat rates. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from central.clock import utc_text
from central.greencard.conditional import TimedTariff
from central.greencard.promotions import Occasion, Offer, Promotion, by_price, offers
from central.greencard.tariffs import Tariff


@dataclass(frozen=True, slots=True)
class Programme:
    """The operator's standing offer. `loyalty_every` 0 switches the loyalty discount off.

    `points_valid_days` 0: points do not expire. `exchange_from`, `exchange_until`: the days of each
    year in which packs are had for points, both included, as month and day: 1201 is 1 December.
    `timezone`: where days, hours and months are meant.
    """

    loyalty_every: int = 10
    loyalty_percent: int = 10
    points_per_euro: int = 10
    points_valid_days: int = 0
    exchange_from: int = 1201
    exchange_until: int = 106
    promotions: tuple[Promotion, ...] = ()
    timezone: str = "Europe/Madrid"

    def points_for(self, total_minor: int) -> int:
        return total_minor * self.points_per_euro // 100

    def points_expire_at(self, earned: datetime) -> str | None:
        if self.points_valid_days == 0:
            return None
        return utc_text(earned + timedelta(days=self.points_valid_days))


@dataclass(frozen=True, slots=True)
class Plan:
    """`prepaid`, or `flatRate` with its included energy left; None means unlimited.

    A flat rate with a fee or a monthly energy is paid for month by month: `month` (`2026-11`) is the
    newest one paid. Both dates are included.
    """

    kind: str = "prepaid"
    wh_left: int | None = None
    monthly_fee_minor: int = 0
    monthly_wh: int | None = None
    from_date: str = ""
    until_date: str = ""
    month: str = ""

    @property
    def is_monthly(self) -> bool:
        return self.monthly_fee_minor > 0 or self.monthly_wh is not None

    def is_booked_on(self, local: datetime) -> bool:
        """Whether the holder has this flat rate on that day, paid or not."""
        today = local.date().isoformat()
        in_time = self.from_date <= today <= (self.until_date or "9999-12-31")
        return self.kind == "flatRate" and in_time

    def on(self, local: datetime) -> "Plan":
        """What counts on that day: without its fee, or outside its time, a card is prepaid."""
        is_paid = not self.is_monthly or self.month == month_of(local)
        return self if self.is_booked_on(local) and is_paid else PREPAID

    def is_due(self, local: datetime) -> bool:
        """Whether the fee of this month is still to be paid."""
        return self.is_booked_on(local) and self.is_monthly and self.month != month_of(local)

    def renewed(self, local: datetime) -> "Plan":
        return replace(self, month=month_of(local), wh_left=self.monthly_wh)

    def going_on(self, before: "Plan") -> "Plan":
        """This plan set in the place of `before`: at the same fee and energy a month that was paid
        stays paid, and what was used of it stays used, unless this one says what is left."""
        mine = (self.kind, self.monthly_fee_minor, self.monthly_wh)
        if not self.is_monthly or mine != (
            before.kind,
            before.monthly_fee_minor,
            before.monthly_wh,
        ):
            return self
        left_wh = before.wh_left if self.wh_left is None else self.wh_left
        return replace(self, month=before.month, wh_left=left_wh)

    def included_wh(self, energy_wh: int) -> int:
        """How much of `energy_wh` the plan pays for."""
        if self.kind != "flatRate":
            return 0
        return energy_wh if self.wh_left is None else min(energy_wh, max(0, self.wh_left))


PREPAID = Plan()


def plan_from(content: Mapping[str, Any]) -> Plan:
    """A plan as the provisioning file writes it."""
    return Plan(
        kind=content.get("kind", "prepaid"),
        wh_left=whole_or_none(content.get("whLeft")),
        monthly_fee_minor=int(content.get("monthlyFeeMinor", 0)),
        monthly_wh=whole_or_none(content.get("monthlyWh")),
        from_date=str(content.get("fromDate", "")),
        until_date=str(content.get("untilDate", "")),
    )


def whole_or_none(value: Any) -> int | None:
    return None if value is None else int(value)


def month_of(local: datetime) -> str:
    return f"{local.year:04}-{local.month:02}"


@dataclass(frozen=True, slots=True)
class Card:
    """One Green Card as provisioned and as used so far; its money is the ledger's business.

    `points`: those that have not expired, when the card was read. `expires_on`: its last day.
    """

    number: str
    uid: str | None = None
    state: str = "active"
    state_reason: str = ""
    plan: Plan = Plan()
    points: int = 0
    charges_since_discount: int = 0
    loyalty_every: int | None = None
    loyalty_percent: int | None = None
    promotion_percent: int = 0
    energy_milli_per_kwh: int | None = None
    expires_on: str = ""

    def is_over_on(self, local: datetime) -> bool:
        """Whether its last day is past and nothing said so yet."""
        ends = self.expires_on or "9999-12-31"
        return self.state == "active" and local.date().isoformat() > ends


@dataclass(frozen=True, slots=True)
class Discount:
    """`percent` is already in the price of the coming charge; the rest only explains."""

    percent: int
    reason: str
    charges_until_next: int | None
    name: str = ""  # of the promotion


@dataclass(frozen=True, slots=True)
class Terms:
    """What one charge with one card costs; frozen into the transaction at its start.

    `tariff` holds when the charge begins; where the clock changes it, `timed` says all of it.
    `uses_plan`: whether what the plan includes is taken off. `plan`: as the point was told it, with what
    was left of that month; None: of a charge that began before this was kept.
    """

    tariff: Tariff
    discount: Discount
    uses_plan: bool = True
    timed: tuple[TimedTariff, ...] = ()
    plan: Plan | None = None


def charges_until_discount(card: Card, programme: Programme) -> int | None:
    """Paid charges still missing; 0: the coming one is discounted; None: no such offer."""
    every = programme.loyalty_every if card.loyalty_every is None else card.loyalty_every
    return None if every <= 0 else max(0, every - card.charges_since_discount)


def terms_for(card: Card, public: Tariff, programme: Programme, occasion: Occasion) -> Terms:
    """Effective terms: the plan's energy price, then the one offer that makes it cheapest.

    Discounts are never added up. At the same price loyalty counts before a promotion.
    """
    plan = card.plan.on(occasion.local)
    tariff = _of_plan(card, plan, public)
    missing = charges_until_discount(card, programme)
    percent = programme.loyalty_percent if card.loyalty_percent is None else card.loyalty_percent
    candidates: list[Offer] = []
    if missing == 0 and percent:
        candidates.append(Offer(tariff.less(percent), percent, "loyalty"))
    if card.promotion_percent:
        own = card.promotion_percent
        candidates.append(Offer(tariff.less(own), own, "promotion"))
    candidates += offers(programme.promotions, tariff, replace(occasion, plan=plan.kind))
    told = by_price([*candidates, Offer(tariff)])
    best = next(offer for offer in told if offer.hours.hold_at(occasion.local))
    discount = Discount(best.percent, best.reason, missing, best.name)
    timed = tuple(TimedTariff(offer.hours, offer.tariff) for offer in told)
    uses_plan = plan.kind == "flatRate"
    return Terms(best.tariff, discount, uses_plan, timed if len(timed) > 1 else (), plan)


def _of_plan(card: Card, plan: Plan, public: Tariff) -> Tariff:
    """A price of its own belongs to the plan; without limit the energy costs nothing."""
    if card.plan.kind == "flatRate" and plan.kind != "flatRate":
        return public
    if plan.kind == "flatRate" and plan.wh_left is None:
        return replace(public, energy_milli_per_kwh=0)
    if card.energy_milli_per_kwh is None:
        return public
    return replace(public, energy_milli_per_kwh=card.energy_milli_per_kwh)


def offline_terms(card: Card, public: Tariff, programme: Programme, began: datetime) -> Terms:
    """What a point asks that could not ask us: the public price, no plan, no discount."""
    missing = charges_until_discount(card, programme)
    none = Discount(0, "", missing)
    return Terms(public, none, uses_plan=False, plan=card.plan.on(began))


def after_paid_charge(card: Card, *, total_minor: int, terms: Terms | None) -> Card:
    """The loyalty counter after a charge was settled. A free charge does not move it."""
    if total_minor <= 0:
        return card
    is_discounted = terms is not None and terms.discount.reason == "loyalty"
    return replace(
        card, charges_since_discount=0 if is_discounted else card.charges_since_discount + 1
    )


def masked(number: str) -> str:
    """A card number as anyone but its holder may see it."""
    return f"•••• {number[-4:]}" if len(number) > 4 else "••••"


def luhn_is_right(number: str) -> bool:
    """ISO/IEC 7812-1 annex B: the last of the digits printed on the card checks the others."""
    if not number.isascii() or not number.isdigit():
        return False
    total = 0
    for position, digit in enumerate(reversed(number)):
        doubled = int(digit) * (1 + position % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
