"""Rules of the Green Card account: effective price, loyalty, own sum of a charge. Pure.

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

    def __post_init__(self) -> None:
        rates = (
            self.energy_milli_per_kwh,
            self.charging_milli_per_minute,
            self.idle_milli_per_minute,
            self.idle_grace_minutes,
            self.session_minor,
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


def price_minor(tariff: Tariff, *, energy_wh: int, charging_s: int = 0, idle_s: int = 0) -> int:
    """Gross price, rounded half up once; `idle_s` still contains the tariff's grace."""
    billed_idle_s = max(0, idle_s - tariff.idle_grace_minutes * _SECONDS_PER_MINUTE)
    exact = (
        energy_wh * tariff.energy_milli_per_kwh * _SECONDS_PER_MINUTE
        + charging_s * tariff.charging_milli_per_minute * _WH_PER_KWH
        + billed_idle_s * tariff.idle_milli_per_minute * _WH_PER_KWH
        + tariff.session_minor * _SCALE
    )
    return round_half_up(exact, _SCALE)


@dataclass(frozen=True, slots=True)
class Programme:
    """The operator's standing offer. `loyalty_every` 0 switches the loyalty discount off."""

    loyalty_every: int = 10
    loyalty_percent: int = 10
    points_per_euro: int = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """`prepaid`, or `flatRate` with its included energy left; None means unlimited."""

    kind: str = "prepaid"
    wh_left: int | None = None

    def included_wh(self, energy_wh: int) -> int:
        """How much of `energy_wh` the plan pays for."""
        if self.kind != "flatRate":
            return 0
        return energy_wh if self.wh_left is None else min(energy_wh, max(0, self.wh_left))


@dataclass(frozen=True, slots=True)
class Card:
    """One Green Card as provisioned and as used so far; its money is the ledger's business."""

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


@dataclass(frozen=True, slots=True)
class Discount:
    """`percent` is already in the price of the coming charge; the rest only explains."""

    percent: int
    reason: str
    charges_until_next: int | None


@dataclass(frozen=True, slots=True)
class Terms:
    """What one charge with one card costs; frozen into the transaction at its start."""

    tariff: Tariff
    discount: Discount


def charges_until_discount(card: Card, programme: Programme) -> int | None:
    """Paid charges still missing; 0: the coming one is discounted; None: no such offer."""
    every = programme.loyalty_every if card.loyalty_every is None else card.loyalty_every
    return None if every <= 0 else max(0, every - card.charges_since_discount)


def terms_for(card: Card, public: Tariff, programme: Programme) -> Terms:
    """Effective terms: the plan's energy price, then the better of loyalty and promotion.

    Discounts are never added up: the better one counts alone.
    """
    tariff = public
    if card.energy_milli_per_kwh is not None:
        tariff = replace(tariff, energy_milli_per_kwh=card.energy_milli_per_kwh)
    missing = charges_until_discount(card, programme)
    percent = programme.loyalty_percent if card.loyalty_percent is None else card.loyalty_percent
    loyalty = percent if missing == 0 else 0
    if loyalty and loyalty >= card.promotion_percent:
        discount = Discount(loyalty, "loyalty", missing)
    elif card.promotion_percent:
        discount = Discount(card.promotion_percent, "promotion", missing)
    else:
        discount = Discount(0, "", missing)
    return Terms(tariff.less(discount.percent), discount)


def after_paid_charge(
    card: Card, *, total_minor: int, energy_wh: int, discount_reason: str, programme: Programme
) -> Card:
    """The card after a charge was settled: loyalty counter, points, included energy.

    A free charge moves neither the counter nor the points.
    """
    wh_left = card.plan.wh_left
    if wh_left is not None:
        wh_left -= card.plan.included_wh(energy_wh)
    counter = card.charges_since_discount
    if total_minor > 0:
        counter = 0 if discount_reason == "loyalty" else counter + 1
    return replace(
        card,
        plan=replace(card.plan, wh_left=wh_left),
        points=card.points + total_minor * programme.points_per_euro // 100,
        charges_since_discount=counter,
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
