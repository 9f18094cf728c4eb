"""The provisioning file (`--cards FILE.json`): tariff, programme, cards, tokens, points.

```json
{"tariff": {"energyMilliPerKwh": 41000, "vatPercent": 21},
 "programme": {"loyaltyEvery": 10, "loyaltyPercent": 10, "pointsPerEuro": 10},
 "cards": [{"number": "6034440000000005", "balanceMinor": 2350, "plan": {"kind": "prepaid"}}],
 "tokens": {"DEADBEEF": "Accepted"},
 "points": {"CP-1": {"name": "Harbour", "latitude": 43.32, "longitude": -1.98, "password": "…"}}}
```
A card that exists already keeps its money; reading the file again changes nothing.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    ValidationError,
)
from pydantic.alias_generators import to_camel

from central.accounts import Programme, Tariff, luhn_is_right
from central.errors import WrongProvisioning
from central.registry import Site
from central.system import CentralSystem

Percent = Annotated[int, Field(ge=0, le=100)]


def _card_number(number: str) -> str:
    if len(number) != 16 or not luhn_is_right(number):
        raise ValueError("a card number has 16 digits, the last one its Luhn check digit")
    return number


class _Strict(BaseModel):
    model_config = ConfigDict(
        strict=True, frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=False
    )


class TariffEntry(_Strict):
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"
    vat_percent: Percent = 21
    energy_milli_per_kwh: NonNegativeInt = 41_000
    charging_milli_per_minute: NonNegativeInt = 0
    idle_milli_per_minute: NonNegativeInt = 0
    idle_grace_minutes: NonNegativeInt = 0
    session_minor: NonNegativeInt = 0


class ProgrammeEntry(_Strict):
    loyalty_every: NonNegativeInt = 10
    loyalty_percent: Percent = 10
    points_per_euro: NonNegativeInt = 10


class PlanEntry(_Strict):
    kind: Literal["prepaid", "flatRate"] = "prepaid"
    wh_left: NonNegativeInt | None = None
    energy_milli_per_kwh: NonNegativeInt | None = None


class DiscountEntry(_Strict):
    percent: Percent
    reason: Literal["loyalty", "promotion"] = "loyalty"
    charges_until_next: NonNegativeInt = 0
    every: Annotated[int, Field(ge=1)] | None = None


class CardEntry(_Strict):
    number: Annotated[str, AfterValidator(_card_number)]
    uid: Annotated[str, Field(pattern="^[0-9A-F]{8,20}$")] | None = None
    balance_minor: NonNegativeInt = 0
    plan: PlanEntry = PlanEntry()
    state: Literal["active", "blocked", "expired"] = "active"
    points: NonNegativeInt = 0
    discount: DiscountEntry | None = None


class PointEntry(_Strict):
    name: str
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    password: str | None = None


class Provisioning(_Strict):
    tariff: TariffEntry = TariffEntry()
    programme: ProgrammeEntry = ProgrammeEntry()
    cards: list[CardEntry] = []
    tokens: dict[str, Literal["Accepted", "Blocked", "Expired", "Invalid"]] = {}
    points: dict[str, PointEntry] = {}

    def tariff_value(self) -> Tariff:
        return Tariff(**self.tariff.model_dump())

    def programme_value(self) -> Programme:
        return Programme(**self.programme.model_dump())

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
            site = Site(point.name, point.latitude, point.longitude)
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
