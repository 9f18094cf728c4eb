"""A ccTalk note validator, true to the byte and strict: what it does not understand, it ignores.

    note -> sensors -> escrow -> (host: stack) -> stacker
               |          +----> (host: return, 30 s, power cut) -> customer
               +-> masks, master inhibit, watchdog, fault, unknown -> customer

It forgets masks, mode, counter and events when its power goes; a note not yet in the stacker then
goes back to the customer.
"""

import asyncio
from collections.abc import Collection, Mapping
from typing import Literal

from drivers.cctalk import note_codes as codes
from drivers.cctalk.codec import BILL_VALIDATOR, Frame
from simulator.devices.cctalk_processor import EXCHANGE_S, Processor, now_s
from simulator.devices.note_commands import STACK, NoteRegisters, Notes, answer
from simulator.line_faults import LineFault
from simulator.pipes import Line

Fate = Literal["stacked", "returned"]

EURO_NOTES: Mapping[int, str] = {
    1: "EU0005A",
    2: "EU0010A",
    3: "EU0020A",
    4: "EU0050A",
    5: "EU0100A",
    6: "GB0010A",  # known, and no money here
}

# Physics of one note, together 3 s.
READING_S = 1.5
MOVING_S = 1.5

START_UP_S = 0.5
STACKER_CAPACITY = 500

NOT_RECOGNISED = 2
JAM_FAULT, STACKER_FULL_FAULT = 39, 45
STACKER_FULL = 14

JAM = "jam"  # the next note gets stuck in the mouth
FULL = "full"  # the stacker
REJECTING = "rejecting"  # every note is taken for a counterfeit
MECHANICAL: Mapping[str, int] = {JAM: JAM_FAULT, FULL: STACKER_FULL_FAULT}
FAULTS = (
    *(
        kind.value
        for kind in (LineFault.SILENT, LineFault.GARBLED, LineFault.SLOW, LineFault.UNPLUGGED)
    ),
    *MECHANICAL,
    REJECTING,
)


class SimulatedNoteValidator:
    """The device at the end of `line`; `run` is its processor, `insert` its mouth."""

    def __init__(  # noqa: PLR0913 - what makes differ in, by name
        self,
        line: Line,
        *,
        address: int = BILL_VALIDATOR,
        serial: int = 4_030_201,
        notes: Notes = EURO_NOTES,
        crc: bool = True,
        capacity: int = STACKER_CAPACITY,
        unknown: Collection[int] = (),
    ) -> None:
        self._line = line
        self._capacity = capacity
        self._unknown = frozenset(unknown)  # headers that this make does not have
        self._moved = asyncio.Event()
        self._registers = NoteRegisters(serial, notes, self._moved.set)
        self._processor = Processor(
            line,
            self._registers,
            self._answer,
            address=address,
            crc=crc,
            deaf_s=(START_UP_S, START_UP_S),
        )
        self._faults: set[str] = set()
        self.stacker_minor: list[int] = []
        self.collected_minor: list[int] = []

    @property
    def takes_notes(self) -> bool:
        """Would it keep a note now, of a kind that is let in?"""
        return self._processor.is_powered and self._registers.is_open(now_s())

    @property
    def holds_note(self) -> bool:
        """One waits in escrow for the host's decision."""
        return bool(self._registers.escrow_kind)

    @property
    def escrow(self) -> str:
        """The bill id of the note in escrow, as EU0020A; empty when there is none."""
        return self._registers.notes.get(self._registers.escrow_kind, "")

    @property
    def is_read(self) -> bool:
        """The host knows of every note: it has polled since the last event."""
        return not self._registers.has_unread

    @property
    def serial(self) -> str:
        return str(self._registers.serial)

    def kept_since(self, counter: int) -> list[int]:
        """Of what it kept since its power came: the notes after its event of this count."""
        return self._registers.kept.since(counter)

    async def exchange(self, serial: int, country: str, events: int) -> None:
        """Another of its make takes its place; its own memory may hold `events` from elsewhere."""
        self._processor.power_cut()
        await asyncio.sleep(EXCHANGE_S)
        notes = {at: country + bill[2:] for at, bill in EURO_NOTES.items()}
        self._registers.exchange(serial, notes)
        self._processor.power_on()
        for _ in range(events):
            self._registers.event(3, codes.STACKED)

    async def run(self) -> None:
        """Answer requests for ever."""
        await self._processor.run()

    # --- the customer -------------------------------------------------------------------------------

    async def insert(self, value_minor: int, country: str = "EU") -> Fate:
        """A customer feeds a note; takes as long as the note does, and the host with it."""
        life = self._registers.power_ups
        await asyncio.sleep(READING_S)
        kind = self._read(f"{country}{value_minor // 100:04d}")
        if not kind:
            return "returned"
        if self._registers.uses_escrow and not await self._is_wanted(kind, life):
            return "returned"
        await asyncio.sleep(MOVING_S)
        if life != self._registers.power_ups:
            return "returned"
        self._registers.release()
        self.stacker_minor.append(value_minor)
        self._registers.event(kind, codes.STACKED)
        self._registers.kept.piece(value_minor)
        if len(self.stacker_minor) >= self._capacity:
            self.fault(FULL)
        return "stacked"

    def _read(self, bill: str) -> int:
        """The type of a note that may go on; 0 for one that comes back at once."""
        registers = self._registers
        if not self.takes_notes or registers.escrow_kind:
            return 0  # the motor does not even turn
        if JAM in self._faults:
            registers.event(0, codes.JAM_UNSAFE)
            registers.fault_code = JAM_FAULT
            registers.stop()
            return 0
        kind = registers.kind_of(bill)
        if REJECTING in self._faults or not kind:
            registers.event(0, NOT_RECOGNISED)
            return 0
        if not registers.lets_in(kind):
            registers.event(0, codes.INHIBITED_SERIAL)
            return 0
        return kind

    async def _is_wanted(self, kind: int, life: int) -> bool:
        """Hold the note until the host has decided, its time is up or the power goes."""
        registers = self._registers
        registers.hold(kind, now_s())
        while registers.route is None and life == registers.power_ups:
            self._moved.clear()
            try:
                async with asyncio.timeout_at(registers.escrow_until_s):
                    await self._moved.wait()
            except TimeoutError:
                break
        if life != registers.power_ups:
            return False
        if registers.route == STACK:
            return True
        registers.route = registers.route or 0
        await asyncio.sleep(MOVING_S)
        if life == registers.power_ups:
            registers.release()
            registers.event(0, codes.RETURNED)
        return False

    # --- trouble ------------------------------------------------------------------------------------

    def fault(self, kind: str) -> None:
        """One of `FAULTS`."""
        if kind == FULL:
            self._registers.fault_code = STACKER_FULL_FAULT
            self._registers.event(0, STACKER_FULL)
            self._registers.stop()
        elif kind not in {JAM, REJECTING}:
            self._line.fault(LineFault(kind))
        self._faults.add(kind)

    def clear(self, kind: str) -> None:
        """A technician was here: the stacker is empty again, the mouth free."""
        self._faults.discard(kind)
        if kind in MECHANICAL:
            left = [code for name, code in MECHANICAL.items() if name in self._faults]
            self._registers.fault_code = left[0] if left else 0
        elif kind != REJECTING:
            self._line.clear(LineFault(kind))
        if kind == FULL:
            self.collected_minor += self.stacker_minor
            self.stacker_minor.clear()
            self._registers.event(0, codes.STACKER_REMOVED)
            self._registers.event(0, codes.STACKER_INSERTED)

    def power_cut(self) -> None:
        self._processor.power_cut()

    def power_on(self) -> None:
        self._processor.power_on()

    def reset(self) -> None:
        """What header 1 does, and a brown-out."""
        self._processor.reset()

    def _answer(self, request: Frame, at_s: float) -> bytes | None:
        if request.header in self._unknown:
            return None
        return answer(self._registers, request, at_s)
