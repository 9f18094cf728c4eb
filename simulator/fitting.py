"""Which devices a simulated station has, and on which lines: the same in virtual and in real time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chargepoint.ports import Entropy
from config.devices import Device as Configured
from config.devices import Devices
from drivers.cctalk.codec import HOPPER
from simulator.cards import CardSpec
from simulator.change_tray import ChangeTray
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
from simulator.happened import Happened
from simulator.hardware import CardReaderAtLine, Device, SimulatedHardware
from simulator.pipes import Line
from simulator.shared_bus import SharedBus
from simulator.world import World

FIRST_HOPPER_SERIAL = 710_000
RELAY_OF = {1: 0, 2: 1, 3: 2, 4: 3}  # by connector: its relay on the lease timer


@dataclass(frozen=True, slots=True)
class Wiring:
    """A line as the device on it needs it."""

    name: str  # coin_acceptor, evse:1, hopper:100 …
    baudrate: int
    echo: bool = False
    speaks: str = ""  # as which other device (simulator/meaning), where the name does not say it


COIN_WIRING = Wiring("coin_acceptor", 9_600, echo=True)
NOTE_WIRING = Wiring("note_validator", 9_600, echo=True)
READER_WIRING = Wiring("card_reader", 115_200)
BANK_WIRING = Wiring("bank_terminal", 9_600)
PRINTER_WIRING = Wiring("printer", 9_600)
CABINET_WIRING = Wiring("cabinet", 9_600)
LEASE_WIRING = Wiring("lease_timer", 9_600)


def evse_wiring(connector: int) -> Wiring:
    return Wiring(f"evse:{connector}", 115_200)


def heidelberg_wiring(connector: int) -> Wiring:
    return Wiring(f"evse:{connector}", 19_200, speaks="meter")


def meter_wiring(connector: int) -> Wiring:
    return Wiring(f"meter:{connector}", 9_600)


def hopper_wiring(value_minor: int) -> Wiring:
    return Wiring(f"hopper:{value_minor}", 9_600, echo=True)


def is_fitted(device: Configured | None) -> bool:
    return device is not None and device.kind != "none"


@dataclass(frozen=True, slots=True)
class Choice:
    """What differs from station to station.

    `is_real`: lines of devices that are there in flesh and are not simulated. `configured`: says
    which of those devices are fitted that not every station has.
    """

    is_real: frozenset[str] = frozenset()
    configured: Devices = field(default_factory=Devices)


OpenLine = Callable[[Wiring], Line]


def fit(
    world: World,
    open_line: OpenLine,
    cards: Mapping[str, CardSpec],
    entropy: Entropy,
    *,
    happened: Happened,
    choice: Choice | None = None,
) -> SimulatedHardware:
    """Every device that is to be simulated, at the end of its line."""
    choice = Choice() if choice is None else choice
    made: dict[tuple[str, int], Device] = {}
    line_of = _Lines(open_line, choice.configured)

    def put(wiring: Wiring, make: Callable[[Line], Device]) -> None:
        if wiring.name not in choice.is_real:
            name, _, connector = wiring.name.partition(":")
            made[name, int(connector or 0)] = make(line_of(wiring))

    put(COIN_WIRING, SimulatedCoinAcceptor)
    put(READER_WIRING, CardReaderAtLine)
    _fit_connectors(world, put, choice.configured)
    tray = ChangeTray(happened)
    devices = choice.configured
    extras: list[tuple[Configured | None, Wiring, Callable[[Line], Device]]] = [
        (devices.note_validator, NOTE_WIRING, SimulatedNoteValidator),
        (devices.bank_terminal, BANK_WIRING, SimulatedBankTerminal),
        (devices.printer, PRINTER_WIRING, SimulatedPrinter),
        (devices.cabinet, CABINET_WIRING, _cabinet(devices.cabinet, tray)),
    ]
    for configured, wiring, make in extras:
        if is_fitted(configured):
            put(wiring, make)
    for value, hopper in devices.hopper.items():
        if is_fitted(hopper):
            put(hopper_wiring(int(value)), _hopper(int(value), hopper, tray))
    return SimulatedHardware(made, cards, entropy, happened, tray)


Put = Callable[[Wiring, Callable[[Line], Device]], None]


def _fit_connectors(world: World, put: Put, devices: Devices) -> None:
    """Board, meter, and the lease timer of those boards that need one."""
    own = {c for c in world.connectors if _has_own_lease(devices, c)}
    relays = {RELAY_OF[c]: int(c) for c in world.connectors if c not in own}
    if relays:
        put(LEASE_WIRING, lambda line: SimulatedLeaseTimer(line, world, relays))
    for connector in world.connectors:
        if connector in own:
            put(heidelberg_wiring(connector), _heidelberg(world, connector))
        else:
            put(evse_wiring(connector), _board(world, connector))
        put(meter_wiring(connector), _meter(world, connector, devices))


class _Lines:
    """A line for each device; one bus for ccTalk devices whose port is that of another's line."""

    def __init__(self, open_line: OpenLine, devices: Devices) -> None:
        self._open_line = open_line
        configured = {
            COIN_WIRING.name: devices.coin_acceptor,
            NOTE_WIRING.name: devices.note_validator,
            **{hopper_wiring(int(value)).name: each for value, each in devices.hopper.items()},
        }
        self._owner = {
            name: Path(device.port).name
            for name, device in configured.items()
            if device is not None and is_fitted(device) and device.port
        }
        self._buses: dict[str, SharedBus] = {}

    def __call__(self, wiring: Wiring) -> Line:
        owner = self._owner.get(wiring.name, wiring.name)
        if list(self._owner.values()).count(owner) < 2:
            return self._open_line(wiring)
        if owner not in self._buses:
            line = self._open_line(Wiring(owner, wiring.baudrate, echo=wiring.echo))
            self._buses[owner] = SharedBus(line)
        return self._buses[owner].member()


def _hopper(value_minor: int, configured: Configured, tray: ChangeTray) -> Callable[[Line], Device]:
    return lambda line: SimulatedHopper(
        line,
        coins=configured.float_coins,
        address=configured.address or HOPPER,
        value_minor=value_minor,
        serial=FIRST_HOPPER_SERIAL + value_minor,
        coin_fell=tray.coin_fell,
    )


def _cabinet(configured: Configured | None, tray: ChangeTray) -> Callable[[Line], Device]:
    def make(line: Line) -> Device:
        is_large = configured is not None and configured.kind == "modbus_io"
        made = SimulatedCabinet(line, is_large=is_large)
        tray.sensor = made.coin_passed
        return made

    return make


def _board(world: World, connector: int) -> Callable[[Line], Device]:
    return lambda line: SimulatedEvse(line, world, connector)


def _has_own_lease(devices: Devices, connector: int) -> bool:
    configured = devices.evse.get(str(connector))
    return configured is not None and configured.kind == "heidelberg"


def _heidelberg(world: World, connector: int) -> Callable[[Line], Device]:
    return lambda line: SimulatedHeidelberg(line, world, connector)


def _meter(world: World, connector: int, devices: Devices) -> Callable[[Line], Device]:
    configured = devices.meter.get(str(connector))
    kind = configured.kind if configured is not None else "sdm630"
    if kind == "b23":
        return lambda line: SimulatedB23(line, world, connector)
    return lambda line: SimulatedMeter(line, world, connector, model=kind)
