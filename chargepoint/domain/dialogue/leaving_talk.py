"""Whose bill the last screens are about, when several customers are done at the same time.

Every final bill waits in `waiting` until its customer has gone through the last screens. Outside
those, `leaving` is the bill of the session in focus; on them it is pinned, whatever else happens.
Change of somebody who left while the screen served another comes to the front when it is free.
"""

from dataclasses import replace

from chargepoint.domain.dialogue.actions import reference_of
from chargepoint.domain.dialogue.change_talk import can_pay_change, offer_change, show_owed
from chargepoint.domain.dialogue.context import Leaving, Talk
from chargepoint.domain.dialogue.events import InvoiceIssued
from chargepoint.domain.money.invoice import receipt_qr
from chargepoint.domain.money.settlement import Bill, is_invoiced
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.record import HoldRecord, HoldState
from chargepoint.domain.session import Means
from chargepoint.domain.units import ConnectorId, Minor

LAST_SCREENS = frozenset(
    {
        *("cash_back", "change", "cash_iou", "gc_load", "top_wait", "top_done"),
        *("receipt", "receipt_qr", "thanks"),
    }
)
_OVERLAYS = frozenset({"lang", "access", "help"})


def remember(talk: Talk, connector: ConnectorId, found: Bill) -> None:
    """A price is final. An unused reservation serves a retry of whoever stands here, or nobody."""
    hold = found.session.order.hold if found.total == 0 else None
    if hold is not None and connector == talk.data.focus:
        talk.pay(hold=hold)
    elif hold is not None:
        talk.draft.holds.append(HoldRecord(hold, HoldState.RELEASE))
    _wait(talk, connector, found)


def recall(talk: Talk, connector: ConnectorId, seen: PointSeen) -> None:
    """A bill from before a restart: its customer has still to pull the plug."""
    if seen.data.bill is not None:
        _wait(talk, connector, seen.data.bill)


def _wait(talk: Talk, connector: ConnectorId, found: Bill) -> None:
    session = found.session
    on_screen = talk.data.leaving
    known = {each.session for each in talk.data.waiting}
    if session.id in known or (on_screen is not None and on_screen.session == session.id):
        return
    is_full = _needs_full_invoice(talk, found)
    leaving = Leaving(
        total=found.total,
        owed=found.owed,
        energy=session.energy,
        elapsed_s=session.elapsed_ms // 1000,
        number=found.number,
        code=reference_of(session.id),
        means=session.order.means,
        session=session.id,
        qr=receipt_qr(
            talk.settings.receipt,
            session.id,
            None,
            is_ours=session.order.means is not Means.TOKEN and not is_full,
        ),
        hold=session.order.hold.amount if session.order.hold else Minor(0),
        connector=connector,
        full_invoice=is_full,
    )
    talk.set(waiting=(*talk.data.waiting, leaving))


def _needs_full_invoice(talk: Talk, found: Bill) -> bool:
    receipt = talk.settings.receipt
    is_ours = receipt.issues_invoices or receipt.asks_invoices
    return is_ours and is_invoiced(found) and found.total > receipt.simplified_limit


def seat(talk: Talk, state: str) -> None:
    """Keep `leaving` true: called before each event, and after what could change it."""
    shown = talk.data.under if state in _OVERLAYS else state
    leaving = talk.data.leaving
    if shown in LAST_SCREENS and leaving is not None:
        rest = tuple(each for each in talk.data.waiting if each.claim != leaving.claim)
        if rest != talk.data.waiting:
            talk.set(waiting=rest)
        return
    session = talk.data.point.session
    found = next((w for w in talk.data.waiting if session and w.session == session.id), None)
    if found != leaving:
        talk.set(leaving=found)


def has_left(talk: Talk, connector: ConnectorId) -> None:
    """Who is owed nothing needs no screen any more."""
    rest = tuple(w for w in talk.data.waiting if w.connector != connector or w.owed > 0)
    if rest != talk.data.waiting:
        talk.set(waiting=rest)


def note_invoice(talk: Talk, event: InvoiceIssued) -> None:
    """The receipt on screen, or one that waits, has its invoice."""
    if not event.number:
        return

    def numbered(each: Leaving) -> Leaving:
        if each.number != event.receipt:
            return each
        return replace(each, number=event.number, qr=event.qr)

    leaving = talk.data.leaving
    talk.set(
        leaving=None if leaving is None else numbered(leaving),
        waiting=tuple(numbered(each) for each in talk.data.waiting),
    )


# --- change of somebody who left unseen ------------------------------------------------------------


def _unseen(talk: Talk) -> Leaving | None:
    for each in talk.data.waiting:
        point = talk.data.points[each.connector]
        gone = point.session is None or point.session.id != each.session
        if each.owed > 0 and gone and point.state != "booting":
            return each
    return None


def somebody_waits(talk: Talk) -> bool:
    return talk.data.kiosk_alive and _unseen(talk) is not None


def somebody_waits_for_coins(talk: Talk) -> bool:
    return somebody_waits(talk) and can_pay_change(talk)


def bring_up(talk: Talk) -> None:
    unseen = _unseen(talk)
    assert unseen is not None  # somebody_waits
    talk.set(focus=unseen.connector, leaving=unseen)


def bring_up_for_coins(talk: Talk) -> None:
    bring_up(talk)
    offer_change(talk)


def bring_up_owed(talk: Talk) -> None:
    bring_up(talk)
    show_owed(talk)
