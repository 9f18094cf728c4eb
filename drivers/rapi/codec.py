"""OpenEVSE RAPI frames, both directions: text to bytes and bytes to frames, nothing else.

$ OK 03 125 03 0540 :01 ^0C CR        ^HH  XOR of every byte from $ to the byte before ^
|  |       |         |   |  |         *HH  the older form: their sum, modulo 256
|  token   arguments id  |  end
start                    checksum     a $ starts a new line wherever it comes
"""

import re
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import lru_cache, reduce
from operator import xor

START = b"$"
END = b"\r"
HOST_LINE_LIMIT = 100  # bytes a host keeps of one answer
BOARD_LINE_LIMIT = 31  # the firmware's buffer is 32 with its terminator; longer lines are dropped

# The same few lines go to and fro all day, but for their ids: what they say is kept.
_STEADY_LINES = 256

SEQUENCE_FIRST = 0x01  # 00 is invalid on the wire
SEQUENCE_LAST = 0xFF


class Checksum(Enum):
    XOR = b"^"
    SUM = b"*"  # legacy additive form
    NONE = b""  # accepted by the firmware, for a person at a terminal


class Speaker(StrEnum):
    """Who wrote the line; `$ST` is an event from the board and a command from the host."""

    HOST = "host"
    BOARD = "board"


@dataclass(frozen=True, slots=True)
class Command:
    name: str  # two characters
    arguments: tuple[str, ...] = ()
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    ok: bool
    arguments: tuple[str, ...] = ()
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Said by the board of its own accord: AB boot, AT state, AN button, WF, old ST."""

    name: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that are no frame. `is_corrupt`: a whole line whose checksum is wrong."""

    octets: bytes
    reason: str
    is_corrupt: bool = False


Frame = Command | Reply | Event

OUTSIDE_OF_LINE = "outside of any line"
BAD_CHECKSUM = "bad checksum"
NO_CHECKSUM = "no checksum"
LINE_TOO_LONG = "line too long"
LINE_RESTARTED = "line restarted"
NOT_A_FRAME = "not a frame"


def encode(frame: Frame, checksum: Checksum = Checksum.XOR) -> bytes:
    """One line with its carriage return; upper-case checksum, as hosts of this board insist."""
    if checksum is Checksum.XOR and not isinstance(frame, Event) and frame.sequence is not None:
        return numbered(frame, frame.sequence)
    body = START + " ".join(_tokens(frame)).encode("ascii")
    if checksum is Checksum.XOR:
        body += b"^%02X" % xor_of(body)
    elif checksum is Checksum.SUM:
        body += b"*%02X" % (sum(body) & 0xFF)
    return body + END


def numbered(frame: Command | Reply, sequence: int) -> bytes:
    """The line of `frame` with this id, whatever its own."""
    head, xor_of_head = _head(_name(frame), frame.arguments)
    token, xor_of_token = _TOKENS[sequence]
    return b"%s%s^%02X\r" % (head, token, xor_of_head ^ xor_of_token)


@lru_cache(_STEADY_LINES)
def _head(name: str, arguments: tuple[str, ...]) -> tuple[bytes, int]:
    """A line up to its sequence id, and the checksum so far."""
    head = START + " ".join((name, *arguments)).encode("ascii")
    return head, xor_of(head)


def xor_of(octets: bytes) -> int:
    return reduce(xor, octets, 0)


def _tokens(frame: Frame) -> tuple[str, ...]:
    if isinstance(frame, Event):
        return (frame.name, *frame.arguments)
    return (_name(frame), *frame.arguments, *_sequence_token(frame.sequence))


def _name(frame: Command | Reply) -> str:
    if isinstance(frame, Command):
        return frame.name
    return "OK" if frame.ok else "NK"


def _sequence_token(sequence: int | None) -> tuple[str, ...]:
    if sequence is None:
        return ()
    assert SEQUENCE_FIRST <= sequence <= SEQUENCE_LAST, sequence
    return (f":{sequence:02X}",)


_XOR_MARK, _SUM_MARK = Checksum.XOR.value, Checksum.SUM.value
# Sequence ids as they stand in a line, each with its part of the checksum.
_TOKENS = {
    sequence: (b" :%02X" % sequence, xor_of(b" :%02X" % sequence))
    for sequence in range(SEQUENCE_FIRST, SEQUENCE_LAST + 1)
}
_SEQUENCES = {token: (sequence, xor) for sequence, (token, xor) in _TOKENS.items()}

_MARK = re.compile(rb"[$\r]")


class Decoder:
    """Bytes of one speaker to frames. Any chunking gives the same frames; memory is bounded.

    `needs_checksum`: a host refuses lines without one; the firmware takes them.
    """

    def __init__(self, speaker: Speaker, *, line_limit: int, needs_checksum: bool) -> None:
        self._speaker = speaker
        self._line_limit = line_limit
        self._needs_checksum = needs_checksum
        self._line = bytearray()
        self._noise = bytearray()

    def feed(self, chunk: bytes) -> list[Frame | Garbage]:
        if not self.held and self._is_one_line(chunk):
            self._line += chunk[:-1]
            return [self._finish()]
        found: list[Frame | Garbage] = []
        while chunk:
            chunk = self._inside(chunk, found) if self._line else self._outside(chunk, found)
        return found

    @property
    def held(self) -> int:
        """Bytes kept for later: never more than the line limit, twice."""
        return len(self._line) + len(self._noise)

    def _is_one_line(self, chunk: bytes) -> bool:
        """Whole and alone: nothing to look for in it."""
        return (
            chunk[:1] == START
            and chunk.find(END) == len(chunk) - 1 <= self._line_limit
            and chunk.find(START, 1) < 0
        )

    def _outside(self, chunk: bytes, found: list[Frame | Garbage]) -> bytes:
        """Up to the start of a line; what is left of the chunk."""
        room = self._line_limit - len(self._noise)
        mark = _MARK.search(chunk, 0, room)
        end = mark.start() if mark else min(room, len(chunk))
        self._noise += chunk[:end]
        if mark or len(self._noise) >= self._line_limit:
            self._drop_noise(found)
        if mark is None:
            return chunk[end:]
        if mark.group() == START:
            self._line[:] = START
        return chunk[mark.end() :]

    def _inside(self, chunk: bytes, found: list[Frame | Garbage]) -> bytes:
        """Up to the end of the line, or to the one that interrupts it; what is left."""
        room = self._line_limit - len(self._line)
        mark = _MARK.search(chunk, 0, room + 1)
        end = mark.start() if mark else min(room, len(chunk))
        self._line += chunk[:end]
        if mark is None:
            if len(chunk) > room:
                found.append(Garbage(bytes(self._line), LINE_TOO_LONG))
                self._line.clear()
            return chunk[end:]
        if mark.group() == END:
            found.append(self._finish())
        else:
            found.append(Garbage(bytes(self._line), LINE_RESTARTED))
            self._line[:] = START
        return chunk[mark.end() :]

    def _drop_noise(self, found: list[Frame | Garbage]) -> None:
        # A lone line feed after the carriage return is how some builds end a line: no news.
        if self._noise.strip(b"\n"):
            found.append(Garbage(bytes(self._noise), OUTSIDE_OF_LINE))
        self._noise.clear()

    def _finish(self) -> Frame | Garbage:
        line = bytes(self._line)
        self._line.clear()
        steady = _steady(line, self._speaker)
        if steady is not None:
            return steady
        body, verdict = _checked(line)
        if verdict is _Verdict.WRONG:
            return Garbage(line, BAD_CHECKSUM, is_corrupt=True)
        if verdict is _Verdict.ABSENT and self._needs_checksum:
            return Garbage(line, NO_CHECKSUM)
        return _parse(body, self._speaker) or Garbage(line, NOT_A_FRAME)


def _steady(line: bytes, speaker: Speaker) -> Command | Reply | None:
    """A line with a right checksum and an id, which are nearly all; None: read it word by word."""
    numbered = _SEQUENCES.get(line[-7:-3])
    if numbered is None or line[-3:-2] != _XOR_MARK:
        return None
    sequence, xor_of_token = numbered
    said, xor_of_head = _said(line[:-7], speaker)
    if said is None or line[-2:] != b"%02X" % (xor_of_head ^ xor_of_token):
        return None
    if isinstance(said, Command):
        return Command(said.name, said.arguments, sequence)
    return Reply(said.ok, said.arguments, sequence)


@lru_cache(_STEADY_LINES)
def _said(head: bytes, speaker: Speaker) -> tuple[Command | Reply | None, int]:
    """What a line says up to its id, and the checksum so far."""
    frame = _parse(head, speaker)
    is_plain = isinstance(frame, Command | Reply) and frame.sequence is None
    return (frame if is_plain else None), xor_of(head)  # type: ignore[return-value]


class _Verdict(Enum):
    RIGHT = 1
    WRONG = 2
    ABSENT = 3


def _checked(line: bytes) -> tuple[bytes, _Verdict]:
    """The line without its checksum, and what the checksum says of it."""
    body, mark, digits = line[:-3], line[-3:-2], line[-2:]
    if mark not in (_XOR_MARK, _SUM_MARK):
        return line, _Verdict.ABSENT
    wanted = xor_of(body) if mark == _XOR_MARK else sum(body) & 0xFF
    # Boards print upper case; lower case says the same.
    return body, _Verdict.RIGHT if digits.upper() == b"%02X" % wanted else _Verdict.WRONG


def _parse(body: bytes, speaker: Speaker) -> Frame | None:
    if not body.isascii() or any(octet < 0x20 for octet in body):
        return None
    tokens = body[1:].decode("ascii").split()
    if not tokens or len(tokens[0]) != 2:
        return None
    name, *rest = tokens
    arguments, sequence = _split_sequence(rest)
    if speaker is Speaker.HOST:
        return Command(name, arguments, sequence)
    if name in {"OK", "NK"}:
        return Reply(name == "OK", arguments, sequence)
    if name[0] == "A" or name in {"WF", "ST"}:
        return Event(name, tuple(rest))
    return None


def _split_sequence(tokens: list[str]) -> tuple[tuple[str, ...], int | None]:
    if not tokens or len(tokens[-1]) != 3 or tokens[-1][0] != ":":
        return tuple(tokens), None
    digits = tokens[-1][1:]
    if not all(digit in "0123456789ABCDEFabcdef" for digit in digits) or digits == "00":
        return tuple(tokens), None
    return tuple(tokens[:-1]), int(digits, 16)


def board_decoder() -> Decoder:
    """Reads what a board says, for a host."""
    return Decoder(Speaker.BOARD, line_limit=HOST_LINE_LIMIT, needs_checksum=True)


def host_decoder() -> Decoder:
    """Reads what a host says, with the limits of the firmware's buffer."""
    return Decoder(Speaker.HOST, line_limit=BOARD_LINE_LIMIT, needs_checksum=False)
