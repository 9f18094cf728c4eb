"""Frames of the cabinet's module in words: which keys are down, how often each was, which lamp is lit."""

import struct

from simulator.devices.rtu import crc16
from simulator.meaning.said import Said, hexadecimal

SHORTEST, LONGEST = 5, 256


class InputsReader:
    """A frame is complete when its checksum is right, and given up when the other side speaks."""

    def __init__(self) -> None:
        self._held = b""
        self._speaker = ""

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
            said.append(Said(hexadecimal(frame), _meaning(frame, asks=direction == "tx")))
        return said


def _meaning(frame: bytes, *, asks: bool) -> str:
    match frame[1], asks:
        case 0x02, True:
            return "which inputs are closed?"
        case 0x04, True:
            return "how often was each key pressed?"
        case 0x02, False:
            bits = int.from_bytes(frame[3:-2], "little")
            closed = [str(bit + 1) for bit in range(8 * frame[2]) if bits >> bit & 1]
            return f"inputs closed: {', '.join(closed) or 'none'}"
        case 0x04, False:
            counts = struct.unpack(f">{frame[2] // 2}H", frame[3:-2])
            return f"presses: {', '.join(map(str, counts))}"
        case 0x05, _:
            address, steps = struct.unpack(">HH", frame[2:6])
            coil = address & 0xFF
            told = f"on for {steps / 10:.1f} s" if address >> 8 else "off"
            return f"{'beeper' if coil == 0 else f'lamp coil {coil}'}: {told}"
        case _:
            return f"function {frame[1]:02X}"
