"""The processor of a simulated ccTalk device: hears its line, answers what is meant for it.

What the device answers is its own (`answer`); when it is deaf, what it drops and what every money
device is asked alike is here.
"""

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

from drivers.cctalk.codec import HOST, Decoder, Frame, Garbage, Header, encode
from simulator.pipes import Line, serve

REPLY_DELAY_S = 0.005
RECEIVE_TIMEOUT_S = 0.05  # an unfinished request is dropped after this silence (part 1 §8)
ACK = b""
_BYTE = 0xFF


class Registers(Protocol):
    """Of a money device's memory, what every one of them has."""

    serial: int
    fault_code: int
    masks: bytes
    is_master_normal: bool
    receive_timeouts: int
    bad_checksums: int
    wants_reset: bool

    def forget(self) -> None: ...


class Processor:
    """`deaf_s`: after power-up, and after header 1."""

    def __init__(
        self,
        line: Line,
        registers: Registers,
        answer: Callable[[Frame, float], bytes | None],
        *,
        address: int,
        crc: bool,
        deaf_s: tuple[float, float],
    ) -> None:
        self._line = line
        self._registers = registers
        self._answer = answer
        self._address = address
        self._is_crc = crc
        self._start_up_s, self._reset_s = deaf_s
        self._deaf_until_s = self._heard_s = 0.0
        self._decoder = Decoder(crc=crc, listens_as=address)
        self.is_powered = True

    async def run(self) -> None:
        """Answer requests for ever."""
        self._decoder.reset()
        await serve(self._line, self._hear)

    def _hear(self, chunk: bytes) -> None:
        decoder, heard_s = self._decoder, now_s()
        if decoder.held and heard_s - self._heard_s >= RECEIVE_TIMEOUT_S:
            decoder.reset()
            self._registers.receive_timeouts = (self._registers.receive_timeouts + 1) & _BYTE
        self._heard_s = heard_s
        if not self.is_powered or heard_s < self._deaf_until_s:
            decoder.reset()
            return
        for found in decoder.feed(chunk):
            self._handle(found)

    def power_cut(self) -> None:
        self.is_powered = False
        self._registers.forget()

    def power_on(self) -> None:
        self.is_powered = True
        self._deaf_until_s = now_s() + self._start_up_s

    def reset(self) -> None:
        """What header 1 does, and a brown-out."""
        self._registers.forget()
        self._deaf_until_s = now_s() + self._reset_s

    def _handle(self, found: Frame | Garbage) -> None:
        if isinstance(found, Garbage):
            self._registers.bad_checksums = (self._registers.bad_checksums + 1) & _BYTE
            return
        reply = self._answer(found, now_s())
        if reply is None:
            return
        source = None if self._is_crc else self._address
        self._line.write(encode(Frame(HOST, source, 0, reply)), after_s=REPLY_DELAY_S)
        if self._registers.wants_reset:
            self.reset()


EXCHANGE_S = 5.0
"""Between the old device's last sign of life and the new one's first: a person's hands."""


def now_s() -> float:
    return asyncio.get_running_loop().time()


# --- what every money device is asked --------------------------------------------------------------


def _simple_poll(_registers: Registers, _payload: bytes, _now_s: float) -> bytes:
    return ACK


def _reset_device(registers: Registers, _payload: bytes, _now_s: float) -> bytes:
    registers.wants_reset = True  # after the ACK is out
    return ACK


def _comms_status(registers: Registers, _payload: bytes, _now_s: float) -> bytes:
    return bytes([registers.receive_timeouts, 0, registers.bad_checksums])


def _clear_comms_status(registers: Registers, _payload: bytes, _now_s: float) -> bytes:
    registers.receive_timeouts = registers.bad_checksums = 0
    return ACK


def _serial_number(registers: Registers, _payload: bytes, _now_s: float) -> bytes:
    return three_bytes(registers.serial)


def _modify_inhibits(registers: Registers, payload: bytes, _now_s: float) -> bytes:
    registers.masks = payload
    return ACK


def _request_inhibits(registers: Registers, _payload: bytes, _now_s: float) -> bytes:
    return registers.masks


def _request_master_inhibit(registers: Registers, _payload: bytes, _now_s: float) -> bytes:
    return bytes([registers.is_master_normal])


def _self_check(registers: Registers, _payload: bytes, _now_s: float) -> bytes:
    return bytes([registers.fault_code])


def three_bytes(number: int) -> bytes:
    return (number & 0xFF_FFFF).to_bytes(3, "little")


# Header: length of the request's data, answer.
COMMON: Mapping[int, tuple[int, Callable[[Registers, bytes, float], bytes | None]]] = (
    MappingProxyType(
        {
            Header.SIMPLE_POLL: (0, _simple_poll),
            Header.RESET_DEVICE: (0, _reset_device),
            Header.COMMS_STATUS: (0, _comms_status),
            Header.CLEAR_COMMS_STATUS: (0, _clear_comms_status),
            Header.SERIAL_NUMBER: (0, _serial_number),
            Header.MODIFY_INHIBITS: (2, _modify_inhibits),
            Header.REQUEST_INHIBITS: (0, _request_inhibits),
            Header.REQUEST_MASTER_INHIBIT: (0, _request_master_inhibit),
            Header.SELF_CHECK: (0, _self_check),
        }
    )
)
