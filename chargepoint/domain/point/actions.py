"""Actions of the point's table (states.py): they append effects and return.

Nothing here triggers, logs, waits or reads a clock.
"""

from dataclasses import replace
from datetime import timedelta

from chargepoint.domain.delivery import TransactionStarted
from chargepoint.domain.effects import (
    AddCredit,
    CancelTimer,
    CloseContactor,
    OpenContactor,
    PaceMeter,
    SetLock,
    Start,
)
from chargepoint.domain.faults import standing as faults
from chargepoint.domain.money import ledger
from chargepoint.domain.point import reserved, unattended
from chargepoint.domain.point import sampling as point_sampling
from chargepoint.domain.point.context import CreditReturned, Point, StartRefused
from chargepoint.domain.record import HoldRecord, HoldState
from chargepoint.domain.session import Means, Session, StartOrder
from chargepoint.domain.units import Minor

WAKE_AFTER_S = 90  # one wake-up of a sleeping vehicle (decisions §3)
WAKE_PAUSE_S = (
    4  # without an offer before the next: the standard's t_step_EF, and more than t_step_X1
)
START_LIMIT_S = 150
NO_ENERGY_LIMIT_S = 180


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
    order, found = reserved.use(point, order)
    session = Session(order, point.now.utc, register, register, order.limit).opened()
    point.data = replace(point.data, session=reserved.covered(session, found), bill=None)
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
            order.session,
            connector,
            order.id_tag,
            register,
            point.now.utc,
            point.data.values,
            None if found is None else found.id,
        )
    )
    point.draft.save = True
    point.do(SetLock(connector, locked=True))
    point.timer("t_start", START_LIMIT_S)


def refuse_start(point: Point) -> None:
    assert isinstance(point.command, Start)
    worst = faults.worst(point.data.faults)
    reason = worst.text if worst else ("not_plugged" if not point.data.is_plugged else "out")
    if not reserved.admits(point):
        reason = "reserved"
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


def await_driver(point: Point) -> None:
    """On entering idle/plugged: whoever plugged in has this long to say who pays."""
    point.data = replace(point.data, waited_out=False)
    point.timer("t_present", point.settings.connection_timeout_s)


def join_group(point: Point, parent_tag: str) -> None:
    session = point.data.session
    if session is not None and not session.ended:
        order = replace(session.order, parent_tag=parent_tag)
        point.session = replace(session, order=order)
        point.draft.save = True


def take_code(point: Point, code: str) -> None:
    session = point.data.session
    if session is not None and not session.ended and session.order.code:
        point.session = replace(session, order=replace(session.order, code=code))
        point.draft.save = True


def expect(point: Point, state: str, *, coming: bool) -> None:
    """OCPP 1.6 §4.9 A2 and B1: for ConnectionTimeOut the connector is no longer anybody's."""
    is_expected = coming and state == "idle/free"
    point.data = replace(point.data, expected=is_expected)
    if is_expected:
        point.timer("t_expect", point.settings.connection_timeout_s)
    else:
        point.do(CancelTimer("t_expect"))


def expect_nobody(point: Point) -> None:
    point.data = replace(point.data, expected=False)


def give_up_waiting(point: Point) -> None:
    """OCPP 1.6 §4.9 B6: nobody did. It can still begin."""
    point.data = replace(point.data, waited_out=True)


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
    point.do(PaceMeter(connector, fast=True))
    if not point.session.is_denied:
        point.do(CloseContactor(connector, point.mint(), point.settings.rating))
    point_sampling.arm(point)
    point.draft.save = True


def wake_vehicle(point: Point) -> None:
    """A sleeping vehicle wakes from a pilot that goes away for a while and returns (IEC 61851-1 A.5.3)."""
    point.do(OpenContactor(point.data.connector, point.mint()))
    point.timer("t_woken", WAKE_PAUSE_S)


def end_wake(point: Point) -> None:
    """Whatever has come between: what was taken for the wake-up is given back."""
    if not point.session.is_denied:
        point.do(CloseContactor(point.data.connector, point.mint(), point.settings.rating))


def resume_start(point: Point) -> None:
    point.session = replace(point.session, waits_from_ms=point.session.elapsed_ms)
    point.do(SetLock(point.data.connector, locked=True))
    point.timer("t_start", START_LIMIT_S)
    permit(point)


def resume(point: Point) -> None:
    """At boot. Energy has flowed: what follows is a pause, not a start that can fail (decisions §3)."""
    unattended.tell(point)
    offer_power_locked(point)


def offer_power_locked(point: Point) -> None:
    point.do(SetLock(point.data.connector, locked=True))
    _offer_power(point)


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


def idle_fee_starts_in_s(session: Session) -> int:
    """Countdown to the idle fee for the screen; -1 when there is none."""
    tariff = session.order.tariff
    if not tariff.asks_idle_fee or session.energy == 0:
        return -1
    return max(0, tariff.idle_grace_minutes * 60 - session.idle_ms // 1000)
