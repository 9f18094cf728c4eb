"""A meter that cannot be believed: which readings count, and which end the sale."""

import struct
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.domain.devices import DeviceKind, DeviceOnline, DeviceRef
from chargepoint.domain.effects import OpenContactor
from chargepoint.domain.point.context import PointSettings
from chargepoint.domain.supply import believable
from chargepoint.domain.supply.believable import (
    CLOSE_MS,
    EARLY_WMS,
    WMS_PER_WH,
    Doubt,
    Trust,
    weigh,
)
from chargepoint.domain.units import Watt, Wh
from drivers.modbus.reading import whole_wh
from tests.support.points import ONE, PointUnderTest, a_point, card_order, sample

MOST = Watt(24_000)
METER = DeviceRef(DeviceKind.METER, ONE)

powers = st.integers(0, 22_000)
pauses_ms = st.integers(200, CLOSE_MS)


@dataclass
class Counter:
    """A meter in order, that shows what flowed in steps of `step_wh`."""

    step_wh: int = 1
    flowed_wms: int = 0

    def flow(self, power: int, for_ms: int) -> Wh:
        self.flowed_wms += power * for_ms
        whole = 1_000_000 + self.flowed_wms // WMS_PER_WH
        return Wh(whole // self.step_wh * self.step_wh)


@given(st.lists(st.tuples(powers, pauses_ms), max_size=200), st.sampled_from([1, 2, 10, 16]))
def test_meter_in_order_is_always_believed(course: list[tuple[int, int]], step_wh: int) -> None:
    """Whatever the power does; the one it reads is that of the time before."""
    counter, trust, now_ms = Counter(step_wh), Trust(), 0
    trust = weigh(trust, sample(counter.flow(0, 0)), 0, MOST).trust
    for power, pause_ms in course:
        now_ms += pause_ms
        verdict = weigh(trust, sample(counter.flow(power, pause_ms), power), now_ms, MOST)
        assert verdict.doubt is None
        trust = verdict.trust


@given(st.integers(1, 10**6), pauses_ms, powers)
def test_register_that_falls_is_never_believed(back: int, pause_ms: int, power: int) -> None:
    trust = Trust(register=Wh(10**7), power=Watt(power))
    first = weigh(trust, sample(10**7 - back, power), pause_ms, MOST)
    assert (first.doubt, first.is_certain) == (Doubt.WENT_BACK, False)
    assert first.trust.register == trust.register
    second = weigh(first.trust, sample(10**7 - back, power), 2 * pause_ms, MOST)
    assert (second.doubt, second.is_certain) == (Doubt.WENT_BACK, True)


@given(pauses_ms, powers, powers, st.integers(1, 10**6))
def test_leap_beyond_the_power_is_never_believed(
    pause_ms: int, before: int, power: int, beyond: int
) -> None:
    trust = Trust(register=Wh(10**7), power=Watt(before))
    possible_wms = max(before, power) * pause_ms * 125 // 100 + EARLY_WMS
    leap = 10**7 + possible_wms // WMS_PER_WH + beyond
    verdict = weigh(trust, sample(leap, power), pause_ms, MOST)
    assert verdict.doubt is Doubt.LEAPT
    assert verdict.trust.register == trust.register


@given(st.lists(st.tuples(st.integers(0, 30), pauses_ms, powers), max_size=300))
def test_believed_energy_is_never_more_than_power_allows(
    course: list[tuple[int, int, int]],
) -> None:
    """However a register creeps: allowance once, and a quarter more than the power."""
    trust = weigh(Trust(), sample(10**6), 0, MOST).trust
    register, now_ms, possible_wms, power_before = 10**6, 0, EARLY_WMS, 0
    for step, pause_ms, power in course:
        now_ms += pause_ms
        register += step
        verdict = weigh(trust, sample(register, power), now_ms, MOST)
        since_ms = now_ms - trust.at_ms
        highest = max(power_before, power) if since_ms <= CLOSE_MS else MOST
        if verdict.doubt is not Doubt.LEAPT:
            possible_wms += highest * since_ms * 125 // 100
            power_before = power
        trust = verdict.trust
        assert trust.register is not None
        assert (trust.register - 10**6) * WMS_PER_WH <= possible_wms


@pytest.mark.parametrize(("power", "seconds"), [(1_400, 155), (3_680, 59), (22_000, 10)])
def test_register_that_stands_in_a_current_is_found_out_after_60_wh(
    power: int, seconds: int
) -> None:
    trust, found = Trust(), None
    for second in range(300):
        verdict = weigh(trust, sample(5000, power), second * 1000, MOST)
        trust, found = verdict.trust, verdict.doubt
        if found:
            break
    assert found is Doubt.STUCK
    assert second == pytest.approx(seconds, abs=1)


def test_power_that_reads_nothing_while_current_flows_does_not_hide_a_standstill() -> None:
    trust, doubts = Trust(), []
    for second in range(300):
        reading = sample(5000, 3_680)
        verdict = weigh(
            trust,
            type(reading)(ONE, reading.register, Watt(0), reading.current, reading.voltage),
            second * 1000,
            MOST,
        )
        trust = verdict.trust
        doubts.append(verdict.doubt)
    assert Doubt.STUCK in doubts


def test_what_was_counted_while_nobody_looked_is_believed_up_to_what_the_socket_can() -> None:
    trust = Trust(register=Wh(1000))
    assert weigh(trust, sample(25_000), 3_600_000, MOST).doubt is None
    assert weigh(trust, sample(40_000), 3_600_000, MOST).doubt is Doubt.LEAPT
    assert weigh(trust, sample(40_000), 3_600_000, Watt(0)).doubt is None


def test_another_serial_number_is_another_meter() -> None:
    trust = believable.met(Trust(register=Wh(5000), serial="A"), "A")
    assert trust.register == 5000
    assert believable.met(trust, "") == trust
    assert believable.met(trust, "B") == Trust(serial="B")


@given(st.lists(st.integers(1, 40_000), min_size=1, max_size=40))
def test_float_steps_lose_nothing_over_many_charges(charges_wh: list[int]) -> None:
    """Registers of float32 step by 2 Wh above 16,384 kWh: deltas of the one register, so that what
    one charge is short of, the next one has.
    """
    exact_wh = 40_000_000
    first = shown(exact_wh)
    billed, start = 0, first
    for energy_wh in charges_wh:
        exact_wh += energy_wh
        billed += shown(exact_wh) - start
        start = shown(exact_wh)
    assert billed == shown(exact_wh) - first
    assert abs(billed - sum(charges_wh)) <= 4


def shown(energy_wh: int) -> Wh:
    (single,) = struct.unpack(">f", struct.pack(">f", energy_wh / 1000))
    return whole_wh(single)


# --- at the point -------------------------------------------------------------------------------


def charging() -> PointUnderTest:
    point = a_point(PointSettings(most_power=MOST)).plugged().started(card_order()).locked()
    point.energised()
    for second in range(1, 31):
        point.hear(sample(1000 + second * 2, 7_200), after_s=1.0)
    return point


def opened(point: PointUnderTest) -> bool:
    return any(isinstance(e, OpenContactor) for e in point.last.effects)


@pytest.mark.parametrize(("wrong", "key"), [(10, "meter_went_back"), (90_000, "meter_leapt")])
def test_sale_ends_at_the_last_believed_value_and_says_so(wrong: int, key: str) -> None:
    point = charging()
    point.hear(sample(wrong, 7_200), after_s=1.0)
    assert point.state == "session/energised"  # one may be a slip
    point.hear(sample(wrong, 7_200), after_s=1.0)
    assert opened(point)
    session = point.machine.data.session
    assert session is not None
    assert (session.register, session.estimated, session.fault) == (1060, True, key)
    (incident,) = point.last.batch.incidents
    assert incident.code == key.replace("_", ".", 1)
    assert incident.device == "meter:1"
    assert f"1060 Wh, then {wrong} Wh" in incident.detail
    point.hear(sample(wrong + 5, 0), after_s=1.0)
    assert session.register == 1060


def test_slip_of_the_line_is_passed_over() -> None:
    point = charging()
    point.hear(sample(10, 7_200), after_s=1.0).hear(sample(1064, 7_200), after_s=1.0)
    assert point.state == "session/energised"
    assert point.machine.data.session is not None
    assert point.machine.data.session.register == 1064
    assert not point.machine.data.faults


def test_stuck_register_ends_the_sale_within_60_wh() -> None:
    point = charging()
    for _ in range(40):
        point.hear(sample(1060, 7_200), after_s=1.0)
    assert "meter_stuck" in point.machine.data.faults
    assert point.state == "session/stopping"


def test_meter_that_is_exchanged_in_the_middle_ends_the_sale_and_is_believed_afterwards() -> None:
    point = charging()
    point.hear(DeviceOnline(METER, serial="A")).hear(DeviceOnline(METER, serial="B"))
    assert point.state == "session/stopping"
    point.hear(sample(77, 7_200), after_s=1.0)
    session = point.machine.data.session
    assert session is not None
    assert (session.register, session.fault) == (1060, "meter_replaced")
    assert not point.machine.data.faults


def test_point_is_in_service_again_when_its_meter_fits() -> None:
    point = a_point(PointSettings(most_power=MOST))
    point.hear(sample(10), after_s=10).hear(sample(10), after_s=10)
    assert point.machine.data.faults == {"meter_went_back"}
    assert not point.machine.data.may_start
    point.hear(sample(1000), after_s=10)
    assert not point.machine.data.faults
