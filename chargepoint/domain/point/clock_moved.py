"""The wall clock was wrong and is set right: what it stamped in this life moves with it.

Durations are the monotonic clock's and do not change; nothing that was billed changes.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from chargepoint.domain.effects import ClockMoved
from chargepoint.domain.point.context import Point
from chargepoint.domain.record import PointRecord

_LATER = timedelta(seconds=1)


def undated(record: PointRecord, now: datetime) -> PointRecord:
    """Nobody can say how long that record is ago: it stands in the future, as one does that was
    written before the clock was set back. Such a session is settled (guards.may_resume).
    """
    saved_at = datetime.fromisoformat(record.body["saved_at"])
    later = max(saved_at, now) + _LATER
    return replace(record, body={**record.body, "saved_at": later.isoformat()})


def move(point: Point, command: ClockMoved) -> None:
    def right(at: datetime) -> datetime:
        return at + command.by if at >= command.since else at

    data, session = point.data, point.data.session
    if session is not None:
        read_at = None if session.read_at is None else right(session.read_at)
        session = replace(session, started_at=right(session.started_at), read_at=read_at)
    until = None if data.pending_until is None else right(data.pending_until)
    point.data = replace(data, session=session, pending_until=until)
    point.draft.save = True
