"""One rounding, no overspending, budget and price agree to the watt-hour."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.domain.pricing.tariff import (
    Consumption,
    Tariff,
    energy_within,
    price,
    round_half_up,
    vat_of,
)
from chargepoint.domain.units import Minor, Wh

PUBLIC = Tariff(energy_milli_per_kwh=45_000)

tariffs = st.builds(
    Tariff,
    energy_milli_per_kwh=st.integers(1, 200_000),
    charging_milli_per_minute=st.integers(0, 50_000),
    idle_milli_per_minute=st.integers(0, 50_000),
    idle_grace_minutes=st.integers(0, 120),
    session_minor=st.integers(0, 500),
    reservation_milli_per_minute=st.integers(0, 50_000),
)
used = st.builds(
    Consumption,
    energy=st.integers(0, 100_000).map(Wh),
    charging_s=st.integers(0, 90_000),
    idle_s=st.integers(0, 90_000),
    reserved_s=st.integers(0, 7_200),
)


@pytest.mark.parametrize(
    ("energy", "minor"), [(0, 0), (1, 0), (11, 0), (12, 1), (613, 28), (1000, 45), (12_480, 562)]
)
def test_price_of_energy(energy: int, minor: int) -> None:
    assert price(PUBLIC, Consumption(Wh(energy))) == minor


@pytest.mark.parametrize(("n", "d", "rounded"), [(1, 2, 1), (1, 3, 0), (5, 2, 3), (0, 7, 0)])
def test_round_half_up(n: int, d: int, rounded: int) -> None:
    assert round_half_up(n, d) == rounded


def test_idle_is_billed_after_the_grace_only() -> None:
    tariff = Tariff(idle_milli_per_minute=10_000, idle_grace_minutes=60)
    assert price(tariff, Consumption(idle_s=3600)) == 0
    assert price(tariff, Consumption(idle_s=3660)) == 10


@given(tariff=tariffs, budget=st.integers(0, 20_000).map(Minor), used=used)
def test_budget_is_used_and_never_exceeded(
    tariff: Tariff, budget: Minor, used: Consumption
) -> None:
    room = energy_within(tariff, budget, used)
    assert room is not None
    if price(tariff, used) > budget:
        assert room == 0
        return
    within = replace(used, energy=Wh(used.energy + room))
    beyond = replace(used, energy=Wh(used.energy + room + 1))
    assert price(tariff, within) <= budget < price(tariff, beyond)


@given(tariff=tariffs, used=used, more=st.integers(0, 5000))
def test_price_never_falls_with_more_energy(tariff: Tariff, used: Consumption, more: int) -> None:
    later = replace(used, energy=Wh(used.energy + more))
    assert price(tariff, later) >= price(tariff, used)


def test_free_energy_has_no_budget() -> None:
    assert energy_within(Tariff(), Minor(0), Consumption()) is None


@pytest.mark.parametrize(("gross", "vat"), [(121, 21), (100, 17), (0, 0)])
def test_vat_is_contained_in_gross(gross: int, vat: int) -> None:
    assert vat_of(PUBLIC, Minor(gross)) == vat


def test_negative_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        Tariff(energy_milli_per_kwh=-1)


def test_vat_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="vat"):
        Tariff(vat_percent=101)
