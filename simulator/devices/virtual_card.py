"""Contactless cards as a reader meets them: activation data, and a chip that answers APDUs.

`DesfireChip` is the card side of DESFire, made from the description of the card and not from the
host's code: only the AES primitives are shared.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from chargepoint.ports import Entropy
from drivers.greencard import aes

ISO_CLA = 0x90
FRAME_BYTES = 59  # of data in one native frame
FREE_ACCESS = 0x0E

OK, MORE, ILLEGAL, NO_KEY, LENGTH = 0x00, 0xAF, 0x1C, 0x40, 0x7E
PERMISSION, PARAMETER, NO_APPLICATION, AUTHENTICATION = 0x9D, 0x9E, 0xA0, 0xAE
BOUNDARY, ABORTED, NO_FILE = 0xBE, 0xCA, 0xF0


class Chip(Protocol):
    """What answers once a card of ISO/IEC 14443-4 is activated."""

    def reset(self) -> None:
        """Power or activation was lost: every session is gone."""
        ...

    def answer(self, apdu: bytes) -> bytes | None:
        """None: the card says nothing and the reader runs into its time-out."""
        ...


@dataclass(slots=True)
class VirtualCard:
    """A card one can hold to the reader.

    `is_active`: selected, answers APDUs. `is_halted`: deselected, deaf until the field drops.
    """

    uid: bytes
    chip: Chip
    sens_res: bytes = bytes.fromhex("0344")
    sel_res: int = 0x20
    ats: bytes = bytes.fromhex("75778102 80")
    is_active: bool = False
    is_halted: bool = False
    thinking_s: Mapping[int, float] = field(
        default_factory=lambda: {0xAA: 0.012, 0x71: 0.014, 0xAF: 0.015, 0xBD: 0.009}
    )

    def leave_field(self) -> None:
        self.is_active = self.is_halted = False
        self.chip.reset()

    def halt(self) -> None:
        if self.is_active:
            self.is_active = False
            self.is_halted = True
            self.chip.reset()

    def delay_s(self, apdu: bytes) -> float:
        """Time on the air and in the chip, as measured on cards of this kind."""
        place = 1 if apdu[:1] == bytes([ISO_CLA]) else 0
        code = apdu[place] if len(apdu) > place else 0
        return self.thinking_s.get(code, 0.005) + len(apdu) * 0.0001


class SilentChip:
    """Memory cards: they do not speak ISO/IEC 14443-4 at all."""

    def reset(self) -> None:
        """It remembers nothing."""

    def answer(self, apdu: bytes) -> bytes | None:
        return None


class PaymentChip:
    """Bank cards and telephones: ISO/IEC 7816-4, none of our classes."""

    def reset(self) -> None:
        """It has no session worth the name."""

    def answer(self, apdu: bytes) -> bytes | None:
        return bytes.fromhex("6E00" if apdu[:1] != b"\x00" else "6A82")


@dataclass(frozen=True, slots=True)
class CardFile:
    """A standard data file, read with `read_key` (0E: without authentication)."""

    content: bytes
    read_key: int = 1
    is_enciphered: bool = False


@dataclass(frozen=True, slots=True)
class Application:
    keys: Mapping[int, bytes]
    files: Mapping[int, CardFile]


class Session(Protocol):
    """The card's end of a secure channel."""

    key_number: int

    def accept(self, command: bytes) -> bytes | None:
        """The command without what secures it; None: it was tampered with."""
        ...

    def reply(self, status: int, body: bytes, *, encipher: bool) -> bytes: ...


class Ev1Session:
    def __init__(self, key_number: int, key: bytes) -> None:
        self.key_number = key_number
        self._key = key
        self._iv = aes.ZERO_IV

    def accept(self, command: bytes) -> bytes | None:
        self._iv = aes.cmac(self._key, command, iv=self._iv)
        return command

    def reply(self, status: int, body: bytes, *, encipher: bool) -> bytes:
        if encipher:
            plain = aes.pad_zero(body + aes.jamcrc(body + bytes([status])))
            cipher = aes.encrypt(self._key, self._iv, plain)
            self._iv = cipher[-16:]
            return cipher
        self._iv = aes.cmac(self._key, body + bytes([status]), iv=self._iv)
        return body + self._iv[:8]


class Ev2Session:
    def __init__(self, key_number: int, keys: tuple[bytes, bytes], transaction_id: bytes) -> None:
        self.key_number = key_number
        self._enc_key, self._mac_key = keys
        self._transaction_id = transaction_id
        self._counter = 0

    def accept(self, command: bytes) -> bytes | None:
        plain, mac = command[:-8], command[-8:]
        is_genuine = len(command) > 8 and mac == self._mac(plain[:1], plain[1:])
        self._counter += 1
        return plain if is_genuine else None

    def reply(self, status: int, body: bytes, *, encipher: bool) -> bytes:
        if encipher:
            seed = b"\x5a\xa5" + self._transaction_id + self._counter.to_bytes(2, "little")
            iv = aes.encrypt(self._enc_key, aes.ZERO_IV, seed + bytes(8))
            body = aes.encrypt(self._enc_key, iv, aes.pad_iso(body))
        return body + self._mac(bytes([status]), body)

    def _mac(self, code: bytes, rest: bytes) -> bytes:
        counter = self._counter.to_bytes(2, "little")
        return aes.cmac(self._mac_key, code + counter + self._transaction_id + rest)[1::2]


@dataclass(frozen=True, slots=True)
class _Challenge:
    """An authentication waiting for the host's token."""

    key_number: int
    key: bytes
    rnd_b: bytes
    cryptogram: bytes
    is_ev2: bool


class DesfireChip:
    """DESFire EV1 with AES keys, and AuthenticateEV2First on top.

    `applications` by application id, most significant byte first. A chip keeps to the APDU style
    of its first command, drops its session on every error, and answers as the real one does.
    """

    def __init__(self, applications: Mapping[bytes, Application], entropy: Entropy) -> None:
        self._applications = applications
        self._entropy = entropy
        self.reset()

    def reset(self) -> None:
        self._is_iso: bool | None = None
        self._selected: Application | None = None
        self._session: Session | None = None
        self._challenge: _Challenge | None = None
        self._rest: Iterator[tuple[int, bytes]] = iter(())

    def answer(self, apdu: bytes) -> bytes | None:
        is_iso = apdu[:1] == bytes([ISO_CLA])
        if self._is_iso is None:
            self._is_iso = is_iso
        command = _unwrapped(apdu) if is_iso else apdu
        if not command or is_iso is not self._is_iso:
            status, body = LENGTH, b""
        else:
            status, body = self._status_and_body(command)
        if status not in {OK, MORE}:
            self._session = None
            self._rest = iter(())
        return body + bytes([0x91, status]) if is_iso else bytes([status]) + body

    def _status_and_body(self, command: bytes) -> tuple[int, bytes]:
        challenge, self._challenge = self._challenge, None
        if command[0] == 0xAF:
            if challenge is not None:
                return self._finish_authentication(challenge, command[1:])
            return next(self._rest, (ABORTED, b""))
        if challenge is not None:
            return ABORTED, b""
        self._rest = iter(())
        return self._command(command)

    def _command(self, command: bytes) -> tuple[int, bytes]:
        match command[0]:
            case 0x5A:
                return self._select(command[1:])
            case 0xAA:
                return self._begin_authentication(command[1:], is_ev2=False)
            case 0x71:
                return self._begin_authentication(command[1:], is_ev2=True)
            case 0xBD:
                return self._read(command)
            case _:
                return ILLEGAL, b""

    def _select(self, application_id: bytes) -> tuple[int, bytes]:
        if len(application_id) != 3:
            return LENGTH, b""
        self._session = None
        self._selected = self._applications.get(application_id[::-1])
        return (NO_APPLICATION if self._selected is None else OK), b""

    def _begin_authentication(self, rest: bytes, *, is_ev2: bool) -> tuple[int, bytes]:
        self._session = None
        has_right_length = len(rest) >= 2 and len(rest) == 2 + rest[1] if is_ev2 else len(rest) == 1
        if not has_right_length:
            return LENGTH, b""
        key = None if self._selected is None else self._selected.keys.get(rest[0])
        if key is None:
            return NO_KEY, b""
        rnd_b = self._entropy.token(16)
        cryptogram = aes.encrypt(key, aes.ZERO_IV, rnd_b)
        self._challenge = _Challenge(rest[0], key, rnd_b, cryptogram, is_ev2)
        return MORE, cryptogram

    def _finish_authentication(self, asked: _Challenge, token: bytes) -> tuple[int, bytes]:
        if len(token) != 32:
            return LENGTH, b""
        iv = aes.ZERO_IV if asked.is_ev2 else asked.cryptogram
        plain = aes.decrypt(asked.key, iv, token)
        rnd_a, rnd_b_rotated = plain[:16], plain[16:]
        if rnd_b_rotated != asked.rnd_b[1:] + asked.rnd_b[:1]:
            return AUTHENTICATION, b""
        proof = rnd_a[1:] + rnd_a[:1]
        if asked.is_ev2:
            transaction_id = self._entropy.token(4)
            keys = _ev2_keys(asked.key, rnd_a, asked.rnd_b)
            self._session = Ev2Session(asked.key_number, keys, transaction_id)
            return OK, aes.encrypt(asked.key, aes.ZERO_IV, transaction_id + proof + bytes(12))
        session_key = rnd_a[:4] + asked.rnd_b[:4] + rnd_a[12:] + asked.rnd_b[12:]
        self._session = Ev1Session(asked.key_number, session_key)
        return OK, aes.encrypt(asked.key, token[-16:], proof)

    def _read(self, command: bytes) -> tuple[int, bytes]:
        session = self._session
        plain = command if session is None else session.accept(command)
        if plain is None:
            return 0x1E, b""
        if len(plain) != 8:
            return LENGTH, b""
        stored = None if self._selected is None else self._selected.files.get(plain[1])
        if stored is None:
            return NO_FILE, b""
        if stored.read_key != FREE_ACCESS:
            if session is None:
                return AUTHENTICATION, b""
            if session.key_number != stored.read_key:
                return PERMISSION, b""
        return self._content(stored, plain[2:], session)

    def _content(self, stored: CardFile, span: bytes, session: Session | None) -> tuple[int, bytes]:
        offset = int.from_bytes(span[:3], "little")
        length = int.from_bytes(span[3:], "little") or len(stored.content) - offset
        if offset + length > len(stored.content) or length <= 0:
            return BOUNDARY, b""
        body = stored.content[offset : offset + length]
        if session is not None:
            body = session.reply(OK, body, encipher=stored.is_enciphered)
        self._rest = _frames(body)
        return next(self._rest)


def _frames(body: bytes) -> Iterator[tuple[int, bytes]]:
    """`body` in as many frames as it needs; all but the last say that more follow."""
    for start in range(0, len(body), FRAME_BYTES):
        is_last = start + FRAME_BYTES >= len(body)
        yield (OK if is_last else MORE), body[start : start + FRAME_BYTES]


def _unwrapped(apdu: bytes) -> bytes:
    """The native command inside `90 CMD 00 00 [Lc data] 00`; empty when it is not one."""
    if len(apdu) < 5 or apdu[2:4] != b"\x00\x00" or apdu[-1] != 0:
        return b""
    if len(apdu) == 5:
        return apdu[1:2]
    body = apdu[5:-1]
    return apdu[1:2] + body if body and len(body) == apdu[4] else b""


def _ev2_keys(key: bytes, rnd_a: bytes, rnd_b: bytes) -> tuple[bytes, bytes]:
    mixed = bytes(a ^ b for a, b in zip(rnd_a[2:8], rnd_b[:6], strict=True))
    context = bytes.fromhex("00010080") + rnd_a[:2] + mixed + rnd_b[6:] + rnd_a[8:]
    return aes.cmac(key, b"\xa5\x5a" + context), aes.cmac(key, b"\x5a\xa5" + context)
