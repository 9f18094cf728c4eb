"""Consumption by price: exact across every change, never beyond what was prepaid."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.domain.money.settlement import bill, receipt
from chargepoint.domain.pricing.tariff import (
    Component,
    Consumption,
    Tariff,
    energy_within,
    exact_price,
    itemised,
    price,
)
from chargepoint.domain.pricing.tariff_conditions import BASE, DAYS, ConditionalPrice, Conditions
from chargepoint.domain.pricing.tariff_usage import add_time
from chargepoint.domain.session import Session, dump_session, load_session
from chargepoint.domain.units import ConnectorId, Minor, Watt, Wh
from tests.support.tariffs import BY_NIGHT, MADRID, NIGHT, a_session


def drive(session: Session, energy: int, gone_s: int, power: int = 7000) -> Session:
    """One reading `gone_s` later, with the contactor closed, as the machine does it."""
    now = (session.read_at or session.started_at) + timedelta(seconds=gone_s)
    passed = session.charged(gone_s * 1000, now)
    return replace(passed, register=Wh(passed.register + energy)).priced(passed, Watt(power), now)


def amounts(session: Session) -> dict[tuple[str, int], int]:
    return {(component.value, place): n for component, place, n in session.usage}


def test_time_is_cut_at_the_minute_the_price_changes() -> None:
    session = drive(a_session(BY_NIGHT, start="2026-11-20T21:59:15"), energy=4, gone_s=60)
    assert amounts(session) == {
        ("fixedFee", BASE): 1,
        ("chargingTime", BASE): 45_000,
        ("chargingTime", 0): 15_000,
        ("energy", BASE): 4,
    }


def test_energy_has_the_price_of_the_reading_before_it() -> None:
    session = a_session(BY_NIGHT, start="2026-11-20T21:59:00")
    for _ in range(4):
        session = drive(session, energy=10, gone_s=30)
    assert amounts(session)["energy", BASE] == 20
    assert amounts(session)["energy", 0] == 20


def test_energy_is_cut_at_its_own_thresholds() -> None:
    first = ConditionalPrice(20_000, Conditions(max_energy_wh=1000))
    beyond = ConditionalPrice(60_000, Conditions(min_energy_wh=5000))
    tariff = Tariff(energy_milli_per_kwh=40_000, energy=(first, beyond))
    session = drive(a_session(tariff), energy=7000, gone_s=3600)
    assert amounts(session) == {
        ("fixedFee", BASE): 1,
        ("chargingTime", BASE): 3_600_000,
        ("energy", 0): 1000,
        ("energy", BASE): 4000,
        ("energy", 1): 2000,
    }
    assert session.exact_cost == 20 + 160 + 120


def test_time_is_cut_at_its_own_thresholds() -> None:
    late = ConditionalPrice(5_000, Conditions(min_charging_time_s=2_712))
    session = drive(a_session(Tariff(charging_time=(late,))), energy=1, gone_s=3_000)
    assert amounts(session)["chargingTime", BASE] == 2_712_000
    assert amounts(session)["chargingTime", 0] == 288_000
    assert session.exact_cost == 24


def test_included_energy_costs_nothing_and_counts_for_thresholds() -> None:
    beyond = ConditionalPrice(60_000, Conditions(min_energy_wh=5000))
    tariff = Tariff(energy_milli_per_kwh=40_000, energy=(beyond,))
    session = drive(a_session(tariff, included=4000), energy=7000, gone_s=10)
    assert amounts(session)["energy", BASE] == 1000
    assert amounts(session)["energy", 0] == 2000


def test_idle_time_has_its_grace_and_its_own_hours() -> None:
    session = a_session(BY_NIGHT, start="2026-11-20T21:50")
    until = session.started_at + timedelta(minutes=20)
    session = session.idled(20 * 60_000, until)
    assert amounts(session)["idleTime", BASE] == 5 * 60_000
    assert amounts(session)["idleTime", 0] == 10 * 60_000


def test_reservation_time_has_its_own_prices() -> None:
    tariff = Tariff(
        reservation_milli_per_minute=5_000, reservation_time=(ConditionalPrice(1_000, NIGHT),)
    )
    session = a_session(tariff, start="2026-11-20T22:59")  # 21:59 UTC, where this tariff is at home
    before = session.moment(session.started_at, Watt(0))
    usage = add_time((), tariff, Component.RESERVATION_TIME, before, 120_000)
    assert price(tariff, Consumption(usage=usage)) == 5 + 1


def test_reserved_minutes_are_billed_with_the_charge_that_uses_them() -> None:
    tariff = Tariff(energy_milli_per_kwh=45_000, reservation_milli_per_minute=5_000)
    session = drive(a_session(tariff, reserved_s=720), energy=1000, gone_s=60)
    assert session.exact_cost == 45 + 60
    lines = receipt(bill(session, "R1", Minor(1)), ConnectorId(1), session.started_at).payload[
        "lines"
    ]
    assert lines == [
        {"item": "energy", "amount": 45, "energyWh": 1000},
        {"item": "reservation", "amount": 60, "seconds": 720},
    ]
    assert a_session(tariff, reserved_s=720).exact_cost == 0  # nothing flowed, nothing is asked


def test_reserved_minutes_have_the_prices_of_their_own_hours() -> None:
    tariff = replace(BY_NIGHT, reservation_milli_per_minute=5_000, session_minor=0)
    tariff = replace(tariff, reservation_time=(ConditionalPrice(1_000, NIGHT),), fixed_fee=())
    session = a_session(tariff, start="2026-11-20T22:10", reserved_s=1200)
    assert amounts(session)["reservationTime", BASE] == 600_000
    assert amounts(session)["reservationTime", 0] == 600_000
    lines = receipt(
        bill(drive(session, 1000, 60), "R1", Minor(1)), ConnectorId(1), session.started_at
    ).payload["lines"]
    assert [(line["item"], line["amount"]) for line in lines] == [
        ("energy", 30),
        ("reservation", 50),
        ("reservation", 10),
    ]


def test_order_of_an_older_journal_has_no_reservation() -> None:
    body = dump_session(a_session(BY_NIGHT))
    del body["order"]["reserved_s"]
    assert load_session(body).order.reserved_s == 0


def test_price_by_power_follows_the_reading() -> None:
    fast = ConditionalPrice(60_000, Conditions(min_power_w=50_000))
    session = a_session(Tariff(energy_milli_per_kwh=40_000, energy=(fast,)))
    session = drive(session, energy=1, gone_s=1, power=60_000)
    session = drive(session, energy=17, gone_s=1, power=7_000)
    session = drive(session, energy=2, gone_s=1, power=7_000)
    assert amounts(session)["energy", BASE] == 3
    assert amounts(session)["energy", 0] == 17


def test_night_with_25_hours_is_counted_whole() -> None:
    """The hour that happens twice has its price twice."""
    twice = Conditions(start_time_of_day="02:00", end_time_of_day="03:00")
    tariff = Tariff(zone=MADRID, charging_time=(ConditionalPrice(1_000, twice),))
    session = drive(a_session(tariff, start="2026-10-25T00:00"), energy=1, gone_s=6 * 3600)
    assert amounts(session)["chargingTime", 0] == 2 * 3_600_000
    assert amounts(session)["chargingTime", BASE] == 4 * 3_600_000


def test_receipt_has_a_line_for_each_price_and_adds_up() -> None:
    session = a_session(BY_NIGHT, limit=2000, start="2026-11-20T21:40")
    for _ in range(40):
        session = drive(session, energy=117, gone_s=60)
    found = bill(session, "R1", Minor(10))
    lines = receipt(found, ConnectorId(1), session.started_at).payload["lines"]
    assert sum(line["amount"] for line in lines) == found.total
    items = [line["item"] for line in lines]
    assert items == ["energy", "energy", "charging", "session", "rounding"]
    by_price = {line["milliPerKwh"]: line["energyWh"] for line in lines if "milliPerKwh" in line}
    assert by_price == {45_000: 20 * 117, 30_000: 20 * 117}


# --- properties ----------------------------------------------------------------------------------

times = st.integers(0, 1439).map(lambda m: f"{m // 60:02}:{m % 60:02}")


def ranges(name: str, most: int) -> st.SearchStrategy[dict[str, int]]:
    one = st.integers(0, most)
    return st.one_of(
        st.just({}),
        one.map(lambda low: {f"min_{name}": low}),
        one.map(lambda high: {f"max_{name}": high + 1}),
        st.tuples(one, st.integers(1, most)).map(
            lambda pair: {f"min_{name}": pair[0], f"max_{name}": pair[0] + pair[1]}
        ),
    )


conditions = st.builds(
    lambda parts: Conditions(**{k: v for part in parts for k, v in part.items()}),
    st.tuples(
        st.one_of(
            st.just({}),
            st.tuples(times, times).map(
                lambda t: {"start_time_of_day": t[0], "end_time_of_day": t[1]}
            ),
        ),
        st.one_of(
            st.just({}),
            st.sets(st.sampled_from(DAYS), min_size=1).map(
                lambda d: {"day_of_week": tuple(sorted(d))}
            ),
        ),
        ranges("power_w", 50_000),
        ranges("energy_wh", 5_000),
        ranges("charging_time_s", 4_000),
    ),
)
prices = st.lists(st.builds(ConditionalPrice, st.integers(0, 150_000), conditions), max_size=4).map(
    tuple
)
tariffs = st.builds(
    Tariff,
    energy_milli_per_kwh=st.integers(0, 100_000),
    charging_milli_per_minute=st.integers(0, 20_000),
    session_minor=st.integers(0, 100),
    zone=st.sampled_from(["UTC", MADRID]),
    energy=prices,
    charging_time=prices,
)
starts = st.sampled_from(
    ["2026-11-20T12:00", "2026-11-20T23:40", "2026-03-29T01:50:13", "2026-10-25T02:40:41"]
)
curves = st.lists(st.tuples(st.integers(0, 50_000), st.integers(1, 10)), min_size=1, max_size=60)


@given(tariff=tariffs, start=starts, curve=curves, limit=st.integers(100, 1500))
def test_prepaid_money_is_never_exceeded(
    tariff: Tariff, start: str, curve: list[tuple[int, int]], limit: int
) -> None:
    """Whatever the tariff and the vehicle do: until the look-ahead says stop, the price fits."""
    session, power = a_session(tariff, limit=limit, start=start), 0
    if session.will_overspend(Watt(0)):
        return
    for next_power, gone_s in curve:
        session = drive(session, power * gone_s // 3600, gone_s, next_power)
        assert price(tariff, session.consumption) <= limit
        power = next_power
        if session.will_overspend(Watt(power)):
            return


@given(tariff=tariffs, start=starts, curve=curves)
def test_nothing_consumed_is_lost_or_counted_twice(
    tariff: Tariff, start: str, curve: list[tuple[int, int]]
) -> None:
    session = a_session(tariff, start=start)
    for power, gone_s in curve:
        session = drive(session, power * gone_s // 3600, gone_s, power)
    if not tariff.has_conditions:
        assert session.usage == ()
        return
    totals: dict[Component, int] = {}
    for component, _, amount in session.usage:
        totals[component] = totals.get(component, 0) + amount
    assert totals.get(Component.ENERGY, 0) == session.energy
    assert totals[Component.CHARGING_TIME] == session.charging_ms
    assert totals[Component.FIXED_FEE] == 1


@given(tariff=tariffs, start=starts, curve=curves, cut=st.integers(1, 9999))
def test_time_counts_the_same_in_one_piece_or_in_two(
    tariff: Tariff, start: str, curve: list[tuple[int, int]], cut: int
) -> None:
    session = a_session(tariff, start=start)
    whole_ms = sum(gone_s for _, gone_s in curve) * 10_000
    until = session.started_at + timedelta(milliseconds=whole_ms)
    part_ms = whole_ms * cut // 10_000
    in_two = session.charged(part_ms, session.started_at + timedelta(milliseconds=part_ms))
    in_two = in_two.charged(whole_ms - part_ms, until)
    assert sorted(session.charged(whole_ms, until).usage) == sorted(in_two.usage)


@given(tariff=tariffs, start=starts, curve=curves)
def test_lines_add_up_to_the_price(
    tariff: Tariff, start: str, curve: list[tuple[int, int]]
) -> None:
    session = a_session(tariff, start=start)
    for power, gone_s in curve:
        session = drive(session, power * gone_s // 60, gone_s, power)
    if tariff.has_conditions:
        used = session.consumption
        assert sum(amount for *_, amount in itemised(tariff, used)) == price(tariff, used)


@given(tariff=tariffs, budget=st.integers(0, 2000).map(Minor), energy=st.integers(0, 3000))
def test_energy_within_a_budget_fits_at_every_price(
    tariff: Tariff, budget: Minor, energy: int
) -> None:
    if not tariff.has_conditions:
        return
    used = Consumption(usage=((Component.ENERGY, BASE, energy),))
    room = energy_within(tariff, budget, used)
    if room is None or price(tariff, used) > budget:
        assert not room
        return
    for place in range(-1, len(tariff.energy)):
        more = Consumption(usage=(*used.usage, (Component.ENERGY, place, room)))
        assert price(tariff, more) <= budget


# --- how long it lasts ---------------------------------------------------------------------------


def test_time_left_knows_the_price_change() -> None:
    """3.00 EUR at 6 kW: 0.50 EUR/kWh for half an hour, then an hour at half the price."""
    tariff = Tariff(
        energy_milli_per_kwh=50_000, zone=MADRID, energy=(ConditionalPrice(25_000, NIGHT),)
    )
    session = a_session(tariff, limit=300, start="2026-11-20T21:30")
    left = session.seconds_left(Watt(6000))
    assert left == pytest.approx(1800 + 3600, abs=12)  # 12 s: half a cent


def test_time_left_counts_minutes_that_cost_and_energy_that_does_not() -> None:
    tariff = Tariff(energy_milli_per_kwh=60_000, charging_milli_per_minute=10_000)
    assert a_session(tariff, limit=100).seconds_left(Watt(1000)) == 548
    session = a_session(Tariff(energy_milli_per_kwh=60_000), limit=60, included=1000)
    assert session.seconds_left(Watt(1000)) == 2 * 3600 + 29
    overspent = replace(session, limit=Minor(0), register=Wh(4000))
    assert overspent.seconds_left(Watt(1000)) == 0


def test_money_for_more_than_a_day_has_no_end() -> None:
    assert a_session(Tariff(energy_milli_per_kwh=1), limit=100).seconds_left(Watt(1000)) is None


def test_thresholds_of_the_session_shorten_the_time_left() -> None:
    late = ConditionalPrice(60_000, Conditions(min_charging_time_s=600))
    tariff = Tariff(
        energy=(ConditionalPrice(1, Conditions(max_energy_wh=50)),), charging_time=(late,)
    )
    assert a_session(tariff, limit=60).seconds_left(Watt(1000)) == 660


def test_exact_price_of_conditions_is_the_sum_of_its_parts() -> None:
    used = Consumption(
        usage=(
            (Component.ENERGY, 0, 1000),
            (Component.CHARGING_TIME, BASE, 60_000),
            (Component.FIXED_FEE, 0, 1),
        )
    )
    assert exact_price(BY_NIGHT, used) == (30 + 1 + 20) * 60_000_000
