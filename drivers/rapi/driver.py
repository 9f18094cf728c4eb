"""OpenEVSE board behind `ports.EvseBoard`: permission, current limit, lock, and what it observes.

The board is kept asleep (`$FS`) and woken (`$FE`) only while a permission stands, so the relay can
never close on the board's own initiative. Loss of this host makes the board fall back to 6 A by
`$SY`; that it also stops is the lease timer's work, not the board's.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace

from chargepoint.domain.devices import (
    BoardAnswered,
    DeviceIncident,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    DeviceRef,
    Pilot,
)
from chargepoint.domain.units import ConnectorId, Generation, MilliAmp
from chargepoint.errors import ChargepointError
from chargepoint.pause import until_set
from chargepoint.ports import Clock, DeviceUnavailable, Emit
from drivers.exchange import Backoff, NoAnswer, first_of
from drivers.observed import Observed, Openings, differences
from drivers.port import BytePort, OpenPort, PortLost
from drivers.rapi.codec import Command, Event, Reply
from drivers.rapi.inside import Thermometer, demand_checks
from drivers.rapi.link import RapiLink
from drivers.rapi.lock import LockKeeper
from drivers.rapi.newer import Newer
from drivers.rapi.offer import Offer, Permission, Refused
from drivers.rapi.parting import Parting
from drivers.rapi.restarts import Restarts
from drivers.rapi.state import (
    BoardLost,
    BoardState,
    UnreadableState,
    observe,
    parse_state_event,
    parse_state_reply,
    version_of,
)
from drivers.rapi.supervision import Supervision
from drivers.trace import Trace
from drivers.wish import Level, Superseded, Wanted, always

SMALLEST_OFFER = MilliAmp(6_000)  # IEC 61851-1: less cannot be signalled, so it means a pause

POLL_IDLE_S = 3.0  # nobody there: `$AT` reports arrivals at once, this only proves life
POLL_BUSY_S = 1.0
POLL_WATCHING_S = 0.2  # lock under way, or a stop not yet confirmed
OPENING_S = 3.5  # a board put to sleep gives the car three seconds to stop drawing
FORBID_PATIENCE_S = 1.0
FAILED_POLLS = 2  # then the board is offline


class OpenEvseDriver:
    """Implements `ports.EvseBoard`. One board, one line, one connector."""

    def __init__(
        self,
        open_port: OpenPort,
        emit: Emit,
        trace: Trace,
        *,
        clock: Clock,
        connector: ConnectorId,
        has_fixed_cable: bool = False,
    ) -> None:
        self._open_port = open_port
        self._emit = emit
        self._trace = trace
        self._clock = clock
        self._connector = connector
        self._device = DeviceRef(DeviceKind.EVSE, connector)
        self._backoff = Backoff(first_s=0.5, longest_s=10.0)
        self._level = Level()
        self._permission: Permission | None = None
        self._link: RapiLink | None = None
        self._is_offline = False  # and the core knows
        self._observed: Observed | None = None  # None until the board has answered in full
        self._state: BoardState | None = None
        self._offer = Offer(clock)
        self._supervision = Supervision(clock, self._device, emit, self._offer)
        self._restarts = Restarts()
        self._parting = Parting(clock)
        self._openings = Openings()
        self._following = asyncio.Lock()  # a wish and a poll would say everything twice
        self._wake = asyncio.Event()
        self._online = asyncio.Event()
        self._lock = LockKeeper(clock, connector, emit, has_fixed_cable=has_fixed_cable)
        self._told_refusal = ""
        self._thermometer = Thermometer(clock, connector, emit)
        self._newer = Newer(clock, self._device, emit)

    # --- ports.EvseBoard --------------------------------------------------------------------------

    async def permit(self, generation: Generation, limit: MilliAmp) -> None:
        if not self._level.switch_on(generation):
            return
        link = self._open_link()
        self._permission = permission = Permission(limit)
        try:
            await self._follow_wish(link)
        except Superseded:
            return
        except (NoAnswer, PortLost, Refused) as lost:
            if self._permission is permission:
                self._permission = None
            self._tell_refusal(lost)
            raise DeviceUnavailable(f"board {self._connector}: not permitted: {lost}") from lost
        else:
            self._told_refusal = ""
        finally:
            self._wake.set()

    async def forbid(self, generation: Generation) -> None:
        if not self._level.switch_off(generation):
            return
        self._permission = None
        if self._link is None:
            await self._slept_by_greeting()
            return
        link = self._link
        try:
            await self._sleep(link)
        except Superseded:
            return
        except (NoAnswer, PortLost, Refused) as lost:
            raise DeviceUnavailable(f"board {self._connector}: not forbidden: {lost}") from lost
        finally:
            self._wake.set()  # see it opened soon, or try again

    async def _slept_by_greeting(self) -> None:
        """A board that comes back is put to sleep before anything else: wait a moment for that."""
        try:
            async with asyncio.timeout(FORBID_PATIENCE_S):
                await self._online.wait()
        except TimeoutError as lost:
            raise DeviceUnavailable(f"board {self._connector} is offline") from lost

    async def set_limit(self, limit: MilliAmp) -> None:
        self._open_link()
        if self._permission is not None:
            self._permission = replace(self._permission, limit=limit)
            self._wake.set()

    async def set_lock(self, *, locked: bool) -> None:
        link = self._open_link()
        try:
            if not await self._parting.may_move(locked=locked):
                return
            await self._lock.move(link, locked=locked)
        except (NoAnswer, PortLost) as lost:
            raise DeviceUnavailable(f"lock {self._connector}: {lost}") from lost
        self._wake.set()

    async def run(self) -> None:
        while True:
            try:
                port = await self._open_port()
            except PortLost as lost:
                self._went_offline(str(lost))
            else:
                await self._converse(port)
            await asyncio.sleep(self._backoff.next_s())

    # --- one open line ------------------------------------------------------------------------------

    async def _converse(self, port: BytePort) -> None:
        link = RapiLink(port, self._trace, self._on_event)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(link.read_forever())
                tasks.create_task(self._supervise(link))
        except* (PortLost, NoAnswer, Refused, BoardLost, UnreadableState) as group:
            self._went_offline(str(first_of(group)))
        finally:
            self._link = None
            self._online.clear()
            port.close()

    async def _supervise(self, link: RapiLink) -> None:
        firmware = await self._greet(link)
        self._came_online(link)
        self._backoff.reset()
        self._is_offline = False
        self._emit(DeviceOnline(self._device, firmware=firmware))
        self._tell_everything()
        failures = 0
        while True:
            await self._pause()
            try:
                await self._look_after(link)
                failures = 0
            except Superseded:
                continue
            except (NoAnswer, Refused) as silence:
                failures += 1
                if failures >= FAILED_POLLS:
                    raise BoardLost(str(silence)) from silence
                self._wake.set()

    def _came_online(self, link: RapiLink) -> None:
        self._link = link
        self._online.set()

    def _is_to_be_greeted(self) -> bool:
        if self._restarts.is_new or self._link is None:
            return True
        state = self._state
        return state is not None and self._must_sleep() and self._restarts.would_clear(state)

    async def _look_after(self, link: RapiLink) -> None:
        """One round: what the board says, then what it must be told."""
        if self._is_to_be_greeted():
            await self._greet(link)
            self._came_online(link)
            self._tell_everything()
        await self._read_state(link)
        await self._follow_wish(link)
        if await self._supervision.look_after(link):
            await self._follow_wish(link)
        await self._lock.look_after(link)
        await self._thermometer.look_after(link)
        await self._newer.look_after(link)

    async def _pause(self) -> None:
        """Until the next poll is due, or something happened that cannot wait for it."""
        await until_set(self._wake, self._poll_s())
        self._wake.clear()

    def _poll_s(self) -> float:
        observed = self._observed
        if observed is None or self._lock.is_moving or self._openings.is_unexplained:
            return POLL_WATCHING_S
        if observed.is_closed and self._must_sleep():
            return POLL_WATCHING_S
        is_idle = observed.pilot is Pilot.A and not observed.is_closed and self._must_sleep()
        return POLL_IDLE_S if is_idle else POLL_BUSY_S

    # --- towards the board ----------------------------------------------------------------------------

    async def _greet(self, link: RapiLink) -> str:
        """Its full state, after a restart when it latched a fault that nobody's permission caused."""
        self._observed = None
        firmware = await self._introduce(link)
        state = await self._settled_state(link)
        while self._must_sleep() and self._restarts.would_clear(state):
            self._link = None  # no permission may come in between
            self._online.clear()
            self._incident("evse.restarted", "it closed while nobody permitted it, without a coil")
            await self._restarts.order(link, self._must_sleep)
            firmware = await self._introduce(link)
            state = await self._settled_state(link)
        self._restarts.settled()
        self._observed = observe(state, None)
        return firmware

    async def _introduce(self, link: RapiLink) -> str:
        """Safe first: asleep unless permitted. Then who it is, its supervision, its lock."""
        self._offer.forget()
        if self._must_sleep():
            with suppress(Superseded):
                await self._sleep(link)
        boot = self._restarts.count
        version = version_of((await link.request(Command("GV"))).arguments)
        self._newer.greeted(version.protocol)
        await demand_checks(link)
        await self._supervision.greet(link)
        await self._lock.greet(link)
        self._restarts.greeted(boot)
        return version.firmware

    async def _settled_state(self, link: RapiLink) -> BoardState:
        """A contactor just told to open is on its way: what counts is whether it gets there."""
        limit_s = self._clock.monotonic() + OPENING_S
        state = await self._read_state(link)
        while state.is_closed and self._must_sleep() and self._clock.monotonic() < limit_s:
            await asyncio.sleep(POLL_WATCHING_S)
            state = await self._read_state(link)
        return state

    async def _read_state(self, link: RapiLink) -> BoardState:
        state = parse_state_reply((await self._ask(link, Command("GS"))).arguments)
        self._saw(state)
        return state

    async def _follow_wish(self, link: RapiLink) -> None:
        """Bring the board to what the core wants now; Superseded when that changes meanwhile."""
        async with self._following:
            await self._bring(link)

    async def _bring(self, link: RapiLink) -> None:
        state = self._state
        if state is None:
            return
        permission = self._permission
        if permission is None or permission.limit < SMALLEST_OFFER:
            if state.is_awake:
                await self._sleep(link)
            return

        def is_current() -> bool:
            return self._permission is permission

        if self._offer.is_due(permission.limit, is_asleep=state.is_asleep):
            await self._offer.make(link, permission.limit, is_current)
        if state.is_asleep:
            await self._ask(link, Command("FE"), lambda: is_current() and self._is_asleep())
            self._offer.begins()

    async def _sleep(self, link: RapiLink) -> None:
        reply = await link.request_now(Command("FS"), self._must_sleep)
        if not reply.ok:
            raise Refused("board refuses $FS")

    async def _ask(self, link: RapiLink, command: Command, wanted: Wanted = always) -> Reply:
        reply = await link.request(command, wanted)
        if not reply.ok:
            raise Refused(f"board refuses ${command.name}")
        return reply

    def _must_sleep(self) -> bool:
        return self._permission is None or self._permission.limit < SMALLEST_OFFER

    def _is_asleep(self) -> bool:
        return self._state is not None and self._state.is_asleep

    # --- from the board -------------------------------------------------------------------------------

    def _on_event(self, event: Event) -> None:
        match event.name:
            case "AB":
                self._restarts.heard()
                self._wake.set()
            case "AT":
                # An unreadable one is worth nothing: the next `$GS` tells.
                with suppress(UnreadableState):
                    self._on_state_event(*parse_state_event(event.arguments))
            case _:
                return  # front button and Wi-Fi request: nothing of ours

    def _on_state_event(self, state: BoardState, offered_a: int) -> None:
        self._offer.heard(offered_a)
        is_news = state != self._state
        self._saw(state)
        if is_news and self._must_sleep() and (state.is_awake or state.is_closed):
            self._wake.set()

    def _saw(self, state: BoardState) -> None:
        if state.is_unknown_fault and (self._state is None or state.code != self._state.code):
            self._incident("evse.unknown_state", f"board reports state {state.code:02x}")
        self._state = state
        self._parting.note(state)
        self._restarts.note(state, is_permitted=not self._must_sleep())
        before = self._observed
        if before is None:
            return
        now = self._openings.judged(
            before,
            observe(state, before),
            is_permitted=not self._must_sleep(),
            now_s=self._clock.monotonic(),
        )
        self._observed = now
        if now.is_departure(before):
            self._permission = None  # it was given for the car that left
        for event in differences(self._connector, before, now):
            self._emit(event)

    def _tell_everything(self) -> None:
        seen, locked = self._observed, self._lock.is_locked
        assert seen is not None
        self._thermometer.forget()
        self._emit(BoardAnswered(self._connector, seen.pilot, seen.is_closed, locked, seen.fault))

    def _open_link(self) -> RapiLink:
        if self._link is None:
            raise DeviceUnavailable(f"board {self._connector} is offline")
        return self._link

    def _went_offline(self, reason: str) -> None:
        self._link = None
        self._online.clear()
        self._observed = None
        if not self._is_offline:
            self._is_offline = True
            self._emit(DeviceOffline(self._device, reason, self._trace.tail()))

    def _tell_refusal(self, why: ChargepointError) -> None:
        """Once, though it is asked again every second: it is there, and nobody can charge."""
        if isinstance(why, Refused) and str(why) != self._told_refusal:
            self._told_refusal = str(why)
            self._incident("evse.refused", str(why))

    def _incident(self, code: str, detail: str) -> None:
        self._emit(DeviceIncident(self._device, code, detail, self._trace.tail()))
