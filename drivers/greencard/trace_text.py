"""What the flight recorder may keep of the reader's line.

Everything exchanged with a card is masked but its first command or status byte: challenges,
proofs, the account number. A UID keeps its last two bytes, enough to tell two cards apart.
Bytes that are no frame keep their first ones only: they may be a damaged answer.
"""

from enum import IntEnum

from drivers.greencard.commands import Code
from drivers.greencard.desfire import ISO_CLA, ISO_SW1
from drivers.greencard.desfire import Command as CardCommand
from drivers.greencard.desfire import Status as CardStatus
from drivers.greencard.pn532 import Command, Decoder, Frame, Garbage, Response, encode
from drivers.trace import Direction

_SHOWN_OF_GARBAGE = 6
_SHOWN_OF_UID = 2
_UID_AT = 6  # NbTg, Tg, SENS_RES (2), SEL_RES, length
_LONGEST_OPEN_APDU = 14  # selecting, asking for a challenge, reading: no room for a token
_SHOWN_OF_TOKEN = 1
_HIDDEN = "**"


def mask_frames(_direction: Direction, octets: bytes) -> str:
    """`drivers.trace.Mask` for the card reader's line."""
    decoder = Decoder()
    parts = decoder.feed(octets)
    if decoder.is_inside_frame:
        parts.append(decoder.give_up())
    return " ".join(_masked(part) for part in parts)


def _masked(part: Frame | Garbage) -> str:
    match part:
        case Garbage(octets):
            return _hide(octets, slice(_SHOWN_OF_GARBAGE, None))
        case Command(Code.IN_DATA_EXCHANGE, parameters):
            return _hide_in(part, _secret_of_apdu(parameters[1:]), len(parameters) - 1)
        case Response(code, parameters) if code == Code.IN_DATA_EXCHANGE + 1:
            return _hide_in(part, _secret_of_answer(parameters[1:]), len(parameters) - 1)
        case Response(code, parameters) if code == Code.IN_LIST_PASSIVE_TARGET + 1:
            end = _UID_AT + parameters[_UID_AT - 1] if len(parameters) >= _UID_AT else 0
            return _hide_in(
                part, slice(_UID_AT, max(_UID_AT, end - _SHOWN_OF_UID)), len(parameters)
            )
        case _:
            return _hex(encode(part))


def _secret_of_apdu(apdu: bytes) -> slice:
    if len(apdu) <= _LONGEST_OPEN_APDU:
        return slice(0, 0)
    # ISO-wrapped: 90 CMD 00 00 Lc secret; native: CMD secret.
    return slice(5 if apdu[0] == ISO_CLA else _SHOWN_OF_TOKEN, None)


def _secret_of_answer(answer: bytes) -> slice:
    """All but the status: last two bytes when ISO-wrapped, first byte when native."""
    if len(answer) <= 2:
        return slice(0, 0)
    return slice(0, -2) if _is_iso_answer(answer) else slice(1, None)


def _hide_in(frame: Frame, secret: slice, size: int) -> str:
    """The frame with `secret`, a part of its last `size` content bytes, made unreadable."""
    octets = encode(frame)
    content = octets[-2 - size : -2]
    hidden = _hide(content, secret)
    # The checksum goes with what it sums up.
    closing = f"{octets[-2]:02X}" if _HIDDEN not in hidden else _HIDDEN
    return " ".join(part for part in (_hex(octets[: -2 - size]), hidden, closing, "00") if part)


def _hide(octets: bytes, secret: slice) -> str:
    places = range(len(octets))[secret]
    return " ".join(
        _HIDDEN if place in places else f"{octet:02X}" for place, octet in enumerate(octets)
    )


def _hex(octets: bytes) -> str:
    return octets.hex(" ").upper()


def describe(frame: Frame | Garbage) -> str:
    """What a frame is, in the words of the specifications."""
    match frame:
        case Garbage():
            return "no frame"
        case Command(Code.IN_DATA_EXCHANGE, parameters):
            return _card_command(parameters[1:])
        case Command(code, _):
            return _spelled(Code, code)
        case Response(code, parameters) if code == Code.IN_DATA_EXCHANGE + 1:
            return _card_status(parameters)
        case Response(code, _):
            return f"{_spelled(Code, code - 1)} done"
        case _:
            return type(frame).__name__.upper()


def _card_command(apdu: bytes) -> str:
    if not apdu:
        return "card"
    is_iso_wrapped = apdu[0] == ISO_CLA and len(apdu) > 1
    return f"card: {_spelled(CardCommand, apdu[1] if is_iso_wrapped else apdu[0])}"


def _card_status(parameters: bytes) -> str:
    if parameters[:1] != b"\x00":
        return "card: no answer"
    answer = parameters[1:]
    if not answer:
        return "card"
    return f"card: {_spelled(CardStatus, answer[-1] if _is_iso_answer(answer) else answer[0])}"


def _is_iso_answer(answer: bytes) -> bool:
    return len(answer) >= 2 and answer[-2] == ISO_SW1


def _spelled(names: type[IntEnum], number: int) -> str:
    try:
        return names(number).name.replace("_", " ").lower()
    except ValueError:
        return f"{number:02X}"
