"""A hopper's frames in words (ccTalk generic specification, part 2)."""

from drivers.cctalk.codec import Decoder, Frame, Garbage, Header, describe, encode
from drivers.cctalk.payout import STATUS_BYTES, is_blocked, parse_status
from simulator.meaning.said import Said, hexadecimal

_ENABLE = b"\xa5"
_FLAGS = (1, 2, 3)  # bytes of header 163's answer
_LIFETIME_BYTES = 3


class HopperReader:
    """Answers do not say to what: the question before is remembered."""

    def __init__(self) -> None:
        self._decoders = {"tx": Decoder(), "rx": Decoder()}
        self._asked = Frame(0, 1, Header.SIMPLE_POLL)

    def heard(self, direction: str, chunk: bytes) -> list[Said]:
        return [self._said(direction, found) for found in self._decoders[direction].feed(chunk)]

    def _said(self, direction: str, found: Frame | Garbage) -> Said:
        if isinstance(found, Garbage):
            return Said(hexadecimal(found.octets), "no frame")
        meaning = self._question(found) if direction == "tx" else self._answer(found)
        return Said(hexadecimal(encode(found)), meaning)

    def _question(self, frame: Frame) -> str:
        self._asked = frame
        match frame.header:
            case Header.DISPENSE_COINS if frame.payload:
                return f"pay {frame.payload[-1]} coins"
            case Header.HOPPER_STATUS:
                return "how far is the payout?"
            case Header.DISPENSE_COUNT:
                return "how many coins in your life?"
            case Header.ENABLE_HOPPER:
                return "be ready to pay" if frame.payload == _ENABLE else "do not pay"
            case _:
                return describe(frame)

    def _answer(self, frame: Frame) -> str:
        if frame.header != Header.REPLY:
            return describe(frame)
        match self._asked.header, len(frame.payload):
            case Header.DISPENSE_COINS, 1:
                return f"paying, command number {frame.payload[0]}"
            case Header.HOPPER_STATUS, length if length == STATUS_BYTES:
                status = parse_status(frame.payload)
                unpaid = f", {status.unpaid} not paid" if status.unpaid else ""
                return f"{status.paid} paid, {status.remaining} to go{unpaid}"
            case Header.DISPENSE_COUNT, length if length == _LIFETIME_BYTES:
                return f"{int.from_bytes(frame.payload, 'little')} coins"
            case Header.TEST_HOPPER, length if length in _FLAGS:
                return "blocked" if is_blocked(frame.payload) else "ready"
            case _:
                return describe(frame)
