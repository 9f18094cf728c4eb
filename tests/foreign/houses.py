"""A car at a connector that was not made here: two kinds of board, each with what belongs to it."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from chargepoint.ports import Clock, ConnectorHardware, Emit
from drivers.heidelberg.driver import HeidelbergDriver
from drivers.lease_timer.driver import LeaseTimerDriver, RelayMap
from drivers.modbus.bus import ModbusBus
from drivers.modbus.meter import ModbusMeterDriver
from drivers.rapi.driver import OpenEvseDriver
from drivers.trace import Trace
from tests.foreign.heidelberg import Heidelberg
from tests.foreign.meters import sdm630
from tests.foreign.openevse import OpenEvse
from tests.foreign.patience import counted_opener, patient_loop
from tests.foreign.relay import RelayModule
from tests.foreign.rtu import Rs485, Unit, put_floats
from tests.support.live_core import ONE

BOX, RELAY, METER = 1, 1, 7
TICK_S = 0.1
VOLTS, CAR_A = 230.0, 16.0


class House(Protocol):
    meter: Unit
    meter_line: Rs485
    kwh: float
    says: Callable[[Unit], None]

    @property
    def is_live(self) -> bool: ...

    def plug(self, car: str) -> None: ...

    def pull_out(self) -> None:
        """Every line of it."""

    def plug_in(self) -> None: ...

    def hardware(self, clock: Clock, emit: Emit) -> ConnectorHardware: ...


class _Metered:
    """What flows through a house is counted by its meter."""

    is_live: bool

    def __init__(self) -> None:
        self.meter = sdm630()
        self.kwh = 1000.0
        self.says: Callable[[Unit], None] = lambda _meter: None  # what it makes of that

    def amperes(self) -> float:
        return CAR_A

    def tick(self) -> None:
        patient_loop().call_later(TICK_S, self.tick)
        amperes = self.amperes() if self.is_live else 0.0
        watts = amperes * VOLTS
        self.kwh += watts * TICK_S / 3_600_000
        values = {0x00: VOLTS, 0x06: amperes, 0x0C: watts, 0x34: watts, 0x48: self.kwh}
        put_floats(self.meter.input, values)
        self.says(self.meter)


class OpenEvseHouse(_Metered):
    """A socket behind the board's relay, whose coil the relay module feeds."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.board, self.relay = OpenEvse(folder / "board"), RelayModule()
        self.meter_line = Rs485(folder / "rs485", {RELAY: self.relay, METER: self.meter})
        self.greed_a = 0.0  # beyond what it is offered
        self.tick()

    @property
    def is_live(self) -> bool:  # type: ignore[override]
        return self.board.is_closed and self.relay.is_on

    def amperes(self) -> float:
        return self.board.offer_a + self.greed_a if self.greed_a else CAR_A

    def plug(self, car: str) -> None:
        self.board.plug(car)

    def pull_out(self) -> None:
        self.board.line.pull_out()
        self.meter_line.line.pull_out()

    def plug_in(self) -> None:
        self.board.line.plug_in()
        self.meter_line.line.plug_in()

    def hardware(self, clock: Clock, emit: Emit) -> ConnectorHardware:
        board = OpenEvseDriver(
            counted_opener(str(self.board.line.stable), 115_200),
            emit,
            Trace("evse", clock.monotonic),
            clock=clock,
            connector=ONE,
        )
        bus = bus_of(self.meter_line, clock)
        lease = LeaseTimerDriver(
            bus, emit, clock=clock, connector=ONE, unit=RELAY, relay=RelayMap()
        )
        meter = ModbusMeterDriver(bus, emit, clock=clock, connector=ONE, unit=METER)
        return ConnectorHardware(board, lease, meter)


class HeidelbergHouse(_Metered):
    """A wall box with its own cable, contactor and watchdog, and a meter before it."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.box = Heidelberg(folder / "box")
        self.meter_line = Rs485(folder / "rs485", {METER: self.meter})
        self.tick()

    @property
    def is_live(self) -> bool:  # type: ignore[override]
        return self.box.is_charging

    def plug(self, car: str) -> None:
        self.box.car = car

    def pull_out(self) -> None:
        self.box.rs485.line.pull_out()
        self.meter_line.line.pull_out()

    def plug_in(self) -> None:
        self.box.rs485.line.plug_in()
        self.meter_line.line.plug_in()

    def hardware(self, clock: Clock, emit: Emit) -> ConnectorHardware:
        open_port = counted_opener(str(self.box.rs485.line.stable), 19_200, parity="E")
        trace = Trace("evse", clock.monotonic)
        board = HeidelbergDriver(
            ModbusBus(open_port, trace, baudrate=19_200, gap_s=0.1),
            emit,
            clock=clock,
            connector=ONE,
            unit=BOX,
        )
        bus = bus_of(self.meter_line, clock)
        meter = ModbusMeterDriver(bus, emit, clock=clock, connector=ONE, unit=METER)
        return ConnectorHardware(board, board.lease, meter)


def bus_of(line: Rs485, clock: Clock) -> ModbusBus:
    open_port = counted_opener(str(line.line.stable), 9_600)
    return ModbusBus(open_port, Trace("rs485", clock.monotonic), baudrate=9_600)
