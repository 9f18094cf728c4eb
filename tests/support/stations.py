"""The conversation and its points, joined as the actors join them, with a model of the devices.

Everything is synchronous: an event runs to quiet before the next; `wait` fires what is due.
"""

from collections import deque
from dataclasses import dataclass
from typing import Any

from chargepoint.domain.delivery import Delivery
from chargepoint.domain.devices import (
    BoardAnswered,
    BoardFault,
    BoardTemperature,
    CoinCursor,
    CoinSeen,
    ContactorMoved,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    DeviceRef,
    LockMoved,
    MeterSampled,
    Pilot,
    PilotChanged,
)
from chargepoint.domain.dialogue.context import DialogueSettings
from chargepoint.domain.dialogue.events import (
    DialogueEvent,
    KioskChanged,
    LinkChanged,
    NamesDrawn,
    PointChanged,
    PointSaid,
    Pressed,
    TokenAnswered,
)
from chargepoint.domain.dialogue.machine import DialogueMachine, opening_data
from chargepoint.domain.effects import (
    AskToken,
    CancelTimer,
    CloseContactor,
    Effect,
    OfferCurrent,
    OpenContactor,
    SetLock,
    StartTimer,
    TakeReading,
    TellPoint,
)
from chargepoint.domain.money.account import Account, AccountState, TokenAnswer, TokenStatus
from chargepoint.domain.money.ledger import Posting, folded, natural
from chargepoint.domain.point.context import PointSettings
from chargepoint.domain.point.machine import PointEvent, PointMachine, ReadingTaken, TimerFired
from chargepoint.domain.point.offer import CurrentAllowed
from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.record import Batch, Incident, PointRecord
from chargepoint.domain.units import (
    ConnectorId,
    MilliAmp,
    MilliVolt,
    Minor,
    SessionId,
    Watt,
    Wh,
)
from tests.support.picture import picture
from tests.support.points import PUBLIC, at

STATION = ConnectorId(0)
MOST_EVENTS = 2_000  # that one event leads to


@dataclass
class Socket:
    """The devices of one connector, as they are; what they say is another matter."""

    pilot: Pilot = Pilot.A
    is_locked: bool = False
    contactor_closed: bool = False
    register: int = 1000
    power: int = 0
    is_wanted_closed: bool = False
    permitted: int = 0  # by the newest closing
    ceiling: int | None = None  # by the newest offer; None: none was made in this life
    temperature_milli: int = 20_000
    allowed: int = 32_000  # by charging profiles
    live_release: str = ""  # what the point was when it let go of a plug under power
    generation: int = 0
    board_online: bool = True
    meter_online: bool = True
    lock_moves: bool = True
    fault: BoardFault | None = None

    @property
    def offer(self) -> int:
        """Below 6 A the board lets nothing flow."""
        return self.permitted if self.ceiling is None else min(self.permitted, self.ceiling)


def answer(
    spend: int = 2000,
    *,
    state: AccountState = AccountState.ACTIVE,
    status: TokenStatus = TokenStatus.ACCEPTED,
    tariff: Tariff = PUBLIC,
) -> TokenAnswer:
    return TokenAnswer(status, Account(state, Minor(spend), Minor(spend), tariff))


class StationUnderTest:
    def __init__(
        self,
        connectors: int = 1,
        settings: DialogueSettings | None = None,
        point_settings: PointSettings | None = None,
    ) -> None:
        self.settings = settings or DialogueSettings(tariff=PUBLIC, minimum=Minor(100))
        self.point_settings = point_settings or PointSettings()
        self.seconds = 0.0
        self.sockets = {ConnectorId(n): Socket() for n in range(1, connectors + 1)}
        self.postings: dict[str, Posting] = {}
        self.deliveries: dict[str, Delivery] = {}
        self.saved: dict[ConnectorId, PointRecord] = {}
        self.incidents: list[Incident] = []
        self.questions: list[AskToken] = []
        self.effects: list[Effect] = []
        self.timers: dict[tuple[ConnectorId, str], tuple[float, int]] = {}
        self.coins = 0
        self.names = 0
        self.seen: list[tuple[ConnectorId, PointSeen]] = []  # after every outcome of a point
        self.unseen: list[PointChanged] = []  # changed nothing that the screen shows
        self.log: list[str] = []  # every outcome, for comparison of two runs
        self._queue: deque[tuple[ConnectorId, Any]] = deque()
        self._build()

    # --- life ---

    def _build(self) -> None:
        now = at(self.seconds)
        self.points = {
            c: PointMachine(PointData(c), self.point_settings, now) for c in self.sockets
        }
        for connector, record in self.saved.items():
            self.points[connector].restore(record, now)
        seen = {c: PointSeen(data=PointData(c)) for c in self.sockets}
        credit = {
            ConnectorId(0 if a == "unassigned" else int(a.partition(":")[2])): Minor(amount)
            for a, amount in self.balances().items()
            if a == "unassigned" or a.startswith("credit:")
        }
        self.dialogue = DialogueMachine(opening_data(seen, credit, "es"), self.settings, now)
        self._draw()

    def _draw(self) -> None:
        self.names += 1
        code = f"{4827 + self.names % 5000:04d}"
        self.tell(NamesDrawn(SessionId(f"{self.names:08d}-s"), code, f"{self.names:08d}"))

    def booted(self) -> "StationUnderTest":
        self.tell(KioskChanged(alive=True)).tell(LinkChanged(online=True))
        for connector, socket in self.sockets.items():
            if socket.board_online:
                self.hear(connector, self._board_answer(connector))
                self.hear(connector, BoardTemperature(connector, socket.temperature_milli))
            if socket.meter_online:
                self.hear(connector, self._sample(connector))
        return self

    def restarted(self, away_s: float = 5.0) -> "StationUnderTest":
        """The core dies and comes back; the leases have run out meanwhile."""
        self.seconds += away_s
        self.timers, self.questions = {}, []
        self._queue.clear()
        for socket in self.sockets.values():
            socket.is_wanted_closed = socket.contactor_closed = False
            socket.generation, socket.ceiling, socket.power = 0, None, 0
        self._build()
        for connector, socket in self.sockets.items():
            self.hear(connector, CurrentAllowed(MilliAmp(socket.allowed)))
        return self.booted()

    # --- what happens ---

    def tell(self, event: DialogueEvent) -> "StationUnderTest":
        return self._run(STATION, event)

    def hear(self, connector: int, event: PointEvent) -> "StationUnderTest":
        return self._run(ConnectorId(connector), event)

    def press(self, button: str) -> "StationUnderTest":
        """A finger on what the screen shows now."""
        session = self.dialogue.data.point.session
        pressed = Pressed(button, self.dialogue.screen_seq, session.id if session else "")
        return self.tell(pressed)

    def enter(self, code: str) -> "StationUnderTest":
        for digit in code:
            self.press(f"key_{digit}")
        return self

    def coin(self, value: int = 200) -> "StationUnderTest":
        self.coins += 1
        cursor = CoinCursor("C1", 1, self.coins, self.coins % 256)
        return self.tell(CoinSeen(Minor(value), cursor))

    def answered(self, given: TokenAnswer) -> "StationUnderTest":
        return self.tell(TokenAnswered(self.questions[-1].request, given))

    def plugged(self, connector: int = 1) -> "StationUnderTest":
        return self.pilot(connector, Pilot.B)

    def unplugged(self, connector: int = 1) -> "StationUnderTest":
        return self.pilot(connector, Pilot.A)

    def asks(self, connector: int = 1) -> "StationUnderTest":
        """The vehicle wants energy."""
        return self.pilot(connector, Pilot.C)

    def limited(self, connector: int, limit: int) -> "StationUnderTest":
        """A charging profile says how much may flow."""
        self.sockets[ConnectorId(connector)].allowed = limit
        self.hear(connector, CurrentAllowed(MilliAmp(limit)))
        return self._drain()

    def warmed(self, connector: int, temperature_milli: int) -> "StationUnderTest":
        """The board looks at its thermometer."""
        socket = self.sockets[ConnectorId(connector)]
        socket.temperature_milli = temperature_milli
        if socket.board_online:
            self.hear(connector, BoardTemperature(ConnectorId(connector), temperature_milli))
        return self._drain()

    def pilot(self, connector: int, pilot: Pilot) -> "StationUnderTest":
        socket = self.sockets[ConnectorId(connector)]
        socket.pilot = pilot
        if socket.board_online:
            self.hear(connector, PilotChanged(ConnectorId(connector), pilot))
            self._settle(ConnectorId(connector))
        return self._drain()

    def charge(self, connector: int, energy: int, power: int = 7000) -> "StationUnderTest":
        """Energy flows (whether or not it may) and the meter says so."""
        socket = self.sockets[ConnectorId(connector)]
        socket.register += energy
        socket.power = power
        if socket.meter_online:
            self.hear(connector, self._sample(ConnectorId(connector)))
        return self

    def meter_lies(self, connector: int) -> "StationUnderTest":
        """Its register goes back, and stays there: two readings are no slip of the line."""
        socket = self.sockets[ConnectorId(connector)]
        socket.register = max(0, socket.register - 500)
        for _ in range(2):
            if socket.meter_online:
                self.hear(connector, self._sample(ConnectorId(connector)))
        return self

    def board_gone(self, connector: int) -> "StationUnderTest":
        socket = self.sockets[ConnectorId(connector)]
        socket.board_online = False
        socket.contactor_closed, socket.power = False, 0  # its lease is not renewed any more
        device = DeviceRef(DeviceKind.EVSE, ConnectorId(connector))
        return self.hear(connector, DeviceOffline(device, "silent"))

    def board_back(self, connector: int) -> "StationUnderTest":
        self.sockets[ConnectorId(connector)].board_online = True
        self.hear(connector, DeviceOnline(DeviceRef(DeviceKind.EVSE, ConnectorId(connector))))
        self.hear(connector, self._board_answer(ConnectorId(connector)))
        self.warmed(connector, self.sockets[ConnectorId(connector)].temperature_milli)
        self._settle(ConnectorId(connector))
        return self._drain()

    def read(self) -> "StationUnderTest":
        """Every meter is read, as it is each second."""
        for connector, socket in self.sockets.items():
            if socket.meter_online:
                self.hear(connector, self._sample(connector))
        return self

    def meter_gone(self, connector: int) -> "StationUnderTest":
        self.sockets[ConnectorId(connector)].meter_online = False
        device = DeviceRef(DeviceKind.METER, ConnectorId(connector))
        return self.hear(connector, DeviceOffline(device, "silent"))

    def meter_back(self, connector: int) -> "StationUnderTest":
        self.sockets[ConnectorId(connector)].meter_online = True
        self.hear(connector, DeviceOnline(DeviceRef(DeviceKind.METER, ConnectorId(connector))))
        return self.hear(connector, self._sample(ConnectorId(connector)))

    def wait(self, seconds: float) -> "StationUnderTest":
        """Time passes; timers fire in their order."""
        end = self.seconds + seconds
        while due := sorted(
            (when, who, name) for (who, name), (when, _) in self.timers.items() if when <= end
        ):
            when, who, name = due[0]
            self.seconds = max(self.seconds, when)
            _, generation = self.timers.pop((who, name))
            self._run(who, TimerFired(name, generation))
        self.seconds = end
        return self

    # --- what can be seen ---

    @property
    def screen(self) -> str:
        return self.dialogue.screen()

    def param(self, name: str) -> object:
        return self.dialogue.params(at(self.seconds))[name]

    def buttons(self, *, enabled: bool = True) -> list[str]:
        return [b.id for b in self.dialogue.buttons() if b.enabled or not enabled]

    def point(self, connector: int = 1) -> PointMachine:
        return self.points[ConnectorId(connector)]

    def code(self, connector: int = 1) -> str:
        session = self.point(connector).data.session
        assert session is not None
        return session.order.code

    def balances(self) -> dict[str, int]:
        """In natural sign, owed as one; accounts that are empty are left out."""
        balances = folded(self.accounts())
        return {name: amount for name, amount in balances.items() if amount}

    def accounts(self) -> dict[str, int]:
        """Every account that is not empty; what is owed, by claim."""
        found: dict[str, int] = {}
        for posting in self.postings.values():
            for entry in posting.entries:
                signed = found.get(entry.account, 0) + entry.signed_minor
                found[entry.account] = signed
        return {name: natural(name, amount) for name, amount in found.items() if amount}

    def incident_codes(self) -> list[str]:
        return [incident.code for incident in self.incidents]

    def sent(self, kind: type) -> list[Any]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    # --- inside ---

    def _run(self, who: ConnectorId, event: Any) -> "StationUnderTest":
        self._queue.append((who, event))
        return self._drain()

    def _drain(self) -> "StationUnderTest":
        """Until everybody has heard of everything; who answers each answer never comes to rest."""
        left = MOST_EVENTS
        while self._queue:
            left -= 1
            assert left, f"no rest: {[type(event).__name__ for _, event in self._queue][:8]}"
            target, next_event = self._queue.popleft()
            if target == STATION:
                self._run_dialogue(next_event)
            else:
                self._run_point(target, next_event)
        if self.dialogue.data.next_session.endswith("+"):
            self._draw()
        return self

    def _run_dialogue(self, event: Any) -> None:
        is_news = isinstance(event, PointChanged)
        shown = picture(self.dialogue, at(self.seconds)) if is_news else None
        outcome = self.dialogue.handle(event, at(self.seconds))
        if outcome.is_unseen:
            assert picture(self.dialogue, at(self.seconds)) == shown, event
            self.unseen.append(event)
        self.log.append(repr(outcome))
        self._book(outcome.batch)
        for effect in outcome.effects:
            self.effects.append(effect)
            self._time(STATION, effect)
            match effect:
                case TellPoint(connector=connector, command=command):
                    self._queue.append((connector, command))
                case AskToken():
                    self.questions.append(effect)

    def _run_point(self, connector: ConnectorId, event: Any) -> None:
        machine = self.points[connector]
        outcome = machine.handle(event, at(self.seconds))
        self.log.append(repr(outcome))
        self._book(outcome.batch)
        for effect in outcome.effects:
            self.effects.append(effect)
            self._time(connector, effect)
            self._act(connector, effect)
        for notice in outcome.notices:
            self._queue.append((STATION, PointSaid(connector, notice)))
        seen = PointSeen(machine.state, machine.data)
        self.seen.append((connector, seen))
        self._queue.append((STATION, PointChanged(connector, seen)))

    def _book(self, batch: Batch) -> None:
        for posting in batch.postings:
            known = self.postings.setdefault(posting.key, posting)
            assert known == posting, f"{posting.key} booked twice, differently"
        for delivery in batch.deliveries:
            assert delivery.key not in self.deliveries, f"{delivery.key} queued twice"
            self.deliveries[delivery.key] = delivery
        for record in batch.points:
            self.saved[record.connector] = record
        self.incidents += batch.incidents

    def _time(self, who: ConnectorId, effect: Effect) -> None:
        match effect:
            case StartTimer(name=name, delay_s=delay_s, generation=generation):
                self.timers[who, name] = (self.seconds + delay_s, generation)
            case CancelTimer(name=name):
                self.timers.pop((who, name), None)

    def _act(self, connector: ConnectorId, effect: Effect) -> None:
        socket = self.sockets[connector]
        match effect:
            case OpenContactor(generation=generation) | CloseContactor(generation=generation):
                if generation >= socket.generation:
                    socket.generation = generation
                    socket.is_wanted_closed = isinstance(effect, CloseContactor)
                    socket.permitted = effect.limit if isinstance(effect, CloseContactor) else 0
                    self._settle(connector)
            case OfferCurrent(limit=limit):
                socket.ceiling = limit
                self._settle(connector)
            case SetLock(locked=locked):
                self._move_lock(connector, locked=locked)
            case TakeReading():
                if socket.meter_online:
                    self._queue.append((connector, self._sample(connector)))
                    self._queue.append((connector, ReadingTaken()))

    def _move_lock(self, connector: ConnectorId, *, locked: bool) -> None:
        socket = self.sockets[connector]
        if socket.contactor_closed and not locked:
            socket.live_release = self.points[connector].state
        if socket.board_online and socket.lock_moves and socket.is_locked != locked:
            socket.is_locked = locked
            self._queue.append((connector, LockMoved(connector, locked)))

    def _settle(self, connector: ConnectorId) -> None:
        """The board closes when power is wanted and the vehicle asks (IEC 61851-1)."""
        socket = self.sockets[connector]
        is_offered = socket.is_wanted_closed and socket.offer >= 6_000
        closed = is_offered and socket.pilot in (Pilot.C, Pilot.D)
        if socket.board_online and closed != socket.contactor_closed:
            socket.contactor_closed = closed
            socket.power = socket.power if closed else 0
            self._queue.append((connector, ContactorMoved(connector, closed)))

    def _board_answer(self, connector: ConnectorId) -> BoardAnswered:
        socket = self.sockets[connector]
        return BoardAnswered(
            connector, socket.pilot, socket.contactor_closed, socket.is_locked, socket.fault
        )

    def _sample(self, connector: ConnectorId) -> MeterSampled:
        socket = self.sockets[connector]
        return MeterSampled(
            connector, Wh(socket.register), Watt(socket.power), MilliAmp(0), MilliVolt(230_000)
        )


def a_station(connectors: int = 1, **settings: Any) -> StationUnderTest:
    """Booted, kiosk alive, central system online, nobody there."""
    chosen = DialogueSettings(**{"tariff": PUBLIC, "minimum": Minor(100), **settings})
    return StationUnderTest(connectors, chosen).booted()
