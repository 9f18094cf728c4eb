"""What one commit holds: everything that must become durable together (decisions §2, §4).

The journal knows these values and nothing of the machines that make them.
"""

from dataclasses import dataclass, field
from typing import Any

from chargepoint.domain.delivery import Delivery
from chargepoint.domain.devices import CoinCursor
from chargepoint.domain.ledger import Posting
from chargepoint.domain.units import ConnectorId, SessionId


@dataclass(frozen=True, slots=True)
class PointRecord:
    """The saved state of one point; `body` is JSON-ready (domain/session.py writes and reads it)."""

    connector: ConnectorId
    state: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A finished session, kept for receipts and audits."""

    session: SessionId
    connector: ConnectorId
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Incident:
    """Something a technician must be able to read later. `code`: docs/incidents.md."""

    code: str
    detail: str
    device: str = ""
    trace: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """One commit. Empty batches are not written."""

    postings: tuple[Posting, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    points: tuple[PointRecord, ...] = ()
    sessions: tuple[SessionRecord, ...] = ()
    cursors: tuple[CoinCursor, ...] = ()
    incidents: tuple[Incident, ...] = ()
    settings: tuple[tuple[str, str], ...] = field(default=())

    def __bool__(self) -> bool:
        return any(
            (
                self.postings,
                self.deliveries,
                self.points,
                self.sessions,
                self.cursors,
                self.incidents,
                self.settings,
            )
        )
