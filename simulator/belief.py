"""What a core holds to be so at one connector, as far as the witness compares it with the world.

A core in this process is asked itself. Of one in a process of its own the journal knows enough: what
lets power flow is durable before it does.
"""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from chargepoint.domain.faults import standing as faults
from chargepoint.domain.point import states
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.session import Session, load_session
from chargepoint.domain.supply.believable import DOUBTS
from chargepoint.domain.supply.charging_profile import Profile, load_profile
from chargepoint.domain.units import ConnectorId, MilliAmp, SessionId

_UNBELIEVED = DOUBTS | {faults.METER_LOST}


class Belief(NamedTuple):
    """`unpaid`: what there is instead of a session that pays; empty while one does. `doubts`: by which
    its meter is not believed. `ceiling`: what profile, share and temperature leave, where it is told.
    """

    unpaid: str = ""
    doubts: tuple[str, ...] = ()
    ceiling: MilliAmp | None = None
    session: SessionId | None = None
    begun_at: datetime | None = None


NOTHING_BEGUN = Belief(unpaid="nothing has begun")


def believed(seen: PointSeen) -> Belief:
    return _belief(seen.state, seen.session, seen.data.faults, seen.data.ceiling)


def recorded(state: str, body: Mapping[str, object]) -> Belief:
    """From the journal's record of a point: domain/record.py."""
    session, latched = body["session"], body.get("latched", [])
    assert isinstance(latched, list)
    found = load_session(session) if isinstance(session, dict) else None
    return _belief(state, found, frozenset(latched), None)


def _belief(
    state: str, session: Session | None, present: frozenset[str], ceiling: MilliAmp | None
) -> Belief:
    return Belief(
        _unpaid(state, session),
        tuple(sorted(present & _UNBELIEVED)) if present else (),
        ceiling,
        None if session is None else session.id,
        None if session is None else session.started_at,
    )


def _unpaid(state: str, session: Session | None) -> str:
    if not state.startswith(states.MAY_BE_CLOSED) or session is None or session.ended:
        return state
    if session.limit is not None and session.exact_cost > session.limit:
        return f"{session.exact_cost} of {session.limit}"
    return ""


class JournalSight:
    """What the journal says now; nothing while there is none yet, or it cannot be read just now."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal

    def beliefs(self) -> dict[ConnectorId, Belief]:
        rows = self._rows("SELECT connector, state, body FROM point_state")
        return {ConnectorId(c): recorded(state, json.loads(body)) for c, state, body in rows}

    def profiles(self) -> list[Profile]:
        rows = self._rows("SELECT body FROM charging_profile ORDER BY id")
        return [load_profile(json.loads(body)) for (body,) in rows]

    def _rows(self, question: str) -> list[tuple[Any, ...]]:
        try:
            connection = sqlite3.connect(f"file:{self._journal}?mode=ro", uri=True)
        except sqlite3.OperationalError:
            return []
        with closing(connection):
            try:
                return connection.execute(question).fetchall()
            except sqlite3.OperationalError:
                return []
