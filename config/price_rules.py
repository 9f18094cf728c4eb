"""Prices with conditions as a site writes them: tables of `tariff`, names of OCPP 2.1."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, model_validator

from chargepoint.domain.pricing.tariff_conditions import ConditionalPrice, Conditions
from config.sections import Cents, Money, Section, Whole, milli

Amount = Annotated[Whole, Field(ge=0, le=10_000_000)]


class Rule(Section):
    """What the calendar decides."""

    start_time_of_day: str = Field("", description="local, as 22:00")
    end_time_of_day: str = Field("", description="not after the start: on the next day")
    day_of_week: tuple[str, ...] = Field((), strict=False, description="as Monday")
    valid_from_date: str = Field("", description="as 2026-12-24, that day included")
    valid_to_date: str = Field("", description="as 2027-01-07, that day excluded")

    @model_validator(mode="after")
    def _conditions_make_sense(self) -> "Rule":
        self.conditions()
        return self

    def conditions(self) -> Conditions:
        """Raises ValueError."""
        return Conditions(**self.model_dump(exclude={"price"}))


class PriceRule(Rule):
    """One price of energy or time."""

    price: Money = Field(description="EUR/kWh or EUR/min, VAT included")
    min_power_w: Amount | None = None
    max_power_w: Amount | None = None
    min_energy_wh: Amount | None = None
    max_energy_wh: Amount | None = None
    min_charging_time_s: Amount | None = None
    max_charging_time_s: Amount | None = None
    min_idle_time_s: Amount | None = None
    max_idle_time_s: Amount | None = None


class SessionRule(Rule):
    """One fee for a session."""

    price: Cents = Field(description="EUR for each session, VAT included, whole cents")


class ReservationRule(Rule):
    """One price of the time before a charge."""

    price: Money = Field(description="EUR/min, VAT included")


def conditional(
    rules: Iterable[PriceRule | SessionRule | ReservationRule],
) -> tuple[ConditionalPrice, ...]:
    return tuple(ConditionalPrice(milli(rule.price), rule.conditions()) for rule in rules)
