"""The card reader's frames in words; what a card is asked and answers in secret stays masked."""

from drivers.greencard.pn532 import Ack, Decoder, Frame, Garbage, encode
from drivers.greencard.trace_text import describe, mask_frames
from drivers.trace import Direction
from simulator.meaning.said import Said

_DIRECTIONS = {"tx": Direction.SENT, "rx": Direction.RECEIVED}


class Pn532Reader:
    def __init__(self) -> None:
        self._decoders = {"tx": Decoder(), "rx": Decoder()}

    def heard(self, direction: str, chunk: bytes) -> list[Said]:
        return [
            _said(direction, found)
            for found in self._decoders[direction].feed(chunk)
            if not isinstance(found, Garbage)  # wake-up bytes; a broken frame follows again
        ]


def _said(direction: str, frame: Frame) -> Said:
    meaning = "received" if isinstance(frame, Ack) else describe(frame)
    return Said(mask_frames(_DIRECTIONS[direction], encode(frame)), meaning)
