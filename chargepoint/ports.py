"""Every Protocol the app needs. Each says what holds after a call returns, and what it raises.

Drivers and adapters implement these; `app` and `domain` know nothing else of the world.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from chargepoint.domain.delivery import Delivery, VendorMessage
from chargepoint.domain.devices import CoinCursor, DeviceEvent
from chargepoint.domain.money.account import TokenAnswer
from chargepoint.domain.payments import PaymentEvent
from chargepoint.domain.signals import Lamp
from chargepoint.domain.supply.charging_profile import Profile
from chargepoint.domain.units import ConnectorId, Generation, MilliAmp, SessionId
from chargepoint.errors import ChargepointError
from chargepoint.quick import quickly_made

Emit = Callable[[DeviceEvent | PaymentEvent], None]
"""Where a driver puts its facts. Never blocks, never raises; callable from the loop only."""


class DeviceUnavailable(ChargepointError):
    """A command could not be carried out: device offline, no answer in time, or refused."""


class Clock(Protocol):
    def monotonic(self) -> float:
        """Seconds for waiting; never steps."""
        ...

    def utc(self) -> datetime:
        """Aware UTC time for records."""
        ...


class Entropy(Protocol):
    """The only source of randomness: ids, nonces, codes, jitter. Seeded in simulation."""

    def token(self, length: int) -> bytes: ...

    def below(self, limit: int) -> int:
        """A uniform integer in 0..limit-1."""
        ...

    def identifier(self) -> str:
        """36 characters, UUID version 4 form; unique."""
        ...


# --- devices ------------------------------------------------------------------------------------


class Driver(Protocol):
    """What every driver has: one task that never returns by itself."""

    async def run(self) -> None:
        """Open the port, keep the device online, emit facts; reopen with back-off. Cancel to stop.

        A broken device is `DeviceOffline`, never an exception.
        """
        ...


class EvseBoard(Driver, Protocol):
    """One charging board: pilot, contactor permission, current limit, socket lock.

    Emits BoardAnswered when it comes online, then PilotChanged, ContactorMoved, LockMoved,
    LockJammed, BoardFaultRaised/Cleared. Every call raises DeviceUnavailable when not carried out.
    """

    async def permit(self, generation: Generation, limit: MilliAmp) -> None:
        """Let the vehicle have power when it asks. Ignored if a newer generation was seen."""
        ...

    async def forbid(self, generation: Generation) -> None:
        """No power. Pre-empts whatever is queued; on the wire within 50 ms."""
        ...

    async def set_limit(self, limit: MilliAmp) -> None:
        """Offered current; at most one PWM change per 5 s reaches the vehicle."""
        ...

    async def set_lock(self, *, locked: bool) -> None:
        """Move the lock; the result is the event LockMoved or LockJammed."""
        ...


class ContactorLease(Driver, Protocol):
    """A retriggerable timer in the coil supply: without renewal the contactor opens in 3 s."""

    async def renew(self, generation: Generation) -> None:
        """Keep the coil supplied for 3 s more. Ignored if a newer generation was revoked."""
        ...

    async def revoke(self, generation: Generation) -> None:
        """Cut the coil supply now."""
        ...


class Meter(Driver, Protocol):
    """Emits MeterSampled at the pace asked for: 1 Hz while energy may flow, else 0.1 Hz."""

    def set_fast(self, *, fast: bool) -> None: ...

    async def sample(self) -> None:
        """Take one reading now and emit it; raises DeviceUnavailable."""
        ...


class CoinAcceptor(Driver, Protocol):
    """Emits CoinSeen, CoinRefused, CoinCursorMoved in the order they happened.

    It starts from the cursor given by `stored_cursor(serial)` and takes nothing for granted: coins
    taken while the core was away are emitted first.
    """

    def accept(self, generation: Generation) -> None:
        """Let coins in as soon as the device can be told; level, newest generation wins."""
        ...

    def inhibit(self, generation: Generation) -> None: ...


CursorStore = Callable[[str], CoinCursor | None]
"""Last stored cursor of a serial number, or None for a device never seen."""


class CardReader(Driver, Protocol):
    """Emits GreenCardRead, ForeignCardRead, CardNotAuthentic, CardUnreadable, CardRemoved.

    One event per tap: it re-arms after two failed presence checks.
    """

    def arm(self) -> None: ...

    def disarm(self) -> None: ...


class Cabinet(Driver, Protocol):
    """Emits KeyPressed for each press of a tactile key, JackMoved and DoorMoved at each change, and
    both once when it comes online closed; CoinsFell. No press and no coin is lost between two readings.
    """

    @property
    def has_signals(self) -> bool:
        """Whether lamps and a beeper are wired to it; without them the two below do nothing."""
        ...

    def light(self, connector: ConnectorId, lamp: Lamp) -> None:
        """A level, newest wins; dark within half a minute when nobody renews it any more."""
        ...

    def beep(self, times: int) -> None:
        """Short ones, after those under way; each ends by itself."""
        ...

    def watch(self, *, closely: bool) -> None:
        """Closely: a change of its inputs is told within a fifth of a second."""
        ...

    async def look(self) -> None:
        """Read it now and emit what changed; raises DeviceUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class ConnectorHardware:
    board: EvseBoard
    lease: ContactorLease
    meter: Meter


@dataclass(frozen=True, slots=True)
class Hardware:
    """Everything fitted to this station; None where a device is not fitted."""

    connectors: Mapping[ConnectorId, ConnectorHardware]
    coin_acceptor: CoinAcceptor | None = None
    card_reader: CardReader | None = None
    cabinet: Cabinet | None = None

    def drivers(self) -> Iterator[tuple[str, Driver]]:
        """Each by its name on the list of devices."""
        for connector, parts in self.connectors.items():
            yield f"evse:{connector}", parts.board
            yield f"lease_timer:{connector}", parts.lease
            yield f"meter:{connector}", parts.meter
        if self.coin_acceptor is not None:
            yield "coin_acceptor", self.coin_acceptor
        if self.card_reader is not None:
            yield "card_reader", self.card_reader
        if self.cabinet is not None:
            yield "cabinet", self.cabinet


# --- central system -----------------------------------------------------------------------------


class LinkState(StrEnum):
    OFFLINE = "offline"
    PENDING = "pending"  # connected, BootNotification answered Pending or Rejected
    ONLINE = "online"


class PointStatus(StrEnum):
    """OCPP 1.6 §4.9 words; derived by app/projection.py, never stored."""

    AVAILABLE = "Available"
    PREPARING = "Preparing"
    CHARGING = "Charging"
    SUSPENDED_EV = "SuspendedEV"
    SUSPENDED_EVSE = "SuspendedEVSE"
    FINISHING = "Finishing"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"


@quickly_made
@dataclass(frozen=True, slots=True)
class StatusReport:
    """`error_code` is OCPP 1.6 ChargePointErrorCode; NoError when none. `others`: faults that stand beside."""

    connector: ConnectorId
    status: PointStatus
    error_code: str = "NoError"
    info: str = ""
    vendor_error_code: str = ""
    others: "tuple[StatusReport, ...]" = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """What the central system configures and the app obeys (OCPP 1.6 §9 keys, by value).

    `meter_sample_s` and `clock_aligned_s`: 0 switches off.
    """

    connection_timeout_s: int = 60
    meter_sample_s: int = 60
    clock_aligned_s: int = 0
    authorize_remote: bool = False
    local_authorize_offline: bool = True
    allow_offline_unknown: bool = False
    stop_on_ev_disconnect: bool = True
    unlock_on_ev_disconnect: bool = True
    stop_on_invalid_id: bool = True
    max_energy_on_invalid_wh: int = 0
    tells_unplugged: bool = False
    session_cost_s: int = 0


class Availability(StrEnum):
    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    SCHEDULED = "Scheduled"


class UnlockResult(StrEnum):
    UNLOCKED = "Unlocked"
    FAILED = "UnlockFailed"
    NOT_SUPPORTED = "NotSupported"


class StationDoor(Protocol):
    """What the central system may ask of the station, and tell it. Implemented by StationActor.

    Every `async` answer is durable before it returns and comes within 2 s.
    """

    async def remote_start(
        self, id_tag: str, connector: ConnectorId | None, profile: Profile | None = None
    ) -> bool:
        """`profile`: for the session that starts; impossible ones start nothing."""
        ...

    async def remote_stop(self, session: SessionId) -> bool: ...

    async def change_availability(self, connector: ConnectorId, *, operative: bool) -> Availability:
        """Connector 0 means the station and all connectors."""
        ...

    async def reset(self, *, hard: bool) -> bool:
        """True: the station stops its transactions, flushes, and restarts after answering."""
        ...

    async def unlock(self, connector: ConnectorId) -> UnlockResult: ...


class CentralNews(Protocol):
    """What the backend tells the station without waiting for an answer."""

    def link_changed(self, state: LinkState) -> None: ...

    def transaction_confirmed(
        self, session: SessionId, remote_id: int, answer: TokenAnswer
    ) -> None:
        """StartTransaction was answered; the answer may refuse the token after the fact."""
        ...

    def vendor_delivered(self, message: VendorMessage, content: Mapping[str, Any]) -> None:
        """The central system has taken it; `content` is its answer. May come twice after a crash."""
        ...

    def policy_changed(self, policy: Policy) -> None: ...

    def clock_corrected(self, utc: datetime) -> None: ...

    def incident(self, code: str, detail: str) -> None: ...


class Backend(Protocol):
    """The central system, in no OCPP version's words."""

    async def run(self) -> None:
        """Connect, stay connected, drain the outbox. Never returns by itself."""
        ...

    async def authorise(self, id_tag: str, connector: ConnectorId, *, card: bool) -> TokenAnswer:
        """Ask about a token; `card`: a Green Card number, so ask for its account first.

        Answers by the offline rule (local list, cache) when there is no link or no answer in
        10 s; `TokenAnswer.offline` then is True. Never raises.
        """
        ...

    async def ask(self, message_id: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        """A question outside the queue; None without link or answer within 10 s. Never raises."""
        ...

    def report(self, status: StatusReport) -> None:
        """Newest wins per connector; sent on change, and again when asked or reconnected."""
        ...

    def wake(self) -> None:
        """The outbox has grown."""
        ...

    @property
    def link(self) -> LinkState: ...


# --- journal, as its adapters see it --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """`sequence` orders; `attempts` counts CALLERRORs only (decisions §5)."""

    sequence: int
    delivery: Delivery
    attempts: int


class Outbox(Protocol):
    """The durable FIFO. Writes are durable when their awaitable is done."""

    def head(self) -> OutboxItem | None:
        """The oldest unconfirmed item, dead letters excluded."""
        ...

    def confirm(self, sequence: int) -> Awaitable[None]:
        """`head` passes it over at once; it stays so when the awaitable is done."""
        ...

    def failed(self, sequence: int, *, dead: bool) -> Awaitable[None]:
        """One more attempt was answered by CALLERROR; `dead` parks it for a technician."""
        ...

    def remember_transaction(self, session: SessionId, remote_id: int) -> Awaitable[None]: ...

    def remote_id(self, session: SessionId) -> int | None: ...

    def session_of(self, remote_id: int) -> SessionId | None: ...

    def of_session(self, session: SessionId) -> list[Delivery]:
        """All of one transaction so far, oldest first, delivered or not."""
        ...


class Settings(Protocol):
    """Durable key-value store: OCPP keys, availability, language. Journal wins over defaults."""

    def get(self, key: str) -> str | None: ...

    def put(self, key: str, value: str) -> Awaitable[None]: ...


class Watchdog(Protocol):
    def ping(self) -> None: ...

    def ready(self) -> None: ...
