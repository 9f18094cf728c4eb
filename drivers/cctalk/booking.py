"""What new events of a coin acceptor mean to the core: pure, from counter arithmetic to facts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chargepoint.domain.devices import (
    CoinCursor,
    CoinCursorMoved,
    CoinRefused,
    CoinSeen,
    DeviceEvent,
    DeviceIncident,
    DeviceKind,
    DeviceRef,
)
from chargepoint.domain.payments import NoteCursor
from chargepoint.domain.units import Minor
from drivers.cctalk import codes
from drivers.cctalk.events import NewEvent, News, Past, Result, pack_results, parse_results

DEVICE = DeviceRef(DeviceKind.COIN_ACCEPTOR)


def to_cursor(serial: str, past: Past) -> CoinCursor:
    return CoinCursor(
        serial,
        past.epoch,
        past.sequence,
        past.counter,
        buffer=pack_results(past.results),
        accepted=past.accepted,
    )


def from_cursor(cursor: CoinCursor) -> Past:
    results = parse_results(cursor.buffer)
    return Past(cursor.epoch, cursor.sequence, cursor.counter, results, cursor.accepted)


def closed_epoch(cursor: CoinCursor | NoteCursor, past: Past | None) -> int:
    """0: it was not taken out. `past`: what this life knows, which may be newer than the journal."""
    if not cursor.is_closed or (past is not None and past.epoch > cursor.epoch):
        return 0
    return cursor.epoch


@dataclass(frozen=True, slots=True)
class Booker:
    """Facts about one acceptor. Every event moves the cursor, so each fact carries one."""

    serial: str
    values: Mapping[int, Minor]

    def facts(self, news: News) -> Iterator[DeviceEvent]:
        """In the order they happened."""
        if news.was_reset:
            yield self._incident("reset", "coins taken just before the reset are unknown")
        if news.was_reset or news.lost:
            yield CoinCursorMoved(to_cursor(self.serial, news.start), possibly_lost=news.lost)
        for event in news.events:
            yield from self._event(event)

    def counted(self, past: Past, unbooked: int) -> Iterator[DeviceEvent]:
        """The device's own count was read. The incident first: a cut may double it, not lose it."""
        if unbooked:
            yield self._incident("unbooked", f"{unbooked} kept that are in no book")
        yield CoinCursorMoved(to_cursor(self.serial, past))

    def _event(self, event: NewEvent) -> Iterator[DeviceEvent]:
        cursor = to_cursor(self.serial, event.after)
        match event.result:
            case Result(kind=0, code=code):
                yield from self._status(code, cursor)
            case Result(kind=position) if position in self.values:
                yield CoinSeen(self.values[position], cursor)
            case Result(kind=position):
                yield self._incident("unknown_coin", f"a coin of position {position} was kept")
                yield CoinCursorMoved(cursor)

    def _status(self, code: int, cursor: CoinCursor) -> Iterator[DeviceEvent]:
        reason = codes.reason_returned(code)
        if reason is not None:
            yield CoinRefused(reason, cursor)
            return
        fraud = codes.fraud(code)
        if fraud is not None:
            yield self._incident("fraud", fraud)
        elif code not in {codes.NULL_EVENT, codes.RETURN_LEVER}:
            yield self._incident("event", codes.other_event(code))
        yield CoinCursorMoved(cursor)

    def _incident(self, kind: str, detail: str) -> DeviceIncident:
        return DeviceIncident(DEVICE, f"coin_acceptor.{kind}", f"acceptor {self.serial}: {detail}")


def asks_for_self_check(result: Result) -> bool:
    """Events that a sound device does not report: look whether it still is one."""
    if result.kind or result.code in {codes.NULL_EVENT, codes.RETURN_LEVER}:
        return False
    return result.code in codes.BLOCKED or codes.reason_returned(result.code) is None
