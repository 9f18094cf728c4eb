"""The search for buses: every kind of device is found on its line, by questions that only read."""

import asyncio
from collections.abc import Callable

import pytest

from drivers.port import BytePort, OpenPort, PortLost
from drivers.probe.found import Found, LineSetting, PortFound, PortState
from drivers.probe.search import Search
from simulator.devices.bank_terminal import SimulatedBankTerminal
from simulator.devices.cabinet import SimulatedCabinet
from simulator.devices.coin_acceptor import SimulatedCoinAcceptor
from simulator.devices.evse import SimulatedEvse
from simulator.devices.heidelberg import SimulatedHeidelberg
from simulator.devices.hopper import SimulatedHopper
from simulator.devices.lease_timer import SimulatedLeaseTimer
from simulator.devices.meter import SimulatedMeter
from simulator.devices.meter_b23 import SimulatedB23
from simulator.devices.note_validator import SimulatedNoteValidator
from simulator.devices.printer import SimulatedPrinter
from simulator.entropy import SeededEntropy
from simulator.hardware import CardReaderAtLine, Device
from simulator.line_faults import LineFault
from simulator.pipes import MemoryLine
from simulator.shared_bus import SharedBus
from simulator.vtime import VirtualClock, run_virtual
from simulator.world import World

Make = Callable[[MemoryLine, World], Device]

DEVICES: dict[str, tuple[int, bool, Make]] = {
    "coin_acceptor": (9_600, True, lambda line, _w: SimulatedCoinAcceptor(line)),
    "note_validator": (9_600, True, lambda line, _w: SimulatedNoteValidator(line)),
    "card_reader": (115_200, False, lambda line, _w: CardReaderAtLine(line)),
    "bank_terminal": (9_600, False, lambda line, _w: SimulatedBankTerminal(line)),
    "printer": (9_600, False, lambda line, _w: SimulatedPrinter(line)),
    "openevse": (115_200, False, lambda line, w: SimulatedEvse(line, w, 1)),
    "heidelberg": (19_200, False, lambda line, w: SimulatedHeidelberg(line, w, 1)),
    "sdm630": (9_600, False, lambda line, w: SimulatedMeter(line, w, 1, model="sdm630")),
    "sdm120": (2_400, False, lambda line, w: SimulatedMeter(line, w, 1, model="sdm120")),
    "sdm72": (9_600, False, lambda line, w: SimulatedMeter(line, w, 1, model="sdm72")),
    "b23": (19_200, False, lambda line, w: SimulatedB23(line, w, 1)),
    "lease_timer": (9_600, False, lambda line, w: SimulatedLeaseTimer(line, w, {0: 1})),
    "cabinet": (9_600, False, lambda line, _w: SimulatedCabinet(line)),
}
WANTED = {
    "coin_acceptor": ("coin_acceptor", "cctalk"),
    "note_validator": ("note_validator", "cctalk_notes"),
    "card_reader": ("card_reader", "pn532"),
    "bank_terminal": ("bank_terminal", "zvt"),
    "printer": ("printer", "escpos80"),
    "openevse": ("evse", "openevse"),
    "heidelberg": ("evse", "heidelberg"),
    "sdm630": ("meter", "sdm630"),
    "sdm120": ("meter", "sdm120"),
    "sdm72": ("meter", "sdm72"),
    "b23": ("meter", "b23"),
    "lease_timer": ("lease_timer", "modbus_relay"),
    "cabinet": ("cabinet", "modbus_inputs"),
}


def opened(line: MemoryLine) -> Callable[[str, LineSetting], OpenPort]:
    return lambda _path, _setting: line.open_port


async def searched(line: MemoryLine, *devices: Device) -> PortFound:
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(device.run()) for device in devices]
        await asyncio.sleep(3)  # they have started
        found = await Search(VirtualClock(), opened(line)).port("/dev/probe")
        for task in running:
            task.cancel()
    return found


@pytest.mark.parametrize("name", DEVICES)
def test_each_kind_of_device_is_found_on_its_line(name: str) -> None:
    baudrate, echo, make = DEVICES[name]

    async def story() -> PortFound:
        line = MemoryLine(name, SeededEntropy(1, name), baudrate=baudrate, echo=echo)
        return await searched(line, make(line, World([1])))

    found = run_virtual(story())
    assert found.state is PortState.ANSWERED
    assert [(each.role, each.kinds[0]) for each in found.devices] == [WANTED[name]]


def test_several_on_one_cctalk_line_are_all_found_with_address_and_serial() -> None:
    async def story() -> tuple[Found, ...]:
        line = MemoryLine("bus", SeededEntropy(1, "bus"), baudrate=9_600, echo=True)
        bus = SharedBus(line)
        hopper = SimulatedHopper(
            bus.member(),
            coins=9,
            address=4,
            value_minor=50,
            serial=710_050,
            coin_fell=lambda _v: None,
        )
        found = await searched(line, SimulatedCoinAcceptor(bus.member()), hopper)
        return found.devices

    found = run_virtual(story())
    assert [(each.role, each.address) for each in found] == [("coin_acceptor", 2), ("hopper", 4)]
    assert found[1].serial == "710050"


def test_a_line_with_nobody_on_it_is_silent_and_the_search_ends() -> None:
    async def story() -> tuple[PortFound, float]:
        began_s = asyncio.get_running_loop().time()
        found = await searched(MemoryLine("empty", SeededEntropy(1, "empty")))
        return found, asyncio.get_running_loop().time() - began_s

    found, took_s = run_virtual(story())
    assert found.state is PortState.SILENT
    assert took_s < 60


def test_a_line_that_babbles_is_nobodys() -> None:
    async def story() -> PortFound:
        line = MemoryLine("noise", SeededEntropy(1, "noise"))
        line.fault(LineFault.NOISE)
        return await searched(line)

    assert run_virtual(story()).devices == ()


def test_a_port_in_use_says_so() -> None:
    async def busy() -> BytePort:
        raise PortLost("/dev/probe is in use by another program")

    async def story() -> PortFound:
        return await Search(VirtualClock(), lambda _p, _s: busy).port("/dev/probe")

    found = run_virtual(story())
    assert found.state is PortState.IN_USE
    assert "in use" in found.why


def test_a_search_prints_nothing() -> None:
    async def story() -> SimulatedPrinter:
        line = MemoryLine("printer", SeededEntropy(1, "printer"))
        printer = SimulatedPrinter(line)
        await searched(line, printer)
        return printer

    printer = run_virtual(story())
    assert (printer.cut_off, printer.violations) == ([], [])


def test_a_search_leaves_the_contactor_open() -> None:
    async def story() -> bool:
        world = World([1])
        line = MemoryLine("evse", SeededEntropy(1, "evse"), baudrate=115_200)
        await searched(line, SimulatedEvse(line, world, 1))
        return world.is_contactor_closed(1)

    assert run_virtual(story()) is False
