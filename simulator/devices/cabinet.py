"""Simulated module of the cabinet: four tactile keys, headphone jack, door, sensor of payouts; lamps, beeper.

It answers function 02 with what is closed now, and function 04 with a counter for each input that
rises by one each time it closes, so that no press is lost between two questions. The larger kind has
coils, too (simulator/devices/cabinet_coils.py).
"""

import asyncio
import struct

from simulator.devices.cabinet_coils import Coils
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

INPUTS, INPUTS_OF_LARGE = 8, 16
KEYS = {"prev": 0, "next": 1, "ok": 2, "cancel": 3}
JACK, DOOR, EMERGENCY, MAINS, PAYOUT, TILT, FLOOD, CABLE_TORN = 4, 5, 6, 7, 8, 9, 10, 11
PRESS_S = 0.12
READ_INPUTS, READ_COUNTERS = 0x02, 0x04
COUNTER_BASE = 0x0000
DOOR_OPEN = "door_open"
CONTACTS = {
    DOOR_OPEN: DOOR,
    "emergency_stop": EMERGENCY,
    "mains_lost": MAINS,
    "tilt": TILT,
    "flood": FLOOD,
    "cable_torn": CABLE_TORN,
}
COUNTER_LIMIT = 0x10000
DIRTY = "dirty"  # the sensor of payouts sees nothing


class SimulatedCabinet:
    """`line`: own, or a segment that it shares. `is_large`: sixteen inputs, and coils."""

    def __init__(self, line: Line | RtuSegment, *, unit: int = 1, is_large: bool = False) -> None:
        self.unit = unit
        self.is_powered = True
        self.coils = Coils() if is_large else None
        self._inputs = INPUTS_OF_LARGE if is_large else INPUTS
        self._closed = [False] * self._inputs
        self._counts = [0] * self._inputs
        self._is_dirty = False
        self._stuck: set[int] = set()
        self._segment = segment_of(line)
        self._segment.attach(self)

    async def run(self) -> None:
        await self._segment.run()

    # --- hands ----------------------------------------------------------------------------------

    async def press(self, key: str) -> None:
        """Down and up again, as a finger does."""
        place = KEYS[key]
        self._set(place, closed=True)
        await asyncio.sleep(PRESS_S)
        self._set(place, closed=False)

    def set_jack(self, *, is_in: bool) -> None:
        self._set(JACK, closed=is_in)

    def coin_passed(self) -> None:
        """On its way into the tray."""
        if self.coils is not None and not self._is_dirty:
            self._set(PAYOUT, closed=True)
            self._set(PAYOUT, closed=False)

    @property
    def is_jack_in(self) -> bool:
        return self._closed[JACK]

    def fault(self, kind: str) -> None:
        """`stuck`: water or a coin holds every key down. Those of `CONTACTS`: theirs closes; `tilt`,
        `flood` and `cable_torn` are wired to the larger kind. `dirty`: no coin is seen falling.
        """
        if kind == DIRTY:
            self._is_dirty = True
        elif kind in CONTACTS:
            self._set(CONTACTS[kind], closed=True)
        elif kind == "stuck":
            for place in KEYS.values():
                self._set(place, closed=True)
            self._stuck = set(KEYS.values())
        else:
            self._segment.fault(self, LineFault(kind))

    def clear(self, kind: str) -> None:
        if kind == DIRTY:
            self._is_dirty = False
        elif kind in CONTACTS:
            self._set(CONTACTS[kind], closed=False)
        elif kind == "stuck":
            self._stuck = set()
            for place in KEYS.values():
                self._set(place, closed=False)
        else:
            self._segment.clear(self, LineFault(kind))

    def power_cut(self) -> None:
        """The counters begin anew; what is closed stays closed; the coils fall off."""
        self.is_powered = False
        self._counts = [0] * self._inputs
        if self.coils is not None:
            self.coils.power_cut()

    def power_on(self) -> None:
        self.is_powered = True

    # --- wire -----------------------------------------------------------------------------------

    def answer(self, request: bytes) -> bytes:
        if self.coils is not None and self.coils.knows(request):
            return self.coils.answer(request)
        function, address, count = struct.unpack(">BHH", request[:5])
        if function not in (READ_INPUTS, READ_COUNTERS):
            return refusal(request, ILLEGAL_FUNCTION)
        if not 0 < count <= self._inputs:
            return refusal(request, ILLEGAL_VALUE)
        if address + count > self._inputs:
            return refusal(request, ILLEGAL_ADDRESS)
        if function == READ_INPUTS:
            size = (count + 7) // 8
            bits: int = sum(self._closed[address + place] << place for place in range(count))
            return bytes([READ_INPUTS, size]) + bits.to_bytes(size, "little")
        words = self._counts[address : address + count]
        return bytes([READ_COUNTERS, 2 * count]) + struct.pack(f">{count}H", *words)

    def _set(self, place: int, *, closed: bool) -> None:
        if place in self._stuck or place >= self._inputs:
            return
        if closed and not self._closed[place] and self.is_powered:
            self._counts[place] = (self._counts[place] + 1) % COUNTER_LIMIT
        self._closed[place] = closed
