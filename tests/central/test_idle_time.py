"""Idle time on a receipt: billed as far as the receipt says, and as time has passed; not a cent more."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from central.clock import utc_text
from central.greencard import receipts
from central.greencard.accounts import Card, Discount, Terms
from central.greencard.records import Receipt, StartKey, Transaction
from central.greencard.tariffs import Tariff
from central.ocpp import receipt_lines
from chargepoint.domain.money.settlement import bill, receipt
from chargepoint.domain.pricing.tariff import Tariff as PointTariff
from chargepoint.domain.pricing.tariff_conditions import ConditionalPrice, Conditions
from chargepoint.domain.session import Means, Session, StartOrder
from chargepoint.domain.units import ConnectorId, Minor, SessionId, Watt, Wh
from tests.support.central import CARD, FixedClock, Point, a_system, converse, euros

BEGAN = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
FEE = Tariff(
    energy_milli_per_kwh=2_000_000,
    idle_milli_per_minute=10_000,
    idle_grace_minutes=1,
    session_minor=10,
)
FULL_S, LEFT_S = 145, 290


def a_bill(*, idle_s: int, total: int, limit: int = 1000) -> dict[str, Any]:
    """474 Wh in 145 s, then the car stays."""
    idle = max(0, idle_s - 60) // 6
    lines = [
        {"item": "energy", "amount": 948, "energyWh": 474},
        {"item": "idle", "amount": idle, "seconds": idle_s},
        {"item": "session", "amount": 10},
        {"item": "absorbed", "amount": min(0, limit - (958 + idle))},
    ]
    return {
        "receiptNumber": "R-1",
        "transactionId": 1,
        "idTag": CARD,
        "means": "greencard",
        "time": utc_text(BEGAN + timedelta(seconds=LEFT_S)),
        "lines": lines,
        "total": euros(total),
        "energyWh": 474,
        "includedWh": 0,
    }


def found(paper: dict[str, Any], *, balance: int, clock_s: float = 600) -> list[str]:
    """After a charge that the point began by itself: its card had less than its own limit."""
    clock = FixedClock(BEGAN)
    system = a_system(clock=clock, tariff=FEE)
    system.accounts.create_card(CARD, balance_minor=balance)
    clock.advance(seconds=clock_s)

    async def script(point: Point) -> None:
        await point.start(timestamp=utc_text(BEGAN))
        at = utc_text(BEGAN + timedelta(seconds=FULL_S))
        await point.stop(1, 1474, timestamp=at)
        await point.transfer("Session.Receipt", paper)

    converse(system, script)
    return [f"{finding.code} {finding.detail}" for finding in system.store.findings()]


@pytest.mark.parametrize("balance", [0, 200, 9000])
def test_what_the_point_billed_by_its_own_limit_is_right_whatever_the_card_had(
    balance: int,
) -> None:
    assert found(a_bill(idle_s=282, total=995), balance=balance) == []


def test_idle_time_above_the_hold_is_absorbed_and_fits() -> None:
    assert found(a_bill(idle_s=290, total=980, limit=980), balance=9000) == []


def test_a_cent_more_than_the_idle_time_that_is_told_is_found() -> None:
    paper = a_bill(idle_s=282, total=996)
    paper["lines"][1]["amount"] += 1
    assert found(paper, balance=9000) == ["receipt.total receipt R-1: our sum is 995, total 996"]


def test_more_idle_time_than_has_passed_is_found() -> None:
    hours = a_bill(idle_s=660, total=1058, limit=2000)
    assert found(hours, balance=9000) == ["receipt.total receipt R-1: our sum is 996, total 1058"]


def test_receipt_that_does_not_say_when_it_was_made_was_made_before_it_came() -> None:
    silent = a_bill(idle_s=660, total=1058, limit=2000)
    for time in ("", "yesterday", None):
        assert found(silent | {"time": time}, balance=9000, clock_s=660) == []
        assert found(silent | {"time": time}, balance=9000, clock_s=600) != []


def test_clock_that_was_set_back_says_nothing_of_how_long_it_took() -> None:
    early = utc_text(BEGAN - timedelta(minutes=40))
    assert found(a_bill(idle_s=282, total=995) | {"time": early}, balance=9000) == []


def test_receipt_without_lines_may_have_all_the_time_that_passed() -> None:
    plain = a_bill(idle_s=290, total=996) | {"lines": []}
    assert found(plain, balance=9000) == []
    assert found(plain | {"total": euros(997)}, balance=9000) != []


ALWAYS = (ConditionalPrice(2_000, Conditions()),)


@settings(deadline=None, max_examples=150)
@given(
    energy=st.integers(1, 50_000),
    charging_ms=st.integers(0, 7_200_000),
    idle_ms=st.integers(0, 7_200_000),
    idle_milli=st.integers(1, 200_000),
    grace=st.integers(0, 90),
    fee=st.integers(0, 500),
    is_timed=st.booleans(),
    is_set_back=st.booleans(),
)
def test_what_a_point_bills_for_time_always_fits(  # noqa: PLR0913 - one charge, by its parts
    *,
    energy: int,
    charging_ms: int,
    idle_ms: int,
    idle_milli: int,
    grace: int,
    fee: int,
    is_timed: bool,
    is_set_back: bool,
) -> None:
    prices: dict[str, Any] = {
        "energy_milli_per_kwh": 2_000,
        "charging_milli_per_minute": 1_500,
        "idle_milli_per_minute": idle_milli,
        "idle_grace_minutes": grace,
        "session_minor": fee,
    }
    tariff = PointTariff(**prices, energy=ALWAYS if is_timed else ())
    order = StartOrder(SessionId("S"), Means.GREENCARD, CARD, tariff, None)
    session = Session(order, BEGAN, Wh(1000), Wh(1000), None).opened()
    full = BEGAN + timedelta(milliseconds=charging_ms)
    left = full + timedelta(milliseconds=idle_ms)
    session = Session.priced(_read(session, energy), session, Watt(7000), full)
    session = session.charged(charging_ms, full).idled(idle_ms, left)
    made = receipt(bill(session, "R-1", Minor(1)), ConnectorId(1), left).payload
    began = BEGAN + timedelta(hours=12) if is_set_back else BEGAN  # as told before the clock was
    key = StartKey("CP-1", 1, CARD, utc_text(began), 1000)
    terms = Terms(Tariff(**prices), Discount(0, "", 0))
    ended = Transaction(1, key, "Accepted", terms, 1000 + energy, stopped_at=utc_text(full))
    assert receipts.differences(_came(made), ended, Card(CARD), "UTC") == []


def _read(session: Session, energy: int) -> Session:
    return Session(session.order, BEGAN, Wh(1000), Wh(1000 + energy), None, usage=session.usage)


def _came(paper: dict[str, Any]) -> Receipt:
    lines = paper["lines"]
    return Receipt(
        point="CP-1",
        number="R-1",
        transaction_id=1,
        id_tag=CARD,
        means="greencard",
        total_minor=paper["total"]["amount"],
        energy_wh=paper["energyWh"],
        line_sum_minor=receipt_lines.sum_minor(lines),
        document="",
        rates=receipt_lines.rates(lines),
        reserved_s=receipt_lines.reserved_s(lines),
        charging_s=receipt_lines.charging_s(lines),
        idle=receipt_lines.idle(lines),
        made_at=receipt_lines.made_at(paper),
    )
