"""What a central system may ask about times to come, in no OCPP version's words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chargepoint.domain.reservations.reservation import Calendar, Verdict
from chargepoint.domain.units import ConnectorId


@dataclass(frozen=True, slots=True)
class ReservationWanted:
    id: int
    connector: ConnectorId  # 0: one of all
    id_tag: str
    expires: datetime
    parent_tag: str | None = None


class ReservationDoor(Protocol):
    """Every answer is durable, and every connector knows of it, before it returns."""

    async def reserve(self, wanted: ReservationWanted) -> Verdict: ...

    async def cancel(self, reservation: int) -> bool:
        """False: there is no such reservation."""
        ...

    async def set_calendar(self, connector: ConnectorId, calendar: Calendar) -> bool:
        """Replaces an older version; False: this version or a newer one is here already."""
        ...
