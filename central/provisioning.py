"""The provisioning file (`--cards FILE.json`): tariff, programme, cards, tokens, points.

```json
{"tariff": {"energyMilliPerKwh": 41000, "vatPercent": 21},
 "programme": {"loyaltyEvery": 10, "loyaltyPercent": 10, "pointsPerEuro": 10, "pointsValidDays": 730,
   "exchangeFrom": 1201, "exchangeUntil": 106,
   "promotions": [{"name": "Summer nights", "percent": 15, "fromDate": "2027-06-01",
     "untilDate": "2027-08-31", "days": ["Friday"], "startTime": "22:00", "endTime": "06:00",
     "sites": ["Harbour"], "plans": ["prepaid"]}]},
 "cards": [{"number": "6034440000000005", "balanceMinor": 2350, "plan": {"kind": "prepaid"},
   "letter": {"code": "K7PQ2M9X", "supportNumber": "48120933"}}],
 "flatRate": {"monthlyFeeMinor": 2900, "monthlyWh": 100000, "energyMilliPerKwh": 41000},
 "reservations": {"noShow": "fee", "noShowFeeMinor": 300, "graceMinutes": 15,
   "opening": {"since": "06:00", "until": "23:00"}},
 "tokens": {"DEADBEEF": "Accepted"},
 "points": {"CP-1": {"name": "Harbour", "latitude": 43.32, "longitude": -1.98, "password": "…",
   "address": "Kaia 3", "sockets": [{"number": 1, "letter": "C", "powerW": 22000}]}}}
````support` is described in `central/support/provisioned.py`.
A card that exists already keeps its money; reading the file again changes nothing.
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    NonNegativeInt,
    ValidationError,
    model_validator,
)

from central.entries import STRICT, TimeZone
from central.errors import WrongProvisioning
from central.fleet.registry import Site, Socket
from central.greencard.accounts import Programme, luhn_is_right
from central.greencard.promotions import DAYS, Promotion
from central.greencard.tariffs import Tariff
from central.greencard.wording import read
from central.members.advice import FlatRate
from central.members.letters import LetterText
from central.reservations.rules import NoShow, Opening, Rules
from central.support.provisioned import SupportEntry
from central.system import CentralSystem

Percent = Annotated[int, Field(ge=0, le=100)]


def _card_number(number: str) -> str:
    if len(number) != 16 or not luhn_is_right(number):
        raise ValueError("a card number has 16 digits, the last one its Luhn check digit")
    return number


def _day(name: str) -> str:
    if name not in DAYS:
        raise ValueError(f"{name!r} is none of {', '.join(DAYS)}")
    return name


def _date(written: str) -> str:
    if written:
        date.fromisoformat(written)
    return written


Date = Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$"), AfterValidator(_date)]
TimeOfDay = Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$")]


def day_of_year(number: int) -> int:
    """Month and day, in every year: no 29 February."""
    date(2023, number // 100, number % 100)
    return number


DayOfYear = Annotated[int, AfterValidator(day_of_year)]


class _Strict(BaseModel):
    model_config = STRICT


class TariffEntry(_Strict):
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"
    vat_percent: Percent = 21
    energy_milli_per_kwh: NonNegativeInt = 41_000
    charging_milli_per_minute: NonNegativeInt = 0
    idle_milli_per_minute: NonNegativeInt = 0
    idle_grace_minutes: NonNegativeInt = 0
    session_minor: NonNegativeInt = 0


class SaidEntry(_Strict):
    """What is left out is said as in all languages."""

    name: Annotated[str, Field(max_length=120)] = ""
    about: Annotated[str, Field(max_length=300)] = ""


class PromotionEntry(_Strict):
    """`percent` off the charge, or `milliOffPerKwh` off its energy. `words`: `{"eu": {"name": "Gauak"}}`."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    percent: Percent = 0
    milli_off_per_kwh: NonNegativeInt = 0
    from_date: Date = ""
    until_date: Date = ""
    days: list[Annotated[str, AfterValidator(_day)]] = []
    start_time: TimeOfDay = ""
    end_time: TimeOfDay = ""
    sites: list[str] = []
    plans: list[Literal["prepaid", "flatRate"]] = []
    about: Annotated[str, Field(max_length=300)] = ""
    words: dict[Literal["es", "eu", "en"], SaidEntry] = {}

    @model_validator(mode="after")
    def _one_kind_of_discount(self) -> "PromotionEntry":
        if (self.percent > 0) == (self.milli_off_per_kwh > 0):
            raise ValueError("a promotion has either percent or milliOffPerKwh")
        if self.until_date and self.from_date > self.until_date:
            raise ValueError(f"{self.name}: ends on {self.until_date}, before it begins")
        return self

    def value(self) -> Promotion:
        lists = {name: tuple(getattr(self, name)) for name in ("days", "sites", "plans")}
        words = read({code: each.model_dump() for code, each in self.words.items()})
        return Promotion(**{**self.model_dump(), **lists, "words": words})


class ProgrammeEntry(_Strict):
    loyalty_every: NonNegativeInt = 10
    loyalty_percent: Percent = 10
    points_per_euro: NonNegativeInt = 10
    points_valid_days: NonNegativeInt = 0
    exchange_from: DayOfYear = 1201
    exchange_until: DayOfYear = 106
    promotions: list[PromotionEntry] = []
    timezone: TimeZone = "Europe/Madrid"

    @model_validator(mode="after")
    def _names_are_their_own(self) -> "ProgrammeEntry":
        names = [promotion.name for promotion in self.promotions]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two promotions are called {twice[0]}")
        return self


class PlanEntry(_Strict):
    kind: Literal["prepaid", "flatRate"] = "prepaid"
    wh_left: NonNegativeInt | None = None
    energy_milli_per_kwh: NonNegativeInt | None = None
    monthly_fee_minor: NonNegativeInt = 0
    monthly_wh: NonNegativeInt | None = None
    from_date: Date = ""
    until_date: Date = ""


class DiscountEntry(_Strict):
    percent: Percent
    reason: Literal["loyalty", "promotion"] = "loyalty"
    charges_until_next: NonNegativeInt = 0
    every: Annotated[int, Field(ge=1)] | None = None


class LetterEntry(_Strict):
    """The sealed letter of a card; kept as hashes alone."""

    code: Annotated[str, Field(pattern="^[0-9A-Z]{8,20}$")]
    support_number: Annotated[str, Field(pattern="^([0-9]{8,16})?$")] = ""


class FlatRateEntry(_Strict):
    """What members are offered; `energyMilliPerKwh` counts beyond `monthlyWh`."""

    monthly_fee_minor: Annotated[int, Field(ge=1)]
    monthly_wh: NonNegativeInt | None = None
    energy_milli_per_kwh: NonNegativeInt = 0


class CardEntry(_Strict):
    number: Annotated[str, AfterValidator(_card_number)]
    uid: Annotated[str, Field(pattern="^[0-9A-F]{8,20}$")] | None = None
    balance_minor: NonNegativeInt = 0
    plan: PlanEntry = PlanEntry()
    state: Literal["active", "blocked", "expired"] = "active"
    points: NonNegativeInt = 0
    discount: DiscountEntry | None = None
    letter: LetterEntry | None = None


class SocketEntry(_Strict):
    number: Annotated[int, Field(ge=1, le=99)]
    letter: Literal["B", "C", "K", "L", "M", "N"] = "C"
    power_w: Annotated[int, Field(ge=1_000, le=1_000_000)] = 22_000


class PointEntry(_Strict):
    name: str
    address: Annotated[str, Field(max_length=120)] = ""
    sockets: list[SocketEntry] = []
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    password: str | None = None


class OpeningEntry(_Strict):
    """Local times; an end before the beginning is the next morning."""

    since: TimeOfDay = "00:00"
    until: TimeOfDay = "00:00"
    days: list[Annotated[str, AfterValidator(_day)]] = []

    def value(self) -> Opening:
        return Opening(self.since or "00:00", self.until or "00:00", tuple(self.days))


Minutes = Annotated[int, Field(ge=5, le=240)]
Quarters = Annotated[int, Field(ge=15, le=720, multiple_of=15)]


class ReservationsEntry(_Strict):
    """The operator's rule; what is left out is as in `central/reservations/rules.py`."""

    is_on: bool = True
    now_minutes: Annotated[list[Annotated[int, Field(ge=15, le=60)]], Field(min_length=1)] = [
        15,
        30,
        45,
        60,
    ]
    lengths_minutes: Annotated[list[Quarters], Field(min_length=1)] = [30, 60, 90, 120]
    step_minutes: Quarters = 30
    least_ahead_minutes: Minutes = 30
    horizon_days: Annotated[int, Field(ge=1, le=90)] = 14
    per_member: Annotated[int, Field(ge=1, le=20)] = 2
    per_member_day: Annotated[int, Field(ge=1, le=100)] = 6
    changes_most: Annotated[int, Field(ge=0, le=100)] = 6
    tell_before_minutes: Minutes = 15
    look_before_minutes: Minutes = 10
    grace_minutes: Minutes = 15
    no_show: Literal["nothing", "fee", "mark"] = "mark"
    no_show_fee_minor: NonNegativeInt = 200
    marks_most: Annotated[int, Field(ge=1)] = 3
    marks_days: Annotated[int, Field(ge=1)] = 30
    compensation_minor: NonNegativeInt = 200
    move_within_m: NonNegativeInt = 1_500
    offer_minutes: Minutes = 15
    opening: OpeningEntry = OpeningEntry()
    sites: dict[str, OpeningEntry] = {}

    @model_validator(mode="after")
    def _are_in_order(self) -> "ReservationsEntry":
        if self.look_before_minutes > self.tell_before_minutes:
            raise ValueError("lookBeforeMinutes is before tellBeforeMinutes: nothing was told yet")
        return self

    def value(self) -> Rules:
        fields = self.model_dump(exclude={"opening", "sites", "no_show"})
        lists = {name: tuple(fields[name]) for name in ("now_minutes", "lengths_minutes")}
        return Rules(
            **{**fields, **lists},
            no_show=NoShow(self.no_show),
            opening=self.opening.value(),
            sites={name: entry.value() for name, entry in self.sites.items()},
        )


class Provisioning(_Strict):
    tariff: TariffEntry = TariffEntry()
    programme: ProgrammeEntry = ProgrammeEntry()
    cards: list[CardEntry] = []
    flat_rate: FlatRateEntry | None = None
    reservations: ReservationsEntry = ReservationsEntry()
    tokens: dict[str, Literal["Accepted", "Blocked", "Expired", "Invalid"]] = {}
    points: dict[str, PointEntry] = {}
    support: SupportEntry = SupportEntry()

    def tariff_value(self) -> Tariff:
        return Tariff(**self.tariff.model_dump())

    def programme_value(self) -> Programme:
        promotions = tuple(entry.value() for entry in self.programme.promotions)
        return Programme(**{**self.programme.model_dump(), "promotions": promotions})

    def letters(self) -> tuple[LetterText, ...]:
        return tuple(
            LetterText(card.number, card.letter.code, card.letter.support_number)
            for card in self.cards
            if card.letter is not None
        )

    def flat_rate_value(self) -> FlatRate | None:
        offer = self.flat_rate
        if offer is None:
            return None
        return FlatRate(offer.monthly_fee_minor, offer.monthly_wh, offer.energy_milli_per_kwh)

    def apply(self, system: CentralSystem) -> None:
        """Make what is missing; change nothing that exists."""
        for card in self.cards:
            system.accounts.create_card(
                card.number,
                uid=card.uid,
                balance_minor=card.balance_minor,
                plan=_wire(card.plan),
                state=card.state,
                points=card.points,
                discount=_wire(card.discount),
            )
        system.charges.tokens.update(self.tokens)
        for point_id, point in self.points.items():
            site = Site(
                point.name,
                point.latitude,
                point.longitude,
                point.address,
                tuple(Socket(**socket.model_dump()) for socket in point.sockets),
            )
            system.registry.provision(point_id, site, point.password)


def _wire(entry: BaseModel | None) -> dict[str, Any]:
    return {} if entry is None else entry.model_dump(by_alias=True, exclude_none=True)


def read_provisioning(path: Path) -> Provisioning:
    """Raises WrongProvisioning with every error of the file at once."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongProvisioning(f"{path}: cannot be read: {error}") from error
    try:
        return Provisioning.model_validate_json(text)
    except ValidationError as error:
        lines = [
            f"{path}: {'.'.join(str(part) for part in each['loc']) or 'file'}: {each['msg']}"
            for each in error.errors()
        ]
        raise WrongProvisioning("\n".join(lines)) from error
