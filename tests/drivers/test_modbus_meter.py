"""The meter driver against the simulated meter, in virtual time."""

import asyncio
import struct

import pytest

from chargepoint.domain.devices import (
    DeviceIncident,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    DeviceRef,
    MeterSampled,
)
from chargepoint.domain.units import MilliAmp, MilliVolt, Watt, Wh
from chargepoint.ports import DeviceUnavailable
from drivers.modbus.models import MODELS, model_of
from drivers.modbus.reading import Implausible, Reading, reading
from drivers.modbus.sdm import floats
from simulator.ev import PJ_PER_MWH, Vehicle
from tests.support.power import CONNECTOR, Socket, play
from tests.support.transports import Transport, on_every_transport

METER = DeviceRef(DeviceKind.METER, CONNECTOR)
THREE_PHASE = MODELS["sdm630"]
QUIET = {0x00: 230.0, 0x06: 0.0, 0x08: 0.0, 0x0A: 0.0, 0x34: 0.0, 0x48: 1234.5}


def online(socket: Socket) -> list[DeviceOnline]:
    return [event for event in socket.said(DeviceOnline) if event.device == METER]


def offline(socket: Socket) -> list[DeviceOffline]:
    return [event for event in socket.said(DeviceOffline) if event.device == METER]


@on_every_transport
def test_meter_comes_online_and_counts_what_the_car_takes(transport: Transport) -> None:
    async def story(socket: Socket) -> None:
        await socket.until(lambda: bool(socket.said(MeterSampled)))
        assert online(socket)[0].serial == "21000001"
        await socket.online()
        vehicle = Vehicle()
        socket.world.plug(1, vehicle)
        socket.meter.set_fast(fast=True)
        socket.world.set_lease(1, on=True)
        before = socket.said(MeterSampled)[-1].register
        await socket.board.permit(1, MilliAmp(16_000))
        await asyncio.sleep(60)
        await transport.disturb(socket.bus_line)
        await asyncio.sleep(240)
        await sampled(socket)
        after = socket.said(MeterSampled)[-1]
        taken_wh = socket.world.vehicle(1).received_pj // PJ_PER_MWH // 1000
        assert after.register - before in (taken_wh - 1, taken_wh, taken_wh + 1)
        assert (after.power, after.current, after.voltage) == (3680, 16_000, 230_000)

    async def sampled(socket: Socket) -> None:
        """As its caller does: again until it is carried out."""
        for _ in range(10):
            try:
                return await socket.meter.sample()
            except DeviceUnavailable:
                await asyncio.sleep(0.5)
        raise AssertionError("ten samples failed")

    play(story, transport)


@pytest.mark.parametrize("model", sorted(MODELS))
def test_every_model_is_read_in_its_own_way(model: str) -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await socket.charging()
        await socket.meter.sample()
        sample = socket.said(MeterSampled)[-1]
        assert sample.power == 3680
        has_phases = model != "sdm72"
        assert sample.current == (16_000 if has_phases else 0)
        assert sample.voltage == (230_000 if has_phases else 0)

    play(story, model=model)


def test_pace_is_one_a_second_while_energy_may_flow_else_one_in_ten() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        await asyncio.sleep(100)
        assert len(socket.said(MeterSampled)) == pytest.approx(11, abs=1)
        socket.events.clear()
        socket.meter.set_fast(fast=True)
        await asyncio.sleep(100)
        assert len(socket.said(MeterSampled)) == pytest.approx(101, abs=1)

    play(story)


def test_three_phases_are_summed_in_power_and_the_largest_current_is_told() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle(phases=3, max_a=10))
        await socket.charging()
        await socket.meter.sample()
        sample = socket.said(MeterSampled)[-1]
        assert (sample.power, sample.current) == (6900, 10_000)

    play(story)


@pytest.mark.parametrize("kind", ["silent", "garbled", "unplugged"])
def test_lost_meter_is_reported_once_and_comes_back(kind: str) -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.meter.set_fast(fast=True)
        socket.meter_device.fault(kind)
        await socket.until(lambda: bool(offline(socket)), 8.0)
        await asyncio.sleep(60)
        assert len(offline(socket)) == 1
        with pytest.raises(DeviceUnavailable):
            await socket.meter.sample()
        socket.meter_device.clear(kind)
        await socket.until(lambda: len(online(socket)) == 2, 15.0)
        assert socket.said(MeterSampled)[-1].register == 1_234_000

    play(story)


def test_dead_meter_does_not_keep_the_lease_from_its_bus() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        await socket.charging()
        socket.meter.set_fast(fast=True)
        socket.meter_device.fault("silent")
        await socket.keep_leased(for_s=120)
        assert socket.world.is_contactor_closed(1)
        assert [value for _, what, value in socket.seen if what == "contactor"] == ["closed"]

    play(story)


def test_slow_meter_stays_online() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.meter_device.fault("slow")
        socket.meter.set_fast(fast=True)
        await asyncio.sleep(60)
        assert not offline(socket)

    play(story)


@pytest.mark.parametrize("model", sorted(MODELS))
def test_late_answer_is_never_taken_for_that_of_another_question(model: str) -> None:
    """An answer does not say to which registers: one that comes after its repetition is dangerous."""

    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        socket.meter.set_fast(fast=True)
        await socket.charging()
        socket.events.clear()
        socket.meter_device.fault("slow")
        await socket.keep_leased(for_s=60)
        samples = socket.said(MeterSampled)
        assert len(samples) > 5
        assert {sample.power for sample in samples} == {3680}
        assert len({sample.voltage for sample in samples}) == 1
        assert not socket.said(DeviceIncident)

    play(story, model=model)


@pytest.mark.parametrize("fitted", sorted(MODELS))
@pytest.mark.parametrize("configured", sorted(MODELS))
def test_meter_of_another_type_is_found_out_and_refused(configured: str, fitted: str) -> None:
    async def story(socket: Socket) -> None:
        await asyncio.sleep(60)
        codes = [event.code for event in socket.said(DeviceIncident)]
        if configured == fitted:
            assert online(socket)
            assert not codes
            return
        assert not online(socket)
        assert not socket.said(MeterSampled)
        assert codes == ["meter.wrong_type"]
        assert len(offline(socket)) == 1

    play(story, model=configured, fitted=fitted)


def test_what_a_data_sheet_has_wrong_can_be_configured() -> None:
    turned = model_of("sdm630", low_word_first=True)
    high, low = struct.unpack(">2H", struct.pack(">f", 230.5))
    assert turned.decode({0x0000: [low, high]}) == {0x0000: 230.5}
    total = model_of("sdm120", energy=0x0156)
    assert (0x0156, 2) in total.reads
    assert (0x0048, 2) not in total.reads
    assert not model_of("sdm72", is_checked=False).lacks
    assert model_of("b23", energy=0x5460).reads[-1] == (0x5460, 4)


def test_hundredths_of_a_kilowatt_hour_are_exact() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.meter_device.set_register_wh(4_567_890)
        await socket.meter.sample()
        assert socket.said(MeterSampled)[-1].register == 4_567_890

    play(story, model="b23")


def test_phases_are_told_where_the_meter_tells_them() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle(phases=3, max_a=10))
        await socket.charging()
        await socket.meter.sample()
        details = socket.said(MeterSampled)[-1].details
        assert [phase.current for phase in details.phases] == [10_000] * 3
        assert [phase.power for phase in details.phases] == [2300] * 3
        assert details.frequency_milli == 50_000

    play(story, model="b23")


@pytest.mark.parametrize(
    ("address", "value"),
    [
        (0x48, float("nan")),
        (0x48, float("inf")),
        (0x48, -0.001),
        (0x34, -100.0),
        (0x34, float("-inf")),
        (0x00, 1e9),
        (0x06, -5.0),
    ],
)
def test_value_that_cannot_be_true_is_refused(address: int, value: float) -> None:
    with pytest.raises(Implausible):
        reading(THREE_PHASE, QUIET | {address: value})


def test_values_become_whole_units_and_the_register_is_floored() -> None:
    values = QUIET | {0x00: 230.5, 0x08: 15.999, 0x34: 3680.4, 0x48: 1234.9999}
    assert reading(THREE_PHASE, values) == Reading(
        Wh(1_234_999), Watt(3680), MilliAmp(15_999), MilliVolt(230_500)
    )


def test_words_become_floats_at_their_addresses() -> None:
    words = list(struct.unpack(">4H", struct.pack(">2f", 230.5, 229.5)))
    assert floats({0x0000: words}) == {0x0000: 230.5, 0x0002: 229.5}
