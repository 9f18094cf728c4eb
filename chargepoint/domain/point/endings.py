"""Actions that end a session: the contactor opens, the meter is read, the price becomes final.

Like those of point/actions.py they append effects and return.
"""

from dataclasses import replace

from chargepoint.domain.delivery import (
    StopReason,
    TransactionEnded,
    VendorMessage,
)
from chargepoint.domain.effects import (
    CancelTimer,
    OpenContactor,
    PaceMeter,
    SetLock,
    Stop,
    TakeReading,
)
from chargepoint.domain.faults import standing as faults
from chargepoint.domain.money.settlement import Bill, bill, is_invoiced, postings, receipt
from chargepoint.domain.point import unattended
from chargepoint.domain.point.context import Billed, CreditReturned, Point
from chargepoint.domain.point.guards import LIVE_W
from chargepoint.domain.point.metering import demand_seal
from chargepoint.domain.record import HoldRecord, HoldState, Incident, SessionRecord
from chargepoint.domain.session import EndCause, Means, dump_session

OPEN_LIMIT_S = 5  # the lease has run out by then, whatever the board says
READING_LIMIT_S = 3


def _end(point: Point, cause: EndCause, reason: StopReason | None = None) -> None:
    point.session = point.session.ending(cause, reason)
    point.draft.save = True


def end_as_ordered(point: Point) -> None:
    assert isinstance(point.command, Stop)
    if point.command.id_tag is not None:
        point.session = replace(point.session, stopped_by=point.command.id_tag)
    _end(point, point.command.cause, point.command.reason)


def end_by_limit(point: Point) -> None:
    _end(point, EndCause.SPENT)


def end_by_unplugging(point: Point) -> None:
    _end(point, EndCause.UNPLUGGED)


def end_by_fault(point: Point) -> None:
    worst = faults.worst(point.data.faults)
    point.session = replace(point.session, fault=worst.key if worst else "")
    _end(point, EndCause.FAULT, worst.reason if worst else None)


def end_without_energy(point: Point) -> None:
    _end(point, EndCause.NO_ENERGY)


def end_not_started(point: Point) -> None:
    _end(point, EndCause.NOT_STARTED)


def end_by_power_loss(point: Point) -> None:
    unattended.tell(point)
    _end(point, EndCause.POWER_LOSS)


def open_contactor(point: Point) -> None:
    """On entering session/stopping. Already open: the next step follows at once."""
    point.do(OpenContactor(point.data.connector, point.mint()))
    for name in ("t_start", "t_wake", "t_woken", "t_no_energy", "t_sample", "t_aligned"):
        point.do(CancelTimer(name))
    point.timer("t_open", OPEN_LIMIT_S)


def accept_unproven_opening(point: Point) -> None:
    """The lease has run out. A board that still says closed has welded contacts; one that is lost
    says nothing, so open counts until it says otherwise.
    """
    if faults.BOARD_LOST in point.data.faults:
        point.data = replace(point.data, contactor_closed=False)
    else:
        point.data = point.data.found("weld")
    point.draft.incidents.append(
        Incident("evse.open_unproven", f"connector {point.data.connector}: no confirmed opening")
    )
    point.draft.save = True


def ask_last_reading(point: Point) -> None:
    point.do(CancelTimer("t_open"), TakeReading(point.data.connector))
    point.timer("t_meter", READING_LIMIT_S)


def end_transaction(point: Point) -> None:
    """StopTransaction at the meter's own register; the lock is released now (decisions §4)."""
    demand_seal(point)
    session = point.session = replace(point.session, ended=True)
    assert session.reason is not None  # whatever led to session/stopping said why
    connector = point.data.connector
    by_tag = session.cause in (EndCause.CUSTOMER, EndCause.SPENT, EndCause.RESTART)
    point.draft.deliveries.append(
        TransactionEnded(
            session.id,
            connector,
            (session.stopped_by or session.order.id_tag) if by_tag else None,
            session.register,
            point.now.utc,
            session.reason,
            point.data.values,
            session.signed,
        )
    )
    point.draft.save = True
    point.do(CancelTimer("t_meter"), PaceMeter(connector, fast=False))
    if _keeps_cable(point):
        point.data = replace(point.data, cable_of=session.order.id_tag)
    let_go(point)
    point.timer("t_settle", point.settings.settle_limit_s)


def let_go(point: Point) -> None:
    """Nobody charges, so the plug is free; but nobody pulls one from contacts that may be live.

    Also at boot, where the order may have been cut short, and whenever a lock closes unasked: a
    board that boots with a vehicle plugged in locks it by itself.
    """
    if not point.data.is_welded and not point.data.cable_of:
        point.do(SetLock(point.data.connector, locked=False))


def _keeps_cable(point: Point) -> bool:
    """UnlockConnectorOnEVSideDisconnect is false: pulled out at the vehicle, kept at the station.

    Only for who can be known again by what he presents.
    """
    session = point.session
    is_known_again = session.order.means in (Means.GREENCARD, Means.TOKEN)
    unplugged = session.cause is EndCause.UNPLUGGED
    return unplugged and is_known_again and not point.settings.unlock_on_ev_disconnect


def release_cable(point: Point) -> None:
    if point.data.cable_of:
        point.data = replace(point.data, cable_of="")
        point.draft.save = True
        let_go(point)


def finish(point: Point) -> None:
    """The price is final: book it, issue the receipt, or leave that to the invoicing."""
    number = point.data.receipts + 1
    connector = point.data.connector
    found = bill(
        point.session,
        f"{point.settings.receipt_series}-{connector}-{number:06d}",
        point.settings.change_unit,
        point.settings.card_vat,
    )
    point.data = replace(point.data, bill=found, receipts=number)
    point.draft.postings.extend(postings(found, connector))
    document = receipt(found, connector, point.now.utc, point.settings.timezone)
    settings = point.settings
    is_asked = settings.asks_invoices is not None and is_invoiced(found)
    is_due = settings.issues_invoices and is_invoiced(found)
    if (is_due or is_asked) and found.total > settings.simplified_limit:
        document, is_due = _full_invoice_due(point, found, document), False
    elif is_asked:
        document = replace(
            document, payload={**document.payload, "invoicing": settings.asks_invoices}
        )
    if not is_due:
        point.draft.deliveries.append(document)
    point.draft.sessions.append(
        SessionRecord(
            found.session.id,
            connector,
            {
                **dump_session(found.session),
                "receipt": found.number,
                "total": found.total,
                "owed": found.owed,
                "document": document.payload,
            },
            invoice_due=is_due,
        )
    )
    _settle_hold(point, found)
    point.draft.notices.append(Billed(found))
    if found.returned_credit:
        point.draft.notices.append(CreditReturned(found.returned_credit))
    point.draft.save = True
    point.do(CancelTimer("t_settle"))


def _full_invoice_due(point: Point, found: Bill, document: VendorMessage) -> VendorMessage:
    """RD 1619/2012 §4.1: a simplified invoice ends at the limit. The sale stands, the receipt says
    how to get an invoice that names the customer, and a person is told to write it.
    """
    limit = point.settings.simplified_limit
    detail = (
        f"receipt {found.number}: {found.total} minor units, simplified invoices end at {limit}"
    )
    point.draft.incidents.append(Incident("invoice.limit", detail))
    return replace(document, payload={**document.payload, "fullInvoice": True})


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


def doubt_contactor(point: Point) -> None:
    """Closed after the end: an order that was under way, or welded. Open, and look again."""
    point.do(OpenContactor(point.data.connector, point.mint()))
    point.timer("t_open", OPEN_LIMIT_S)


def reset_faults(point: Point) -> None:
    """A technician's word against what the devices say: contacts that are live stay a fault."""
    data = point.data
    is_live = data.contactor_closed or data.power > LIVE_W
    fresh = data.reset()
    if is_live and data.is_welded:
        fresh = fresh.found("weld")
    point.data = fresh
    if "weld" in data.faults - fresh.faults and (data.session is None or data.session.ended):
        let_go(point)


def contactor_live_unasked(point: Point) -> None:
    """Closed while nobody charges: welded, or a board that acts on its own. Out of service, and a
    plug that is in stays in.
    """
    point.data = point.data.found("weld")
    if point.data.is_plugged:
        lock_again(point)
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


def forget_and_let_go(point: Point) -> None:
    forget_session(point)
    let_go(point)


def finish_and_forget(point: Point) -> None:
    finish(point)
    forget_session(point)


def read_again(point: Point) -> None:
    """A meter's value may lag the opening; t_meter ends the patience."""
    point.do(TakeReading(point.data.connector))


def end_welded(point: Point) -> None:
    """Open in every way we have, and current still flows: the plug stays locked in."""
    point.data = point.data.found("weld")
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


def resume_settling(point: Point) -> None:
    point.timer("t_settle", point.settings.settle_limit_s)
    let_go(point)
