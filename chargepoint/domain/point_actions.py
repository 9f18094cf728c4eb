"""Actions of the point's table (states.py): they append effects and return.

Nothing here triggers, logs, waits or reads a clock.
"""

from dataclasses import replace
from datetime import timedelta

from chargepoint.domain import faults, ledger
from chargepoint.domain.delivery import (
    MeterValuesTaken,
    TransactionStarted,
)
from chargepoint.domain.effects import (
    AddCredit,
    CancelTimer,
    CloseContactor,
    OpenContactor,
    PaceMeter,
    SetLock,
    Start,
)
from chargepoint.domain.now import Now
from chargepoint.domain.point_context import CreditReturned, Point, StartRefused
from chargepoint.domain.record import HoldRecord, HoldState
from chargepoint.domain.session import Means, Session, StartOrder
from chargepoint.domain.units import Minor, Wh

WAKE_AFTER_S = 90  # one wake-up of a sleeping vehicle (decisions §3)
START_LIMIT_S = 150
NO_ENERGY_LIMIT_S = 180
_S_PER_DAY = 86_400


def start_ordered(point: Point) -> None:
    assert isinstance(point.command, Start)
    _begin(point, point.command.order)


def start_pending(point: Point) -> None:
    assert point.data.pending is not None
    order = point.data.pending
    drop_pending(point)
    _begin(point, order)


def _begin(point: Point, order: StartOrder) -> None:
    register = point.data.register
    assert register is not None  # may_start
    connector = point.data.connector
    session = Session(order, point.now.utc, register, register, order.limit).opened()
    point.data = replace(point.data, session=session, bill=None)
    if order.means is Means.CASH and order.limit:
        point.draft.postings.append(
            ledger.transfer(
                f"hold:{order.session}",
                order.limit,
                debit=ledger.credit(connector),
                credit=ledger.held(connector),
            )
        )
    if order.hold is not None:
        point.draft.holds.append(HoldRecord(order.hold, HoldState.USED))
    point.draft.deliveries.append(
        TransactionStarted(
            order.session, connector, order.id_tag, register, point.now.utc, point.data.values
        )
    )
    point.draft.save = True
    point.do(SetLock(connector, locked=True))
    point.timer("t_start", START_LIMIT_S)


def refuse_start(point: Point) -> None:
    assert isinstance(point.command, Start)
    worst = faults.worst(point.data.faults)
    reason = worst.text if worst else ("not_plugged" if not point.data.is_plugged else "out")
    point.draft.notices.append(StartRefused(point.command.order, reason))


def await_plug(point: Point) -> None:
    assert isinstance(point.command, Start)
    until = point.now.utc + timedelta(seconds=point.command.wait_for_plug_s)
    point.data = replace(point.data, pending=point.command.order, pending_until=until)
    point.draft.save = True
    point.timer("t_plug", point.command.wait_for_plug_s)


def rearm_pending(point: Point) -> None:
    assert point.data.pending_until is not None
    left = (point.data.pending_until - point.now.utc).total_seconds()
    point.timer("t_plug", max(0.0, left))


def drop_pending(point: Point) -> None:
    point.data = replace(point.data, pending=None, pending_until=None)
    point.draft.save = True
    point.do(CancelTimer("t_plug"))


def permit(point: Point) -> None:
    """Locked, and the commit of Start is behind us in the same order: power is allowed."""
    _offer_power(point)
    point.timer("t_wake", WAKE_AFTER_S)
    point.timer("t_no_energy", NO_ENERGY_LIMIT_S)


def _offer_power(point: Point) -> None:
    connector = point.data.connector
    point.do(
        PaceMeter(connector, fast=True),
        CloseContactor(connector, point.mint(), point.settings.rating),
    )
    _arm_samples(point)
    point.draft.save = True


def wake_vehicle(point: Point) -> None:
    """A sleeping vehicle wakes from a pilot that goes away and returns (IEC 61851-1 A.5.3)."""
    connector = point.data.connector
    point.do(
        OpenContactor(connector, point.mint()),
        CloseContactor(connector, point.mint(), point.settings.rating),
    )


def resume_start(point: Point) -> None:
    point.do(SetLock(point.data.connector, locked=True))
    point.timer("t_start", START_LIMIT_S)
    permit(point)


def resume(point: Point) -> None:
    """Energy has flowed: what follows is a pause, not a start that can fail (decisions §3)."""
    point.do(SetLock(point.data.connector, locked=True))
    _offer_power(point)


def _arm_samples(point: Point) -> None:
    if point.settings.meter_sample_s > 0:
        point.timer("t_sample", point.settings.meter_sample_s)
    if point.settings.clock_aligned_s > 0:
        point.timer("t_aligned", seconds_to_boundary(point.now, point.settings.clock_aligned_s))


def seconds_to_boundary(now: Now, interval_s: int) -> float:
    """Until the next multiple of `interval_s` since midnight UTC (OCPP 1.6 §3.13)."""
    utc = now.utc
    since = utc.hour * 3600 + utc.minute * 60 + utc.second + utc.microsecond / 1e6
    return float(min(interval_s - since % interval_s, _S_PER_DAY - since))


def note_energy(point: Point) -> None:
    """The first Wh: from now on no current is a pause, not a failed start."""
    point.do(CancelTimer("t_no_energy"), CancelTimer("t_start"), CancelTimer("t_wake"))
    point.draft.save = True


def add_credit(point: Point) -> None:
    """More money for the running session: from the connector's credit to what is held."""
    assert isinstance(point.command, AddCredit)
    amount, connector = point.command.amount, point.data.connector
    point.session = replace(point.session, limit=Minor((point.session.limit or 0) + amount))
    point.draft.postings.append(
        ledger.transfer(
            f"add:{point.command.key}",
            amount,
            debit=ledger.credit(connector),
            credit=ledger.held(connector),
        )
    )
    point.draft.save = True


def return_credit(point: Point) -> None:
    """No session that takes it: it stays the connector's credit, and the station is told."""
    assert isinstance(point.command, AddCredit)
    point.draft.notices.append(CreditReturned(point.command.amount))


def send_meter_values(point: Point) -> None:
    _send_values(point, clock_aligned=False)
    if point.settings.meter_sample_s > 0:
        point.timer("t_sample", point.settings.meter_sample_s)


def send_aligned_values(point: Point) -> None:
    _send_values(point, clock_aligned=True)
    if point.settings.clock_aligned_s > 0:
        point.timer("t_aligned", seconds_to_boundary(point.now, point.settings.clock_aligned_s))


def _send_values(point: Point, *, clock_aligned: bool) -> None:
    session, data = point.session, point.data
    before = session.aligned_register if clock_aligned else session.sampled_register
    interval = Wh(session.register - (session.register_start if before is None else before))
    session = replace(session, meter_number=session.meter_number + 1)
    if clock_aligned:
        session = replace(session, aligned_register=session.register)
    else:
        session = replace(session, sampled_register=session.register)
    point.session = session
    point.draft.deliveries.append(
        MeterValuesTaken(
            session.id,
            data.connector,
            session.meter_number,
            point.now.utc,
            session.register,
            data.power,
            data.current,
            data.voltage,
            clock_aligned,
            replace(data.values.details, interval=interval),
        )
    )
    point.draft.save = True


def idle_fee_starts_in_s(session: Session) -> int:
    """Countdown to the idle fee for the screen; -1 when there is none."""
    tariff = session.order.tariff
    if not tariff.asks_idle_fee or session.energy == 0:
        return -1
    return max(0, tariff.idle_grace_minutes * 60 - session.idle_ms // 1000)
