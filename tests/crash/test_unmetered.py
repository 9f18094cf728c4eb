"""How much a broken meter excuses: what flowed until it had to be noticed, and nothing more."""

from typing import Any

import pytest

from config.schema import Config
from tests.crash.unmetered import unmetered_wh
from tests.walk.station_walk import played

FULL_W = 32 * 230 * 3


def at(t: float, what: str, value: str, connector: int = 1) -> dict[str, Any]:
    return {"t": t, "what": what, "connector": connector, "value": value}


PLUG = "plug: {connector: 1, ev: {soc: 20, battery_kwh: 40, max_a: 32, phases: 3}}"
KILLED = at(24, "core", "killed", connector=0)
CLOSED, OPEN = at(10, "contactor", "closed"), at(99, "contactor", "open")


@pytest.mark.parametrize(
    ("physical", "seconds"),
    [
        ([CLOSED, OPEN], 0),
        ([CLOSED, at(20, "fault", "evse.silent"), OPEN], 0),
        ([CLOSED, at(20, "fault", "meter.silent"), OPEN], 6),
        ([CLOSED, at(20, "fault", "meter.silent"), at(22, "clear", "meter.silent"), OPEN], 3),
        ([CLOSED, at(20, "fault", "meter.silent"), at(30, "fault", "meter.silent"), OPEN], 6),
        ([CLOSED, at(20, "fault", "meter.silent", connector=2), OPEN], 1),
        ([at(20, "fault", "meter.off"), at(30, "contactor", "closed"), at(33, "pilot", "C")], 4),
    ],
)
def test_silence_excuses_what_flows_until_it_is_noticed(
    physical: list[dict[str, Any]], seconds: float
) -> None:
    assert unmetered_wh(physical, Config()) == pytest.approx(FULL_W * seconds / 3600)


def test_register_that_stands_excuses_60_wh_and_two_readings() -> None:
    stands = [CLOSED, at(20, "fault", "meter.stuck"), OPEN]
    assert unmetered_wh(stands, Config()) == pytest.approx(60 + FULL_W * 2 / 3600)


def test_core_that_dies_meanwhile_excuses_a_lease_and_what_was_not_saved() -> None:
    silent = [CLOSED, at(20, "fault", "meter.silent"), KILLED, OPEN]
    assert unmetered_wh(silent, Config()) == pytest.approx(50 + FULL_W * (6 + 4 + 6) / 3600)


def test_contactor_that_opens_at_once_excuses_what_was_not_saved() -> None:
    dark = [at(24, "contactor", "open"), at(24, "core", "killed", connector=0)]
    silent = [CLOSED, at(20, "fault", "meter.silent"), *dark]
    assert unmetered_wh(silent, Config()) == pytest.approx(50 + FULL_W * (1 + 4) / 3600)


@pytest.mark.parametrize(
    ("kind", "connector", "seconds"),
    [
        ("evse.weld", 1, 9),
        ("evse.weld", 2, 1),
        ("lease_timer.stuck", 0, 9),
        ("evse.overheat", 1, 0),
    ],
)
def test_contacts_that_never_open_excuse_what_flows_until_they_are_repaired(
    kind: str, connector: int, seconds: float
) -> None:
    """And a reading; what opens by itself excuses nothing."""
    stuck = [at(20, "fault", kind, connector), at(28, "clear", kind, connector)]
    expected = FULL_W * seconds / 3600
    assert unmetered_wh([CLOSED, *stuck, OPEN], Config()) == pytest.approx(expected)


def test_core_that_dies_beside_a_sound_meter_excuses_nothing() -> None:
    mended = [CLOSED, at(20, "fault", "meter.silent"), at(21, "clear", "meter.silent"), KILLED]
    assert unmetered_wh(mended, Config()) == pytest.approx(FULL_W * 2 / 3600)


@pytest.mark.parametrize("kind", ["silent", "stuck", "wrong"])
def test_station_at_full_power_notices_in_that_time(kind: str) -> None:
    charging = ["wait: 2s", PLUG, "tap: GC-1", "wait: 1s", "touch: start", "wait: 20s"]
    broken = [f"fault: {{device: meter, kind: {kind}, connector: 1}}", "wait: 60s"]
    walk = played(1, [*charging, *broken])
    assert (walk.transactions, walk.found) == (1, [])
