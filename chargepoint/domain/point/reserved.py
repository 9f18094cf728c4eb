"""What reservations mean at one point: who may begin, and which reservation a start uses up."""

from dataclasses import replace
from datetime import timedelta

from chargepoint.domain.effects import Claim, Keep, Start
from chargepoint.domain.point.context import Point, ReservationUsed
from chargepoint.domain.reservations.reservation import Reservation
from chargepoint.domain.session import Session, StartOrder

CLAIM_S = 180
"""How long whoever proved a reservation has until the plug is in; with the plug in, no limit."""


def admits(point: Point) -> bool:
    """Nobody but whom the connector is kept for may begin (OCPP 1.6 §5.13)."""
    command, data = point.command, point.data
    order = command.order if isinstance(command, Start) else data.pending
    if not data.kept.only or order is None or data.is_claimed:
        return True
    return _used_by(point, order) is not None


def _used_by(point: Point, order: StartOrder) -> Reservation | None:
    kept, now = point.data.kept, point.now.utc
    claimed = kept.by_id(point.data.claimed, now)
    return claimed or kept.usable_by(order.id_tag, order.parent_tag, now)


def use(point: Point, order: StartOrder) -> tuple[StartOrder, Reservation | None]:
    """The reservation ends in the same commit as the transaction begins."""
    found = _used_by(point, order)
    kept = point.data.kept
    remaining = kept if found is None else kept.without_reservations()
    point.data = replace(point.data, kept=remaining, claimed=None, claimed_until=None)
    if found is None:
        return order, None
    point.draft.reservations_ended.append(found.id)
    point.draft.notices.append(ReservationUsed(found.id))
    reserved_s = max(0, int((point.now.utc - found.since).total_seconds()))
    return replace(order, reserved_s=reserved_s), found


def covered(session: Session, found: Reservation | None) -> Session:
    """A session that used a reservation is not ended by the window it was made for."""
    return session if found is None else replace(session, reserved_until=found.expires)


def keep(point: Point, command: Keep) -> None:
    """The newest word on who is waited for; a claim of what is gone is gone."""
    kept, claimed = command.kept, point.data.claimed
    if kept.by_id(claimed, point.now.utc) is None:
        point.data = replace(point.data, claimed=None, claimed_until=None)
    is_over = point.data.kept.is_own and not kept.is_own
    point.data = replace(point.data, kept=kept)
    if is_over:
        _wait_afresh(point)


def _wait_afresh(point: Point) -> None:
    """From Reserved the way is Available or Preparing (§4.9 G): how long a plug waited before is
    over, and ConnectionTimeOut begins now.
    """
    if point.data.is_plugged and point.data.session is None:
        point.data = replace(point.data, waited_out=False)
        point.timer("t_present", point.settings.connection_timeout_s)


def claim(point: Point, command: Claim) -> None:
    """Somebody here has proved to be the one; None: they never came to plug in."""
    found = point.data.kept.by_id(command.reservation, point.now.utc)
    if found is None:
        point.data = replace(point.data, claimed=None, claimed_until=None)
        return
    until = point.now.utc + timedelta(seconds=CLAIM_S)
    point.data = replace(point.data, claimed=found.id, claimed_until=until)
    _wait_afresh(point)
