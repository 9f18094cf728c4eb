"""The electrical picture against the standard's own tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.domain.devices import Pilot
from simulator.ev import Vehicle
from simulator.iec61851.bolt import TRAVEL_US, Bolt
from simulator.iec61851.contactor import Contactor, Wear
from simulator.iec61851.control_pilot import (
    OPEN,
    SHORTED,
    Levels,
    Load,
    Source,
    levels,
    state_of,
    vehicle_load,
)
from simulator.iec61851.duty import NotSignalled, Reading, current_ma, duty_ppm, offered_ma
from simulator.iec61851.proximity import NOMINAL_OHM, cable_of
from simulator.iec61851.residual import Leakage
from simulator.iec61851.warmth import Warmth

PERCENT = 10_000


@pytest.mark.parametrize(
    ("amperes", "percent"),
    [
        (6, 10.0),
        (10, 16.667),
        (13, 21.667),
        (16, 26.667),
        (20, 33.333),
        (25, 41.667),
        (32, 53.333),
        (48, 80.0),
        (51, 85.0),
        (52, 85.0),
        (55, 86.0),
        (63, 89.2),
        (80, 96.0),
    ],
)
def test_duty_of_a_current_is_that_of_the_standard(amperes: int, percent: float) -> None:
    assert duty_ppm(amperes * 1000) == pytest.approx(percent * PERCENT, abs=5)


@pytest.mark.parametrize("milliamperes", [0, 5_999, 80_001])
def test_current_without_a_duty_is_refused(milliamperes: int) -> None:
    with pytest.raises(NotSignalled):
        duty_ppm(milliamperes)


@pytest.mark.parametrize(
    ("percent", "read"),
    [
        (0, Reading.NOTHING),
        (2.99, Reading.NOTHING),
        (3, Reading.DIGITAL),
        (5, Reading.DIGITAL),
        (7, Reading.DIGITAL),
        (7.01, Reading.ERROR),
        (7.99, Reading.ERROR),
        (8, 6_000),
        (9.99, 6_000),
        (10, 6_000),
        (50, 30_000),
        (85, 51_000),
        (86, 55_000),
        (96, 80_000),
        (96.5, 80_000),
        (97, 80_000),
        (97.01, Reading.NOTHING),
        (100, Reading.NOTHING),
    ],
)
def test_vehicle_reads_a_duty_as_the_standard_says(percent: float, read: int | Reading) -> None:
    assert current_ma(round(percent * PERCENT)) == read


@given(st.one_of(st.integers(6_000, 51_000), st.integers(52_501, 80_000)))
def test_what_is_offered_is_what_is_read_to_the_milliampere(offered: int) -> None:
    assert offered_ma(duty_ppm(offered)) == offered


@given(st.integers(0, 1_000_000))
def test_nobody_ever_reads_more_than_eighty_amperes(duty: int) -> None:
    assert offered_ma(duty) in {0, *range(6_000, 80_001)}


A, B, C, D = (
    OPEN,
    vehicle_load(is_asking=False),
    vehicle_load(is_asking=True),
    vehicle_load(is_asking=True, ventilated=True),
)


@pytest.mark.parametrize(
    ("load", "ohm", "high_mv", "state"),
    [
        (A, None, 12_000, Pilot.A),
        (B, 2_740, 8_978, Pilot.B),
        (C, 882, 5_995, Pilot.C),
        (D, 246, 2_930, Pilot.D),
        (SHORTED, 0, 0, Pilot.E),
    ],
)
def test_pilot_stands_at_the_voltage_of_its_state(
    load: Load, ohm: int | None, high_mv: int, state: Pilot
) -> None:
    assert load.ohm == ohm
    steady, oscillating = levels(Source.STEADY, load), levels(Source.PWM, load)
    assert steady.high_mv == oscillating.high_mv == pytest.approx(high_mv, abs=5)
    assert state_of(steady) is state_of(oscillating) is state


@pytest.mark.parametrize("load", [A, B, C, D])
def test_negative_half_is_minus_twelve_volts_behind_a_diode(load: Load) -> None:
    assert levels(Source.PWM, load).low_mv == -12_000
    assert levels(Source.PWM, load).is_diode_proved


@pytest.mark.parametrize("asking", [False, True])
def test_shorted_diode_makes_both_halves_alike(asking: bool) -> None:
    seen = levels(Source.PWM, vehicle_load(is_asking=asking, has_diode=False))
    assert seen.high_mv == -seen.low_mv
    assert not seen.is_diode_proved
    assert state_of(seen) is (Pilot.C if asking else Pilot.B)


def test_board_that_is_not_available_stands_at_minus_twelve_volts_whatever_is_plugged() -> None:
    assert {state_of(levels(Source.NEGATIVE, load)) for load in (A, B, C, D)} == {Pilot.F}
    assert levels(Source.UNPOWERED, B) == Levels(0, 0)


@given(st.integers(-13_000, 13_000))
def test_bands_never_overlap_and_are_a_volt_to_either_side(high_mv: int) -> None:
    near = [
        state
        for state, ideal in zip("ABCDEF", (12, 9, 6, 3, 0, -12), strict=True)
        if abs(high_mv - ideal * 1000) <= 1000
    ]
    state = state_of(Levels(high_mv, -12_000))
    assert near == ([] if state is None else [state.value])


@pytest.mark.parametrize(
    ("ohm", "rating"),
    [
        (None, None),
        (10_000, None),
        (4_500, None),
        (3_000, 0),
        (2_201, 0),
        (2_200, 13),
        (1_500, 13),
        (1_001, 13),
        (1_000, 20),
        (680, 20),
        (330, 32),
        (220, 32),
        (151, 32),
        (150, 63),
        (100, 63),
        (75, 0),
        (0, 0),
    ],
)
def test_resistor_of_the_plug_names_the_cable(ohm: int | None, rating: int | None) -> None:
    cable = cable_of(ohm)
    assert cable.rating_a == rating
    assert cable.is_faulty is (rating == 0)


def test_nominal_resistors_are_in_the_middle_of_their_bands() -> None:
    for rating, ohm in NOMINAL_OHM.items():
        for tolerance in (97, 100, 103):
            assert cable_of(ohm * tolerance // 100).rating_a == rating
    assert cable_of(100, phases=1).rating_a == 70
    with pytest.raises(ValueError, match="no cable of 16 A"):
        Vehicle(cable_a=16)


def test_poles_weld_and_miss_each_for_itself() -> None:
    contactor = Contactor().worn(Wear.WELDED, 0).worn(Wear.MISSING, 2)
    assert not contactor.is_closed
    closed = contactor.driven(on=True)
    assert [closed.is_live(place) for place in range(3)] == [True, True, False]
    opened = closed.driven(on=False)
    assert [opened.is_live(place) for place in range(3)] == [True, False, False]
    assert not opened.worn(Wear.SOUND).driven(on=False).is_closed
    assert not Contactor(is_coil_broken=True).driven(on=True).is_closed


@given(st.lists(st.tuples(st.integers(0, 2 * TRAVEL_US), st.booleans()), max_size=12))
def test_bolt_is_locked_at_the_end_of_its_way_and_never_beyond(
    moves: list[tuple[int, bool]],
) -> None:
    bolt, now_us = Bolt(), 0
    for gone_us, locked in moves:
        now_us += gone_us
        bolt = bolt.driven(now_us, locked=locked)
        assert 0 <= bolt.position <= 1000
    now_us += TRAVEL_US
    bolt = bolt.at(now_us)
    assert bolt.target is None
    assert bolt.is_locked is (bool(moves) and moves[-1][1])


def test_bolt_without_supply_stays_half_way_and_takes_the_rest_later() -> None:
    half = Bolt().driven(0, locked=True).stopped(TRAVEL_US // 2)
    assert (half.position, half.is_locked) == (500, False)
    assert half.driven(9_000_000, locked=True).arrives_in_us() == TRAVEL_US // 2


@pytest.mark.parametrize(
    ("leakage", "trips"),
    [
        (Leakage(), False),
        (Leakage(ac_ma=29, dc_ma=5), False),
        (Leakage(ac_ma=30), True),
        (Leakage(dc_ma=6), True),
    ],
)
def test_board_switches_off_at_thirty_milliamperes_ac_and_six_dc(
    leakage: Leakage, trips: bool
) -> None:
    assert leakage.trips is trips


def test_board_warms_through_with_the_square_of_its_current() -> None:
    cold = Warmth()
    assert cold.after(3_600, 0).board_milli == cold.board_milli
    assert cold.after(600, 32_000).board_milli - cold.board_milli == pytest.approx(5_060, abs=20)
    assert cold.after(4_800, 16_000).board_milli - cold.board_milli == pytest.approx(2_000, abs=5)
    assert cold.after(4_800, 32_000).after(4_800, 0).board_milli - cold.board_milli < 5
