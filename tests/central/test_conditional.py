"""A promotion's hours while a charge runs: told to the point, billed by it, checked by us."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.greencard.accounts import Card, Programme, terms_for
from central.greencard.conditional import holding, tariff_content, tariffs_between
from central.greencard.promotions import DAYS, Occasion, Promotion
from central.greencard.records import terms_from_text, terms_to_text
from central.greencard.tariffs import Tariff
from chargepoint.domain.money.settlement import bill, receipt
from chargepoint.domain.pricing.tariff_conditions import Moment
from chargepoint.domain.session import Means, Session, StartOrder
from chargepoint.domain.units import ConnectorId, Minor, SessionId, Watt, Wh
from chargepoint.ocpp.account_tariff import account_tariff
from tests.support.central import CARD, FixedClock, Point, a_receipt, a_system, converse, euros

MADRID = "Europe/Madrid"
NIGHT = Promotion("Night", percent=50, start_time="22:00", end_time="06:00")
BEFORE = datetime(2026, 11, 22, 20, 50, tzinfo=UTC)  # 21:50 in Madrid


def local(utc: datetime) -> datetime:
    return utc.astimezone(ZoneInfo(MADRID))


async def account(point: Point) -> dict[str, Any]:
    return await point.transfer("GreenCard.Account", {"cardNumber": CARD, "connectorId": 1})


def test_answer_tells_the_prices_of_both_sides_and_stays_readable_as_before() -> None:
    system = a_system(clock=FixedClock(BEFORE), programme=Programme(promotions=(NIGHT,)))
    system.accounts.create_card(CARD, balance_minor=5000)

    async def script(point: Point) -> None:
        told = (await account(point))["tariff"]
        assert told["energyMilliPerKwh"] == 41_000
        assert told["timezone"] == MADRID
        assert told["energy"] == [
            {"milli": 20_500, "conditions": {"startTimeOfDay": "22:00", "endTimeOfDay": "06:00"}},
            {"milli": 41_000, "conditions": {}},
        ]
        assert "chargingTime" not in told

    converse(system, script)


def test_answer_without_hours_is_the_old_one() -> None:
    always = Promotion("Always", percent=10)
    terms = terms_for(
        Card(CARD), Tariff(), Programme(promotions=(always,)), Occasion(local(BEFORE))
    )
    assert terms.timed == ()
    assert set(tariff_content(terms.tariff, terms.timed, MADRID)) == {
        "currency",
        "vatPercent",
        "energyMilliPerKwh",
        "chargingMilliPerMinute",
        "idleMilliPerMinute",
        "idleGraceMinutes",
        "sessionMinor",
    }


def across_ten_o_clock(told: dict[str, Any]) -> dict[str, Any]:
    """What a point makes of it: 20 minutes, 500 Wh a minute, 22:00 in the middle."""
    tariff = account_tariff(told)
    order = StartOrder(SessionId("S"), Means.GREENCARD, CARD, tariff, Minor(5000))
    session = Session(order, BEFORE, Wh(1000), Wh(1000), Minor(5000)).opened()
    now = BEFORE
    for minute in range(1, 21):
        now = BEFORE + timedelta(minutes=minute)
        passed = session.charged(60_000, now)
        grown = replace(passed, register=Wh(passed.register + 500))
        session = grown.priced(passed, Watt(30_000), now)
    found = bill(session, "R-1", Minor(1))
    return receipt(found, ConnectorId(1), now).payload | {"transactionId": 1}


@pytest.mark.parametrize("cheats", [False, True])
def test_charge_across_the_hour_is_billed_right_on_both_sides(cheats: bool) -> None:
    clock = FixedClock(BEFORE)
    system = a_system(clock=clock, programme=Programme(promotions=(NIGHT,)))
    system.accounts.create_card(CARD, balance_minor=5000)

    async def script(point: Point) -> None:
        told = (await account(point))["tariff"]
        started = await point.start(timestamp=clock.moment.isoformat())
        clock.advance(minutes=20)
        at = clock.moment.isoformat()
        await point.stop(started["transactionId"], 11_000, timestamp=at)
        paper = across_ten_o_clock(told)
        by_price = {
            line["milliPerKwh"]: line["energyWh"] for line in paper["lines"] if "energyWh" in line
        }
        assert by_price == {41_000: 5_000, 20_500: 5_000}
        assert paper["total"] == euros(308)  # 2.05 and 1.025 EUR, rounded once
        if cheats:
            paper["lines"][0] |= {"amount": paper["lines"][0]["amount"] + 1}
            paper["total"] = euros(309)
        answer = await point.transfer("Session.Receipt", paper)
        assert answer == (
            {"status": "Accepted", "difference": euros(1)} if cheats else {"status": "Accepted"}
        )

    converse(system, script)
    codes = [finding.code for finding in system.store.findings()]
    assert codes == (["receipt.total"] if cheats else [])


def test_price_that_never_held_is_found() -> None:
    clock = FixedClock(BEFORE)
    system = a_system(clock=clock, programme=Programme(promotions=(NIGHT,)))
    system.accounts.create_card(CARD, balance_minor=5000)

    async def script(point: Point) -> None:
        await account(point)
        started = await point.start(timestamp=clock.moment.isoformat())
        clock.advance(minutes=5)  # still before 22:00
        at = clock.moment.isoformat()
        await point.stop(started["transactionId"], 11_000, timestamp=at)
        line = {"item": "energy", "amount": 205, "energyWh": 10_000, "milliPerKwh": 20_500}
        await point.transfer("Session.Receipt", a_receipt(total=euros(205), lines=[line]))

    converse(system, script)
    codes = {finding.code for finding in system.store.findings()}
    assert codes == {"receipt.price", "receipt.total"}


times = st.one_of(st.just(""), st.integers(0, 1439).map(lambda m: f"{m // 60:02}:{m % 60:02}"))
promotions = st.lists(
    st.builds(
        Promotion,
        name=st.just("P"),
        percent=st.integers(1, 100),
        days=st.sets(st.sampled_from(DAYS)).map(lambda d: tuple(sorted(d))),
        start_time=times,
        end_time=times,
        from_date=st.sampled_from(["", "2026-11-21", "2026-11-23"]),
        until_date=st.sampled_from(["", "2026-11-22", "2026-11-23"]),
    ),
    max_size=4,
).map(tuple)
PUBLIC = Tariff(energy_milli_per_kwh=40_000, charging_milli_per_minute=1_000, session_minor=50)


@given(offered=promotions, minutes=st.integers(0, 4 * 1440), due=st.booleans())
def test_point_finds_at_every_moment_what_an_offer_made_then_would_be(
    offered: tuple[Promotion, ...], minutes: int, due: bool
) -> None:
    """Also read back from the store."""
    card = Card(CARD, charges_since_discount=10 if due else 0)
    programme = Programme(promotions=offered)
    terms = terms_for(card, PUBLIC, programme, Occasion(local(BEFORE)))
    assert terms_from_text(terms_to_text(terms)) == terms
    at_point = account_tariff(tariff_content(terms.tariff, terms.timed, MADRID))
    later = BEFORE + timedelta(minutes=minutes)
    then = terms_for(card, PUBLIC, programme, Occasion(local(later))).tariff
    if terms.timed:
        assert holding(terms.timed, local(later)) == then
        assert then in tariffs_between(terms.timed, BEFORE, later, MADRID)
    moment = at_point.at_moment(Moment(local(later)))
    assert moment.energy_milli_per_kwh == then.energy_milli_per_kwh
    assert moment.charging_milli_per_minute == then.charging_milli_per_minute
    assert moment.session_minor == then.session_minor
