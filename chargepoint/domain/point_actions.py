"""Actions of the point's table (states.py): they append effects and return.

Nothing here triggers, logs, waits or reads a clock.
"""

from dataclasses import replace
from datetime import timedelta

from chargepoint.domain import faults, ledger
from chargepoint.domain.delivery import (
    MeterValuesTaken,
    StopReason,
    TransactionEnded,
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
    Stop,
    TakeReading,
)
from chargepoint.domain.now import Now
from chargepoint.domain.point_context import Billed, CreditReturned, Point, StartRefused
from chargepoint.domain.record import HoldRecord, HoldState, Incident, SessionRecord
from chargepoint.domain.session import EndCause, Means, Session, StartOrder, dump_session
from chargepoint.domain.settlement import Bill, bill, postings, receipt
from chargepoint.domain.units import Minor

WAKE_AFTER_S = 90  # one wake-up of a sleeping vehicle (decisions §3)


START_LIMIT_S = 150


NO_ENERGY_LIMIT_S = 180


OPEN_LIMIT_S = 5  # the lease has run out by then, whatever the board says


READING_LIMIT_S = 3


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
    session = Session(order, point.now.utc, register, register, order.limit)
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
        TransactionStarted(order.session, connector, order.id_tag, register, point.now.utc)
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
    connector = point.data.connector
    point.do(
        PaceMeter(connector, fast=True),
        CloseContactor(connector, point.mint(), point.settings.rating),
    )
    point.timer("t_wake", WAKE_AFTER_S)
    point.timer("t_no_energy", NO_ENERGY_LIMIT_S)
    _arm_samples(point)
    point.draft.save = True


def wake_vehicle(point: Point) -> None:
    """A sleeping vehicle wakes from a pilot that goes away and returns (IEC 61851-1 A.5.3)."""
    connector = point.data.connector
    point.do(
        OpenContactor(connector, point.mint()),
        CloseContactor(connector, point.mint(), point.settings.rating),
    )


def resume(point: Point) -> None:
    point.do(SetLock(point.data.connector, locked=True))
    point.timer("t_start", START_LIMIT_S)
    permit(point)


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
    session = replace(point.session, meter_number=point.session.meter_number + 1)
    point.session = session
    data = point.data
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
        )
    )
    point.draft.save = True


def _end(point: Point, cause: EndCause, reason: StopReason | None = None) -> None:
    point.session = point.session.ending(cause, reason)
    point.draft.save = True


def end_as_ordered(point: Point) -> None:
    assert isinstance(point.command, Stop)
    _end(point, point.command.cause, point.command.reason)


def end_by_limit(point: Point) -> None:
    _end(point, EndCause.SPENT)


def end_by_unplugging(point: Point) -> None:
    _end(point, EndCause.UNPLUGGED)


def end_by_fault(point: Point) -> None:
    worst = faults.worst(point.data.faults)
    point.session = replace(point.session, fault=worst.key if worst else "")
    _end(point, EndCause.FAULT)


def end_without_energy(point: Point) -> None:
    _end(point, EndCause.NO_ENERGY)


def end_not_started(point: Point) -> None:
    _end(point, EndCause.NOT_STARTED)


def end_by_power_loss(point: Point) -> None:
    _end(point, EndCause.POWER_LOSS)


def open_contactor(point: Point) -> None:
    """On entering session/stopping. Already open: the next step follows at once."""
    point.do(OpenContactor(point.data.connector, point.mint()))
    for name in ("t_start", "t_wake", "t_no_energy", "t_sample", "t_aligned"):
        point.do(CancelTimer(name))
    point.timer("t_open", OPEN_LIMIT_S)


def accept_unproven_opening(point: Point) -> None:
    """The lease has run out. A board that still says closed has welded contacts."""
    if point.data.contactor_closed and faults.BOARD_LOST not in point.data.faults:
        point.data = point.data.with_fault("weld")
    point.draft.incidents.append(
        Incident("evse.open_unproven", f"connector {point.data.connector}: no confirmed opening")
    )
    point.draft.save = True


def ask_last_reading(point: Point) -> None:
    point.do(CancelTimer("t_open"), TakeReading(point.data.connector))
    point.timer("t_meter", READING_LIMIT_S)


def end_transaction(point: Point) -> None:
    """StopTransaction at the meter's own register; the lock is released now (decisions §4)."""
    session = replace(point.session, ended=True)
    if session.cause is None:
        session = session.ending(EndCause.POWER_LOSS)
    point.session = session
    assert session.reason is not None
    connector = point.data.connector
    by_tag = session.cause in (EndCause.CUSTOMER, EndCause.SPENT)
    point.draft.deliveries.append(
        TransactionEnded(
            session.id,
            connector,
            session.order.id_tag if by_tag else None,
            session.register,
            point.now.utc,
            session.reason,
        )
    )
    point.draft.save = True
    point.do(CancelTimer("t_meter"), PaceMeter(connector, fast=False))
    if "weld" not in point.data.faults:
        point.do(SetLock(connector, locked=False))
    point.timer("t_settle", point.settings.settle_limit_s)


def finish(point: Point) -> None:
    """The price is final: book it, issue the receipt."""
    number = point.data.receipts + 1
    connector = point.data.connector
    found = bill(
        point.session,
        f"{point.settings.receipt_series}-{connector}-{number:06d}",
        point.settings.change_unit,
    )
    point.data = replace(point.data, bill=found, receipts=number)
    point.draft.postings.extend(postings(found, connector))
    point.draft.deliveries.append(receipt(found, connector, point.now.utc))
    point.draft.sessions.append(
        SessionRecord(
            found.session.id,
            connector,
            {
                **dump_session(found.session),
                "receipt": found.number,
                "total": found.total,
                "owed": found.owed,
            },
        )
    )
    _settle_hold(point, found)
    point.draft.notices.append(Billed(found))
    if found.returned_credit:
        point.draft.notices.append(CreditReturned(found.returned_credit))
    point.draft.save = True
    point.do(CancelTimer("t_settle"))


def _settle_hold(point: Point, found: Bill) -> None:
    """Capture what was sold. Nothing sold: the same reservation may serve a retry (decisions §3)."""
    hold = found.session.order.hold
    if hold is None:
        return
    state = HoldState.CAPTURE if found.total > 0 else HoldState.OPEN
    point.draft.holds.append(HoldRecord(hold, state, wanted=found.total))


def forget_session(point: Point) -> None:
    """The connector is free for the next. A contactor found closed now is closed by nobody."""
    if point.data.session is not None or point.data.pending is not None:
        point.data = replace(point.data, session=None, bill=None, pending=None, pending_until=None)
        point.draft.save = True
    if point.data.contactor_closed:
        contactor_live_unasked(point)


def contactor_live_unasked(point: Point) -> None:
    """Closed while nobody charges: welded, or a board that acts on its own. Out of service."""
    point.data = point.data.with_fault("weld")
    point.do(OpenContactor(point.data.connector, point.mint()))
    point.draft.incidents.append(
        Incident("evse.live_unasked", f"connector {point.data.connector}: contactor found closed")
    )


def end_and_finish(point: Point) -> None:
    end_transaction(point)
    finish(point)


def end_and_forget(point: Point) -> None:
    end_and_finish(point)
    forget_session(point)


def finish_and_forget(point: Point) -> None:
    finish(point)
    forget_session(point)


def read_again(point: Point) -> None:
    """A meter's value may lag the opening; t_meter ends the patience."""
    point.do(TakeReading(point.data.connector))


def end_welded(point: Point) -> None:
    """Open in every way we have, and current still flows: the plug stays locked in."""
    point.data = point.data.with_fault("weld")
    connector = point.data.connector
    detail = f"connector {connector}: {point.data.power} W after the opening"
    point.draft.incidents.append(Incident("evse.weld", detail, f"evse:{connector}"))
    end_and_finish(point)


def lock_again(point: Point) -> None:
    """The board found the weld after the lock was released: nobody may touch this socket."""
    point.do(SetLock(point.data.connector, locked=True))


def end_estimated(point: Point) -> None:
    """The meter is silent: the last believed register counts, and the receipt says so."""
    point.session = replace(point.session, estimated=True)
    point.draft.incidents.append(
        Incident("meter.last_reading_missing", f"session {point.session.id} ends at the last value")
    )
    end_transaction(point)


def end_estimated_and_finish(point: Point) -> None:
    end_estimated(point)
    finish(point)


def end_estimated_and_forget(point: Point) -> None:
    end_estimated_and_finish(point)
    forget_session(point)


def idle_fee_starts_in_s(session: Session) -> int:
    """Countdown to the idle fee for the screen; -1 when there is none."""
    tariff = session.order.tariff
    if tariff.idle_milli_per_minute == 0 or session.energy == 0:
        return -1
    return max(0, tariff.idle_grace_minutes * 60 - session.idle_ms // 1000)
