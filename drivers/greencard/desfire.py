"""MIFARE DESFire, host side, sans I/O: command framing, status words and one conversation.

A conversation is a generator: it yields the bytes for the card, is sent the card's answer, and
returns its result. Whoever runs it owns time and the line. The secure channels are in
`ev1.py` and `ev2.py`.

    native        CMD data            -> STATUS data
    ISO-wrapped   90 CMD 00 00 Lc data 00 -> data 91 STATUS     (ISO/IEC 7816-4 case 4)
"""

from collections.abc import Generator
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Protocol, TypeVar

from chargepoint.errors import ChargepointError

T = TypeVar("T")
Conversation = Generator[bytes, bytes, T]
"""Yields what goes to the card, receives what came back, returns T."""

ISO_CLA = 0x90
ISO_SW1 = 0x91


class Command(IntEnum):
    AUTHENTICATE_EV2_FIRST = 0x71
    AUTHENTICATE_AES = 0xAA
    SELECT_APPLICATION = 0x5A
    ADDITIONAL_FRAME = 0xAF
    READ_DATA = 0xBD


class Status(IntEnum):
    OK = 0x00
    MORE_FRAMES = 0xAF
    ILLEGAL_COMMAND = 0x1C
    INTEGRITY = 0x1E
    NO_SUCH_KEY = 0x40
    LENGTH = 0x7E
    PERMISSION = 0x9D
    PARAMETER = 0x9E
    NO_APPLICATION = 0xA0
    AUTHENTICATION = 0xAE
    BOUNDARY = 0xBE
    ABORTED = 0xCA
    NO_FILE = 0xF0


class ApduStyle(Enum):
    """How commands travel; a card stays with the style of its first command."""

    NATIVE = "native"
    ISO = "iso"


class FileMode(Enum):
    """Communication mode of a file, as it was created on the card."""

    MAC = "mac"
    ENCIPHERED = "enciphered"


class CardError(ChargepointError):
    """The conversation with the card cannot go on."""


class NotDesfire(CardError):
    """The card does not answer as a DESFire does."""


class CardRefused(CardError):
    """A DESFire status other than success."""

    def __init__(self, status: int) -> None:
        super().__init__(f"card answered status {status:02X}")
        self.status = status


class KeyMismatch(CardError):
    """Card and reader do not hold the same key: a copy, or another operator's application."""


class IntegrityFailed(CardError):
    """A MAC, checksum or length is not what an undisturbed genuine card sends."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes


class SecureChannel(Protocol):
    """What both ends share after authentication; every call moves its running state on."""

    def request(self, code: int, header: bytes) -> bytes:
        """The command as it goes out; commands without confidential data only."""
        ...

    def verified(self, reply: Reply) -> bytes:
        """The reply's body without its MAC; raises IntegrityFailed."""
        ...

    def deciphered(self, reply: Reply, length: int) -> bytes:
        """The `length` plain bytes of an enciphered reply; raises IntegrityFailed."""
        ...


def wrap(style: ApduStyle, command: bytes) -> bytes:
    if style is ApduStyle.NATIVE:
        return command
    body = command[1:]
    head = bytes([ISO_CLA, command[0], 0, 0])
    return head + (bytes([len(body)]) + body if body else b"") + b"\x00"


def unwrap(style: ApduStyle, answer: bytes) -> Reply:
    """Raises NotDesfire for anything that is no DESFire answer."""
    if style is ApduStyle.NATIVE:
        if not answer:
            raise NotDesfire("empty answer")
        return Reply(answer[0], answer[1:])
    if len(answer) < 2 or answer[-2] != ISO_SW1:
        raise NotDesfire(f"status word {answer[-2:].hex()}, not 91xx")
    return Reply(answer[-1], answer[:-2])


def ask(style: ApduStyle, command: bytes) -> Conversation[Reply]:
    """One command, one reply; raises CardRefused unless it succeeded or has more frames."""
    answer = yield wrap(style, command)
    reply = unwrap(style, answer)
    if reply.status not in {Status.OK, Status.MORE_FRAMES}:
        raise CardRefused(reply.status)
    return reply


def select_application(style: ApduStyle, application_id: bytes) -> Conversation[None]:
    """`application_id` as printed, most significant byte first; the wire wants it reversed."""
    yield from ask(style, bytes([Command.SELECT_APPLICATION]) + application_id[::-1])


class Authentication(Protocol):
    """The host's three steps of a mutual authentication."""

    @property
    def opening(self) -> bytes:
        """The command that asks for the card's challenge."""
        ...

    def prove(self, challenge: bytes) -> bytes:
        """The answer to the card's challenge, with our own."""
        ...

    def confirm(self, proof: bytes) -> SecureChannel:
        """The channel, if the card proved its key; raises KeyMismatch."""
        ...


def authenticate(style: ApduStyle, steps: Authentication) -> Conversation[SecureChannel]:
    """Raises KeyMismatch when either side refuses the other."""
    try:
        challenge = yield from ask(style, steps.opening)
        answer = bytes([Command.ADDITIONAL_FRAME]) + steps.prove(challenge.body)
        proof = yield from ask(style, answer)
    except CardRefused as refused:
        if refused.status in {Status.AUTHENTICATION, Status.NO_SUCH_KEY}:
            raise KeyMismatch(str(refused)) from refused
        raise
    if proof.status != Status.OK:
        raise IntegrityFailed("authentication asked for a fourth frame")
    return steps.confirm(proof.body)


@dataclass(frozen=True, slots=True)
class FileRange:
    number: int
    length: int
    mode: FileMode
    offset: int = 0


def read_file(style: ApduStyle, channel: SecureChannel, wanted: FileRange) -> Conversation[bytes]:
    """`length` bytes of a standard data file, proven to come from the authenticated card."""
    header = bytes([wanted.number]) + _three(wanted.offset) + _three(wanted.length)
    reply = yield from ask(style, channel.request(Command.READ_DATA, header))
    body = reply.body
    while reply.status == Status.MORE_FRAMES:
        if len(body) > wanted.length + 64:  # checksum, padding and MAC are shorter than this
            raise IntegrityFailed("card sends more than the file holds")
        reply = yield from ask(style, bytes([Command.ADDITIONAL_FRAME]))
        body += reply.body
    whole = Reply(reply.status, body)
    if wanted.mode is FileMode.ENCIPHERED:
        content = channel.deciphered(whole, wanted.length)
    else:
        content = channel.verified(whole)
    if len(content) != wanted.length:
        raise IntegrityFailed(f"{len(content)} bytes read, not {wanted.length}")
    return content


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")
