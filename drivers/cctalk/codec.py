"""ccTalk frames to bytes and back. Knows no time: who waits too long calls `Decoder.reset`.

    format A   destination | n | source  | header | n data bytes | checksum
    format B   destination | n | CRC low | header | n data bytes | CRC high

Format A: the sum of all bytes is 0 mod 256. Format B: CRC-16/XMODEM over the bytes without the two
CRC positions; it has no source address, replies go to the host (specification part 1 §7, part 3).
"""

import binascii
from dataclasses import dataclass
from enum import IntEnum

BROADCAST = 0
HOST = 1
COIN_ACCEPTOR = 2  # default address of the category (part 3, appendix 1)
HOPPER = 3
BILL_VALIDATOR = 40

SHORTEST = 5
LONGEST = 260
_BYTE = 0xFF


class Header(IntEnum):
    """Commands and replies that this project sends, answers or simulates (part 2)."""

    REPLY = 0
    RESET_DEVICE = 1
    COMMS_STATUS = 2
    CLEAR_COMMS_STATUS = 3
    COMMS_REVISION = 4
    NAK = 5
    BUSY = 6
    REQUEST_OPERATING_MODE = 152
    MODIFY_OPERATING_MODE = 153
    ROUTE_BILL = 154
    COUNTRY_SCALING = 156
    BILL_ID = 157
    READ_BILL_EVENTS = 159
    TEST_HOPPER = 163
    ENABLE_HOPPER = 164
    HOPPER_STATUS = 166
    DISPENSE_COINS = 167
    DISPENSE_COUNT = 168
    HOPPER_COIN = 171
    EMERGENCY_STOP = 172
    COIN_ID = 184
    BUILD_CODE = 192
    FRAUD_COUNTER = 193
    REJECT_COUNTER = 194
    LEVEL_STATUS = 217
    ACCEPT_COUNTER = 225
    INSERTION_COUNTER = 226
    REQUEST_MASTER_INHIBIT = 227
    MODIFY_MASTER_INHIBIT = 228
    READ_CREDIT = 229
    REQUEST_INHIBITS = 230
    MODIFY_INHIBITS = 231
    SELF_CHECK = 232
    SOFTWARE_REVISION = 241
    SERIAL_NUMBER = 242
    PRODUCT_CODE = 244
    EQUIPMENT_CATEGORY = 245
    MANUFACTURER = 246
    STATUS = 248
    POLLING_PRIORITY = 249
    SIMPLE_POLL = 254


@dataclass(frozen=True, slots=True)
class Frame:
    """`source` is None in format B only."""

    destination: int
    source: int | None
    header: int
    payload: bytes = b""

    def __post_init__(self) -> None:
        for octet in (self.destination, self.source or 0, self.header, len(self.payload)):
            if not 0 <= octet <= _BYTE:
                raise ValueError(f"{octet} does not fit into one byte of a ccTalk frame")


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that belong to no frame."""

    octets: bytes


def crc16(octets: bytes) -> int:
    """Polynomial 1021 hex, initial value 0, not reflected: CRC-16/XMODEM."""
    return binascii.crc_hqx(octets, 0)


def encode(frame: Frame) -> bytes:
    """Format B when the frame has no source, else format A."""
    middle = bytes([frame.header]) + frame.payload
    head = bytes([frame.destination, len(frame.payload)])
    if frame.source is None:
        crc = crc16(head + middle)
        return head + bytes([crc & _BYTE]) + middle + bytes([crc >> 8])
    body = head + bytes([frame.source]) + middle
    return body + bytes([-sum(body) & _BYTE])


class Decoder:
    """Finds frames in a stream. The same bytes give the same frames, however they are cut.

    A host names the `destination` and `source` that it listens for: every byte that cannot begin
    such a frame is garbage at once, so noise never makes it wait for a frame that is none.

    A device `listens_as` its address, to every frame on its line. It never searches inside one: a
    frame for another may be of the other format, whose checksum it cannot judge, and what is in it
    may look like a frame. Both formats count alike, so it is skipped whole; where counting went
    wrong, the silence after a frame puts it right.
    """

    def __init__(
        self,
        *,
        crc: bool = False,
        destination: int | None = None,
        source: int | None = None,
        listens_as: int | None = None,
    ) -> None:
        self._is_crc = crc
        self._destination = destination
        self._source = None if crc else source
        self._listens_as = listens_as
        self._held = bytearray()
        self._known: tuple[bytes, tuple[Frame | Garbage, ...]] = (b"", ())

    @property
    def held(self) -> int:
        """Bytes of a frame that is not complete; fewer than `LONGEST`."""
        return len(self._held)

    def reset(self) -> bytes:
        """Drop an unfinished frame, as every receiver does after 50 ms of silence."""
        dropped = bytes(self._held)
        self._held.clear()
        return dropped

    def feed(self, chunk: bytes) -> list[Frame | Garbage]:
        """Most answers are the same as the last: what was made of that one is kept."""
        if self._held or not chunk:
            return self._searched(chunk)
        if chunk == self._known[0]:
            return list(self._known[1])
        found = self._searched(chunk)
        if not self._held:
            self._known = (chunk, tuple(found))
        return found

    def _searched(self, chunk: bytes) -> list[Frame | Garbage]:
        self._held += chunk
        found: list[Frame | Garbage] = []
        garbage = bytearray()
        while self._held:
            if self._may_begin_frame():
                size = SHORTEST + self._held[1] if len(self._held) > 1 else SHORTEST
                if len(self._held) < size:
                    break
                octets = bytes(self._held[:size])
                if self._listens_as is not None:
                    found += self._overheard(octets)
                    del self._held[:size]
                    continue
                if self._is_intact(octets):
                    _give_up(garbage, found)
                    found.append(self._frame(octets))
                    del self._held[:size]
                    continue
            garbage.append(self._held.pop(0))
        _give_up(garbage, found)
        return found

    def _may_begin_frame(self) -> bool:
        if self._destination is not None and self._held[0] != self._destination:
            return False
        return self._source is None or len(self._held) < 3 or self._held[2] == self._source

    def _overheard(self, octets: bytes) -> list[Frame | Garbage]:
        """What a device makes of a whole frame: nothing, when another is meant."""
        if octets[0] not in {self._listens_as, BROADCAST}:
            return []
        return [self._frame(octets) if self._is_intact(octets) else Garbage(octets)]

    def _is_intact(self, octets: bytes) -> bool:
        if not self._is_crc:
            return sum(octets) & _BYTE == 0
        crc = crc16(octets[:2] + octets[3:-1])
        return octets[2] == crc & _BYTE and octets[-1] == crc >> 8

    def _frame(self, octets: bytes) -> Frame:
        source = None if self._is_crc else octets[2]
        return Frame(octets[0], source, octets[3], octets[4:-1])


def _give_up(garbage: bytearray, found: list[Frame | Garbage]) -> None:
    if garbage:
        found.append(Garbage(bytes(garbage)))
        garbage.clear()


_REPLY_WORDS = {Header.REPLY: "reply", Header.NAK: "NAK", Header.BUSY: "busy"}


def describe(frame: Frame) -> str:
    """What a frame is, for people who read a trace."""
    if frame.header == Header.REPLY and not frame.payload:
        return "ACK"
    try:
        header = Header(frame.header)
    except ValueError:
        return f"header {frame.header}"
    return _REPLY_WORDS.get(header) or header.name.lower().replace("_", " ")
