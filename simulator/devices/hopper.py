"""A ccTalk hopper, true to the byte: pays coin by coin, and forgets its counter with its power.

What it paid last and in its life it remembers, as in an EEPROM.
"""

import asyncio
from collections.abc import Callable

from drivers.cctalk.codec import HOPPER, HOST, Decoder, Frame, Garbage, Header, encode
from simulator.devices.cctalk_processor import EXCHANGE_S
from simulator.line_faults import LineFault
from simulator.pipes import Line

COIN_S = 0.3
EMPTY_TIMEOUT_S = 3.0  # the motor turns for so long without a coin, then it gives up
REPLY_DELAY_S = 0.005
RECEIVE_TIMEOUT_S = 0.05
RESET_S = 0.5
WRAP = 255
SECURITY_BYTES = 8

ENABLE = 0xA5
PAYOUT_TIMEOUT = 0b0000_0010
POWER_UP = 0b0100_0000
DISABLED = 0b1000_0000
OPTO_BLOCKED = 0b0010_0000

STUCK = "stuck"  # a coin in front of the exit sensor
EMPTY = "empty"  # nothing falls out, whatever lies in the bowl
FAULTS = (*(kind.value for kind in LineFault), STUCK, EMPTY)

CoinFell = Callable[[int], None]
"""Told the value of each coin as it falls into the tray."""


def _nobody(_value_minor: int) -> None:
    """Nobody looks at the tray."""


class SimulatedHopper:
    """`coins` in the bowl; `paid_out` of them have fallen into the tray."""

    def __init__(  # noqa: PLR0913 - what differs from hopper to hopper, by name
        self,
        line: Line,
        *,
        coins: int,
        value_minor: int = 100,
        serial: int = 710_623,
        counts_lifetime: bool = True,
        address: int = HOPPER,
        coin_fell: CoinFell = _nobody,
    ) -> None:
        self._line = line
        self._serial = serial
        self._address = address
        self._counts_lifetime = counts_lifetime
        self._value_minor = value_minor
        self._coin_fell = coin_fell
        self.coins = coins
        self.paid_out = 0
        self._lifetime = 0
        self._remaining = 0
        self._paid = self._unpaid = 0
        self._broken: set[str] = set()
        self._is_powered = True
        self._deaf_until_s = 0.0
        self._asked = asyncio.Event()
        self._forget()

    @property
    def can_pay(self) -> bool:
        return self._is_powered and bool(self.coins) and not self._broken

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._answer())
            group.create_task(self._turn())

    async def exchange(self, serial: int, country: str, events: int) -> None:
        """Another of its make takes its place, with `events` coins paid in its life."""
        del country
        self.power_cut()
        await asyncio.sleep(EXCHANGE_S)
        self._serial, self._lifetime, self._paid, self._unpaid = serial, events, 0, 0
        self.power_on()

    def fault(self, kind: str) -> None:
        """One of `FAULTS`."""
        if kind in {STUCK, EMPTY}:
            self._broken.add(kind)
        else:
            self._line.fault(LineFault(kind))

    def clear(self, kind: str) -> None:
        if kind in {STUCK, EMPTY}:
            self._broken.discard(kind)
        else:
            self._line.clear(LineFault(kind))

    def power_cut(self) -> None:
        """In the middle of a payout what was not paid is remembered as unpaid."""
        self._is_powered = False
        self._unpaid, self._remaining = self._remaining or self._unpaid, 0
        self._forget()

    def power_on(self) -> None:
        self._is_powered = True

    def _forget(self) -> None:
        self._counter = 0
        self._remaining = 0
        self._flags = POWER_UP | DISABLED

    # --- motor ----------------------------------------------------------------------------------

    async def _turn(self) -> None:
        while True:
            await self._asked.wait()
            self._asked.clear()
            waited_s = 0.0
            while self._remaining:
                await asyncio.sleep(COIN_S)
                if self._remaining and self.can_pay:
                    waited_s = 0.0
                    self._pay_one()
                elif (waited_s := waited_s + COIN_S) >= EMPTY_TIMEOUT_S:
                    self._give_up(PAYOUT_TIMEOUT)

    def _pay_one(self) -> None:
        self.coins -= 1
        self.paid_out += 1
        self._lifetime += 1
        self._paid += 1
        self._remaining -= 1
        self._coin_fell(self._value_minor)

    def _give_up(self, flag: int) -> None:
        self._unpaid, self._remaining = self._remaining, 0
        self._flags |= flag

    # --- processor ------------------------------------------------------------------------------

    async def _answer(self) -> None:
        decoder = Decoder(listens_as=self._address)
        while True:
            chunk = await self._next_chunk(decoder)
            if not self._is_powered or asyncio.get_running_loop().time() < self._deaf_until_s:
                decoder.reset()
                continue
            for found in decoder.feed(chunk):
                if not isinstance(found, Garbage) and found.destination == self._address:
                    self._handle(found)

    async def _next_chunk(self, decoder: Decoder) -> bytes:
        while decoder.held:
            try:
                async with asyncio.timeout(RECEIVE_TIMEOUT_S):
                    return await self._line.read()
            except TimeoutError:
                decoder.reset()
        return await self._line.read()

    def _handle(self, request: Frame) -> None:
        if request.header == Header.DISPENSE_COINS:
            header, reply = self._dispense(request.payload)
        else:
            answers = self._answers()
            length = 1 if request.header == Header.ENABLE_HOPPER else 0
            if request.header not in answers or len(request.payload) != length:
                return
            header, reply = Header.REPLY, answers[Header(request.header)](request.payload)
        self._line.write(encode(Frame(HOST, self._address, header, reply)), after_s=REPLY_DELAY_S)

    def _answers(self) -> dict[Header, Callable[[bytes], bytes]]:
        answers: dict[Header, Callable[[bytes], bytes]] = {
            Header.SIMPLE_POLL: lambda _: b"",
            Header.EQUIPMENT_CATEGORY: lambda _: b"Payout",
            Header.SERIAL_NUMBER: lambda _: self._serial.to_bytes(3, "little"),
            Header.TEST_HOPPER: lambda _: bytes([self._test(), 0, 0]),
            Header.ENABLE_HOPPER: self._enable,
            Header.HOPPER_STATUS: lambda _: bytes(
                [self._counter, self._remaining, self._paid, self._unpaid]
            ),
            Header.EMERGENCY_STOP: self._stop,
            Header.RESET_DEVICE: self._reset,
            Header.HOPPER_COIN: lambda _: f"EU{self._value_minor:03d}A".encode("ascii"),
        }
        if self._counts_lifetime:
            answers[Header.DISPENSE_COUNT] = lambda _: self._lifetime.to_bytes(3, "little")
        return answers

    def _test(self) -> int:
        return self._flags | (OPTO_BLOCKED if STUCK in self._broken else 0)

    def _enable(self, payload: bytes) -> bytes:
        is_enabled = payload == bytes([ENABLE])
        self._flags = self._flags & ~DISABLED if is_enabled else self._flags | DISABLED
        return b""

    def _stop(self, _payload: bytes) -> bytes:
        remaining = self._remaining
        self._give_up(0)
        return bytes([remaining])

    def _reset(self, _payload: bytes) -> bytes:
        self._forget()
        self._flags = DISABLED
        self._deaf_until_s = asyncio.get_running_loop().time() + RESET_S
        return b""

    def _dispense(self, payload: bytes) -> tuple[Header, bytes]:
        is_blocked = self._test() & (DISABLED | OPTO_BLOCKED)
        if len(payload) != SECURITY_BYTES + 1 or is_blocked or self._remaining:
            return Header.NAK, b""
        self._counter = self._counter % WRAP + 1
        self._paid = self._unpaid = 0
        self._flags &= ~PAYOUT_TIMEOUT
        self._remaining = payload[-1]
        self._asked.set()
        return Header.REPLY, bytes([self._counter])
