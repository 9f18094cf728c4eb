"""Builders of points: `a_point().plugged().with_cash(500).energised()`."""

from datetime import UTC, datetime, timedelta

from chargepoint.domain.devices import (
    BoardAnswered,
    ContactorMoved,
    LockMoved,
    MeterSampled,
    Pilot,
    PilotChanged,
)
from chargepoint.domain.effects import Start, StartTimer, Stop
from chargepoint.domain.now import Now
from chargepoint.domain.point.context import PointSettings
from chargepoint.domain.point.machine import (
    Outcome,
    PointEvent,
    PointMachine,
    ReadingTaken,
    TimerFired,
)
from chargepoint.domain.point.point import PointData
from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.session import EndCause, Means, StartOrder
from chargepoint.domain.units import ConnectorId, MilliAmp, MilliVolt, Minor, SessionId, Watt, Wh

ONE = ConnectorId(1)
EPOCH = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
ONE_PHASE_W = 7_360
STOP = Stop(EndCause.CUSTOMER)
PUBLIC = Tariff(energy_milli_per_kwh=45_000)


def at(seconds: float) -> Now:
    return Now(seconds, EPOCH + timedelta(seconds=seconds))


def sample(register: int, power: int = 0) -> MeterSampled:
    """More than one phase can carry comes from three."""
    phases = 3 if power > ONE_PHASE_W else 1
    current = MilliAmp(power * 1000 // 230 // phases)
    return MeterSampled(ONE, Wh(register), Watt(power), current, MilliVolt(230_000))


def cash_order(limit: int = 500, tariff: Tariff = PUBLIC) -> StartOrder:
    return StartOrder(SessionId("S1"), Means.CASH, "CASH", tariff, Minor(limit), code="4827")


def card_order(limit: int | None = 2000, tariff: Tariff = PUBLIC) -> StartOrder:
    spend = None if limit is None else Minor(limit)
    return StartOrder(SessionId("S1"), Means.GREENCARD, "7123450000000018", tariff, spend)


class PointUnderTest:
    """A machine with its own time; every step returns the builder, `last` is the newest outcome."""

    def __init__(self, settings: PointSettings | None = None) -> None:
        self.seconds = 0.0
        self.machine = PointMachine(PointData(ONE), settings or PointSettings(), at(0))
        self.outcomes: list[Outcome] = []

    @property
    def last(self) -> Outcome:
        return self.outcomes[-1]

    @property
    def state(self) -> str:
        return self.machine.state

    def hear(self, event: PointEvent, after_s: float = 0.1) -> "PointUnderTest":
        self.seconds += after_s
        self.outcomes.append(self.machine.handle(event, at(self.seconds)))
        return self

    def booted(self, register: int = 1000) -> "PointUnderTest":
        answer = BoardAnswered(ONE, Pilot.A, contactor_closed=False, locked=False, fault=None)
        return self.hear(answer).hear(sample(register))

    def plugged(self) -> "PointUnderTest":
        return self.hear(PilotChanged(ONE, Pilot.B))

    def started(self, order: StartOrder) -> "PointUnderTest":
        return self.hear(Start(order))

    def locked(self) -> "PointUnderTest":
        return self.hear(LockMoved(ONE, locked=True))

    def energised(self) -> "PointUnderTest":
        return self.hear(PilotChanged(ONE, Pilot.C)).hear(ContactorMoved(ONE, closed=True))

    def charged(self, to_register: int, power: int = 7000) -> "PointUnderTest":
        return self.hear(sample(to_register, power), after_s=60)

    def delivered(self) -> list[str]:
        return [d.key for o in self.outcomes for d in o.batch.deliveries]

    def accounts(self) -> dict[str, int]:
        """Signed sums over everything posted so far."""
        found: dict[str, int] = {}
        for outcome in self.outcomes:
            for posting in outcome.batch.postings:
                for entry in posting.entries:
                    found[entry.account] = found.get(entry.account, 0) + entry.signed_minor
        return found


def a_point(settings: PointSettings | None = None) -> PointUnderTest:
    return PointUnderTest(settings).booted()


def a_charging_point(order: StartOrder, settings: PointSettings | None = None) -> PointUnderTest:
    return a_point(settings).plugged().started(order).locked().energised()


def kinds(point: PointUnderTest) -> list[type]:
    """Of the newest effects."""
    return [type(effect) for effect in point.last.effects]


def fire(point: PointUnderTest, name: str, after_s: float = 0.1) -> PointUnderTest:
    """The timer as it was started last."""
    timers = [e for o in point.outcomes for e in o.effects if isinstance(e, StartTimer)]
    newest = [t for t in timers if t.name == name][-1]
    return point.hear(TimerFired(name, newest.generation), after_s)


def finish(point: PointUnderTest, register: int) -> PointUnderTest:
    """Opened, read and billed."""
    point.hear(ContactorMoved(ONE, closed=False))
    return point.hear(sample(register)).hear(ReadingTaken())


def restarted(before: PointUnderTest, away_s: float) -> PointUnderTest:
    """Another life of the software, from what the journal has."""
    saved = [p for o in before.outcomes for p in o.batch.points][-1]
    after = PointUnderTest()
    after.seconds = before.seconds + away_s
    after.machine = PointMachine(PointData(ONE), PointSettings(), at(after.seconds))
    after.machine.restore(saved, at(after.seconds))
    return after


def known(point: PointUnderTest, pilot: Pilot, register: int, *, locked: bool) -> PointUnderTest:
    """Its devices have answered after a restart."""
    point.hear(BoardAnswered(ONE, pilot, contactor_closed=False, locked=locked, fault=None))
    return point.hear(sample(register))


def an_occupied_point() -> PointUnderTest:
    """Billed but for the fee of whoever does not unplug."""
    tariff = Tariff(energy_milli_per_kwh=45_000, idle_milli_per_minute=10_000)
    return finish(a_charging_point(card_order(2000, tariff)).charged(2000).hear(STOP), 2000)
