"""Tariffs with conditions, and sessions that are priced by them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.pricing.tariff_conditions import ConditionalPrice, Conditions
from chargepoint.domain.session import Means, Session, StartOrder
from chargepoint.domain.units import Minor, SessionId, Wh

MADRID = "Europe/Madrid"
NIGHT = Conditions(start_time_of_day="22:00", end_time_of_day="06:00")
BY_NIGHT = Tariff(
    energy_milli_per_kwh=45_000,
    charging_milli_per_minute=1_000,
    idle_milli_per_minute=10_000,
    idle_grace_minutes=5,
    session_minor=50,
    zone=MADRID,
    energy=(ConditionalPrice(30_000, NIGHT),),
    charging_time=(ConditionalPrice(0, NIGHT),),
    idle_time=(ConditionalPrice(0, NIGHT),),
    fixed_fee=(ConditionalPrice(20_000, NIGHT),),
)
"""By night all is cheaper and nobody is charged for leaving the plug in."""


def a_session(
    tariff: Tariff,
    limit: int | None = None,
    start: str = "2026-11-20T12:00",
    included: int = 0,
    reserved_s: int = 0,
) -> Session:
    """Started at that local time in Madrid."""
    local = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(MADRID))
    held = None if limit is None else Minor(limit)
    order = StartOrder(
        SessionId("S1"),
        Means.CASH,
        "CASH",
        tariff,
        held,
        included=Wh(included),
        reserved_s=reserved_s,
    )
    return Session(order, local.astimezone(UTC), Wh(1000), Wh(1000), held).opened()
