"""In-memory stand-ins for ports: faithful in order and promises, silent on disks."""

import asyncio
from collections.abc import Awaitable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chargepoint.auth_ports import ListedToken
from chargepoint.domain.delivery import Delivery, VendorMessage
from chargepoint.domain.money.account import TokenAnswer
from chargepoint.domain.reservations.reservation import Calendar, Verdict
from chargepoint.domain.supply.charging_profile import Profile
from chargepoint.domain.units import ConnectorId, SessionId
from chargepoint.ports import Availability, LinkState, OutboxItem, Policy, UnlockResult
from chargepoint.reservation_ports import ReservationWanted


async def _next_turn() -> None:
    """Durable takes a moment, as on a disk."""
    await asyncio.sleep(0)


def _done(written: asyncio.Future[None]) -> None:
    if not written.done():
        written.set_result(None)


class MemorySettings:
    """`ports.Settings`. Hand the same one to a second backend to play a restart."""

    def __init__(self, **values: str) -> None:
        self.values = dict(values)
        self.writes = 0

    def get(self, key: str) -> str | None:
        return self.values.get(key)

    async def put(self, key: str, value: str) -> None:
        await _next_turn()
        self.values[key] = value
        self.writes += 1


class MemoryLocalList:
    """`auth_ports.LocalList`."""

    def __init__(self) -> None:
        self.tokens: dict[str, ListedToken] = {}
        self._version = 0

    def version(self) -> int:
        return self._version

    def size(self) -> int:
        return len(self.tokens)

    def find(self, id_tag: str) -> ListedToken | None:
        return self.tokens.get(id_tag.upper())

    async def replace(self, version: int, entries: Sequence[ListedToken]) -> None:
        await _next_turn()
        self.tokens, self._version = {each.id_tag: each for each in entries}, version

    async def change(
        self, version: int, entries: Sequence[ListedToken], removed: Collection[str]
    ) -> None:
        await _next_turn()
        for tag in removed:
            self.tokens.pop(tag, None)
        self.tokens |= {each.id_tag: each for each in entries}
        self._version = version


@dataclass
class ScriptedReservations:
    """`reservation_ports.ReservationDoor` that answers as told and remembers what it was asked."""

    verdict: Verdict = Verdict.ACCEPTED
    known: bool = True
    asked: list[object] = field(default_factory=list)

    async def reserve(self, wanted: ReservationWanted) -> Verdict:
        self.asked.append(wanted)
        return self.verdict

    async def cancel(self, reservation: int) -> bool:
        self.asked.append(reservation)
        return self.known

    async def set_calendar(self, connector: ConnectorId, calendar: Calendar) -> bool:
        self.asked.append((connector, calendar))
        return self.known


class MemoryOutbox:
    """`ports.Outbox`. `add` stands for the app's commit; call the backend's `wake` after it."""

    def __init__(self) -> None:
        self.queued: list[OutboxItem] = []
        self.confirmed: list[str] = []
        self.dead: list[OutboxItem] = []
        self._remote_ids: dict[SessionId, int] = {}
        self._added = 0
        self._all: list[Delivery] = []

    def add(self, *deliveries: Delivery) -> None:
        for delivery in deliveries:
            self._added += 1
            self._all.append(delivery)
            self.queued.append(OutboxItem(self._added, delivery, 0))

    def head(self) -> OutboxItem | None:
        return self.queued[0] if self.queued else None

    def confirm(self, sequence: int) -> Awaitable[None]:
        self.confirmed.append(self._take(sequence).delivery.key)
        loop = asyncio.get_running_loop()
        durable: asyncio.Future[None] = loop.create_future()
        loop.call_soon(_done, durable)
        return durable

    def failed(self, sequence: int, *, dead: bool) -> Awaitable[None]:
        return self._failed(sequence, dead)

    async def _failed(self, sequence: int, dead: bool) -> None:
        await _next_turn()
        if dead:
            item = self._take(sequence)
            self.dead.append(replace(item, attempts=item.attempts + 1))
            return
        for place, item in enumerate(self.queued):
            if item.sequence == sequence:
                self.queued[place] = replace(item, attempts=item.attempts + 1)

    def remember_transaction(self, session: SessionId, remote_id: int) -> Awaitable[None]:
        return self._remember(session, remote_id)

    async def _remember(self, session: SessionId, remote_id: int) -> None:
        await _next_turn()
        self._remote_ids[session] = remote_id

    def remote_id(self, session: SessionId) -> int | None:
        return self._remote_ids.get(session)

    def session_of(self, remote_id: int) -> SessionId | None:
        found = [key for key, value in self._remote_ids.items() if value == remote_id]
        return found[-1] if found else None

    def of_session(self, session: SessionId) -> list[Delivery]:
        return [found for found in self._all if found.key.startswith(f"tx:{session}:")]

    def _take(self, sequence: int) -> OutboxItem:
        (item,) = (item for item in self.queued if item.sequence == sequence)
        self.queued.remove(item)
        return item


@dataclass
class ScriptedDoor:
    """`ports.StationDoor` that answers as told and remembers what it was asked."""

    starts: bool = True
    stops: bool = True
    resets: bool = True
    availability: Availability = Availability.ACCEPTED
    unlocks: UnlockResult = UnlockResult.UNLOCKED
    asked: list[tuple[object, ...]] = field(default_factory=list)
    start_profiles: list[Profile | None] = field(default_factory=list)

    async def remote_start(
        self, id_tag: str, connector: ConnectorId | None, profile: Profile | None = None
    ) -> bool:
        self.asked.append(("remote_start", id_tag, connector))
        self.start_profiles.append(profile)
        return self.starts

    async def remote_stop(self, session: SessionId) -> bool:
        self.asked.append(("remote_stop", session))
        return self.stops

    async def change_availability(self, connector: ConnectorId, *, operative: bool) -> Availability:
        self.asked.append(("change_availability", connector, operative))
        return self.availability

    async def reset(self, *, hard: bool) -> bool:
        self.asked.append(("reset", hard))
        return self.resets

    async def unlock(self, connector: ConnectorId) -> UnlockResult:
        self.asked.append(("unlock", connector))
        return self.unlocks


@dataclass
class RecordedNews:
    """`ports.CentralNews` that keeps everything it is told."""

    links: list[LinkState] = field(default_factory=list)
    confirmed: list[tuple[SessionId, int, TokenAnswer]] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)
    clocks: list[datetime] = field(default_factory=list)
    incidents: list[tuple[str, str]] = field(default_factory=list)
    delivered: list[tuple[VendorMessage, Mapping[str, Any]]] = field(default_factory=list)

    def link_changed(self, state: LinkState) -> None:
        self.links.append(state)

    def transaction_confirmed(
        self, session: SessionId, remote_id: int, answer: TokenAnswer
    ) -> None:
        self.confirmed.append((session, remote_id, answer))

    def vendor_delivered(self, message: VendorMessage, content: Mapping[str, Any]) -> None:
        self.delivered.append((message, content))

    def policy_changed(self, policy: Policy) -> None:
        self.policies.append(policy)

    def clock_corrected(self, utc: datetime) -> None:
        self.clocks.append(utc)

    def incident(self, code: str, detail: str) -> None:
        self.incidents.append((code, detail))

    @property
    def incident_codes(self) -> list[str]:
        return [code for code, _ in self.incidents]


_GONE = None


class MemoryLink:
    """One end of a link inside one loop; `memory_link` makes a pair."""

    def __init__(
        self, inbound: "asyncio.Queue[str | None]", outbound: "asyncio.Queue[str | None]"
    ) -> None:
        self._inbound = inbound
        self._outbound = outbound
        self._is_open = True

    async def send(self, text: str) -> None:
        if not self._is_open:
            raise ConnectionError("link closed")
        self._outbound.put_nowait(text)

    async def recv(self) -> str:
        text = await self._inbound.get() if self._is_open else _GONE
        if text is None:
            self._is_open = False
            raise ConnectionError("link closed")
        return text

    async def close(self) -> None:
        self.close_now()

    def close_now(self) -> None:
        self._is_open = False
        self._outbound.put_nowait(_GONE)
        self._inbound.put_nowait(_GONE)


def memory_link() -> tuple[MemoryLink, MemoryLink]:
    """The charge point's end and the central system's."""
    up: asyncio.Queue[str | None] = asyncio.Queue()
    down: asyncio.Queue[str | None] = asyncio.Queue()
    return MemoryLink(down, up), MemoryLink(up, down)
