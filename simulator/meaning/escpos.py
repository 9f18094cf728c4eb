"""What a receipt printer is told and says, in words."""

from drivers.printer.codec import Status, condition, status_in
from simulator.meaning.said import Said, hexadecimal

_ASKS = b"\x10\x04"
_WELL = 0x12
_WORDS_MOST = 60


class PrinterReader:
    """Each burst is one thing said: a question, an answer, or a piece of a document."""

    def __init__(self) -> None:
        self._asked = Status.PRINTER

    def heard(self, direction: str, chunk: bytes) -> list[Said]:
        meaning = self._told(chunk) if direction == "tx" else self._answered(chunk)
        return [Said(hexadecimal(chunk), meaning)]

    def _told(self, chunk: bytes) -> str:
        if chunk[:2] == _ASKS and chunk[2:] in (b"\x01", b"\x02", b"\x04"):
            self._asked = Status(chunk[2])
            return f"status: {self._asked.name.lower().replace('_', ' ')}?"
        words = "".join(c if c.isprintable() else " " for c in chunk.decode("cp858", "replace"))
        return f"print: {' '.join(words.split())[:_WORDS_MOST]}"

    def _answered(self, chunk: bytes) -> str:
        found = status_in(chunk)
        if found is None:
            return "printed so far"
        parts = dict.fromkeys(Status, _WELL) | {self._asked: found}
        seen = condition(*parts.values())
        low = "paper is nearly used up" if seen.is_paper_low else "ready"
        return seen.why_not.replace("_", " ") or low
