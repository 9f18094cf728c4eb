"""Note validator and hoppers as a station has them: fitted by configuration, used by customers."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from chargepoint.domain.devices import DeviceEvent
from chargepoint.domain.payments import NoteInEscrow, PaymentEvent
from chargepoint.domain.units import Generation, Minor
from chargepoint.payment_ports import PaymentHardware
from chargepoint.ports import DeviceUnavailable
from config.schema import Config
from drivers.factory import Surroundings, build_payment_hardware
from simulator import site
from simulator.entropy import SeededEntropy
from simulator.fitting import Choice, Wiring, fit
from simulator.hardware import SimulatedHardware
from simulator.pipes import MemoryLine
from simulator.play_options import StationOptions
from simulator.scenario_file import Scenario, ScenarioWrong, parse
from simulator.station import NotFitted, StepImpossible
from simulator.vtime import VirtualClock, run_virtual
from simulator.world import World

CASH = """
title: cash
given:
  hopper: {"1.00": 3, "0.10": 40}
steps: [note: 5.00]
"""
PLAIN = "{title: plain, steps: [wait: 1s]}"


def configured(written: str, folder: Path) -> Config:
    scenario: Scenario = parse(written)
    return site.resolved(scenario, StationOptions(), folder, lambda wiring: wiring.name).config


class Stall:
    """Simulated devices, the drivers for them, and a core that keeps every wanted note."""

    def __init__(self, config: Config) -> None:
        self.happened: list[tuple[str, int, str]] = []
        self.facts: list[DeviceEvent | PaymentEvent] = []
        self.lines: dict[str, MemoryLine] = {}
        self.devices: SimulatedHardware = fit(
            World(range(1, 3)),
            self._open_line,
            {},
            SeededEntropy(1),
            happened=lambda *what: self.happened.append(what),
            choice=Choice(configured=config.devices),
        )
        self.group = asyncio.TaskGroup()
        around = Surroundings(
            emit=self._emit,
            clock=VirtualClock(),
            entropy=SeededEntropy(1),
            stored_cursor=lambda _serial: None,
            open_line=lambda _bus, device: self.lines[device.port].open_port,
            stored_note_cursor=lambda _serial: None,
        )
        self.drivers: PaymentHardware = build_payment_hardware(config, around, _persist)

    def _open_line(self, wiring: Wiring) -> MemoryLine:
        line = MemoryLine(wiring.name, SeededEntropy(1), baudrate=wiring.baudrate, echo=wiring.echo)
        self.lines[wiring.name] = line
        return line

    def _emit(self, fact: DeviceEvent | PaymentEvent) -> None:
        self.facts.append(fact)
        if isinstance(fact, NoteInEscrow):
            assert self.drivers.note_validator is not None
            self.group.create_task(self.drivers.note_validator.stack())


async def _persist(_result: object) -> None:
    """Kept."""


def at_the_stall(folder: Path, story: Callable[[Stall], Awaitable[None]]) -> None:
    config = configured(CASH, folder)

    async def main() -> None:
        stall = Stall(config)
        notes, hoppers = stall.drivers.note_validator, stall.drivers.hoppers
        assert notes is not None
        async with stall.group:
            parts = (stall.devices, notes, *hoppers)
            running = [stall.group.create_task(part.run()) for part in parts]
            await asyncio.sleep(5)
            notes.accept(Generation(1), frozenset({Minor(500), Minor(1000)}))
            await asyncio.sleep(1)
            await story(stall)
            for task in running:
                task.cancel()

    run_virtual(main())


def test_cash_devices_are_fitted_where_the_scenario_has_them(tmp_path: Path) -> None:
    config = configured(CASH, tmp_path)
    assert config.devices.note_validator is not None
    assert config.devices.note_validator.port == "note_validator"
    levels = {value: hopper.float_coins for value, hopper in config.devices.hopper.items()}
    assert levels == {"100": 3, "10": 40}
    plain = configured(PLAIN, tmp_path)
    assert (plain.devices.note_validator, plain.devices.hopper) == (None, {})


def test_without_them_their_steps_name_what_is_missing(tmp_path: Path) -> None:
    async def main() -> None:
        stall = Stall(configured(PLAIN, tmp_path))
        with pytest.raises(NotFitted, match="note_validator"):
            await stall.devices.insert_note(500)
        with pytest.raises(NotFitted, match="hopper"):
            stall.devices.take_change()

    run_virtual(main())


@pytest.mark.parametrize("coin", ["x", "0.00", "0.001", "-1.00"])
def test_a_hopper_of_no_coin_is_refused_with_its_line(coin: str) -> None:
    with pytest.raises(ScenarioWrong, match="scenario:3: "):
        parse(f'title: x\ngiven:\n  hopper: {{"{coin}": 3}}\nsteps: [wait: 1s]\n')


def test_a_note_is_kept_or_returned_in_three_seconds(tmp_path: Path) -> None:
    async def story(stall: Stall) -> None:
        began_s = asyncio.get_running_loop().time()
        await stall.devices.insert_note(500)
        assert 3.0 <= asyncio.get_running_loop().time() - began_s < 3.5
        await stall.devices.insert_note(5000)
        assert stall.happened == [("note", 0, "500"), ("note_returned", 0, "5000")]
        assert stall.devices.returned_minor() == 5000

    at_the_stall(tmp_path, story)


def test_change_falls_coin_by_coin_and_is_taken_once(tmp_path: Path) -> None:
    async def story(stall: Stall) -> None:
        euros, tens = stall.drivers.hoppers
        done = await euros.pay(await euros.mark(2, "P-1"))
        assert done.paid == 2
        await tens.pay(await tens.mark(1, "P-2"))
        assert stall.happened == [("paid_out", 0, "100")] * 2 + [("paid_out", 0, "10")]
        assert stall.devices.take_change() == 210
        assert stall.devices.take_change() == 0
        assert stall.happened[-1] == ("change_taken", 0, "210")

    at_the_stall(tmp_path, story)


def test_one_hopper_of_two_is_empty(tmp_path: Path) -> None:
    async def story(stall: Stall) -> None:
        euros, tens = stall.drivers.hoppers
        stall.devices.fault("hopper", "empty", 100)
        assert stall.devices.states["hopper:100"] == "fault"
        assert stall.devices.states["hopper:10"] == "online"
        done = await euros.pay(await euros.mark(1, "P-1"))
        assert (done.paid, done.reason) == (0, "empty")
        assert (await tens.pay(await tens.mark(1, "P-2"))).paid == 1
        stall.devices.clear("hopper", None, None)
        assert (await euros.pay(await euros.mark(5, "P-3"))).paid == 3  # that was all

    at_the_stall(tmp_path, story)


def test_validator_faults_go_by_the_words_of_scenarios(tmp_path: Path) -> None:
    async def story(stall: Stall) -> None:
        assert stall.devices.state("note_validator", None) == "online"
        for kind in ("full", "stuck", "wrong", "silent", "garbled", "slow", "unplugged"):
            stall.devices.fault("note_validator", kind, None)
            stall.devices.clear("note_validator", kind, None)
        with pytest.raises(StepImpossible, match="has no fault 'weld'"):
            stall.devices.fault("note_validator", "weld", None)
        stall.devices.power_cut()
        assert stall.devices.state("note_validator", None) == "inhibited"
        stall.devices.power_on()
        await asyncio.sleep(60)
        assert stall.devices.state("note_validator", None) == "online"

    at_the_stall(tmp_path, story)


def test_a_foreign_note_comes_back(tmp_path: Path) -> None:
    async def story(stall: Stall) -> None:
        await stall.devices.insert_note(1000, "GB")
        assert stall.happened == [("note_returned", 0, "1000")]

    at_the_stall(tmp_path, story)


def test_a_bowl_pays_what_somebody_put_into_it(tmp_path: Path) -> None:
    async def story(stall: Stall) -> None:
        euros = stall.drivers.hoppers[0]
        stall.devices.fill_hopper(100, 1)
        assert (await euros.pay(await euros.mark(2, "P-1"))).paid == 1
        assert stall.devices.tray_minor == 100

    at_the_stall(tmp_path, story)


def test_a_device_that_is_off_stays_off_when_the_power_returns(tmp_path: Path) -> None:
    async def story(stall: Stall) -> None:
        stall.devices.fault("hopper", "off", 100)
        stall.devices.power_cut()
        stall.devices.power_on()
        await asyncio.sleep(5)
        assert stall.devices.states["hopper:100"] == "offline"
        euros = stall.drivers.hoppers[0]
        with pytest.raises(DeviceUnavailable):
            await euros.mark(1, "P-1")
        stall.devices.clear("hopper", "off", 100)
        await asyncio.sleep(60)
        assert (await euros.pay(await euros.mark(1, "P-2"))).paid == 1

    at_the_stall(tmp_path, story)


@pytest.mark.parametrize(
    ("step", "arguments"),
    [
        ("note: 5.00", {"value": 500}),
        ("note: {value: 10.00, currency: GBP}", {"value": 1000, "currency": "GBP"}),
        ("bank: wrong_pin", {"do": "wrong_pin"}),
        ("bank: {do: approve, brand: visa}", {"do": "approve", "brand": "visa"}),
        ('hopper: {"1.00": 3}', {100: 3}),
    ],
)
def test_steps_of_cash_and_cards_are_read(step: str, arguments: dict[str, object]) -> None:
    (read,) = parse(f"{{title: x, steps: [{{{step}}}]}}").steps
    assert read.arguments == arguments
