"""An ESC/POS receipt printer, strict: what it does not know it counts as a violation, not as text.

The real-time status overtakes everything; the rest is printed in order and stops where the paper
ends, the cover opens or the knife jams, with what came later waiting in the buffer.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.line_faults import LineFault
from simulator.pipes import Line

PAPER_OUT, PAPER_LOW, COVER, ERROR = "paper_out", "paper_low", "cover_open", "error"
FAULTS = (*(kind.value for kind in LineFault), PAPER_OUT, PAPER_LOW, COVER, ERROR)
STOPPING = frozenset({PAPER_OUT, COVER, ERROR})
LINE_S = 0.01
REPLY_S = 0.002
BUFFER_MOST = 4096

DLE, EOT, ESC, GS, LF = 0x10, 0x04, 0x1B, 0x1D, 0x0A
_ESC_ARGUMENTS = {0x40: 0, 0x74: 1, 0x61: 1, 0x45: 1, 0x64: 1}  # @ t a E d


@dataclass(slots=True)
class Sheet:
    """What has come out since the last cut."""

    lines: list[str] = field(default_factory=list)
    qr_codes: list[str] = field(default_factory=list)


class SimulatedPrinter:
    def __init__(self, line: Line) -> None:
        self._line = line
        self._buffer = bytearray()
        self._words = bytearray()
        self._qr = b""
        self._troubles: set[str] = set()
        self._is_powered = True
        self._fed = asyncio.Event()
        self._sheet = Sheet()
        self.cut_off: list[Sheet] = []
        self.violations: list[str] = []
        self.answers_processed = True  # some makes know no GS r

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._print())

    def fault(self, kind: str) -> None:
        """One of `FAULTS`."""
        if kind in {*STOPPING, PAPER_LOW}:
            self._troubles.add(kind)
        else:
            self._line.fault(LineFault(kind))

    def clear(self, kind: str) -> None:
        if kind in {*STOPPING, PAPER_LOW}:
            self._troubles.discard(kind)
            self._fed.set()
        else:
            self._line.clear(LineFault(kind))

    def power_cut(self) -> None:
        """What was in the buffer is lost; what is half printed hangs out."""
        self._is_powered = False
        self._buffer.clear()
        self._words.clear()

    def power_on(self) -> None:
        self._is_powered = True

    # --- ears -----------------------------------------------------------------------------------

    async def _listen(self) -> None:
        while True:
            chunk = await self._line.read()
            if not self._is_powered:
                continue
            self._buffer += chunk
            self._answer_in_real_time()
            if len(self._buffer) > BUFFER_MOST:
                self.violations.append("buffer overrun")
                del self._buffer[BUFFER_MOST:]
            self._fed.set()

    def _answer_in_real_time(self) -> None:
        """`DLE EOT n`, wherever it stands."""
        while (at := self._buffer.find(bytes([DLE, EOT]))) >= 0 and at + 2 < len(self._buffer):
            wanted = self._buffer[at + 2]
            del self._buffer[at : at + 3]
            if wanted in (1, 2, 4):
                self._line.write(bytes([self._status(wanted)]), after_s=REPLY_S)
            else:
                self.violations.append(f"status {wanted}")

    def _status(self, wanted: int) -> int:
        bits = {
            1: {0x08: bool(self._troubles & STOPPING)},
            2: {0x04: COVER in self._troubles, 0x20: PAPER_OUT in self._troubles, 0x40: ERROR in self._troubles},
            4: {0x0C: PAPER_LOW in self._troubles, 0x60: PAPER_OUT in self._troubles},
        }  # fmt: skip
        return 0x12 | sum(bit for bit, is_set in bits[wanted].items() if is_set)

    # --- paper ----------------------------------------------------------------------------------

    async def _print(self) -> None:
        while True:
            await self._fed.wait()
            self._fed.clear()
            while self._is_powered and not self._troubles & STOPPING and self._step():
                if self._buffer[:1] == b"\n":
                    await asyncio.sleep(LINE_S)

    def _step(self) -> bool:
        """One character or command; False when the buffer holds no whole one."""
        if not self._buffer:
            return False
        steps: dict[int, Callable[[], int]] = {ESC: self._escape, GS: self._group}
        first = self._buffer[0]
        if first == DLE:  # the rest of a real-time command is on its way
            return False
        used = steps[first]() if first in steps else self._character(first)
        del self._buffer[:used]
        return used > 0

    def _character(self, octet: int) -> int:
        if octet == LF:
            self._sheet.lines.append(self._words.decode("cp858"))
            self._words.clear()
        elif octet < 0x20:
            self.violations.append(f"control character {octet:02X}")
        else:
            self._words.append(octet)
        return 1

    def _escape(self) -> int:
        if len(self._buffer) < 2:
            return 0
        length = 2 + _ESC_ARGUMENTS.get(self._buffer[1], -1)
        if length < 2:
            self.violations.append(f"ESC {self._buffer[1]:02X}")
            return 2
        if len(self._buffer) < length:
            return 0
        if self._buffer[1] == 0x64:
            self._sheet.lines += [""] * self._buffer[2]
        return length

    def _group(self) -> int:
        if len(self._buffer) < 3:
            return 0
        match self._buffer[1]:
            case 0x21:  # GS ! n
                return 3
            case 0x72:  # GS r n: answered when everything before it is printed
                return self._say_processed()
            case 0x56:  # GS V m [n]
                return self._cut()
            case 0x28:
                return self._symbol()
            case other:
                self.violations.append(f"GS {other:02X}")
                return 2

    def _say_processed(self) -> int:
        if self.answers_processed:
            paper = 0x03 if PAPER_LOW in self._troubles else 0
            self._line.write(bytes([paper]), after_s=REPLY_S)
        return 3

    def _cut(self) -> int:
        length = 4 if self._buffer[2] in (0x41, 0x42) else 3
        if len(self._buffer) < length:
            return 0
        self.cut_off.append(self._sheet)
        self._sheet = Sheet()
        return length

    def _symbol(self) -> int:
        """`GS ( k pL pH 31 fn …`."""
        if len(self._buffer) < 5:
            return 0
        length = 5 + self._buffer[3] + 256 * self._buffer[4]
        if len(self._buffer) < length:
            return 0
        kind, function, content = self._buffer[5], self._buffer[6], bytes(self._buffer[8:length])
        if kind != 0x31 or function not in (0x41, 0x43, 0x45, 0x50, 0x51):
            self.violations.append(f"GS ( k {kind:02X} {function:02X}")
        elif function == 0x50:
            self._qr = content
        elif function == 0x51:
            self._sheet.qr_codes.append(self._qr.decode())
        return length
