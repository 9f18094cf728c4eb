"""The coin acceptor's frames in words (ccTalk generic specification, parts 1 to 3)."""

from drivers.cctalk.codec import Decoder, Frame, Garbage, Header, describe, encode
from drivers.cctalk.codes import other_event, reason_returned
from simulator.meaning.said import Said, hexadecimal

_CURRENCY_PREFIX = "EU"
_EVENT_SIZE = 2


class CcTalkReader:
    """Learns the coins' values while the core asks for them, and counts events like a host."""

    def __init__(self) -> None:
        self._decoders = {"tx": Decoder(), "rx": Decoder()}
        self._asked = Frame(0, 1, Header.SIMPLE_POLL)
        self._coins: dict[int, str] = {}
        self._counter: int | None = None

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
            case Header.READ_CREDIT:
                return "any coins?"
            case Header.MODIFY_MASTER_INHIBIT:
                return "accept coins" if frame.payload == b"\x01" else "refuse all coins"
            case Header.COIN_ID if frame.payload:
                return f"which coin is number {frame.payload[0]}?"
            case _:
                return describe(frame)

    def _answer(self, frame: Frame) -> str:
        match self._asked.header:
            case Header.READ_CREDIT if frame.payload:
                return self._credit(frame.payload)
            case Header.COIN_ID if self._asked.payload and frame.payload:
                coin = frame.payload.decode("ascii", "replace")
                self._coins[self._asked.payload[0]] = coin
                return f"coin number {self._asked.payload[0]} is {_value(coin)}"
            case _:
                return describe(frame)

    def _credit(self, payload: bytes) -> str:
        """The counter, then five events of two bytes, newest first (part 2, header 229)."""
        counter, before = payload[0], self._counter
        self._counter = counter
        if before in {None, counter}:
            return f"nothing new, event counter {counter}"
        if counter == 0:
            return "the acceptor has started again"
        # The counter skips 0 when it wraps.
        news = (counter - before) % 255 if before else counter
        events = [payload[at : at + _EVENT_SIZE] for at in range(1, len(payload) - 1, _EVENT_SIZE)][
            :news
        ]
        told = ", ".join(self._event(*event) for event in reversed(events))
        return f"{told} · event counter {counter}"

    def _event(self, result: int, code: int) -> str:
        if result:
            return f"coin {_value(self._coins.get(result, ''))} accepted"
        returned = reason_returned(code)
        return f"coin returned: {returned}" if returned else other_event(code)


def _value(coin: str) -> str:
    """`EU200A` is two euros; positions that are not programmed hold dots."""
    digits = coin[2:5]
    if coin.startswith(_CURRENCY_PREFIX) and digits.isdecimal():
        return f"{int(digits) / 100:.2f} €"
    return "not programmed" if coin.startswith(".") else coin or "of unknown value"
