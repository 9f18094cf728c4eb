"""Flat rates by the month, points that expire, and what holds while a point was offline."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from central.greencard.accounts import Programme
from central.greencard.promotions import Promotion
from central.provisioning import Provisioning
from central.storage.store import Store
from central.system import CentralSystem
from tests.support.central import (
    CARD,
    FixedClock,
    Point,
    a_receipt,
    a_system,
    converse,
    euros,
)

pytestmark = pytest.mark.usefixtures("both_databases")

FLAT = {"kind": "flatRate", "monthlyFeeMinor": 2900, "monthlyWh": 100_000}
NIGHT = Promotion("Night", percent=50, start_time="22:00", end_time="06:00")
KIOSK_LANGUAGES = ("es", "eu", "ca", "gl", "en", "fr", "de", "pt", "it", "nl")


def a_subscriber(balance_minor: int, clock: FixedClock, **plan: Any) -> CentralSystem:
    system = a_system(clock=clock)
    system.accounts.create_card(CARD, balance_minor=balance_minor, plan=FLAT | plan)
    return system


async def account(point: Point) -> dict[str, Any]:
    return await point.transfer("GreenCard.Account", {"cardNumber": CARD, "connectorId": 1})


def codes(system: CentralSystem) -> list[str]:
    return [finding.code for finding in reversed(system.store.findings())]


def at(text: str) -> FixedClock:
    return FixedClock(datetime.fromisoformat(text).replace(tzinfo=UTC))


# --- flat rates -----------------------------------------------------------------------------------


def test_fee_when_a_month_is_first_used_then_taken_once() -> None:
    clock = at("2026-11-21T08:00")
    system = a_subscriber(10_000, clock)

    async def script(point: Point) -> None:
        for _ in range(3):
            told = await account(point)
            assert told["plan"] == {"kind": "flatRate", "whLeft": 100_000}
            assert told["balance"] == euros(7100)
        clock.moment = datetime(2026, 12, 1, 8, tzinfo=UTC)
        assert (await account(point))["balance"] == euros(4200)

    converse(system, script)
    assert system.store.balance("fees") == 5800
    assert system.store.unbalanced_postings() == []


def test_month_when_it_begins_here_then_not_yet_in_utc() -> None:
    system = a_subscriber(10_000, at("2026-11-30T23:30"))
    system.accounts.renew(CARD)
    card = system.accounts.card(CARD)
    assert card is not None
    assert card.plan.month == "2026-12"


def test_fee_when_the_balance_does_not_cover_it_then_prepaid_until_topped_up() -> None:
    system = a_subscriber(1000, at("2026-11-21T08:00"), energyMilliPerKwh=20_000)

    async def script(point: Point) -> None:
        told = await account(point)
        assert (told["plan"], told["balance"]) == ({"kind": "prepaid"}, euros(1000))
        assert told["tariff"]["energyMilliPerKwh"] == 41_000
        top_up = {
            "reference": "T-1",
            "cardNumber": CARD,
            "amount": euros(2000),
            "means": "cash",
            "time": "2026-11-21T10:00:00.000Z",
        }
        await point.transfer("GreenCard.TopUp", top_up)
        told = await account(point)
        assert told["plan"] == {"kind": "flatRate", "whLeft": 100_000}
        assert (told["balance"], told["tariff"]["energyMilliPerKwh"]) == (euros(100), 20_000)

    converse(system, script)


def test_fee_when_money_is_held_by_a_charge_then_waits() -> None:
    clock = at("2026-11-30T22:59:30")  # half a minute before December in Madrid
    system = a_system(clock=clock)
    system.accounts.create_card(CARD, balance_minor=5000, plan=FLAT | {"fromDate": "2026-12-01"})

    async def script(point: Point) -> None:
        started = await point.start(timestamp=clock.moment.isoformat())
        clock.advance(minutes=1)
        assert (await account(point))["plan"] == {"kind": "prepaid"}
        assert system.accounts.balance(CARD) == 5000
        await point.stop(started["transactionId"], 1000)
        assert (await account(point))["plan"] == {"kind": "flatRate", "whLeft": 100_000}
        assert system.accounts.balance(CARD) == 2100

    converse(system, script)


@pytest.mark.parametrize(
    ("today", "kind"),
    [("2026-10-31", "prepaid"), ("2026-11-01", "flatRate"), ("2026-12-31", "flatRate"), ("2027-01-01", "prepaid")],
)  # fmt: skip
def test_plan_when_outside_its_time_then_prepaid_and_no_fee(today: str, kind: str) -> None:
    dates = {"fromDate": "2026-11-01", "untilDate": "2026-12-31"}
    system = a_subscriber(5000, at(f"{today}T10:00"), **dates)
    system.accounts.renew(CARD)
    card = system.accounts.card(CARD)
    assert card is not None
    assert system.accounts.plan_now(card).kind == kind
    assert system.accounts.balance(CARD) == (5000 if kind == "prepaid" else 2100)


def test_energy_when_unlimited_then_costs_nothing() -> None:
    system = a_system()
    system.accounts.create_card(CARD, plan={"kind": "flatRate"})

    async def script(point: Point) -> None:
        told = await account(point)
        assert told["tariff"]["energyMilliPerKwh"] == 0
        assert told["plan"] == {"kind": "flatRate"}
        started = await point.start()
        assert started["idTagInfo"] == {"status": "Accepted"}
        await point.stop(started["transactionId"], 11_000)
        await point.transfer("Session.Receipt", a_receipt(total=euros(0), lines=[]))

    converse(system, script)
    assert codes(system) == []


def test_blocked_card_pays_no_fee() -> None:
    system = a_subscriber(5000, at("2026-11-21T08:00"))
    system.accounts.set_state(CARD, "blocked", "lost")
    system.accounts.renew(CARD)
    assert system.accounts.balance(CARD) == 5000


# --- points ---------------------------------------------------------------------------------------


def test_points_when_their_time_is_over_then_gone_and_younger_ones_stay() -> None:
    clock = FixedClock()
    programme = Programme(points_per_euro=10, points_valid_days=365)
    system = a_system(clock=clock, programme=programme)
    system.accounts.create_card(CARD, balance_minor=5000, points=7)

    async def script(point: Point) -> None:
        started = await point.start()
        await point.stop(started["transactionId"], 11_000)
        for _ in range(2):
            await point.transfer("Session.Receipt", a_receipt())
        assert (await account(point))["points"] == 7 + 41
        clock.advance(days=364)
        assert (await account(point))["points"] == 48
        clock.advance(days=1)
        assert (await account(point))["points"] == 7

    converse(system, script)


def test_points_of_an_older_store_are_kept(tmp_path: Path) -> None:
    import sqlite3
    from importlib import resources

    path = tmp_path / "central.db"
    database = sqlite3.connect(path)
    for name in ("schema_1.sql", "schema_2.sql"):
        database.executescript(
            resources.files("central.storage.older").joinpath(name).read_text("utf-8")
        )
    database.execute(
        "INSERT INTO card VALUES (?, NULL, 'active', '', 'flatRate', 5, 12, 0, NULL, NULL, 0, NULL)",
        (CARD,),
    )
    database.execute("PRAGMA user_version = 2")
    database.commit()
    database.close()
    store = Store(path)
    card = a_system(store).accounts.card(CARD)
    store.close()
    assert card is not None
    assert (card.points, card.plan.kind, card.plan.wh_left) == (12, "flatRate", 5)


# --- what was offered, and what was not -----------------------------------------------------------


def test_offer_when_its_hour_ends_before_the_start_then_stands() -> None:
    clock = at("2026-11-22T04:59:50")  # 05:59:50 in Madrid
    system = a_system(clock=clock, programme=Programme(promotions=(NIGHT,)))
    system.accounts.create_card(CARD, balance_minor=5000)

    async def script(point: Point) -> None:
        told = await account(point)
        assert told["tariff"]["energyMilliPerKwh"] == 20_500
        assert told["discount"] == {"percent": 50, "reason": "promotion", "chargesUntilNext": 10}
        assert told["message"] == dict.fromkeys(KIOSK_LANGUAGES, "Night")
        clock.advance(seconds=60)
        start = clock.moment.isoformat()
        started = await point.start(timestamp=start)
        await point.stop(started["transactionId"], 11_000, timestamp=start)
        await point.transfer("Session.Receipt", a_receipt(total=euros(205), lines=[]))
        assert (await account(point))["tariff"]["energyMilliPerKwh"] == 41_000

    converse(system, script)
    assert codes(system) == []


def test_start_when_the_point_could_not_ask_then_public_price_without_plan_or_discount() -> None:
    clock = FixedClock()
    system = a_system(
        clock=clock, programme=Programme(promotions=(replace(NIGHT, start_time="", end_time=""),))
    )
    system.accounts.create_card(
        CARD, balance_minor=5000, plan={"kind": "flatRate", "whLeft": 80_000}
    )
    clock.advance(hours=2)

    async def script(point: Point) -> None:
        started = await point.start()
        await point.stop(started["transactionId"], 11_000)
        await point.transfer("Session.Receipt", a_receipt())
        assert (await account(point))["plan"] == {"kind": "flatRate", "whLeft": 80_000}

    converse(system, script)
    assert codes(system) == []
    assert system.accounts.balance(CARD) == 5000 - 410


def test_start_when_replayed_after_the_account_was_told_then_as_told() -> None:
    clock = FixedClock()
    system = a_system(clock=clock)
    system.accounts.create_card(
        CARD, balance_minor=5000, plan={"kind": "flatRate", "whLeft": 80_000}
    )

    async def script(point: Point) -> None:
        await account(point)
        clock.advance(hours=2)
        started = await point.start()
        await point.stop(started["transactionId"], 11_000)
        await point.transfer("Session.Receipt", a_receipt(total=euros(0), lines=[]))
        assert (await account(point))["plan"] == {"kind": "flatRate", "whLeft": 70_000}

    converse(system, script)
    assert codes(system) == []


# --- provisioning ---------------------------------------------------------------------------------


def test_promotions_and_plans_are_provisioned() -> None:
    entry = {
        "name": "Night",
        "percent": 50,
        "fromDate": "2026-11-01",
        "days": ["Friday"],
        "startTime": "22:00",
        "sites": ["Harbour"],
    }
    made = Provisioning.model_validate(
        {
            "programme": {"promotions": [entry], "pointsValidDays": 730, "timezone": "UTC"},
            "cards": [{"number": CARD, "plan": FLAT | {"untilDate": "2027-01-31"}}],
            "points": {"CP-1": {"name": "Harbour"}},
        }
    )
    programme = made.programme_value()
    assert programme.promotions == (
        Promotion(
            "Night",
            percent=50,
            from_date="2026-11-01",
            days=("Friday",),
            start_time="22:00",
            sites=("Harbour",),
        ),
    )
    assert (programme.points_valid_days, programme.timezone) == (730, "UTC")
    system = a_system(programme=programme)
    made.apply(system)
    card = system.accounts.card(CARD)
    assert card is not None
    assert (card.plan.monthly_fee_minor, card.plan.monthly_wh) == (2900, 100_000)
    assert card.plan.until_date == "2027-01-31"
    assert system.registry.places_of("CP-1") == ("CP-1", "Harbour")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "x"},
        {"name": "x", "percent": 5, "milliOffPerKwh": 5},
        {"name": "x", "percent": 5, "days": ["Someday"]},
        {"name": "x", "percent": 5, "startTime": "24:00"},
        {"name": "x", "percent": 5, "fromDate": "2026-02-30"},
        {"name": "x", "percent": 5, "fromDate": "2026-02-02", "untilDate": "2026-02-01"},
    ],
)
def test_promotion_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="promotions"):
        Provisioning.model_validate({"programme": {"promotions": [wrong]}})


def test_time_zone_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        Provisioning.model_validate({"programme": {"timezone": "Mars/Olympus"}})
