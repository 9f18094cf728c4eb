"""What new events of a note validator mean to the core: pure, from counter arithmetic to facts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chargepoint.domain.devices import DeviceIncident, DeviceKind, DeviceRef
from chargepoint.domain.payments import (
    NoteCursor,
    NoteCursorMoved,
    NoteInEscrow,
    NoteReturned,
    NoteStacked,
)
from chargepoint.domain.units import Minor
from drivers.cctalk import note_codes as codes
from drivers.cctalk.escrow import in_escrow
from drivers.cctalk.events import NewEvent, News, Past, Result, pack_results, parse_results

DEVICE = DeviceRef(DeviceKind.NOTE_VALIDATOR)

NoteFact = DeviceIncident | NoteCursorMoved | NoteInEscrow | NoteReturned | NoteStacked


def to_cursor(serial: str, past: Past) -> NoteCursor:
    return NoteCursor(
        serial, past.epoch, past.sequence, past.counter, buffer=pack_results(past.results)
    )


def from_cursor(cursor: NoteCursor) -> Past:
    return Past(cursor.epoch, cursor.sequence, cursor.counter, parse_results(cursor.buffer))


@dataclass(frozen=True, slots=True)
class NoteBooker:
    """Facts about one validator. Every event moves the cursor, so each fact carries one."""

    serial: str
    values: Mapping[int, Minor]

    def facts(self, news: News) -> Iterator[NoteFact]:
        """In the order they happened; a note is announced only if it is still in escrow."""
        if news.was_reset:
            yield self.incident("reset", "a note taken just before the reset is unknown")
        if news.was_reset or news.lost:
            yield NoteCursorMoved(to_cursor(self.serial, news.start), possibly_lost=news.lost)
        for event in news.events:
            yield from self._event(event, still=self._is_held(event, news))

    def held(self, past: Past) -> Iterator[NoteFact]:
        """A note that was in escrow before anybody here looked."""
        value = self.values.get(in_escrow(past.results))
        if value is not None:
            yield NoteInEscrow(value, to_cursor(self.serial, past))

    def incident(self, kind: str, detail: str) -> DeviceIncident:
        return DeviceIncident(
            DEVICE, f"note_validator.{kind}", f"note validator {self.serial}: {detail}"
        )

    @staticmethod
    def _is_held(event: NewEvent, news: News) -> bool:
        later = news.past.results[: news.past.sequence - event.after.sequence]
        ends = any(one.kind or one.code in codes.EMPTIES_ESCROW for one in later)
        return event.result.code == codes.IN_ESCROW and not ends

    def _event(self, event: NewEvent, *, still: bool) -> Iterator[NoteFact]:
        cursor = to_cursor(self.serial, event.after)
        result = event.result
        if not result.kind:
            yield from self._status(result.code, cursor)
            return
        value = self.values.get(result.kind)
        if value is None:
            yield self.incident("unknown_note", _unknown(result))
            yield NoteCursorMoved(cursor)
        elif result.code == codes.STACKED:
            yield NoteStacked(value, cursor)
        elif still:
            yield NoteInEscrow(value, cursor)
        else:
            yield NoteCursorMoved(cursor)

    def _status(self, code: int, cursor: NoteCursor) -> Iterator[NoteFact]:
        fraud, trouble, reason = codes.fraud(code), codes.trouble(code), codes.reason_returned(code)
        if fraud is not None:
            yield self.incident("fraud", fraud)
        elif code == codes.UNKNOWN_STACKED:
            yield self.incident("unknown_note", codes.trouble(code) or "")
        elif trouble is not None and (reason is None or code == codes.JAM_UNSAFE):
            yield self.incident("event", trouble)
        if reason is None:
            yield NoteCursorMoved(cursor)
        else:
            yield NoteReturned(reason, cursor)


def _unknown(result: Result) -> str:
    what = "a coupon" if result.kind == codes.BARCODE else f"a note of type {result.kind}"
    return f"{what} {'was kept' if result.code == codes.STACKED else 'is in escrow'}"
