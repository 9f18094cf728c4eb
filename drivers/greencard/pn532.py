"""PN532 frames on the high-speed UART, sans I/O: bytes in, frames and garbage out.

    normal    00 00 FF LEN LCS TFI PD... DCS 00        LEN = 1 + len(PD), at most 255
    extended  00 00 FF FF FF LENM LENL LCS TFI PD... DCS 00
    ACK       00 00 FF 00 FF 00
    NACK      00 00 FF FF 00 00
    error     00 00 FF 01 FF 7F 81 00

Every sum (LEN + LCS, LENM + LENL + LCS, TFI + PD + DCS) is 0 modulo 256. PN532 user manual
(UM0701-02) §6.2.1. No clock, no retry: those live in `link.py`.
"""

from dataclasses import dataclass

START_CODE = b"\x00\xff"
PREAMBLE = b"\x00"
POSTAMBLE = b"\x00"
ACK_CODE = b"\x00\xff"
NACK_CODE = b"\xff\x00"
EXTENDED_CODE = b"\xff\xff"
HOST_TO_READER = 0xD4
READER_TO_HOST = 0xD5
ERROR_TFI = 0x7F

# UM0701-02 §6.2.1.3: 264 bytes of packet data and the TFI are the most a PN532 carries.
MAX_LENGTH = 265

# UM0701-02 §7.2.11: a reader in low-power mode loses the bytes that wake its UART, so the first
# command is preceded by bytes which cannot be mistaken for a start code.
WAKE_UP = b"\x55\x55" + bytes(15)


@dataclass(frozen=True, slots=True)
class Command:
    """Host to reader: a command code and its parameters."""

    code: int
    parameters: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """Reader to host; `code` is the command's code + 1."""

    code: int
    parameters: bytes = b""


@dataclass(frozen=True, slots=True)
class Ack:
    """From the reader: command received. From the host: stop what you are doing."""


@dataclass(frozen=True, slots=True)
class Nack:
    """From the host: send the last response again."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The reader's error frame: it understood the frame and not the command."""


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that belong to no frame, in the order they came."""

    octets: bytes


Frame = Command | Response | Ack | Nack | Refused


def encode(frame: Frame) -> bytes:
    """The frame with preamble and postamble; extended only when it must be."""
    return PREAMBLE + START_CODE + _inner(frame) + POSTAMBLE


def _inner(frame: Frame) -> bytes:
    match frame:
        case Ack():
            return ACK_CODE
        case Nack():
            return NACK_CODE
        case Refused():
            return _enclose(bytes([ERROR_TFI]))
        case Command(code, parameters):
            return _enclose(bytes([HOST_TO_READER, code]) + parameters)
        case Response(code, parameters):
            return _enclose(bytes([READER_TO_HOST, code]) + parameters)


def _enclose(content: bytes) -> bytes:
    """LEN LCS TFI PD DCS of either frame kind."""
    length = len(content)
    if length > MAX_LENGTH:
        raise ValueError(f"{length} bytes do not fit into one frame of {MAX_LENGTH}")
    if length <= 0xFF:
        head = bytes([length, -length & 0xFF])
    else:
        high, low = divmod(length, 256)
        head = EXTENDED_CODE + bytes([high, low, -(high + low) & 0xFF])
    return head + content + bytes([-sum(content) & 0xFF])


class Decoder:
    """Finds frames in a byte stream, whatever the chunking; holds one frame's bytes at most.

    A frame is complete with its DCS. The postamble and any further zero are padding between
    frames, dropped without a word: a reader may send as many as it likes.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def pending(self) -> int:
        """Bytes held back because they may still become a frame."""
        return len(self._buffer)

    @property
    def is_inside_frame(self) -> bool:
        """A start code was seen and its frame is not complete."""
        return self._buffer.startswith(START_CODE)

    def give_up(self) -> Garbage:
        """The started frame will not be completed: what there is of it."""
        rest = Garbage(bytes(self._buffer))
        self._buffer.clear()
        return rest

    def feed(self, chunk: bytes) -> list[Frame | Garbage]:
        self._buffer += chunk
        found: list[Frame | Garbage] = []
        rejected = bytearray()
        while self._buffer:
            self._skip_to_start(rejected)
            step = self._parse()
            if step is None:
                break
            frame, size = step
            if frame is None:
                # Drop the start code's zero only: what follows may hold the real start code.
                rejected.append(self._buffer[0])
                del self._buffer[:1]
                continue
            _flush(rejected, found)
            found.append(frame)
            del self._buffer[:size]
        _flush(rejected, found)
        return found

    def _skip_to_start(self, rejected: bytearray) -> None:
        """Drop everything before `00 FF`; a last lone `00` may be the start's first half."""
        start = self._buffer.find(START_CODE)
        if start < 0:
            start = len(self._buffer) - self._buffer.endswith(PREAMBLE)
        rejected += self._buffer[:start]
        del self._buffer[:start]

    def _parse(self) -> tuple[Frame | None, int] | None:
        """The frame at the buffer's start and its size; None: more bytes are needed."""
        buffer = self._buffer
        if len(buffer) < 4:
            return None
        code = bytes(buffer[2:4])
        if code == ACK_CODE:
            return Ack(), 4
        if code == NACK_CODE:
            return Nack(), 4
        if code == EXTENDED_CODE:
            return self._parse_extended()
        if sum(code) & 0xFF:
            return None, 0
        return self._parse_content(4, code[0])

    def _parse_extended(self) -> tuple[Frame | None, int] | None:
        head = self._buffer[4:7]
        if len(head) < 3:
            return None
        if sum(head) & 0xFF:
            return None, 0
        return self._parse_content(7, head[0] * 256 + head[1])

    def _parse_content(self, offset: int, length: int) -> tuple[Frame | None, int] | None:
        if not 1 <= length <= MAX_LENGTH:
            return None, 0
        end = offset + length
        if len(self._buffer) <= end:
            return None
        content = bytes(self._buffer[offset:end])
        if (sum(content) + self._buffer[end]) & 0xFF:
            return None, 0
        return _frame(content), end + 1


def _frame(content: bytes) -> Frame | None:
    if content == bytes([ERROR_TFI]):
        return Refused()
    if len(content) < 2:
        return None
    if content[0] == HOST_TO_READER:
        return Command(content[1], content[2:])
    if content[0] == READER_TO_HOST:
        return Response(content[1], content[2:])
    return None


def _flush(rejected: bytearray, found: list[Frame | Garbage]) -> None:
    """Report rejected bytes, unless they are the zeros that pad frames."""
    if rejected.strip(PREAMBLE):
        found.append(Garbage(bytes(rejected)))
    rejected.clear()
