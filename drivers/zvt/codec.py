"""ZVT bytes on the line to messages and back. Knows no time: who waits too long calls `give_up`.

    serial   10 02 | message, each 10 doubled | 10 03 | CRC low | CRC high     answered by 06 or 15
    TCP      message

The CRC covers the message before doubling and the 03. Its two bytes are taken raw, whatever they
are: a block may well end in `10 03` or look like an acknowledgement.
"""

from dataclasses import dataclass
from enum import Enum, auto

from drivers.zvt.apdu import Apdu, decode, size_of
from drivers.zvt.apdu import encode as encode_apdu

DLE = 0x10
STX = 0x02
ETX = 0x03
ACK = 0x06
NAK = 0x15

ACK_BYTE = bytes([ACK])
NAK_BYTE = bytes([NAK])

# The first bytes of all messages there are (PA00P015 §2.5). TCP has no checksum: a class that does
# not exist is the only sign that the two ends have lost each other.
CLASSES = frozenset({0x04, 0x05, 0x06, 0x08, 0x0F, 0x80, 0x84})


class Control(Enum):
    """The receiver's one-byte answer to a block."""

    ACK = ACK
    NAK = NAK


@dataclass(frozen=True, slots=True)
class Damaged:
    """A block, but not as it was sent: to be asked for again."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that belong to nothing."""

    octets: bytes


Found = Apdu | Control | Damaged | Garbage


def _table() -> tuple[int, ...]:
    """CRC-16/KERMIT: polynomial 8408 (1021 reflected)."""
    table = []
    for octet in range(256):
        crc = octet
        for _ in range(8):
            crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
        table.append(crc)
    return tuple(table)


_CRC = _table()


def crc16(octets: bytes | bytearray) -> int:
    """Initial value 0, no final xor; 2189 hex for `123456789`."""
    crc = 0
    for octet in octets:
        crc = crc >> 8 ^ _CRC[(crc ^ octet) & 0xFF]
    return crc


def encode_block(apdu: Apdu) -> bytes:
    """The serial block of a message."""
    plain = encode_apdu(apdu)
    doubled = plain.replace(bytes([DLE]), bytes([DLE, DLE]))
    crc = crc16(plain + bytes([ETX]))
    return bytes([DLE, STX]) + doubled + bytes([DLE, ETX]) + crc.to_bytes(2, "little")


class _At(Enum):
    BETWEEN = auto()
    START = auto()  # 10 seen between blocks
    INSIDE = auto()
    ESCAPE = auto()  # 10 seen inside a block
    CRC_LOW = auto()
    CRC_HIGH = auto()


class SerialDecoder:
    """Finds blocks and their acknowledgements. The same bytes give the same, however they are cut.

    A block that grows beyond the length it announces is given up at once, so noise that looks like
    a start swallows little.
    """

    def __init__(self) -> None:
        self._at = _At.BETWEEN
        self._plain = bytearray()
        self._raw = bytearray()  # of the present block
        self._garbage = bytearray()
        self._found: list[Found] = []
        self._steps = {
            _At.BETWEEN: self._between,
            _At.START: self._start,
            _At.INSIDE: self._inside,
            _At.ESCAPE: self._escape,
            _At.CRC_LOW: self._crc_low,
            _At.CRC_HIGH: self._crc_high,
        }

    @property
    def held(self) -> int:
        """Bytes of a block that is not complete."""
        return len(self._raw)

    def feed(self, chunk: bytes) -> list[Found]:
        for octet in chunk:
            self._steps[self._at](octet)
        self._end_garbage()
        found, self._found = self._found, []
        return found

    def give_up(self) -> bytes:
        """Drop an unfinished block, as every receiver does after T1 of silence."""
        dropped = bytes(self._raw)
        self._raw.clear()
        self._plain.clear()
        self._at = _At.BETWEEN
        return dropped

    def _between(self, octet: int) -> None:
        if octet == DLE:
            self._raw.append(octet)
            self._at = _At.START
        elif octet in {ACK, NAK}:
            self._finish(Control(octet))
        else:
            self._garbage.append(octet)

    def _start(self, octet: int) -> None:
        if octet == STX:
            self._begin()
            return
        self._garbage += self.give_up()
        self._between(octet)

    def _begin(self) -> None:
        self._raw[:] = bytes([DLE, STX])
        self._plain.clear()
        self._at = _At.INSIDE

    def _inside(self, octet: int) -> None:
        self._raw.append(octet)
        if octet == DLE:
            self._at = _At.ESCAPE
        else:
            self._take(octet)

    def _escape(self, octet: int) -> None:
        self._raw.append(octet)
        if octet == DLE:
            self._at = _At.INSIDE
            self._take(octet)
        elif octet == ETX:
            self._at = _At.CRC_LOW
        elif octet == STX:  # the rest of the last block never came; this is the next one
            self._lose(self._raw[:-2])
            self._begin()
        else:
            self._lose(self.give_up())

    def _take(self, octet: int) -> None:
        self._plain.append(octet)
        size = size_of(self._plain)
        if size is not None and len(self._plain) > size:
            self._lose(self.give_up())

    def _crc_low(self, octet: int) -> None:
        self._raw.append(octet)
        self._at = _At.CRC_HIGH

    def _crc_high(self, octet: int) -> None:
        self._raw.append(octet)
        crc = crc16(self._plain + bytes([ETX]))
        plain = bytes(self._plain)
        raw = self.give_up()
        if int.from_bytes(raw[-2:], "little") == crc and size_of(plain) == len(plain):
            self._finish(decode(plain))
        else:
            self._lose(raw)
            self._look_for_start_in(raw[-2:])

    def _look_for_start_in(self, crc: bytes) -> None:
        """What was taken for a CRC may be the start of the next block."""
        if crc == bytes([DLE, STX]):
            self._begin()
        elif crc[1] == DLE:
            self._raw.append(DLE)
            self._at = _At.START

    def _lose(self, octets: bytes | bytearray) -> None:
        self._finish(Damaged(bytes(octets)))

    def _finish(self, found: Found) -> None:
        self._end_garbage()
        self._found.append(found)

    def _end_garbage(self) -> None:
        if self._garbage:
            self._found.append(Garbage(bytes(self._garbage)))
            self._garbage.clear()


class TcpDecoder:
    """Messages back to back. After garbage there is no way to find the next: connect again."""

    def __init__(self) -> None:
        self._octets = bytearray()

    @property
    def held(self) -> int:
        return len(self._octets)

    def feed(self, chunk: bytes) -> list[Found]:
        self._octets += chunk
        found: list[Found] = []
        while self._octets:
            if self._octets[0] not in CLASSES:
                found.append(Garbage(self.give_up()))
                break
            size = size_of(self._octets)
            if size is None or len(self._octets) < size:
                break
            found.append(decode(bytes(self._octets[:size])))
            del self._octets[:size]
        return found

    def give_up(self) -> bytes:
        dropped = bytes(self._octets)
        self._octets.clear()
        return dropped
