"""PointMachine: one connector. `handle(event, now)` is the only door; it returns orders and records."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, get_args

from chargepoint.domain.changed import changed
from chargepoint.domain.devices import (
    BoardAnswered,
    DeviceKind,
    DeviceOnline,
    MeterSampled,
    PointFact,
    SealChecked,
)
from chargepoint.domain.effects import (
    AddCredit,
    Effect,
    ForgetPending,
    FreePlug,
    Invalidate,
    PointCommand,
    ReleaseCable,
    ResetFaults,
    SetOperative,
    SetUpdating,
    Start,
    Stop,
    TakeValues,
)
from chargepoint.domain.engine import Engine
from chargepoint.domain.faults import standing as faults
from chargepoint.domain.money.settlement import bill
from chargepoint.domain.now import Now
from chargepoint.domain.point import actions as action
from chargepoint.domain.point import endings as point_endings
from chargepoint.domain.point import invalid as point_invalid
from chargepoint.domain.point import metering as point_metering
from chargepoint.domain.point import sampling as point_sampling
from chargepoint.domain.point import states
from chargepoint.domain.point import supply as point_supply
from chargepoint.domain.point.context import Draft, Point, PointSettings
from chargepoint.domain.point.noted import note
from chargepoint.domain.point.offer import CurrentAllowed, allow
from chargepoint.domain.point.point import PointData, absorb
from chargepoint.domain.record import Batch, Incident, PointRecord
from chargepoint.domain.session import (
    dump_order,
    dump_session,
    load_order,
    load_session,
)
from chargepoint.domain.units import Generation, Wh

_FACTS = get_args(PointFact)
_COMMANDS = get_args(PointCommand)
_BOOT_LIMIT_S = 60  # a meter still silent then: an open session is settled without it
_SAVE_EVERY_S = 60  # times and register are never older than this in the journal
# Nor is the register further behind: a charge that is cut while its meter is silent may end there.
# 20 commits of one page of 4 KB for a kWh are 80 MB a MWh; flash of 8 GB lasts for thousands of them.
SAVE_EVERY_WH = 50
_TRIGGERS: dict[type, str] = {
    Start: "start",
    Stop: "stop",
    AddCredit: "credit",
    ForgetPending: "forget_pending",
    ReleaseCable: "release",
    FreePlug: "free_plug",
    TakeValues: "values",
}
_PRICE_GROWS = ("session/", "settling/occupied")


@dataclass(frozen=True, slots=True)
class TimerFired:
    name: str
    generation: int


@dataclass(frozen=True, slots=True)
class ReadingTaken:
    """The reading asked for by TakeReading has arrived; its MeterSampled came before this."""


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    settings: PointSettings


PointEvent = PointFact | PointCommand | TimerFired | ReadingTaken | SettingsChanged | CurrentAllowed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What must become durable, what must be done, and what the station should hear."""

    batch: Batch
    effects: tuple[Effect, ...]
    notices: tuple[Any, ...]
    state: str


class PointMachine:
    """`generation`: of the machine this one replaces, whose orders may still be under way."""

    def __init__(
        self,
        data: PointData,
        settings: PointSettings,
        now: Now,
        generation: Generation = Generation(0),
    ) -> None:
        self._point = Point(data, settings, now, generation)
        self._engine: Engine[Point] = Engine(self._point, states.TABLE)
        self._timers: dict[str, int] = {}
        self._saved_monotonic = now.monotonic
        self._saved_register = Wh(0)
        self._saved_latched: frozenset[str] = frozenset()

    # --- what others may read ---

    @property
    def state(self) -> str:
        return self._engine.state

    @property
    def data(self) -> PointData:
        return self._point.data

    @property
    def settings(self) -> PointSettings:
        return self._point.settings

    def mint(self) -> Generation:
        """Newer than every order given so far: for whoever must open without asking."""
        return self._point.mint()

    # --- the door ---

    def handle(self, event: PointEvent, now: Now) -> Outcome:
        """Decide. On an exception nothing has changed and it is raised again."""
        point, engine = self._point, self._engine
        before = (point.data, engine.state, dict(self._timers), point.settings, point.now)
        point.draft = Draft()
        point.command = event
        try:
            self._pass_time(now)
            surprises = self._decide(event)
        except BaseException:
            point.data, state, self._timers, point.settings, point.now = before
            engine.restore(state)
            raise
        for surprise in surprises:
            point.draft.incidents.append(
                Incident("machine.unexpected", surprise, f"point:{point.data.connector}")
            )
        return self._outcome(before[1])

    def restore(self, record: PointRecord, now: Now) -> None:
        """Take over what the journal saved; devices are unknown and the state is booting."""
        point, body = self._point, record.body
        point.saved_state = record.state
        point.saved_at = datetime.fromisoformat(body["saved_at"])
        pending = body["pending"]
        session = None if body["session"] is None else load_session(body["session"])
        point.saved_register = Wh(0) if session is None else session.register
        point.data = replace(
            point.data,
            session=session,
            pending=None if pending is None else load_order(pending["order"]),
            pending_until=None if pending is None else datetime.fromisoformat(pending["until"]),
            receipts=body["receipts"],
            operative=body["operative"],
            cable_of=body.get("cable_of", ""),
            # A fault that this version no longer knows cannot be reset: it is forgotten.
            faults=point.data.faults | (faults.FAULTS.keys() & set(body.get("latched", ()))),
        )
        if record.state == "settling/billed" and session is not None:
            number = f"{point.settings.receipt_series}-{record.connector}-{body['receipts']:06d}"
            found = bill(session, number, point.settings.change_unit, point.settings.card_vat)
            point.data = replace(point.data, bill=found)
        self._saved_latched = faults.latched(point.data.faults)
        self._saved_register = self._register
        point.now = now
        point_metering.remember(point, session)

    # --- inside ---

    def _decide(self, event: PointEvent) -> list[str]:
        point = self._point
        if isinstance(event, TimerFired):
            return self._fire_timer(event)
        if isinstance(event, ReadingTaken):
            return self._fire("read")
        if isinstance(event, SettingsChanged):
            point_sampling.adopt(point, event.settings, self.state)
            return self._fire()
        if isinstance(event, CurrentAllowed):
            follows = allow(point, event)
            return self._fire(follows) if follows else []
        if isinstance(event, _FACTS):
            old = point.data
            event = self._weighed(event)
            point.data = absorb(point.data, event)
            if isinstance(event, MeterSampled):
                self._price_reading(old, event)
            point_supply.judge(point, event)
            if self.state == states.INITIAL and "t_boot" not in self._timers:
                point.timer("t_boot", _BOOT_LIMIT_S)
            self._report_faults(point.data.faults - old.faults)
            return self._fire(*_triggers(old, point.data, self.state, event))
        return self._command(event)

    def _weighed(self, fact: PointFact) -> PointFact:
        if isinstance(fact, MeterSampled):
            return point_metering.read(self._point, fact)
        if isinstance(fact, DeviceOnline) and fact.device.kind is DeviceKind.METER:
            point_metering.meet(self._point, fact)
        if isinstance(fact, SealChecked):
            point_metering.hear_of_seal(self._point, fact)
        return fact

    def _price_reading(self, old: PointData, sample: MeterSampled) -> None:
        point = self._point
        if old.session is not None and point.data.session is not None:
            session = point.data.session.priced(old.session, sample.power, point.now.utc)
            if session is not point.data.session:
                point.data = changed(point.data, session=session)

    def _report_faults(self, fresh: frozenset[str]) -> None:
        for key in sorted(fresh - faults.TOLD_FAULTS):
            device = f"evse:{self._point.data.connector}"
            self._point.draft.incidents.append(Incident(faults.incident_of(key), key, device))

    def _command(self, command: PointEvent) -> list[str]:
        trigger = _TRIGGERS.get(type(command))
        if trigger is not None:
            return self._fire(trigger)
        match command:
            case Invalidate():
                follows = point_invalid.judge(self._point, command)
                return self._fire(follows) if follows else []
            case SetOperative(operative=operative):
                return self._set_operative(operative=operative)
            case ResetFaults():
                point_endings.reset_faults(self._point)
            case SetUpdating(updating=updating):
                self._point.data = replace(self._point.data, updating=updating)
            case _:
                note(self._point, command, self.state)
        return self._fire()

    def _set_operative(self, *, operative: bool) -> list[str]:
        point = self._point
        if operative and not point.data.operative and self.state == "idle/plugged":
            action.await_driver(point)  # whoever stands there may begin now
        point.data = replace(point.data, operative=operative)
        point.draft.save = True
        return self._fire()

    def _fire_timer(self, event: TimerFired) -> list[str]:
        """A stale generation is a timer that was stopped or replaced while it fired."""
        if self._timers.get(event.name) != event.generation:
            return []
        del self._timers[event.name]
        return self._fire(event.name)

    def _fire(self, *triggers: str) -> list[str]:
        self._note_timers()
        surprises: list[str] = []
        for trigger in triggers:
            surprises += self._engine.fire(trigger).surprises
            self._note_timers()
        if self.state == "session/stopping" and not self._point.data.contactor_closed:
            surprises += self._engine.fire("opened").surprises
            self._note_timers()
        return surprises

    def _note_timers(self) -> None:
        for effect in self._point.draft.effects:
            name = getattr(effect, "name", None)
            if name is not None:
                self._timers.pop(name, None)
                if hasattr(effect, "generation"):
                    self._timers[name] = effect.generation

    def _pass_time(self, now: Now) -> None:
        """Add the time since the last event to what the tariff bills."""
        point = self._point
        gone_ms = max(0, round((now.monotonic - point.now.monotonic) * 1000))
        point.now = now
        session = point.data.session
        if session is None or not gone_ms or point.data.bill is not None:
            return
        if self.state.startswith("session/"):
            session = changed(session, elapsed_ms=session.elapsed_ms + gone_ms)
        if self.state == "session/energised":
            session = session.charged(gone_ms, now.utc)
        elif self.state in ("session/suspended/by_vehicle", "settling/occupied"):
            session = session.idled(gone_ms, now.utc)
        point.data = changed(point.data, session=session)

    def _outcome(self, before: str) -> Outcome:
        point, draft = self._point, self._point.draft
        latched = faults.latched(point.data.faults)
        moved = before != self.state and point.data.session is not None
        save = draft.save or moved or self._is_behind() or latched != self._saved_latched
        if save:
            self._saved_monotonic, self._saved_latched = point.now.monotonic, latched
            self._saved_register = self._register
        batch = Batch(
            postings=tuple(draft.postings),
            deliveries=tuple(draft.deliveries),
            points=(self._record(),) if save else (),
            sessions=tuple(draft.sessions),
            incidents=tuple(draft.incidents),
            holds=tuple(draft.holds),
            reservations_ended=tuple(draft.reservations_ended),
        )
        return Outcome(batch, tuple(draft.effects), tuple(draft.notices), self.state)

    @property
    def _register(self) -> Wh:
        session = self._point.data.session
        return Wh(0) if session is None else session.register

    def _is_behind(self) -> bool:
        """What the journal knows of a running price."""
        gone_s = self._point.now.monotonic - self._saved_monotonic
        is_old = gone_s >= _SAVE_EVERY_S or self._register - self._saved_register >= SAVE_EVERY_WH
        return is_old and self.state.startswith(_PRICE_GROWS)

    def _record(self) -> PointRecord:
        """Before board and meter answered, what a session was is what was saved, for a next life."""
        data, state, saved_at = self._point.data, self.state, self._point.now.utc
        if state == "booting" and self._point.saved_state:
            state, saved_at = self._point.saved_state, self._point.saved_at
        pending = None
        if data.pending is not None and data.pending_until is not None:
            pending = {
                "order": dump_order(data.pending),
                "until": data.pending_until.isoformat(),
            }
        return PointRecord(
            data.connector,
            state,
            {
                "saved_at": saved_at.isoformat(),
                "session": None if data.session is None else dump_session(data.session),
                "pending": pending,
                "receipts": data.receipts,
                "operative": data.operative,
                "cable_of": data.cable_of,
                "latched": sorted(faults.latched(data.faults)),
            },
        )


def _triggers(old: PointData, new: PointData, state: str, fact: PointFact) -> list[str]:
    """What changed, in the words of the table; safety first, then movement, then measurement."""
    if state == "booting":
        return ["known"] if new.is_known else []
    found: list[str] = []
    if new.faults - old.faults:
        found.append("faulted")
    found += _edges(old, new)
    if isinstance(fact, BoardAnswered) and new.locked and "locked" not in found:
        found.append("locked")  # an order to let go may have been lost while the board was away
    if isinstance(fact, MeterSampled):
        found += _measured(old, new, state)
    return found


def _edges(old: PointData, new: PointData) -> list[str]:
    found: list[str] = []
    if old.contactor_closed != new.contactor_closed:
        found.append("closed" if new.contactor_closed else "opened")
    if old.is_plugged != new.is_plugged:
        found.append("plugged" if new.is_plugged else "unplugged")
    if old.locked != new.locked:
        found.append("locked" if new.locked else "unlocked")
    return found


def _measured(old: PointData, new: PointData, state: str) -> list[str]:
    session, before = new.session, old.session
    if session is None:
        return []
    found: list[str] = []
    if before is not None and before.energy == 0 and session.energy > 0:
        found.append("energy")
    running = state.startswith("session/") and state != "session/stopping"
    if running and point_invalid.is_used_up(session):
        found.append("refused")
    if running and session.will_overspend(new.power):
        found.append("spent")
    is_used_up = session.limit is not None and session.exact_cost >= session.limit
    if state == "settling/occupied" and is_used_up:
        found.append("spent")
    return found
