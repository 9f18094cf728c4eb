"""Which devices a simulated station has, and on which lines: the same in virtual and in real time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chargepoint.ports import Entropy
from simulator.cards import CardSpec
from simulator.devices.coin_acceptor import SimulatedCoinAcceptor
from simulator.devices.evse import SimulatedEvse
from simulator.devices.lease_timer import SimulatedLeaseTimer
from simulator.devices.meter import SimulatedMeter
from simulator.hardware import CardReaderAtLine, Device, Happened, SimulatedHardware
from simulator.pipes import Line
from simulator.world import World

RELAY_OF = {1: 0, 2: 1, 3: 2, 4: 3}  # by connector: its relay on the lease timer


@dataclass(frozen=True, slots=True)
class Wiring:
    """A line as the device on it needs it."""

    name: str  # coin_acceptor, evse:1 …
    baudrate: int
    echo: bool = False


COIN_WIRING = Wiring("coin_acceptor", 9_600, echo=True)
READER_WIRING = Wiring("card_reader", 115_200)
LEASE_WIRING = Wiring("lease_timer", 9_600)


def evse_wiring(connector: int) -> Wiring:
    return Wiring(f"evse:{connector}", 115_200)


def meter_wiring(connector: int) -> Wiring:
    return Wiring(f"meter:{connector}", 9_600)


OpenLine = Callable[[Wiring], Line]


def fit(
    world: World,
    open_line: OpenLine,
    cards: Mapping[str, CardSpec],
    entropy: Entropy,
    *,
    happened: Happened,
    is_real: frozenset[str] = frozenset(),
) -> SimulatedHardware:
    """Every device but those that `is_real` names by their line."""
    made: dict[tuple[str, int], Device] = {}

    def put(wiring: Wiring, make: Callable[[Line], Device]) -> None:
        if wiring.name not in is_real:
            name, _, connector = wiring.name.partition(":")
            made[name, int(connector or 0)] = make(open_line(wiring))

    put(COIN_WIRING, SimulatedCoinAcceptor)
    put(READER_WIRING, CardReaderAtLine)
    relays = {RELAY_OF[connector]: connector for connector in world.connectors}
    put(LEASE_WIRING, lambda line: SimulatedLeaseTimer(line, world, relays))
    for connector in world.connectors:
        put(evse_wiring(connector), _board(world, connector))
        put(meter_wiring(connector), _meter(world, connector))
    return SimulatedHardware(made, cards, entropy, happened)


def _board(world: World, connector: int) -> Callable[[Line], Device]:
    return lambda line: SimulatedEvse(line, world, connector)


def _meter(world: World, connector: int) -> Callable[[Line], Device]:
    return lambda line: SimulatedMeter(line, world, connector)
