"""Modbus RTU slaves on one line, bit by bit from the serial-line specification: no library, no frame of ours."""

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.foreign.patience import patient_loop
from tests.foreign.terminal import Terminal

READ_COILS, READ_INPUTS, READ_HOLDING, READ_INPUT = 1, 2, 3, 4
WRITE_COIL, WRITE_REGISTER, WRITE_REGISTERS = 5, 6, 16
NEW_FRAME_S = 0.02  # of silence: what came before is forgotten

Replies = Iterable[tuple[float, bytes]]
"""What goes onto the line, and after how long."""


def crc(octets: bytes) -> bytes:
    value = 0xFFFF
    for octet in octets:
        value ^= octet
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return bytes([value & 0xFF, value >> 8])


@dataclass
class Unit:
    """Registers and bits by address; what is in no table is refused with exception 02."""

    input: dict[int, int] = field(default_factory=dict)
    holding: dict[int, int] = field(default_factory=dict)
    bits: dict[int, int] = field(default_factory=dict)
    coils: dict[int, int] = field(default_factory=dict)
    is_dead: bool = False
    refuses_with: int = 0
    wrote: list[tuple[int, int]] = field(default_factory=list)
    on_write: Callable[[int, int], None] = lambda _address, _value: None

    def answer(self, body: bytes) -> bytes | None:
        """Function and fields, without unit and CRC."""
        if self.is_dead:
            return None
        function, first, second = struct.unpack(">BHH", body[:5])
        if self.refuses_with:
            return bytes([function | 0x80, self.refuses_with])
        try:
            return self._done(function, first, second, body)
        except KeyError:
            return bytes([function | 0x80, 2])

    def _done(self, function: int, first: int, second: int, body: bytes) -> bytes:
        if function in (READ_HOLDING, READ_INPUT):
            table = self.holding if function == READ_HOLDING else self.input
            words = [table[first + place] for place in range(second)]
            return bytes([function, 2 * second]) + struct.pack(f">{second}H", *words)
        if function in (READ_COILS, READ_INPUTS):
            bits = self.coils if function == READ_COILS else self.bits
            octets = bytearray((second + 7) // 8)
            for place in range(second):
                octets[place // 8] |= bits[first + place] << place % 8
            return bytes([function, len(octets)]) + bytes(octets)
        if function == WRITE_REGISTERS:
            for place in range(second):
                (value,) = struct.unpack_from(">H", body, 6 + 2 * place)
                self._write(self.holding, first + place, value)
            return body[:5]
        if function in (WRITE_COIL, WRITE_REGISTER):
            self._write(self.coils if function == WRITE_COIL else self.holding, first, second)
            return body[:5]
        return bytes([function | 0x80, 1])

    def _write(self, table: dict[int, int], address: int, value: int) -> None:
        if table is self.holding and address not in table:
            raise KeyError(address)
        table[address] = value
        self.wrote.append((address, value))
        self.on_write(address, value)


class Rs485:
    """`echoes`: an adapter that hears itself. `twist`: what becomes of each answer."""

    def __init__(self, stable: Path, units: dict[int, Unit]) -> None:
        self.line = Terminal(stable, self._heard)
        self.units = units
        self.echoes = False
        self.at_a_time = 0
        self.thinks_s = 0.005
        self.twist: Callable[[bytes], Replies] | None = None
        self.hears: Callable[[], bool] = lambda: True
        self.asked: list[bytes] = []
        self._buffer = b""
        self._heard_s = 0.0

    def _heard(self, chunk: bytes) -> None:
        now_s = patient_loop().time()
        if now_s - self._heard_s > NEW_FRAME_S:
            self._buffer = b""
        self._heard_s = now_s
        if self.echoes:
            self.line.say(chunk)
        self._buffer += chunk
        size = 9 + self._buffer[6] if self._buffer[1:2] == b"\x10" and len(self._buffer) > 6 else 8
        if len(self._buffer) >= size:
            frame, self._buffer = self._buffer[:size], b""
            if crc(frame[:-2]) == frame[-2:] and self.hears():
                self._asked(frame)

    def _asked(self, frame: bytes) -> None:
        self.asked.append(frame)
        unit = self.units.get(frame[0])
        said = None if unit is None else unit.answer(frame[1:-2])
        if said is None:
            return
        answer = frame[:1] + said
        answer += crc(answer)
        for after_s, octets in self.twist(answer) if self.twist else [(0.0, answer)]:
            self.line.say(octets, after_s=self.thinks_s + after_s, at_a_time=self.at_a_time)


def float_words(value: float, *, low_first: bool = False) -> tuple[int, int]:
    high, low = struct.unpack(">HH", struct.pack(">f", value))
    return (low, high) if low_first else (high, low)


def put_floats(table: dict[int, int], values: dict[int, float], *, low_first: bool = False) -> None:
    for address, value in values.items():
        table[address], table[address + 1] = float_words(value, low_first=low_first)
