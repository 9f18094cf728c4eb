"""Simulated ABB B23: holding registers of scaled integers, and no input registers at all."""

import struct

from typing_extensions import override

from simulator.devices.meter import READ_HOLDING, SimulatedMeter
from simulator.devices.rtu import ILLEGAL_ADDRESS, ILLEGAL_FUNCTION, ILLEGAL_VALUE, refusal

ENERGY, INSTANT, SERIAL = range(0x5000, 0x5008), range(0x5B00, 0x5B2D), range(0x8900, 0x8902)
MOST_REGISTERS = 125
NOT_AVAILABLE = 0xFFFF
MWH_PER_STEP = 10_000  # 0.01 kWh


class SimulatedB23(SimulatedMeter):
    @override
    def answer(self, request: bytes) -> bytes:
        if request[0] != READ_HOLDING:
            return refusal(request, ILLEGAL_FUNCTION)
        function, first, count = struct.unpack(">BHH", request)
        if not 0 < count <= MOST_REGISTERS:
            return refusal(request, ILLEGAL_VALUE)
        last = first + count - 1
        if not any(first in span and last in span for span in (ENERGY, INSTANT, SERIAL)):
            return refusal(request, ILLEGAL_ADDRESS)
        held = self._held()
        words = [held.get(address, NOT_AVAILABLE) for address in range(first, last + 1)]
        return struct.pack(f">BB{count}H", function, 2 * count, *words)

    def _held(self) -> dict[int, int]:
        volts, amperes = self.voltages_mv, self.phase_currents_ma
        watts = [mv * ma // 1_000_000 for mv, ma in zip(volts, amperes, strict=True)]
        held = _words(0x5000, self.register_mwh // MWH_PER_STEP, 4) | _words(0x5004, 0, 4)
        for phase in range(3):
            held |= _words(0x5B00 + 2 * phase, volts[phase] // 100, 2)
            held |= _words(0x5B0C + 2 * phase, amperes[phase] // 10, 2)
            held |= _words(0x5B16 + 2 * phase, watts[phase] * 100, 2)
        held |= _words(0x5B14, sum(watts) * 100, 2)
        return held | {0x5B2C: 5000} | _words(0x8900, 31_000_000 + self.connector, 2)


def _words(address: int, value: int, count: int) -> dict[int, int]:
    octets = value.to_bytes(2 * count, "big")
    return {
        address + place: int.from_bytes(octets[2 * place : 2 * place + 2], "big")
        for place in range(count)
    }
