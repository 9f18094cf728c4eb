"""Simulated relay module with a timed-on command, one of its relays in each contactor's coil."""

import struct
from collections.abc import Mapping
from enum import StrEnum

from chargepoint.domain.units import ConnectorId
from simulator.devices.named_timers import NamedTimers
from simulator.devices.rtu import (
    ILLEGAL_ADDRESS,
    ILLEGAL_FUNCTION,
    ILLEGAL_VALUE,
    RtuSegment,
    refusal,
    segment_of,
)
from simulator.line_faults import LineFault
from simulator.pipes import Line
from simulator.world import World

READ_COILS = 0x01
RELAYS = 8
COIL_BASE = 0x0000
TIMED_ON_BASE = 0x0200
STEP_S = 0.1
ON, OFF = 0xFF00, 0x0000


class LeaseTrouble(StrEnum):
    STUCK = "stuck"  # relays that are on stay on, whatever the module wants


class SimulatedLeaseTimer:
    """`connectors`: which relay feeds which connector's coil. `line`: own, or a shared segment."""

    def __init__(
        self,
        line: Line | RtuSegment,
        world: World,
        connectors: Mapping[int, int],
        *,
        unit: int = 1,
    ) -> None:
        self.unit = unit
        self.is_powered = True
        self._world = world
        self._connectors = {relay: ConnectorId(number) for relay, number in connectors.items()}
        self._is_on = dict.fromkeys(range(RELAYS), False)
        self._is_stuck = False
        self._timers = NamedTimers()
        self._segment = segment_of(line)
        self._segment.attach(self)

    async def run(self) -> None:
        await self._segment.run()

    def is_on(self, relay: int) -> bool:
        return self._is_on[relay]

    def fault(self, kind: str) -> None:
        if kind == LeaseTrouble.STUCK:
            self._is_stuck = True
        else:
            self._segment.fault(self, LineFault(kind))

    def clear(self, kind: str) -> None:
        if kind != LeaseTrouble.STUCK:
            self._segment.clear(self, LineFault(kind))
            return
        self._is_stuck = False
        for relay in self._is_on:
            if f"{relay}" not in self._timers:
                self._switch(relay, on=False)

    def power_cut(self) -> None:
        """Without supply a relay falls off, unless it is welded."""
        self.is_powered = False
        self._timers.cancel_all()
        for relay in self._is_on:
            self._switch(relay, on=False)

    def power_on(self) -> None:
        self.is_powered = True

    def answer(self, request: bytes) -> bytes:
        function = request[0]
        address, value = struct.unpack(">HH", request[1:5])
        match function:
            case 0x01:  # read coils
                return self._read(request, address - COIL_BASE, value)
            case 0x05:  # write coil
                return self._write(request, address, value)
            case _:
                return refusal(request, ILLEGAL_FUNCTION)

    def _read(self, request: bytes, first: int, count: int) -> bytes:
        if not 0 < count <= RELAYS:
            return refusal(request, ILLEGAL_VALUE)
        if not 0 <= first <= RELAYS - count:
            return refusal(request, ILLEGAL_ADDRESS)
        bits = sum(self._is_on[first + place] << place for place in range(count))
        return bytes([READ_COILS, 1, bits])

    def _write(self, request: bytes, address: int, value: int) -> bytes:
        if TIMED_ON_BASE <= address < TIMED_ON_BASE + RELAYS:
            self._hold(address - TIMED_ON_BASE, value)
        elif not COIL_BASE <= address < COIL_BASE + RELAYS:
            return refusal(request, ILLEGAL_ADDRESS)
        elif value not in (ON, OFF):
            return refusal(request, ILLEGAL_VALUE)
        else:
            self._timers.cancel(f"{address - COIL_BASE}")
            self._switch(address - COIL_BASE, on=value == ON)
        return request

    def _hold(self, relay: int, steps: int) -> None:
        self._switch(relay, on=True)
        self._timers.after(f"{relay}", steps * STEP_S, lambda: self._switch(relay, on=False))

    def _switch(self, relay: int, *, on: bool) -> None:
        if self._is_stuck and not on:
            return
        self._is_on[relay] = on
        connector = self._connectors.get(relay)
        if connector is not None:
            self._world.set_lease(connector, on=on)
