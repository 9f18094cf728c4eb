"""All reservations of a station: may one more be made, and what each point must know. Pure.

At most one per connector, and one for connector 0 (OCPP 1.6 §5.13). For the latter nothing is
kept while two connectors are free; of the last one strangers are refused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from chargepoint.domain.faults import standing as faults
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.reservations.reservation import (
    ANY_CONNECTOR,
    Calendar,
    Kept,
    Reservation,
    Verdict,
)
from chargepoint.domain.units import ConnectorId

Points = Mapping[ConnectorId, PointSeen]
Book = tuple[Reservation, ...]


def judge(book: Book, wanted: Reservation, points: Points) -> Verdict:
    """The one with the same id is replaced, so it does not count."""
    others = tuple(each for each in book if each.id != wanted.id)
    if wanted.expires <= wanted.since or not wanted.id_tag.strip():
        return Verdict.REJECTED
    if wanted.connector != ANY_CONNECTOR and wanted.connector not in points:
        return Verdict.REJECTED
    if any(each.connector == wanted.connector for each in others):
        return Verdict.OCCUPIED
    if wanted.connector != ANY_CONNECTOR:
        verdict = _state_of(points[wanted.connector])
        is_last = any(each.connector == ANY_CONNECTOR for each in others) and not (
            _free(others, points) - {wanted.connector}
        )
        return Verdict.OCCUPIED if verdict is Verdict.ACCEPTED and is_last else verdict
    if _free(others, points):
        return Verdict.ACCEPTED
    states = {_state_of(seen) for seen in points.values()} - {Verdict.ACCEPTED}
    return states.pop() if len(states) == 1 else Verdict.OCCUPIED


def _state_of(seen: PointSeen) -> Verdict:
    """§4.9 in the words of ReserveNow: accepted means Available."""
    worst = faults.worst(seen.data.faults)
    if worst is not None and not worst.of_vehicle:
        return Verdict.FAULTED
    if seen.state == "booting" or (not seen.data.is_available and seen.session is None):
        return Verdict.UNAVAILABLE
    is_free = seen.state == "idle/free" and not seen.data.cable_of
    return Verdict.ACCEPTED if is_free else Verdict.OCCUPIED


def _free(book: Iterable[Reservation], points: Points) -> set[ConnectorId]:
    """Available, and reserved for nobody."""
    taken = {each.connector for each in book}
    return {c for c, s in points.items() if _state_of(s) is Verdict.ACCEPTED and c not in taken}


def lost(book: Book, points: Points) -> Book:
    """Reservations that a fault or an operator's order ends (§5.13)."""

    def is_out(seen: PointSeen) -> bool:
        return seen.state != "booting" and _state_of(seen) in (
            Verdict.FAULTED,
            Verdict.UNAVAILABLE,
        )

    out = {connector for connector, seen in points.items() if is_out(seen)}
    if len(out) == len(points):
        out.add(ANY_CONNECTOR)
    return tuple(each for each in book if each.connector in out)


@dataclass(frozen=True, slots=True)
class Days:
    """The calendars of all connectors that have one."""

    of: Mapping[ConnectorId, Calendar]

    def calendar(self, connector: ConnectorId) -> Calendar:
        return self.of.get(connector, Calendar())


def kept(book: Book, days: Days, points: Points, now: datetime) -> dict[ConnectorId, Kept]:
    """What every point must know now."""
    valid = tuple(each for each in book if now < each.expires)
    anywhere = next((each for each in valid if each.connector == ANY_CONNECTOR), None)
    open_to_all = {
        connector
        for connector, seen in points.items()
        if seen.data.may_start
        and seen.state in ("idle/free", "idle/plugged")
        and not any(each.connector == connector for each in valid)
    }
    found = {}
    for connector in points:
        windows = days.calendar(connector).from_now(now)
        own = next((each for each in valid if each.connector == connector), None)
        current = next((window for window in windows if window.holds(now)), None)
        if own is not None:
            found[connector] = Kept((own,), True, True, own.expires, windows)
        elif current is not None:
            found[connector] = Kept((), True, False, current.end, windows)
        elif anywhere is not None:
            is_last = open_to_all <= {connector} and connector in open_to_all
            until = anywhere.expires if is_last else None
            found[connector] = Kept((anywhere,), is_last, False, until, windows)
        else:
            found[connector] = Kept(windows=windows)
    return found
