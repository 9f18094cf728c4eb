"""Device side of Modbus RTU: units on one line, strict about framing and CRC, silent otherwise.

Written without the library that the drivers use, so that an error there cannot cancel itself out.
"""

import asyncio
from functools import lru_cache
from typing import Protocol

from simulator.line_faults import LineFault
from simulator.pipes import Line, serve

SLOW_S = 0.4
FRAME_PAUSE_S = 0.05  # silence after which half a frame is forgotten
FIXED_SIZE = 8  # requests of functions 01..06 with unit and CRC
FIXED_FUNCTIONS = range(0x01, 0x07)
WRITE_REGISTERS = 0x10
WRITE_HEAD = 7  # unit, function, address, count, byte count; then data and CRC

ILLEGAL_FUNCTION = 0x01
ILLEGAL_ADDRESS = 0x02
ILLEGAL_VALUE = 0x03


class RtuUnit(Protocol):
    """One addressed device."""

    @property
    def unit(self) -> int: ...

    @property
    def is_powered(self) -> bool: ...

    def answer(self, request: bytes) -> bytes | None:
        """Function and payload, without unit and CRC, both ways; None: it did not hear."""
        ...


def _shifted(octet: int) -> int:
    crc = octet
    for _ in range(8):
        crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc


_CRC_OF_OCTET = tuple(_shifted(octet) for octet in range(256))


@lru_cache(64)
def crc16(octets: bytes) -> bytes:
    """Modbus over serial line §6.2.2, as it goes on the wire: low byte first."""
    crc = 0xFFFF
    for octet in octets:
        crc = (crc >> 8) ^ _CRC_OF_OCTET[(crc ^ octet) & 0xFF]
    return crc.to_bytes(2, "little")


def refusal(request: bytes, code: int) -> bytes:
    return bytes([request[0] | 0x80, code])


class RtuSegment:
    """The units on one line. A unit alone on its line passes its line faults to the line."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._units: list[RtuUnit] = []
        self._troubles: dict[RtuUnit, set[LineFault]] = {}
        self._buffer = bytearray()
        self._heard_s = 0.0
        self._is_running = False

    def attach(self, unit: RtuUnit) -> None:
        self._units.append(unit)
        self._troubles[unit] = set()

    def fault(self, unit: RtuUnit, kind: LineFault) -> None:
        if len(self._units) == 1:
            self._line.fault(kind)
        else:
            self._troubles[unit].add(kind)

    def clear(self, unit: RtuUnit, kind: LineFault) -> None:
        if len(self._units) == 1:
            self._line.clear(kind)
        else:
            self._troubles[unit].discard(kind)

    async def run(self) -> None:
        """Every unit on it may call this; the first one serves them all."""
        if self._is_running:
            await asyncio.get_running_loop().create_future()
        self._is_running = True
        try:
            await serve(self._line, self._received)
        finally:
            self._is_running = False

    def _received(self, chunk: bytes) -> None:
        now_s = asyncio.get_running_loop().time()
        if now_s - self._heard_s > FRAME_PAUSE_S:
            self._buffer.clear()
        self._heard_s = now_s
        self._buffer += chunk
        if len(self._buffer) < _expected_size(self._buffer):
            return
        frame = bytes(self._buffer)
        self._buffer.clear()
        # A master sends one frame and waits. More bytes than that are a collision: say nothing.
        if len(frame) == _expected_size(frame) and crc16(frame[:-2]) == frame[-2:]:
            self._dispatch(frame[0], frame[1:-2])

    def _dispatch(self, address: int, request: bytes) -> None:
        for unit in self._units:
            if unit.unit == address and unit.is_powered:
                known = request[0] in FIXED_FUNCTIONS or request[0] == WRITE_REGISTERS
                answer = unit.answer(request) if known else refusal(request, ILLEGAL_FUNCTION)
                if answer is not None:
                    self._send(unit, bytes([address]) + answer)

    def _send(self, unit: RtuUnit, body: bytes) -> None:
        troubles = self._troubles[unit]
        if troubles & {LineFault.SILENT, LineFault.UNPLUGGED}:
            return
        frame = body + crc16(body)
        if LineFault.GARBLED in troubles:
            frame = bytes([*frame[:-3], frame[-3] ^ 0x55, *frame[-2:]])
        if LineFault.SLOW in troubles:
            asyncio.get_running_loop().call_later(SLOW_S, self._line.write, frame)
        else:
            self._line.write(frame)


def _expected_size(begun: bytes | bytearray) -> int:
    """Of a whole request, as far as its beginning says."""
    if len(begun) < WRITE_HEAD or begun[1] != WRITE_REGISTERS:
        return FIXED_SIZE
    return WRITE_HEAD + int(begun[6]) + 2


def segment_of(line: Line | RtuSegment) -> RtuSegment:
    """A unit may be given the line for itself, or a segment that it shares."""
    return line if isinstance(line, RtuSegment) else RtuSegment(line)
