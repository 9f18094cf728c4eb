"""Coils of the simulated cabinet's module, with the lamps and the beeper on them, as somebody sees and hears them."""

import asyncio
import struct

from simulator.devices.rtu import ILLEGAL_ADDRESS, ILLEGAL_VALUE, refusal

READ_COILS, WRITE_COIL = 0x01, 0x05
COILS = 16
TIMED_ON_BASE = 0x0200
STEP_S = 0.1
ON, OFF = 0xFF00, 0x0000
LONGEST_STEPS = 0x7FFF
BEEPER, FIRST_LAMP = 0, 1
FOR_EVER = float("inf")
# Lit for so long it is a blink, a flash; dark for longer than this it is off.
BLINK_S, FLASH_S = 0.5, 0.3
SEEN_FOR_S = {BLINK_S: 1.4, FLASH_S: 3.4}
NAMES = {
    (1, 0, 0): "red",
    (0, 1, 0): "green",
    (0, 0, 1): "blue",
    (1, 1, 0): "yellow",
    (1, 1, 1): "white",
    (0, 1, 1): "cyan",
    (1, 0, 1): "magenta",
}


class Coils:
    def __init__(self) -> None:
        self.beeps = 0
        self._on_at_s = [0.0] * COILS
        self._on_for_s = [0.0] * COILS

    def knows(self, request: bytes) -> bool:
        return request[0] in (READ_COILS, WRITE_COIL)

    def answer(self, request: bytes) -> bytes:
        function, address, value = struct.unpack(">BHH", request[:5])
        if function == READ_COILS:
            return self._read(request, address, value)
        return self._write(request, address, value)

    def power_cut(self) -> None:
        self._on_for_s = [0.0] * COILS

    def lamp(self, connector: int) -> str:
        """As a person says it who looks for some seconds: `blue`, `green blink`, `dark`."""
        coils = range(FIRST_LAMP + 3 * (connector - 1), FIRST_LAMP + 3 * connector)
        seen = tuple(int(self._is_seen(coil)) for coil in coils)
        if not any(seen):
            return "dark"
        lengths = {self._on_for_s[coil] for coil, is_lit in zip(coils, seen, strict=True) if is_lit}
        rhythm = {BLINK_S: " blink", FLASH_S: " flash"}.get(min(lengths), "")
        return f"{NAMES[seen[0], seen[1], seen[2]]}{rhythm}"

    def _read(self, request: bytes, first: int, count: int) -> bytes:
        if not 0 < count <= COILS:
            return refusal(request, ILLEGAL_VALUE)
        if first + count > COILS:
            return refusal(request, ILLEGAL_ADDRESS)
        bits = sum(self._is_on(first + place) << place for place in range(count))
        size = (count + 7) // 8
        return bytes([READ_COILS, size]) + bits.to_bytes(size, "little")

    def _write(self, request: bytes, address: int, value: int) -> bytes:
        if TIMED_ON_BASE <= address < TIMED_ON_BASE + COILS:
            if not 0 < value <= LONGEST_STEPS:
                return refusal(request, ILLEGAL_VALUE)
            self._switch(address - TIMED_ON_BASE, round(value * STEP_S, 1))
        elif address >= COILS:
            return refusal(request, ILLEGAL_ADDRESS)
        elif value not in (ON, OFF):
            return refusal(request, ILLEGAL_VALUE)
        else:
            self._switch(address, FOR_EVER if value == ON else 0.0)
        return request

    def _switch(self, coil: int, on_s: float) -> None:
        self._on_at_s[coil], self._on_for_s[coil] = _now_s(), on_s
        if coil == BEEPER and on_s:
            self.beeps += 1

    def _is_on(self, coil: int) -> bool:
        return _now_s() < self._on_at_s[coil] + self._on_for_s[coil]

    def _is_seen(self, coil: int) -> bool:
        on_s = self._on_for_s[coil]
        return bool(on_s) and _now_s() < self._on_at_s[coil] + SEEN_FOR_S.get(on_s, on_s)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
