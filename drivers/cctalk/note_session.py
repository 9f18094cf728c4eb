"""One connected note validator: its gate, its escrow, its events.

Emits facts about notes. Ends only by an exception: NoAnswer, PortLost, WrongDevice, Faulty.
"""

import asyncio
import math
from typing import NoReturn

from chargepoint.domain.payments import NoteCursorMoved
from chargepoint.payment_ports import NoteCursorStore
from chargepoint.ports import Emit
from drivers.cctalk import note_codes as codes
from drivers.cctalk.booking import closed_epoch
from drivers.cctalk.bus import PACE, POLL_PACE, Bus
from drivers.cctalk.codec import Header
from drivers.cctalk.escrow import Escrow, Route, in_escrow
from drivers.cctalk.events import READING_BYTES, News, Past, baseline, parse_reading
from drivers.cctalk.identity import require_one_of, require_serial
from drivers.cctalk.note_booking import NoteBooker, from_cursor, to_cursor
from drivers.cctalk.note_gate import NoteGate
from drivers.cctalk.note_identity import CATEGORIES, NoteIdentity, identify_notes
from drivers.cctalk.reading import confirmed_news
from drivers.cctalk.watched import FAULT_POLL_S, MASTER_NORMAL, Faulty, Watched, now_s
from drivers.exchange import GaveWay, NoAnswer

POLL_BUSY_S = 0.2  # while notes may come, or one waits (part 2, header 159)
POLL_INHIBITED_S = 1.0
SETTLING_S = 5.0  # a note may still be on its way in when the validator is told to stop
POLL_WATCHDOG_S = 4.5  # a validator inhibits itself when it was not polled for 5 s
ROUTE_PACE = PACE.once(0.5)

STACKER_AND_ESCROW = b"\x03"  # header 153
ESCROW_EMPTY = b"\xfe"  # answers of header 154
ROUTE_FAILED = b"\xff"


class NoteSession:
    """`pasts` and `escrow` outlive sessions: what was emitted is newer than what is stored by now."""

    def __init__(
        self,
        bus: Bus,
        gate: NoteGate,
        escrow: Escrow,
        emit: Emit,
        *,
        stored_cursor: NoteCursorStore,
        pasts: dict[str, Past],
    ) -> None:
        self._bus = bus
        self._gate = gate
        self._escrow = escrow
        self._emit = emit
        self._stored_cursor = stored_cursor
        self._pasts = pasts
        self._device = Watched(bus, gate, fault=codes.fault, settling_s=SETTLING_S)
        self.check = self._device.check
        self._ask = self._device.ask
        self._seen = b""  # the reading already dealt with
        self._is_known = False  # what is stored of this device was looked up
        self._closed = 0  # epoch that ended when it was taken out
        self._polled_at_s = -math.inf
        self._opened_at_s = 0.0

    async def connect(self, country: str) -> NoteIdentity:
        """Close the gate, then learn who is there. A note already in escrow waits meanwhile."""
        self._gate.forget()
        await self._ask(Header.SIMPLE_POLL, exactly=0)
        await self._device.close()
        await require_one_of(self._ask, CATEGORIES, "note validator")
        return await identify_notes(self._ask, country)

    async def until_healthy(self, identity: NoteIdentity) -> None:
        """A faulty device inhibits itself; what it did before is still read."""
        booker = NoteBooker(identity.serial, identity.values)
        while True:
            await self._poll(booker)
            try:
                await self.check()
            except Faulty:
                await asyncio.sleep(FAULT_POLL_S)
            else:
                self._gate.forget()
                return

    async def poll_forever(self, identity: NoteIdentity) -> NoReturn:
        """Book what happened meanwhile, then follow gate and escrow and read on."""
        booker = NoteBooker(identity.serial, identity.values)
        # Set at once, though the gate is closed: masks found empty later prove a reset.
        await self._configure(identity.masks(identity.values.values()))
        while True:
            if now_s() >= self._next_poll_s():
                if now_s() >= self._device.check_at_s:
                    await self._look_after()
                if await self._poll(booker):
                    await self.check()
            await self._route(booker)
            await self._move_gate(identity)
            await self._gate.until(self._next_poll_s())

    # --- the gate -------------------------------------------------------------------------------

    async def _look_after(self) -> None:
        """What no event tells: a fault, or a reset of a device that had no event since the last."""
        if not self._gate.is_open or self._device.check_at_s == 0.0:
            await self.check()
            return
        self._device.postpone_check()
        if await self._device.has_lost_masks():
            self._gate.forget()

    async def _configure(self, masks: bytes) -> None:
        await self._ask(Header.MODIFY_OPERATING_MODE, STACKER_AND_ESCROW, exactly=0)
        await self._ask(Header.MODIFY_INHIBITS, masks, exactly=0)

    async def _move_gate(self, identity: NoteIdentity) -> None:
        """One step towards what is wanted; it may change on the way."""
        if self._gate.is_settled:
            return
        wanted = self._gate.wanted
        if not wanted:
            await self._device.close()
            return
        self._gate.forget()
        await self._configure(identity.masks(wanted))
        if self._gate.wanted != wanted:
            self._gate.wake()
            return
        try:
            await self._bus.ask(
                Header.MODIFY_MASTER_INHIBIT,
                MASTER_NORMAL,
                exactly=0,
                give_way=self._gate.must_close,
            )
        except GaveWay:
            self._gate.wake()
            return
        self._gate.told(wanted)
        self._opened_at_s = now_s()
        if not self._gate.is_settled:
            self._gate.wake()

    # --- the escrow -----------------------------------------------------------------------------

    async def _route(self, booker: NoteBooker) -> None:
        """Tell the device what to do with its note. What comes of it, events say."""
        route = self._escrow.due(now_s())
        if route is None:
            return
        self._escrow.told(route, now_s())
        try:
            answer = await self._bus.ask(
                Header.ROUTE_BILL, bytes([route]), may_be_empty=True, pace=ROUTE_PACE
            )
        except NoAnswer:
            return  # heard or not: the next events tell
        # A note already on its way cannot be told a second time, and need not be.
        if answer == ROUTE_FAILED and self._escrow.is_given_up:
            self._emit(booker.incident("route", f"cannot {route.name.lower()} the note in escrow"))
        elif answer in {b"", ESCROW_EMPTY}:
            self._escrow.answered()

    # --- events ---------------------------------------------------------------------------------

    def _next_poll_s(self) -> float:
        is_busy = self._gate.is_open or self._escrow.kind or now_s() < self._device.settled_at_s
        return self._polled_at_s + (POLL_BUSY_S if is_busy else POLL_INHIBITED_S)

    async def _poll(self, booker: NoteBooker) -> bool:
        """Whether the events are such as a sound device does not report."""
        fed_at_s = max(self._polled_at_s, self._opened_at_s)
        payload = await self._read()
        if self._polled_at_s - fed_at_s > POLL_WATCHDOG_S and self._gate.is_open:
            self._gate.forget()
        if payload == self._seen:
            return False
        news = await self._take(booker, payload)
        self._seen = payload
        return any(
            not event.result.kind and event.result.code in codes.SUSPICIOUS for event in news.events
        )

    async def _take(self, booker: NoteBooker, payload: bytes) -> News:
        is_first = booker.serial not in self._pasts
        past = self._past(booker.serial)
        if past is None:
            is_first = True
            past = baseline(parse_reading(payload), epoch=self._closed + 1)
            self._emit(NoteCursorMoved(to_cursor(booker.serial, past)))
        news = await confirmed_news(
            past, payload, read=self._read, has_lost_masks=self._device.has_lost_masks
        )
        if news.was_reset or news.lost:
            await require_serial(self._ask, booker.serial)
        self._pasts[booker.serial] = news.past
        self._follow(news)
        for fact in booker.facts(news):
            self._emit(fact)
        if is_first and not self._escrow.kind:
            self._find(booker, news.past)
        if self._escrow.kind and self._escrow.kind not in booker.values:
            self._escrow.decide(Route.RETURN)
        return news

    def _follow(self, news: News) -> None:
        """Before the facts go out: who hears of a note may decide about it at once."""
        if news.was_reset:
            self._escrow.left()
            self._gate.forget()
        for event in news.events:
            self._escrow.happened(event.result, now_s())
            if not event.result.kind and event.result.code in codes.FORGETS and self._gate.is_open:
                self._gate.forget()

    def _find(self, booker: NoteBooker, past: Past) -> None:
        """A note that waited while nobody was here."""
        kind = in_escrow(past.results)
        if kind:
            self._escrow.entered(kind, now_s())
            for fact in booker.held(past):
                self._emit(fact)

    async def _read(self) -> bytes:
        payload = await self._ask(Header.READ_BILL_EVENTS, exactly=READING_BYTES, pace=POLL_PACE)
        self._polled_at_s = now_s()
        return payload

    def _past(self, serial: str) -> Past | None:
        if self._is_known:
            return self._pasts[serial]
        self._is_known = True
        past, cursor = self._pasts.get(serial), self._stored_cursor(serial)
        if cursor is not None:
            self._closed = closed_epoch(cursor, past)
            past = None if self._closed else past or from_cursor(cursor)
        return past

    def want_check(self) -> None:
        """At the next reading."""
        self._device.check_at_s = 0.0

    @property
    def is_checked(self) -> bool:
        return self._device.check_at_s > now_s()

    @property
    def is_drained(self) -> bool:
        """No note is on its way or in escrow, and all was read after that."""
        is_read = self._polled_at_s > self._device.settled_at_s
        return self._gate.is_shut and is_read and not self._escrow.kind
