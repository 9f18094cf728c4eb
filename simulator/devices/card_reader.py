"""A PN532 at the device's end of a line, and the hand that holds cards to it.

    asleep --bytes--> awake --SAMConfiguration--> normal: field off/on, one target at most

Strict where a forgiving simulator would hide a driver's mistake: it sleeps at power-up and loses
the bytes that wake it, knows no card commands before SAMConfiguration, finds no card that was
released until the field has dropped, and stops what it does when the host acknowledges.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from drivers.greencard.commands import Code, Error, Target, target_list
from drivers.greencard.pn532 import (
    Ack,
    Command,
    Decoder,
    Frame,
    Garbage,
    Nack,
    Refused,
    Response,
    encode,
)
from simulator.devices.virtual_card import VirtualCard
from simulator.line_faults import LineFault
from simulator.pipes import Line

FIRMWARE = bytes.fromhex("32010607")  # PN532 v1.6, ISO 14443 A and B, ISO 18092
TARGET_NUMBER = 1
RETRY_FOREVER = 0xFF
FAULTS = tuple(LineFault)


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a real reader takes."""

    ack_s: float = 0.005
    answer_s: float = 0.002
    wake_bytes: int = 10  # lost at 115200 baud while the oscillator starts
    activation_s: float = 0.018  # anticollision and RATS
    search_s: float = 0.006  # one look for a card
    card_time_out_s: float = 0.08


class CardReaderDevice:
    """One reader. `run` serves its line; `tap`, `present` and `remove` are the customer."""

    def __init__(self, line: Line, *, timing: Timing | None = None) -> None:
        self._line = line
        self._timing = timing or Timing()
        self._card: VirtualCard | None = None
        # The target of data exchanges; the reader learns that it left by getting no answer.
        self._target: VirtualCard | None = None
        self._arrival = asyncio.Event()
        self._hand = asyncio.Lock()
        self._running: asyncio.Task[None] | None = None
        self._is_powered = True
        self._handlers: dict[int, Callable[[bytes], Awaitable[bytes | None]]] = {
            Code.DIAGNOSE: self._diagnose,
            Code.GET_FIRMWARE_VERSION: self._firmware,
            Code.SAM_CONFIGURATION: self._configure_sam,
            Code.RF_CONFIGURATION: self._configure_rf,
            Code.IN_LIST_PASSIVE_TARGET: self._list_target,
            Code.IN_DATA_EXCHANGE: self._exchange,
            Code.IN_DESELECT: self._release,
            Code.IN_RELEASE: self._release,
            Code.POWER_DOWN: self._power_down,
        }
        self.power_cycle()

    # --- the world ------------------------------------------------------------------------------

    @property
    def card(self) -> VirtualCard | None:
        """The card now held to the reader."""
        return self._card

    async def tap(self, card: VirtualCard, hold_s: float = 0.5) -> None:
        """Hold a card to the reader and take it away again; taps queue."""
        async with self._hand:
            self.present(card)
            await asyncio.sleep(hold_s)
            self.remove()

    def present(self, card: VirtualCard) -> None:
        self.remove()
        self._card = card
        self._arrival.set()

    def remove(self) -> None:
        """Take the card away, in whatever it is doing."""
        if self._card is not None:
            self._card.leave_field()
        self._card = None
        self._arrival.clear()

    def fault(self, kind: str) -> None:
        """One of `FAULTS`. Unplugging the adapter takes the reader's power, too."""
        self._line.fault(LineFault(kind))
        if kind == LineFault.UNPLUGGED:
            self.power_cycle()

    def clear(self, kind: str) -> None:
        self._line.clear(LineFault(kind))

    def power_cut(self) -> None:
        self._is_powered = False
        self.power_cycle()

    def power_on(self) -> None:
        self._is_powered = True

    def power_cycle(self) -> None:
        """As after unplugging: asleep, unconfigured, field off."""
        self._stop()
        self._drop_field()
        self._wake_bytes_missing = self._timing.wake_bytes
        self._is_configured = False
        self._retries = RETRY_FOREVER
        self._decoder = Decoder()
        self._last_response: bytes | None = None

    # --- the line -------------------------------------------------------------------------------

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                heard = self._awake(await self._line.read())
                for frame in self._decoder.feed(heard) if self._is_powered else ():
                    self._hear(frame, group)

    def _hear(self, frame: Frame | Garbage, group: asyncio.TaskGroup) -> None:
        """A new command and an ACK both stop the running one (UM0701-02 §6.2.1)."""
        match frame:
            case Command():
                self._stop()
                self._last_response = None
                self._running = group.create_task(self._execute(frame))
            case Ack():
                self._stop()
            case Nack() if self._last_response is not None:
                self._line.write(self._last_response)
            case _:  # noise, and frames that only a reader sends
                pass

    def _stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            self._running = None

    def _awake(self, chunk: bytes) -> bytes:
        """What is heard of `chunk`: nothing until enough bytes have woken the reader."""
        lost = min(len(chunk), self._wake_bytes_missing)
        self._wake_bytes_missing -= lost
        return chunk[lost:]

    async def _execute(self, command: Command) -> None:
        await asyncio.sleep(self._timing.ack_s)
        self._line.write(encode(Ack()))
        answer = await self._answer(command)
        await asyncio.sleep(self._timing.answer_s)
        if answer is None:
            self._line.write(encode(Refused()))
        else:
            self._last_response = encode(Response(command.code + 1, answer))
            self._line.write(self._last_response)
        self._running = None
        if command.code == Code.POWER_DOWN and answer is not None:
            self.power_cycle()

    async def _answer(self, command: Command) -> bytes | None:
        """None: the error frame, for what it does not know or cannot do yet."""
        before_sam = {Code.GET_FIRMWARE_VERSION, Code.SAM_CONFIGURATION}
        handler = self._handlers.get(command.code)
        if handler is None or (not self._is_configured and command.code not in before_sam):
            return None
        return await handler(command.parameters)

    # --- commands (UM0701-02 §7) ----------------------------------------------------------------

    async def _firmware(self, parameters: bytes) -> bytes | None:
        return None if parameters else FIRMWARE

    async def _configure_sam(self, parameters: bytes) -> bytes | None:
        if not 1 <= len(parameters) <= 3 or not 1 <= parameters[0] <= 4:
            return None
        self._is_configured = True
        return b""

    async def _configure_rf(self, parameters: bytes) -> bytes | None:
        match list(parameters):
            case [0x01, switch]:
                if not switch & 1:
                    self._drop_field()
            case [0x05, _, _, retries]:
                self._retries = retries
            case [0x02, _, _, _] | [0x04, _]:  # RF time-outs and retries: of no effect here
                pass
            case _:
                return None
        return b""

    async def _list_target(self, parameters: bytes) -> bytes | None:
        if parameters not in {b"\x01\x00", b"\x02\x00"}:  # one or two targets, 106 kbit/s type A
            return None
        self._deselect()
        card = await self._find()
        if card is None:
            return target_list(None)
        card.is_active = True
        self._target = card
        return target_list(Target(TARGET_NUMBER, card.sens_res, card.sel_res, card.uid, card.ats))

    async def _find(self) -> VirtualCard | None:
        """An activated card; None after the configured number of retries, if there is one."""
        retries = self._retries
        while True:
            card = self._card
            if card is not None and not card.is_halted:
                if await self._is_activated(card):
                    return card
            elif retries == RETRY_FOREVER:
                await self._next_arrival()
                continue
            if retries == 0:
                return None
            retries -= 0 if retries == RETRY_FOREVER else 1
            await asyncio.sleep(self._timing.search_s)

    async def _is_activated(self, card: VirtualCard) -> bool:
        await asyncio.sleep(self._timing.activation_s)
        return self._card is card

    async def _next_arrival(self) -> None:
        """A search without end costs nothing while nothing comes."""
        self._arrival.clear()
        await self._arrival.wait()

    async def _exchange(self, parameters: bytes) -> bytes | None:
        if len(parameters) < 2:
            return None
        if self._target is None or parameters[0] != TARGET_NUMBER:
            return bytes([Error.WRONG_STATE])
        answer = await self._asked(self._target, parameters[1:])
        if answer is None:
            await asyncio.sleep(self._timing.card_time_out_s)
            return bytes([Error.TIME_OUT])
        return bytes([Error.NONE]) + answer

    async def _asked(self, card: VirtualCard, apdu: bytes) -> bytes | None:
        """The card's answer, unless it left the field meanwhile."""
        await asyncio.sleep(card.delay_s(apdu))
        return card.chip.answer(apdu) if card.is_active else None

    async def _release(self, parameters: bytes) -> bytes | None:
        if len(parameters) != 1:
            return None
        self._deselect()
        return bytes([Error.NONE])

    async def _diagnose(self, parameters: bytes) -> bytes | None:
        match list(parameters):
            case [0x00, *_]:  # communication line test: echoes
                return parameters
            case [0x06]:  # presence of an ISO/IEC 14443-4 card
                return bytes(
                    [Error.NONE if self._target and self._target.is_active else Error.TIME_OUT]
                )
            case _:
                return None

    async def _power_down(self, parameters: bytes) -> bytes | None:
        return bytes([Error.NONE]) if 1 <= len(parameters) <= 2 else None

    def _deselect(self) -> None:
        if self._target is not None:
            self._target.halt()
        self._target = None

    def _drop_field(self) -> None:
        self._target = None
        if self._card is not None:
            self._card.leave_field()
            self._arrival.set()
