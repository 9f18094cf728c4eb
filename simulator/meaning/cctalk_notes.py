"""The note validator's frames in words (ccTalk generic specification, part 2; CRC frames, part 3)."""

from drivers.cctalk import note_codes as codes
from drivers.cctalk.codec import Decoder, Frame, Garbage, Header, describe, encode
from drivers.cctalk.escrow import Route
from simulator.meaning.said import Said, hexadecimal

_EVENT_SIZE = 2
_ROUTES = {
    Route.RETURN: "give the note back",
    Route.STACK: "keep the note",
    Route.EXTEND: "hold the note longer",
}
_ROUTED = {b"": "yes", b"\xfe": "there is no note in escrow", b"\xff": "that failed"}


class NoteReader:
    """Learns the notes' values while the core asks for them, and counts events like a host."""

    def __init__(self) -> None:
        self._decoders = {"tx": Decoder(crc=True), "rx": Decoder(crc=True)}
        self._asked = Frame(0, None, Header.SIMPLE_POLL)
        self._notes: dict[int, str] = {}
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
            case Header.READ_BILL_EVENTS:
                return "any notes?"
            case Header.MODIFY_MASTER_INHIBIT:
                return "accept notes" if frame.payload == b"\x01" else "refuse all notes"
            case Header.BILL_ID if frame.payload:
                return f"which note is number {frame.payload[0]}?"
            case Header.ROUTE_BILL if frame.payload and frame.payload[0] in _ROUTES:
                return _ROUTES[Route(frame.payload[0])]
            case _:
                return describe(frame)

    def _answer(self, frame: Frame) -> str:
        match self._asked.header:
            case Header.READ_BILL_EVENTS if frame.payload:
                return self._events(frame.payload)
            case Header.BILL_ID if self._asked.payload and frame.payload:
                note = frame.payload.decode("ascii", "replace")
                self._notes[self._asked.payload[0]] = note
                return f"note number {self._asked.payload[0]} is {_value(note)}"
            case Header.ROUTE_BILL:
                return _ROUTED.get(frame.payload, describe(frame))
            case _:
                return describe(frame)

    def _events(self, payload: bytes) -> str:
        """The counter, then five events of two bytes, newest first (header 159)."""
        counter, before = payload[0], self._counter
        self._counter = counter
        if before in {None, counter}:
            return f"nothing new, event counter {counter}"
        if counter == 0:
            return "the validator has started again"
        # The counter skips 0 when it wraps.
        news = (counter - before) % 255 if before else counter
        pairs = range(1, len(payload) - 1, _EVENT_SIZE)
        events = [payload[at : at + _EVENT_SIZE] for at in pairs][:news]
        told = ", ".join(self._event(*event) for event in reversed(events))
        return f"{told} · event counter {counter}"

    def _event(self, kind: int, code: int) -> str:
        if kind:
            what = "kept" if code == codes.STACKED else "in escrow"
            return f"note {_value(self._notes.get(kind, ''))} {what}"
        if code == codes.MASTER_INHIBIT:
            return "closed"
        returned = codes.reason_returned(code)
        return f"note returned: {returned}" if returned else codes.trouble(code) or f"event {code}"


def _value(note: str) -> str:
    """`EU0020A` is twenty euros; types that are not programmed hold dots."""
    figure = note[2:6]
    if note.startswith("EU") and figure.isdecimal():
        return f"{int(figure)} €"
    return "not programmed" if note.startswith(".") else note or "of unknown value"
