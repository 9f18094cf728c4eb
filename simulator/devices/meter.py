"""Simulated Eastron SDM meter: counts what `World` lets through, says it over Modbus RTU."""

import asyncio
import struct
from collections.abc import Callable
from enum import StrEnum

from chargepoint.domain.units import ConnectorId
from simulator.devices.rtu import (
    ILLEGAL_ADDRESS,
    ILLEGAL_FUNCTION,
    ILLEGAL_VALUE,
    RtuSegment,
    refusal,
    segment_of,
)
from simulator.ev import PJ_PER_MWH
from simulator.line_faults import LineFault
from simulator.pipes import Line
from simulator.world import World

READ_HOLDING = 0x03
READ_INPUT = 0x04
SERIAL_NUMBER_AT = 0xFC00
RECORD_AT = 0x7100  # signed text, its length first
MOST_TEXT_REGISTERS = 125
MOST_REGISTERS = 80
DELIVERED_AT_MWH = 1_234_000_000  # meters are tested before they are sold: never at zero
FREQUENCY_HZ = 50.0

# Address ranges that a model lets one read span.
SPANS = {
    "sdm630": (range(0x0050), range(0x0156, 0x016C), range(0x00E0, 0x00E2)),
    "sdm72v2": (range(0x004C), range(0x0156, 0x015A), range(0x00E0, 0x00E2)),
    "sdm120": tuple(
        range(start, start + 2)
        for start in (0x0000, 0x0006, 0x000C, 0x0046, 0x0048, 0x004A, 0x0156)
    ),
    "sdm72": (range(0x0034, 0x0036), range(0x0048, 0x004C), range(0x0156, 0x0158)),
}


class MeterTrouble(StrEnum):
    STUCK = "stuck"  # the counter stands, everything else goes on
    WRONG = "wrong"  # it shows 500 kWh less than it has counted


EXCHANGE_S = 20.0  # out, in, two wires
MISSING_MWH = 500_000_000


class SimulatedMeter:
    """One meter behind one socket. `line`: its own line, or a segment it shares."""

    def __init__(
        self,
        line: Line | RtuSegment,
        world: World,
        connector: int,
        *,
        unit: int = 1,
        model: str = "sdm630",
    ) -> None:
        self.unit = unit
        self.is_powered = True
        self._serial = 21_000_000 + connector
        self.record = b""  # signed, of the last charge; where one is given
        self._world = world
        self._connector = ConnectorId(connector)
        self._spans = SPANS.get(model, ())
        self._stuck_at_mwh: int | None = None
        self._missing_mwh = 0
        self._lost_mwh = 0  # went through uncounted while stuck
        self._quantities = self._addresses()
        self._segment = segment_of(line)
        self._segment.attach(self)

    async def run(self) -> None:
        await self._segment.run()

    @property
    def register_mwh(self) -> int:
        """What the display shows, finer than it shows it."""
        if self._stuck_at_mwh is not None:
            return self._stuck_at_mwh
        counted_mwh = self._world.register_pj(self._connector) // PJ_PER_MWH
        return DELIVERED_AT_MWH + counted_mwh - self._lost_mwh - self._missing_mwh

    def fault(self, kind: str) -> None:
        if kind == MeterTrouble.STUCK:
            self._stuck_at_mwh = self.register_mwh
        elif kind == MeterTrouble.WRONG:
            self._missing_mwh = MISSING_MWH
        else:
            self._segment.fault(self, LineFault(kind))

    def clear(self, kind: str) -> None:
        if kind == MeterTrouble.WRONG:
            self._missing_mwh = 0
        elif kind != MeterTrouble.STUCK:
            self._segment.clear(self, LineFault(kind))
        elif self._stuck_at_mwh is not None:
            stuck_at_mwh, self._stuck_at_mwh = self._stuck_at_mwh, None
            self._lost_mwh += self.register_mwh - stuck_at_mwh

    def set_register_wh(self, register_wh: int) -> None:
        """A technician's, or a liar's, hand on the counter."""
        self._stuck_at_mwh = None
        self._lost_mwh = 0
        self._lost_mwh = self.register_mwh - register_wh * 1000

    async def exchange(self, serial: int, country: str, events: int) -> None:
        """Another of its make takes its place; `events`: kWh that it has counted elsewhere."""
        del country
        self.power_cut()
        await asyncio.sleep(EXCHANGE_S)
        self._serial = serial
        self.set_register_wh(events * 1000)
        self.power_on()

    def power_cut(self) -> None:
        self.is_powered = False

    def power_on(self) -> None:
        self.is_powered = True

    def answer(self, request: bytes) -> bytes:
        if request[0] not in (READ_INPUT, READ_HOLDING):
            return refusal(request, ILLEGAL_FUNCTION)
        function, address, count = struct.unpack(">BHH", request)
        if function == READ_HOLDING:
            return self._read_holding(request, address, count)
        if not 0 < count <= MOST_REGISTERS or count % 2:
            return refusal(request, ILLEGAL_VALUE)
        if address % 2 or not self._spans_all(address, count):
            return refusal(request, ILLEGAL_ADDRESS)
        values = [self._value(at) for at in range(address, address + count, 2)]
        return struct.pack(f">BB{len(values)}f", function, 2 * count, *values)

    @property
    def phase_currents_ma(self) -> tuple[int, int, int]:
        return (self._phase_ma(0), self._phase_ma(1), self._phase_ma(2))

    @property
    def voltages_mv(self) -> tuple[int, int, int]:
        one, two, three = (self._world.phase_mv(self._connector, phase) for phase in range(3))
        return (one, two, three)

    @property
    def connector(self) -> ConnectorId:
        return self._connector

    def _read_holding(self, request: bytes, address: int, count: int) -> bytes:
        if self.record and RECORD_AT <= address < SERIAL_NUMBER_AT:
            is_there = 0 < count <= MOST_TEXT_REGISTERS
            return (
                self._read_record(address, count) if is_there else refusal(request, ILLEGAL_VALUE)
            )
        if not 0 < count <= MOST_REGISTERS or count % 2:
            return refusal(request, ILLEGAL_VALUE)
        if (address, count) != (SERIAL_NUMBER_AT, 2):
            return refusal(request, ILLEGAL_ADDRESS)
        return struct.pack(">BBI", READ_HOLDING, 4, self._serial)

    def _read_record(self, address: int, count: int) -> bytes:
        text = self.record + b"\0" * (len(self.record) % 2)
        held = struct.pack(">H", len(self.record)) + text
        at = 2 * (address - RECORD_AT)
        return bytes([READ_HOLDING, 2 * count]) + held[at : at + 2 * count].ljust(2 * count, b"\0")

    def _spans_all(self, address: int, count: int) -> bool:
        last = address + count - 1
        return any(address in span and last in span for span in self._spans)

    def _value(self, address: int) -> float:
        quantity = self._quantities.get(address)
        return 0.0 if quantity is None else quantity()

    def _addresses(self) -> dict[int, Callable[[], float]]:
        phases = range(3)
        return (
            {0x0000 + 2 * phase: self._volts_of(phase) for phase in phases}
            | {0x0006 + 2 * phase: self._amperes_of(phase) for phase in phases}
            | {0x000C + 2 * phase: self._watts_of(phase) for phase in phases}
            | {0x0034: self._watts, 0x0038: self._watts, 0x003E: lambda: 1.0}
            | {0x0046: lambda: FREQUENCY_HZ, 0x0048: self._kwh, 0x0156: self._kwh}
            | {0x015A + 2 * phase: lambda: self._kwh() / 3 for phase in phases}
        )

    def _volts_of(self, phase: int) -> Callable[[], float]:
        return lambda: self._world.phase_mv(self._connector, phase) / 1000

    def _amperes_of(self, phase: int) -> Callable[[], float]:
        return lambda: self._phase_ma(phase) / 1000

    def _watts_of(self, phase: int) -> Callable[[], float]:
        return lambda: self._phase_ma(phase) * self._world.phase_mv(self._connector, phase) / 1e6

    def _phase_ma(self, phase: int) -> int:
        return self._world.phase_ma(self._connector, phase)

    def _watts(self) -> float:
        return self._world.power_uw(self._connector) / 1e6

    def _kwh(self) -> float:
        return self.register_mwh / 1e6
