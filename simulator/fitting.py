"""Which devices a simulated station has, and on which lines: the same in virtual and in real time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chargepoint.ports import Entropy
from config.schema import Device as Configured
from config.schema import Devices
from simulator.cards import CardSpec
from simulator.change_tray import ChangeTray
from simulator.devices.bank_terminal import SimulatedBankTerminal
from simulator.devices.coin_acceptor import SimulatedCoinAcceptor
from simulator.devices.evse import SimulatedEvse
from simulator.devices.hopper import SimulatedHopper
from simulator.devices.lease_timer import SimulatedLeaseTimer
from simulator.devices.meter import SimulatedMeter
from simulator.devices.note_validator import SimulatedNoteValidator
from simulator.devices.printer import SimulatedPrinter
from simulator.happened import Happened
from simulator.hardware import CardReaderAtLine, Device, SimulatedHardware
from simulator.pipes import Line
from simulator.world import World

FIRST_HOPPER_SERIAL = 710_000
RELAY_OF = {1: 0, 2: 1, 3: 2, 4: 3}  # by connector: its relay on the lease timer


@dataclass(frozen=True, slots=True)
class Wiring:
    """A line as the device on it needs it."""

    name: str  # coin_acceptor, evse:1, hopper:100 …
    baudrate: int
    echo: bool = False


COIN_WIRING = Wiring("coin_acceptor", 9_600, echo=True)
NOTE_WIRING = Wiring("note_validator", 9_600, echo=True)
READER_WIRING = Wiring("card_reader", 115_200)
BANK_WIRING = Wiring("bank_terminal", 9_600)
PRINTER_WIRING = Wiring("printer", 9_600)
LEASE_WIRING = Wiring("lease_timer", 9_600)


def evse_wiring(connector: int) -> Wiring:
    return Wiring(f"evse:{connector}", 115_200)


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

    def put(wiring: Wiring, make: Callable[[Line], Device]) -> None:
        if wiring.name not in choice.is_real:
            name, _, connector = wiring.name.partition(":")
            made[name, int(connector or 0)] = make(open_line(wiring))

    put(COIN_WIRING, SimulatedCoinAcceptor)
    put(READER_WIRING, CardReaderAtLine)
    relays = {RELAY_OF[connector]: connector for connector in world.connectors}
    put(LEASE_WIRING, lambda line: SimulatedLeaseTimer(line, world, relays))
    for connector in world.connectors:
        put(evse_wiring(connector), _board(world, connector))
        put(meter_wiring(connector), _meter(world, connector))
    tray = ChangeTray(happened)
    devices = choice.configured
    extras: list[tuple[Configured | None, Wiring, Callable[[Line], Device]]] = [
        (devices.note_validator, NOTE_WIRING, SimulatedNoteValidator),
        (devices.bank_terminal, BANK_WIRING, SimulatedBankTerminal),
        (devices.printer, PRINTER_WIRING, SimulatedPrinter),
    ]
    for configured, wiring, make in extras:
        if is_fitted(configured):
            put(wiring, make)
    for value, hopper in devices.hopper.items():
        if is_fitted(hopper):
            put(hopper_wiring(int(value)), _hopper(int(value), hopper.float_coins, tray))
    return SimulatedHardware(made, cards, entropy, happened, tray)


def _hopper(value_minor: int, coins: int, tray: ChangeTray) -> Callable[[Line], Device]:
    return lambda line: SimulatedHopper(
        line,
        coins=coins,
        value_minor=value_minor,
        serial=FIRST_HOPPER_SERIAL + value_minor,
        coin_fell=tray.coin_fell,
    )


def _board(world: World, connector: int) -> Callable[[Line], Device]:
    return lambda line: SimulatedEvse(line, world, connector)


def _meter(world: World, connector: int) -> Callable[[Line], Device]:
    return lambda line: SimulatedMeter(line, world, connector)
