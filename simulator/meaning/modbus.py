"""Modbus RTU frames of meters and relay modules in words.

A frame carries no length and ends with silence. Here it is complete when its checksum is right, and
given up when the other side speaks.
"""

import struct
from enum import IntEnum

from simulator.devices.rtu import crc16
from simulator.meaning.said import Said, hexadecimal

EXCEPTION_BIT = 0x80
SHORTEST, LONGEST = 5, 256
TIMED_ON_BASE = 0x0200  # relay modules: address 0200h + relay, value in 100 ms
ON = 0xFF00
_MEASURED = {
    0x0000: ("voltage", "V", 1),
    0x0006: ("current", "A", 2),
    0x000C: ("power", "W", 0),
    0x0034: ("power", "W", 0),
    0x0048: ("import", "kWh", 3),
}


class Function(IntEnum):
    READ_COILS = 0x01
    READ_HOLDING = 0x03
    READ_INPUT = 0x04
    WRITE_COIL = 0x05


class ModbusReader:
    """Follows questions and answers, for an answer does not say which registers it holds."""

    def __init__(self) -> None:
        self._held = b""
        self._speaker = ""
        self._asked = b""

    def heard(self, direction: str, chunk: bytes) -> list[Said]:
        said = []
        if direction != self._speaker or len(self._held) > LONGEST:
            if self._held:
                said.append(Said(hexadecimal(self._held), "no frame"))
            self._held, self._speaker = b"", direction
        self._held += chunk
        frame = self._held
        if len(frame) >= SHORTEST and crc16(frame[:-2]) == frame[-2:]:
            self._held = b""
            meaning = self._question(frame) if direction == "tx" else self._answer(frame)
            said.append(Said(hexadecimal(frame), meaning))
        return said

    def _question(self, frame: bytes) -> str:
        self._asked = frame
        unit, function = frame[0], frame[1]
        if len(frame) != 8:
            return f"unit {unit}, function {function:02X}"
        address, value = struct.unpack(">HH", frame[2:6])
        match function:
            case Function.READ_COILS:
                return f"unit {unit}: which relays are on?"
            case Function.READ_HOLDING | Function.READ_INPUT:
                what = _MEASURED.get(address, ("serial number",))[0]
                return f"unit {unit}: read {value} registers from {address:04X}h ({what})"
            case Function.WRITE_COIL if address >= TIMED_ON_BASE:
                return f"relay {address - TIMED_ON_BASE + 1} on for {value / 10:.1f} s"
            case Function.WRITE_COIL:
                return f"relay {address + 1} {'on' if value == ON else 'off'}"
            case _:
                return f"unit {unit}, function {function:02X}"

    def _answer(self, frame: bytes) -> str:
        function = frame[1]
        if function & EXCEPTION_BIT:
            return f"refused: code {frame[2]}"
        match function:
            case Function.WRITE_COIL:
                return "done"
            case Function.READ_COILS:
                on = [str(bit + 1) for bit in range(8) if frame[3] >> bit & 1]
                return f"relays on: {', '.join(on) or 'none'}"
            case Function.READ_INPUT if self._asked[1:2] == bytes([Function.READ_INPUT]):
                return self._measured(frame[3:-2])
            case _:
                return f"{frame[2]} bytes"

    def _measured(self, payload: bytes) -> str:
        """Float32, high word first, two registers each (Eastron SDM, input registers)."""
        first = int.from_bytes(self._asked[2:4], "big")
        shown = []
        for at in range(0, len(payload) - 3, 4):
            known = _MEASURED.get(first + at // 2)
            if known is not None:
                name, unit, decimals = known
                (value,) = struct.unpack(">f", payload[at : at + 4])
                shown.append(f"{name} {value:.{decimals}f} {unit}")
        return ", ".join(shown) or f"{len(payload)} bytes"
