"""One connected coin acceptor: keeps its gate where it is wanted and reads its events.

Emits facts about coins. Ends only by an exception: NoAnswer, PortLost, WrongDevice, Faulty.
"""

import asyncio
import math
from collections import deque
from dataclasses import replace
from typing import NoReturn

from chargepoint.domain.devices import CoinCursorMoved, CoinRefused, DeviceEvent
from chargepoint.ports import CursorStore, Emit
from drivers.cctalk import codes
from drivers.cctalk.booking import (
    Booker,
    asks_for_self_check,
    closed_epoch,
    from_cursor,
    to_cursor,
)
from drivers.cctalk.bus import PACE, POLL_PACE, Bus
from drivers.cctalk.codec import Header
from drivers.cctalk.counting import accepted_in_all, unbooked
from drivers.cctalk.events import READING_BYTES, Past, baseline, parse_reading
from drivers.cctalk.gate import CoinGate
from drivers.cctalk.identity import (
    CATEGORIES,
    MASK_BYTES,
    Identity,
    identify,
    require_one_of,
    require_serial,
)
from drivers.cctalk.reading import confirmed_news
from drivers.cctalk.watched import FAULT_POLL_S, MASTER_NORMAL, Faulty, Watched, now_s
from drivers.exchange import GaveWay, Pace

POLL_ACCEPTING_S = 0.2  # five coins a second fit a buffer of five events (part 2, header 229)
POLL_INHIBITED_S = 1.0
SETTLING_S = 2.0  # a coin may still be on its way down when the acceptor is told to stop
# A device may inhibit itself when it was not polled for a second (Azkoyen X6 manual).
POLL_WATCHDOG_S = 0.9
MOST_EARLY = 100  # readings before the device is known; a hundred coin ids take no longer


class AcceptorSession:
    """`pasts` outlives sessions: what was emitted is newer than what may be stored by now."""

    def __init__(
        self,
        bus: Bus,
        gate: CoinGate,
        emit: Emit,
        *,
        stored_cursor: CursorStore,
        pasts: dict[str, Past],
    ) -> None:
        self._bus = bus
        self._gate = gate
        self._emit = emit
        self._stored_cursor = stored_cursor
        self._pasts = pasts
        self._device = Watched(
            bus, gate, fault=codes.fault, settling_s=SETTLING_S, mask_bytes=MASK_BYTES
        )
        self.check = self._device.check
        self._ask = self._device.ask
        self._seen = b""  # the reading already dealt with
        self._is_known = False  # what is stored of this device was looked up
        self._closed = 0  # epoch that ended when it was taken out
        self._early: deque[bytes] = deque(maxlen=MOST_EARLY)
        self._is_counted = False  # the device's own count agrees with what was booked, or is told
        self._quiet_count: int | None = None  # no event since it was read
        self._count_at_s = 0.0
        self._polled_at_s = -math.inf
        self._opened_at_s = 0.0

    async def connect(self, country: str) -> Identity:
        """Close the gate, then learn who is there.

        Coins and refusals go on meanwhile and the device keeps five events only, so readings are
        taken on the way and dealt with once it is known what they are worth.
        """
        self._gate.forget()
        await self._ask(Header.SIMPLE_POLL, exactly=0)
        await self._device.close()
        await require_one_of(self._ask, CATEGORIES, "coin acceptor")
        return await identify(self._ask_and_watch, country)

    async def until_healthy(self) -> None:
        """A faulty device inhibits itself; it is asked until it says that it is well again."""
        while True:
            try:
                await self.check()
            except Faulty:
                await asyncio.sleep(FAULT_POLL_S)
            else:
                self._gate.forget()
                return

    async def poll_forever(self, identity: Identity) -> NoReturn:
        """Book what happened meanwhile, then follow the gate and read on."""
        booker = Booker(identity.serial, identity.values)
        while self._early:
            await self._deal_with(self._early.popleft(), booker)
        # Set at once, though the gate is closed: masks found empty later prove a reset.
        masks = identity.masks
        await self._ask(Header.MODIFY_INHIBITS, masks, exactly=0)
        await self._poll(booker)
        while True:
            if not self._gate.is_settled:
                await self._move_gate(masks)
            is_poll_due = await self._gate.settled_until(self._next_poll_s())
            # A gate that never comes to rest, on a bad line, must not keep events unread.
            if not is_poll_due and now_s() < self._polled_at_s + POLL_INHIBITED_S:
                continue
            if now_s() >= self._device.check_at_s:
                await self._look_after(masks)
            await self._poll(booker)
            if not self._is_counted and now_s() >= self._count_at_s:
                await self._count(booker)

    async def _ask_and_watch(
        self,
        header: Header,
        payload: bytes = b"",
        *,
        exactly: int | None = None,
        pace: Pace = PACE,
    ) -> bytes:
        if now_s() - self._polled_at_s >= POLL_ACCEPTING_S:
            self._early.append(await self._read())
        return await self._ask(header, payload, exactly=exactly, pace=pace)

    # --- the gate -------------------------------------------------------------------------------

    async def _look_after(self, masks: bytes) -> None:
        """What no event tells: a fault, or a reset of a device that had no event since the last."""
        if not self._gate.is_open or self._device.check_at_s == 0.0:
            await self.check()
            return
        self._device.postpone_check()
        if await self._device.masks() not in {masks, None}:
            self._gate.forget()

    async def _move_gate(self, masks: bytes) -> None:
        """One step towards what is wanted; it may change on the way."""
        if self._gate.wants_coins:
            await self._open(masks)
        else:
            await self._device.close()

    async def _open(self, masks: bytes) -> None:
        self._gate.forget()
        for header, payload in (
            (Header.MODIFY_INHIBITS, masks),
            (Header.MODIFY_MASTER_INHIBIT, MASTER_NORMAL),
        ):
            try:
                await self._bus.ask(header, payload, exactly=0, give_way=self._gate.must_close)
            except GaveWay:
                return
            if not self._gate.wants_coins:
                return
        self._gate.told(coins=True)
        self._opened_at_s = now_s()

    # --- events ---------------------------------------------------------------------------------

    def _next_poll_s(self) -> float:
        is_quiet = not self._gate.is_open and now_s() >= self._device.settled_at_s
        return self._polled_at_s + (POLL_INHIBITED_S if is_quiet else POLL_ACCEPTING_S)

    async def _poll(self, booker: Booker) -> None:
        fed_at_s = max(self._polled_at_s, self._opened_at_s)
        payload = await self._read()
        if self._polled_at_s - fed_at_s > POLL_WATCHDOG_S and self._gate.is_open:
            self._gate.forget()
        await self._deal_with(payload, booker)

    async def _deal_with(self, payload: bytes, booker: Booker) -> None:
        if payload == self._seen:
            return
        past = self._past(booker.serial)
        if past is None:
            past = baseline(parse_reading(payload), epoch=self._closed + 1)
            self._remember(booker.serial, past)
            self._emit(CoinCursorMoved(to_cursor(booker.serial, past)))
        else:
            await self._take(booker, past, payload)
        self._seen = payload

    async def _take(self, booker: Booker, past: Past, payload: bytes) -> None:
        news = await confirmed_news(
            past, payload, read=self._read_again, has_lost_masks=self._device.has_lost_masks
        )
        if news.was_reset or news.lost:
            await require_serial(self._ask, booker.serial)
            self._is_counted = False
        self._remember(booker.serial, news.past)
        self._quiet_count = None
        for fact in booker.facts(news):
            self._emit(fact)
            # Inhibited although it was told to take coins: it has forgotten its masks.
            if self._gate.is_open and _is_inhibited(fact):
                self._gate.forget()
        if news.was_reset:
            self._gate.forget()
        if any(asks_for_self_check(event.result) for event in news.events):
            await self.check()

    async def _count(self, booker: Booker) -> None:
        """What it kept and forgot with its power before a commit was durable, its own count still has.

        Believed when it is the same after the time that a coin needs, and no event came meanwhile.
        """
        self._count_at_s = now_s() + SETTLING_S
        total = await accepted_in_all(self._ask)
        await self._poll(booker)  # an event in between makes the count worthless
        past = self._past(booker.serial)
        if total is None or past is None or total != self._quiet_count:
            self._quiet_count, self._is_counted = total, total is None
            return
        self._is_counted = True
        if total == past.accepted:
            return
        await require_serial(self._ask, booker.serial)
        counted = replace(past, accepted=total)
        self._remember(booker.serial, counted)
        for fact in booker.counted(counted, unbooked(past, counted)):
            self._emit(fact)

    async def _read_again(self) -> bytes:
        payload = await self._read()
        # What was read on the way is older than this, and must not be compared with it.
        self._early.clear()
        return payload

    async def _read(self) -> bytes:
        payload = await self._ask(Header.READ_CREDIT, exactly=READING_BYTES, pace=POLL_PACE)
        self._polled_at_s = now_s()
        return payload

    def _past(self, serial: str) -> Past | None:
        """None: nobody knows this device, or it was taken out since and has just come back."""
        if not self._is_known:
            self._is_known = True
            cursor = self._stored_cursor(serial)
            if cursor is not None:
                self._closed = closed_epoch(cursor, self._pasts.get(serial))
                self._pasts.setdefault(serial, from_cursor(cursor))
            if self._closed:
                del self._pasts[serial]
        return self._pasts.get(serial)

    def want_check(self) -> None:
        """At the next reading."""
        self._device.check_at_s = 0.0

    @property
    def is_checked(self) -> bool:
        return self._device.check_at_s > now_s()

    @property
    def is_drained(self) -> bool:
        """Nothing falls any more, and all that fell was read after that."""
        return self._gate.is_shut and self._polled_at_s > self._device.settled_at_s

    def _remember(self, serial: str, past: Past) -> None:
        self._pasts[serial] = past


def _is_inhibited(fact: DeviceEvent) -> bool:
    return isinstance(fact, CoinRefused) and fact.reason == codes.INHIBITED
