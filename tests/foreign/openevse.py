"""An OpenEVSE board by the letter of its published firmware: character by character, no frames of ours.

A `$` starts a line wherever it comes, 31 characters fit, a wrong checksum is `$NK` without an id. What
one build has and another lacks is in `Build`.
"""

from dataclasses import dataclass
from pathlib import Path

from tests.foreign.patience import patient_loop
from tests.foreign.terminal import Terminal

FITS = 31
CAR_STOPS_S = 3.0  # a sleeping board gives the car so long
CHARGING_ON, CONNECTED, ENDED, BEFORE = 0x0040, 0x0100, 0x0200, 0x0400


@dataclass(frozen=True, slots=True)
class Build:
    firmware: str = "8.2.3"
    protocol: str = "5.2.1"
    reads_ids: bool = True
    echoes_ids: bool = True
    has_heartbeat: bool = True
    has_lock: bool = True
    names_amperes: bool = True  # in its answer to `$SC`
    takes_volatile: bool = True
    asleep: str = "fe"
    checksum: str = "%02X"
    sums: bool = False  # the older additive checksum
    says_first: tuple[str, ...] = ()  # before each reply
    at_a_time: int = 0
    stored_a: int = 32


class OpenEvse:
    def __init__(self, stable: Path, build: Build | None = None) -> None:
        self.build = build or Build()
        self.line = Terminal(stable, self._heard)
        self.heard: list[str] = []
        self.car = "A"
        self.is_asleep = False
        self.is_closed = False
        self.offer_a = self.build.stored_a
        self.saved_a: list[int] = []  # every one of them wears its EEPROM
        self.heartbeat = [0, 0, 0]
        self.is_mute = False
        self.says_instead: dict[str, str] = {}
        self._lock, self._is_manual = 0, False
        self.flags = 0x0021
        self.is_stubborn = False
        self._buffer = ""
        self._flags_awake = 0  # which one emulator goes on saying in its sleep

    # --- the world ----------------------------------------------------------------------------------

    def plug(self, car: str) -> None:
        self.car = car
        self._settle()
        self.tell_state()

    def restart(self, *, tells: bool) -> None:
        """Everything volatile is gone; it comes back awake."""
        self.is_asleep = self._is_manual = False
        self.is_closed = False
        self.offer_a = self.build.stored_a
        self.heartbeat[2] = 0
        self._buffer = ""
        self._settle()
        if tells:
            self.say("AB 00 " + self.build.firmware)

    def miss_heartbeats(self) -> None:
        self.heartbeat[2] = 2
        self.offer_a = self.heartbeat[1]

    @property
    def commands(self) -> list[str]:
        """Without ids and checksums."""
        return [line.split("^")[0].split(" :")[0] for line in self.heard]

    # --- the wire -----------------------------------------------------------------------------------

    def say(self, text: str, *, after_s: float = 0.0) -> None:
        line = "$" + text
        value = 0
        for letter in line:
            value = (value + ord(letter)) & 0xFF if self.build.sums else value ^ ord(letter)
        mark = "*" if self.build.sums else "^"
        octets = f"{line}{mark}{self.build.checksum % value}\r".encode("ascii")
        self.line.say(octets, after_s=after_s, at_a_time=self.build.at_a_time)

    def tell_state(self) -> None:
        said = f"{self._state()} {self._pilot()} {self.offer_a} {self._vflags():04x}"
        self.say(f"AT {said}")

    def _heard(self, chunk: bytes) -> None:
        for letter in chunk.decode("ascii", "replace"):
            if letter == "$":
                self._buffer = "$"
            elif not self._buffer:
                continue
            elif letter == "\r":
                line, self._buffer = self._buffer, ""
                self._line(line)
            else:
                self._buffer = self._buffer + letter if len(self._buffer) < FITS else ""

    def _line(self, line: str) -> None:
        text, mark, digits = line.partition("^")
        value = 0
        for letter in text:
            value ^= ord(letter)
        if self.is_mute:
            return
        is_foreign = ":" in text and not self.build.reads_ids
        if is_foreign or (mark and int(digits, 16) != value):
            self.say("NK")
            return
        self.heard.append(line[1:])
        name, *said = text[1:].split(" ")
        number = said.pop() if said and said[-1].startswith(":") else ""
        for event in self.build.says_first:
            self.tell_state() if event == "AT" else self.say(event)
        before = (self._state(), self._vflags())
        reply = self.says_instead.get(name) or self._reply(name, said)
        if reply != "-":
            self.say(f"{reply} {number}" if number and self.build.echoes_ids else reply)
        if (self._state(), self._vflags()) != before:
            self.tell_state()

    # --- what it does -------------------------------------------------------------------------------

    def _reply(self, name: str, said: list[str]) -> str:
        answer = getattr(self, f"_{name}", None)
        return answer(*said) if answer is not None else "NK"

    def _state(self) -> str:
        if self.is_asleep:
            return self.build.asleep
        return self._pilot()

    def _pilot(self) -> str:
        return {"A": "01", "B": "02", "C": "03"}[self.car]

    def _vflags(self) -> int:
        if self.build.asleep == "FD" and self.is_asleep:
            return self._flags_awake
        self._flags_awake = self._flags_now()
        return self._flags_awake

    def _flags_now(self) -> int:
        flags = CONNECTED | BEFORE if self.car != "A" else ENDED
        return flags | (CHARGING_ON if self.is_closed else ENDED)

    def _settle(self) -> None:
        if self.is_asleep and self.is_closed and self.car == "C":
            patient_loop().call_later(CAR_STOPS_S, self._open_under_load)
            return
        self.is_closed = not self.is_asleep and self.car == "C"

    def _open_under_load(self) -> None:
        if self.is_asleep and self.is_closed:
            self.is_closed = False
            self.tell_state()

    def _GV(self) -> str:
        return f"OK {self.build.firmware} {self.build.protocol}"

    def _GS(self) -> str:
        if self.build.protocol < "5":
            return f"OK {int(self._state(), 16)} 0"
        return f"OK {self._state()} 0 {self._pilot()} {self._vflags():04x}"

    def _GE(self) -> str:
        return f"OK {self.offer_a} {self.flags:04x}"

    def _GP(self) -> str:
        return "OK 251 -2560 -2560"

    def _FF(self, letter: str, wanted: str) -> str:
        flag = {"D": 0x02, "V": 0x04, "G": 0x08, "R": 0x10, "F": 0x200, "T": 0x400}[letter]
        if not self.is_stubborn:
            self.flags = self.flags & ~flag if wanted == "1" else self.flags | flag
        return "OK"

    def _FS(self) -> str:
        self.is_asleep = True
        self._settle()
        return "OK"

    def _FE(self) -> str:
        self.is_asleep = False
        self._settle()
        return "OK"

    def _FR(self) -> str:
        patient_loop().call_later(1.0, lambda: self.restart(tells=True))
        return "OK"

    def _SC(self, amperes: str, kind: str = "") -> str:
        if kind and not self.build.takes_volatile:
            return "NK"
        asked_a = int(amperes)
        self.offer_a = min(max(asked_a, 6), self.build.stored_a)
        if not kind:
            self.saved_a.append(self.offer_a)
        verdict = "OK" if self.offer_a == asked_a else "NK"
        return f"{verdict} {self.offer_a}" if self.build.names_amperes else verdict

    def _SY(self, *said: str) -> str:
        if not self.build.has_heartbeat:
            return "NK"
        verdict = "OK"
        if len(said) == 2:
            self.heartbeat = [int(said[0]), int(said[1]), 0]
        elif said == ("165",) and self.heartbeat[2] == 2:
            self.heartbeat[2], self.offer_a = 1, self.build.stored_a
        elif self.heartbeat[2] == 2:
            verdict = "NK"
        return f"{verdict} {' '.join(map(str, self.heartbeat))}"

    def _S5(self, wanted: str) -> str:
        if not self.build.has_lock:
            return "NK"
        if wanted in "AM":
            self._is_manual = wanted == "M"
        elif self._is_manual:
            self._lock = int(wanted)
        return "OK"

    def _G5(self) -> str:
        return f"OK {self._lock} {'M' if self._is_manual else 'A'}" if self.build.has_lock else "NK"
