"""A bank terminal that speaks ZVT, true to the byte and strict, on a serial line or TCP.

    command -> taken -> card, bank -> result 04 0F -> answered: booked
                                         |             silence, 84: reversed (06 1E)
                                         +-> receipts -> 06 0F

Its books survive a power cut; what was not answered by then is reversed when the power returns.
"""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType

from drivers.zvt.apdu import TAKEN, Apdu, Kind, refused
from drivers.zvt.codes import Code, Intermediate, TerminalState
from drivers.zvt.commands import PASSWORD_BYTES
from simulator.devices import bank_terminal_messages as say
from simulator.devices.bank_terminal_books import Books, Capture
from simulator.devices.bank_terminal_card import HOST_SILENT, KINDS, REMOVE_EARLY, Card, CardSlot
from simulator.devices.bank_terminal_link import TerminalLink
from simulator.devices.bank_terminal_messages import Style
from simulator.devices.bank_terminal_money import DECLINED, Handler, Till, Timing
from simulator.line_faults import LineFault
from simulator.pipes import Line

BUSY, NO_COMPLETION, OUT_OF_SERVICE = "busy", "no_completion", "out_of_service"
LINE_FAULTS = tuple(
    kind.value
    for kind in (LineFault.SILENT, LineFault.GARBLED, LineFault.SLOW, LineFault.UNPLUGGED)
)
FAULTS = (*LINE_FAULTS, DECLINED, HOST_SILENT, BUSY, NO_COMPLETION, OUT_OF_SERVICE)
DATE_OR_TIME_WRONG = 0x62

REMEDIED_BY: Mapping[int, int] = MappingProxyType(
    {
        Kind.DIAGNOSIS: TerminalState.DIAGNOSIS_REQUIRED,
        Kind.INITIALISATION: TerminalState.INITIALISATION_REQUIRED,
        Kind.SET_TERMINAL_ID: TerminalState.ACTIVATION_REQUIRED,
        Kind.END_OF_DAY: TerminalState.RECONCILIATION_REQUIRED,
    }
)

_WITHOUT_REGISTRATION = frozenset({Kind.REGISTRATION, Kind.STATUS_ENQUIRY})


class SimulatedBankTerminal:
    """The device at the end of `line`. `present_card` and `remove_early` are the customer."""

    def __init__(
        self,
        line: Line,
        *,
        is_serial: bool = True,
        password: str = "000000",  # noqa: S107 - what terminals are delivered with
        style: Style | None = None,
        timing: Timing | None = None,
    ) -> None:
        self._line = line
        self._password = bytes.fromhex(password)
        self.style = style or Style()
        self._timing = timing or Timing()
        self._link = TerminalLink(line, self._hear, is_serial=is_serial, t2_s=self._timing.t2_s)
        self._slot = CardSlot()
        self._group: asyncio.TaskGroup | None = None
        self._running: asyncio.Task[None] | None = None
        self._boot: asyncio.TimerHandle | None = None
        self._answer: asyncio.Future[Apdu] | None = None
        self._is_registered = self._is_ending = self._is_frozen = False
        self._faults: set[str] = set()
        self._till = Till(
            self._ask, self._slot, self._faults, style=self.style, timing=self._timing
        )
        self._till.password = self._password
        self.state: int = TerminalState.READY
        self.executed: list[int] = []  # kinds of the commands begun, for tests
        self._commands: dict[int, Handler] = {
            Kind.REGISTRATION: self._register,
            Kind.STATUS_ENQUIRY: self._tell_status,
            **self._till.handlers,
            Kind.DIAGNOSIS: self._complete,
            Kind.INITIALISATION: self._complete,
            Kind.SET_TERMINAL_ID: self._complete,
        }

    # --- the world ------------------------------------------------------------------------------

    @property
    def books(self) -> Books:
        return self._till.books

    @property
    def captured_minor(self) -> int:
        return self._till.books.captured_minor

    @property
    def captures(self) -> tuple[Capture, ...]:
        return self._till.books.captures

    @property
    def open_reservations(self) -> dict[int, int]:
        """Receipt number to amount."""
        return self._till.books.open_reservations

    @property
    def is_waiting_for_card(self) -> bool:
        return self._slot.is_awaited

    @property
    def holds_card(self) -> bool:
        """One is in it, and its bank has not spoken yet."""
        return self._slot.holds_card

    @property
    def blocks_repeated(self) -> int:
        return self._link.counts.blocks_repeated

    @property
    def duplicates(self) -> int:
        """Blocks of the host that came twice and were executed once."""
        return self._link.counts.duplicates

    def present_card(
        self, kind: str = "approve", delay_s: float | None = None, brand: str = say.USUAL_BRAND
    ) -> None:
        """One of `KINDS`; its bank answers after `delay_s`. It goes if nobody wants it."""
        if kind not in KINDS:
            raise ValueError(f"a bank card {kind!r} is none of {', '.join(KINDS)}")
        host_s = self._timing.host_s if delay_s is None else delay_s
        self._slot.present(Card(kind, host_s, brand))

    def remove_early(self) -> None:
        """The card now in the terminal is torn out; else one is shown and torn out."""
        if self._slot.holds_card:
            self._slot.remove()
        else:
            self.present_card(REMOVE_EARLY)

    def fault(self, kind: str) -> None:
        """One of `FAULTS`."""
        if kind in LINE_FAULTS:
            self._line.fault(LineFault(kind))
        elif kind in FAULTS:
            self._faults.add(kind)
        else:
            raise ValueError(f"a bank terminal has no fault {kind!r}")

    def clear(self, kind: str) -> None:
        if kind in LINE_FAULTS:
            self._line.clear(LineFault(kind))
        self._faults.discard(kind)

    def power_cut(self) -> None:
        if self._running is not None:
            self._running.cancel()
            self._running = None
        if self._boot is not None:
            self._boot.cancel()
        self._is_registered = self._is_frozen = False
        self._link.is_powered = False
        self._link.reset()

    def power_on(self) -> None:
        """It answers again after its start."""
        self._boot = asyncio.get_running_loop().call_later(self._timing.boot_s, self._started)

    def reboot(self) -> None:
        self.power_cut()
        self.power_on()

    def freeze(self) -> None:
        """Its program hangs: blocks are still acknowledged, nothing else happens."""
        self._is_frozen = True

    def mutter(self, number: int = Intermediate.WAIT, text: str = "") -> None:
        """Say something that nobody asked for."""
        self._send_aside(say.status(number, text))

    def _started(self) -> None:
        self._till.books.reverse()
        self._link.is_powered = True

    # --- the line -------------------------------------------------------------------------------

    async def run(self) -> None:
        """Answer for ever."""
        async with asyncio.TaskGroup() as self._group:
            await self._link.run()

    def _hear(self, apdu: Apdu) -> None:
        assert self._group is not None, "bytes come while it runs"
        if self._is_frozen:
            return
        if apdu.is_answer:
            self._hear_answer(apdu)
        elif apdu.kind == Kind.ABORT:
            self._group.create_task(self._abort())
        elif self._running is not None:
            self._send_aside(refused(Code.BUSY))
        elif (code := self._refusal(apdu)) is not None:
            self._send_aside(refused(code))
        else:
            self._running = self._group.create_task(self._execute(apdu))

    def _hear_answer(self, answer: Apdu) -> None:
        if self._answer is None or self._answer.done():
            return
        self._answer.set_result(answer)
        if self._is_ending:  # the host is master from now on, and may be quick
            self._running = None

    def _send_aside(self, apdu: Apdu) -> None:
        assert self._group is not None, "it speaks while it runs"
        self._group.create_task(self._sent(apdu))

    async def _sent(self, apdu: Apdu) -> None:
        await self._link.send(apdu)

    async def _abort(self) -> None:
        """A bank that is being asked cannot be called back."""
        is_possible = self._running is None or self._slot.is_awaited
        await self._link.send(TAKEN if is_possible else refused(Code.NOT_POSSIBLE))
        if is_possible:
            self._slot.abort()

    async def _execute(self, command: Apdu) -> None:
        try:
            if await self._link.send(TAKEN):
                self.executed.append(command.kind)
                await self._carry_out(command)
        finally:
            if self._running is asyncio.current_task():
                self._running = None

    async def _carry_out(self, command: Apdu) -> None:
        self._slot.clear()
        self._is_ending = False
        end = await self._commands[command.kind](command.payload)
        is_done = end.kind == Kind.COMPLETION
        if is_done and self.state == REMEDIED_BY.get(command.kind):
            self.state = TerminalState.READY
        if is_done and NO_COMPLETION in self._faults:
            return
        self._is_ending = True
        await self._ask(end)

    def _refusal(self, command: Apdu) -> int | None:
        if command.kind not in self._commands:
            return Code.NOT_POSSIBLE
        if BUSY in self._faults:
            return Code.BUSY
        if not self._is_registered and command.kind not in _WITHOUT_REGISTRATION:
            return Code.NOT_REGISTERED
        if command.kind == Kind.BOOK_TOTAL and not self.style.books_total:
            return Code.NOT_POSSIBLE
        return None

    async def _ask(self, message: Apdu) -> Apdu | None:
        """The answer, if one comes in time."""
        self._answer = asyncio.get_running_loop().create_future()
        if not await self._link.send(message):
            return None
        try:
            async with asyncio.timeout(self._timing.t3_s):
                return await self._answer
        except TimeoutError:
            return None
        finally:
            self._answer = None

    # --- housekeeping ---------------------------------------------------------------------------

    async def _register(self, payload: bytes) -> Apdu:
        if payload[:PASSWORD_BYTES] != self._password or payload[4:6] not in {b"", say.EURO}:
            return say.aborted(Code.NOT_POSSIBLE)
        self._is_registered = True
        return say.completion_of_registration()

    async def _tell_status(self, _payload: bytes) -> Apdu:
        state = DATE_OR_TIME_WRONG if OUT_OF_SERVICE in self._faults else self.state
        return say.completion_of_status(state)

    async def _complete(self, _payload: bytes) -> Apdu:
        return Apdu(Kind.COMPLETION)


__all__ = ["FAULTS", "KINDS", "SimulatedBankTerminal", "Style", "Timing"]
