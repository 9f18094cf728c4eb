"""The station: one task that owns the conversation, the shared devices and the way to the points.

Everything that may happen comes in through its mailbox; what the central system asks comes through
app/door.py, which awaits the points' answers outside this loop.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from chargepoint.app import projection
from chargepoint.app.feed import Feed
from chargepoint.app.gate import Gate
from chargepoint.app.health import Pulse
from chargepoint.app.money_desk import MoneyDesk
from chargepoint.app.point_actor import PointActor
from chargepoint.app.ports import JournalWriter, Spawn
from chargepoint.app.timers import Timers
from chargepoint.contract import Key
from chargepoint.domain.devices import (
    LEASE_STUCK,
    CoinsFell,
    DeviceEvent,
    DeviceIncident,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    ForeignCardRead,
    GreenCardRead,
    HazardCleared,
    HazardRaised,
    KeyPressed,
)
from chargepoint.domain.dialogue import screen_params
from chargepoint.domain.dialogue.context import DialogueData, Params
from chargepoint.domain.dialogue.events import (
    DialogueEvent,
    NamesDrawn,
    PointChanged,
    PointSaid,
    SharedDevice,
    Tick,
    TokenAnswered,
)
from chargepoint.domain.dialogue.machine import DialogueMachine, DialogueOutcome
from chargepoint.domain.effects import (
    AcceptCoins,
    AskToken,
    CancelTimer,
    Effect,
    InhibitCoins,
    PrintReceipt,
    ReleaseCable,
    SettleHolds,
    Sound,
    StartTimer,
    Stop,
    TellPoint,
)
from chargepoint.domain.money.account import TokenAnswer
from chargepoint.domain.now import Now
from chargepoint.domain.point.context import Billed
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.record import Batch, Incident
from chargepoint.domain.service.orders import CheckPin, Consult, Perform, ServiceOrder
from chargepoint.domain.units import ConnectorId, SessionId
from chargepoint.ports import Backend, Clock, Entropy, Hardware, StatusReport

log = logging.getLogger(__name__)

Adorn = Callable[[Params, DialogueData, datetime], Params]
"""What others add to the numbers of a screen."""

_MAILBOX = 256
_SECOND = 1.0
_TELLING_FRAMES = 4


class StationActor:
    def __init__(  # noqa: PLR0913 - an actor's whole surroundings, by name
        self,
        dialogue: DialogueMachine,
        hardware: Hardware,
        journal: JournalWriter,
        clock: Clock,
        entropy: Entropy,
        *,
        panel: projection.Panel,
        spawn: Spawn,
    ) -> None:
        self._dialogue = dialogue
        self._hardware = hardware
        self._clock = clock
        self._entropy = entropy
        self._panel = panel
        self._spawn = spawn
        self._gate = Gate(journal)
        self._timers = Timers(self.post)
        self._mailbox: asyncio.Queue[DialogueEvent] = asyncio.Queue(_MAILBOX)
        self._points: Mapping[ConnectorId, PointActor] = {}
        self._backend: Backend | None = None
        self._earcon = ""
        self._tick: asyncio.TimerHandle | None = None
        self._money_desk: MoneyDesk
        self.feed = Feed()
        self.last_handled = 0.0
        self._states: dict[ConnectorId, str] = {}
        self._statuses: dict[ConnectorId, tuple[PointSeen, StatusReport]] = {}
        self._lost: set[DeviceKind] = set()
        self._is_stopping = False  # ordered, and not durable yet
        self.observe: Callable[[str, str, str], None] = lambda _machine, _old, _new: None
        self.billed: Callable[[], None] = lambda: None
        self.reserved: Callable[[tuple[object, ...]], None] = lambda _notices: None
        self.charging: Callable[[ConnectorId, PointSeen], None] = lambda _connector, _seen: None
        self.noticed: tuple[Callable[[ConnectorId, PointSeen], None], ...] = ()
        self.adorned: Adorn = lambda params, _data, _utc: params
        self.limited: Callable[[str, TokenAnswer], TokenAnswer] = lambda _tag, answer: answer
        self.print_receipt: Callable[[PrintReceipt], None] = lambda _order: None
        self.watch: Callable[[DeviceEvent], None] = lambda _event: None
        self.serve: Callable[[ServiceOrder], None] = lambda _order: None
        self.shown: Callable[[DialogueData], None] = lambda _data: None
        self.sounded: Callable[[str, bool], None] = lambda _earcon, _kiosk_alive: None

    def connect(
        self, points: Mapping[ConnectorId, PointActor], backend: Backend, money_desk: MoneyDesk
    ) -> None:
        """Close the circle of actors; called once, before anything runs."""
        self._points = points
        self._backend = backend
        self._money_desk = money_desk

    @property
    def points(self) -> Mapping[ConnectorId, PointActor]:
        return self._points

    @property
    def dialogue(self) -> DialogueMachine:
        return self._dialogue

    def seen(self) -> dict[ConnectorId, PointSeen]:
        """All points, as they are now."""
        return {connector: point.seen for connector, point in self._points.items()}

    @property
    def pulse(self) -> Pulse:
        return Pulse(self._mailbox.qsize(), self.last_handled)

    # --- what comes in ---

    def post(self, event: DialogueEvent) -> None:
        self._mailbox.put_nowait(event)

    def emit(self, event: DeviceEvent) -> None:
        """Where drivers put their facts: connectors' to their point, shared ones here."""
        self._note_incident(event)
        self.watch(event)
        device = getattr(event, "device", None)
        connector = getattr(event, "connector", None) if device is None else device.connector
        if isinstance(event, HazardRaised | HazardCleared):
            for point in self._points.values():
                point.post(event)
            return
        if isinstance(event, DeviceIncident) and event.code != LEASE_STUCK:
            return
        if isinstance(event, CoinsFell):
            return  # the watch has it
        if connector is not None:
            self._points[connector].post(event)  # type: ignore[arg-type]  # has a connector: a PointFact
        elif isinstance(event, DeviceOnline | DeviceOffline):
            self._money_desk.device_changed(event.device, online=isinstance(event, DeviceOnline))
            self.post(SharedDevice(event.device.kind, isinstance(event, DeviceOnline)))
            self._note_shared(event.device.kind, is_lost=isinstance(event, DeviceOffline))
        else:
            if isinstance(event, KeyPressed):
                self.feed.key(Key(event.key))
            self.post(event)  # type: ignore[arg-type]  # shared devices' facts are dialogue events

    def heard(
        self, connector: ConnectorId, notices: tuple[object, ...], seen: PointSeen, queued: bool
    ) -> None:
        """A point has changed and it is durable."""
        before = self._states.get(connector, "booting")
        if seen.state != before:
            self._states[connector] = seen.state
            self.observe(f"point:{connector}", before, seen.state)
        self.charging(connector, seen)
        for listener in self.noticed:
            listener(connector, seen)
        for notice in notices:
            self.post(PointSaid(connector, notice))  # type: ignore[arg-type]  # notices of point_rules
        self.post(PointChanged(connector, seen))
        self.reserved(notices)
        if any(isinstance(notice, Billed) for notice in notices):
            self.billed()
            self._money_desk.execute(SettleHolds())
        if self._backend is not None:
            self._report(self._backend, connector, seen)
            if queued:
                self._backend.wake()

    def _report(self, backend: Backend, connector: ConnectorId, seen: PointSeen) -> None:
        """Truth only: of a connector that boots nothing is known, nor of all of them before."""
        if seen.is_known:
            backend.report(self._status(connector, seen))
        self._report_station(backend, {connector: seen})

    def _report_station(self, backend: Backend, newest: dict[ConnectorId, PointSeen]) -> None:
        all_seen = self.seen() | newest
        if all(each.is_known for each in all_seen.values()):
            words = frozenset(self._status(each, seen).status for each, seen in all_seen.items())
            backend.report(projection.common_status(words, frozenset(self._lost)))

    def _status(self, connector: ConnectorId, seen: PointSeen) -> StatusReport:
        """Of a point that has not changed since, what it was."""
        known = self._statuses.get(connector)
        if known is None or known[0] is not seen:
            known = self._statuses[connector] = (seen, projection.status(seen))
        return known[1]

    def _note_shared(self, device: DeviceKind, *, is_lost: bool) -> None:
        """A device that connectors share is a matter of connector 0."""
        before = set(self._lost)
        (self._lost.add if is_lost else self._lost.discard)(device)
        if before != self._lost and self._backend is not None:
            self._report_station(self._backend, {})

    def incident(self, code: str, detail: str, device: str = "") -> None:
        self._gate.commit(Batch(incidents=(Incident(code, detail, device),)))

    # --- the loop ---

    async def run(self) -> None:
        self._draw_names()
        self.publish()
        while True:
            event = await self._mailbox.get()
            self._handle(event)

    def publish_soon(self) -> None:
        """Something that the screen shows besides the conversation has changed."""
        if self._tick is not None:
            self._tick.cancel()
            self._on_tick()

    def publish(self) -> None:
        """The screen and the lamps as they are now, to whoever shows them."""
        self.shown(self._dialogue.data)
        now = self._now()
        params = self.adorned(self._dialogue.params(now), self._dialogue.data, now.utc)
        earcon, self._earcon = self._earcon, ""
        shown = projection.snapshot(self._dialogue, params, self._panel, now.utc, earcon)
        self.feed.publish(shown)
        self._plan_tick(shown.screen)

    def _handle(self, event: DialogueEvent) -> None:
        self._give_back_cable(event)
        before = self._dialogue.state
        outcome = self._dialogue.handle(event, self._now())
        self.last_handled = self._clock.monotonic()
        if outcome.state != before:
            self.observe("dialogue", before, outcome.state)
        self._make_safe(outcome)
        if self._dialogue.data.next_session.endswith("+"):
            self._draw_names()
        self._gate.commit_then(outcome.batch, lambda: self._after(outcome))
        if self._gate.is_waiting and not self._is_stopping and self._dialogue.leads_to_stop:
            self.publish()

    def _give_back_cable(self, event: DialogueEvent) -> None:
        """Who left a cable locked here presents himself (UnlockConnectorOnEVSideDisconnect)."""
        match event:
            case GreenCardRead(number=tag) | ForeignCardRead(uid=tag):
                for point in self._points.values():
                    if point.seen.data.cable_of == tag:
                        point.post(ReleaseCable())
            case _:
                return

    def _make_safe(self, outcome: DialogueOutcome) -> None:
        """What waits for no disk. Who stops a charge is obeyed at once, whatever else is written."""
        acceptor = self._hardware.coin_acceptor
        for effect in outcome.effects:
            self._money_desk.make_safe(effect)
            if isinstance(effect, InhibitCoins) and acceptor is not None:
                acceptor.inhibit(effect.generation)
            if _is_stop(effect):
                self._is_stopping = True
                self._execute(effect)

    def _after(self, outcome: DialogueOutcome) -> None:
        has_stopped = any(map(_is_stop, outcome.effects))
        for effect in outcome.effects:
            if not _is_stop(effect):
                self._execute(effect)
        if any(record.invoice_due for record in outcome.batch.sessions):
            self.billed()
        if outcome.batch.deliveries and self._backend is not None:
            self._backend.wake()
        if has_stopped:
            self._is_stopping = False  # the board is told first; the point's news then show it
        elif not outcome.is_unseen:
            self.publish()

    def _execute(self, effect: Effect) -> None:  # noqa: C901 - one flat case per kind
        match effect:
            case TellPoint(connector=connector, command=command):
                self._points[connector].post(command)
            case AskToken():
                self._spawn(self._ask(effect), f"ask:{effect.request}")
            case StartTimer():
                self._timers.start(effect)
            case CancelTimer():
                self._timers.cancel(effect)
            case AcceptCoins(generation=generation):
                if self._hardware.coin_acceptor is not None:
                    self._hardware.coin_acceptor.accept(generation)
            case CheckPin() | Consult() | Perform():
                self.serve(effect)
            case PrintReceipt():
                self.print_receipt(effect)
            case Sound(earcon=earcon):
                self._earcon = earcon
                self.sounded(earcon, self._dialogue.data.kiosk_alive)
            case _:
                self._money_desk.execute(effect)  # InhibitCoins acted before the commit

    async def _ask(self, order: AskToken) -> None:
        assert self._backend is not None  # connected before anything runs
        answer = await self._backend.authorise(order.id_tag, order.connector, card=order.card)
        self.post(TokenAnswered(order.request, self.limited(order.id_tag, answer)))

    # --- small things ---

    def _now(self) -> Now:
        return Now(self._clock.monotonic(), self._clock.utc())

    def _draw_names(self) -> None:
        """The next session id and stop code; the domain has no randomness."""
        code = f"{self._entropy.below(10_000):04d}"
        session = SessionId(self._entropy.identifier())
        voucher = f"{self._entropy.below(100_000_000):08d}"
        self._dialogue.handle(NamesDrawn(session, code, voucher), self._now())

    def _plan_tick(self, screen: str) -> None:
        """Countdowns every second, the clock every minute, nothing else wakes us."""
        if self._tick is not None:
            self._tick.cancel()
        now = self._clock.utc()
        to_minute = 60 - now.second - now.microsecond / 1e6
        wait_s = _SECOND if screen in screen_params.COUNTING else to_minute
        self._tick = asyncio.get_running_loop().call_later(wait_s, self._on_tick)

    def _on_tick(self) -> None:
        self._tick = None
        self.post(Tick(projection.local_clock(self._clock.utc(), self._panel.timezone)))

    def _note_incident(self, event: DeviceEvent) -> None:
        match event:
            case DeviceIncident(device=device, code=code, detail=detail, trace=trace):
                found = Incident(code, detail, str(device), trace)
            case DeviceOffline(device=device, reason=reason, trace=trace):
                found = Incident(
                    _offline_code(device.kind, reason, trace), reason, str(device), trace
                )
            case _:
                return
        self._gate.commit(Batch(incidents=(found,)))


def _is_stop(effect: Effect) -> bool:
    return isinstance(effect, TellPoint) and isinstance(effect.command, Stop)


_NEEDS_HANDS = {
    "paper_out": "printer.paper_out",
    "cover_open": "printer.cover_open",
    "error": "printer.error",
}


def _offline_code(kind: DeviceKind, reason: str, trace: tuple[str, ...]) -> str:
    """`device.kind` as in docs/incidents.md: its line is gone or somebody else's, it talks nonsense,
    or it is silent."""
    if reason.startswith("self-check"):
        return f"{kind}.fault"
    if kind is DeviceKind.PRINTER and reason in _NEEDS_HANDS:
        return _NEEDS_HANDS[reason]
    if "in use" in reason:
        return f"{kind}.port_in_use"
    if "unplugged" in reason or "gone" in reason:
        return f"{kind}.unplugged"
    talks = any(" < " in frame for frame in trace[-_TELLING_FRAMES:])
    return f"{kind}.garbled" if talks else f"{kind}.silent"
