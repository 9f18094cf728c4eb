"""Who comes when and where, and who waits; codes are never shown."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import BaseRoute

from central.clock import utc_from_text
from central.greencard.accounts import masked
from central.members.pages import Visit
from central.members.services import Services
from central.office.door import OfficeDoor
from central.reservations.records import Reservation, Wait
from central.reservations.register import Register

_SHOWN = 200


class ReservationsPage:
    def __init__(self, door: OfficeDoor, services: Services) -> None:
        self._door = door
        self._services = services
        self._register: Register = services.system.reservations.register

    def routes(self) -> list[BaseRoute]:
        return [self._door.route("/operator/reservations", self._reservations)]

    async def _reservations(self, visit: Visit) -> Response:
        found, waiting = await self._services.run(self._read)
        return visit.page("office/reservations.html", found=found, waiting=waiting)

    def _read(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        register = self._register
        found = [self._row(each) for each in register.rows.newest(_SHOWN)]
        return found, [_wait(each, register.zone) for each in register.waits.everybody()]

    def _row(self, one: Reservation) -> dict[str, Any]:
        return {
            "begins": _local(one.begins_at, self._register.zone),
            "ends": _local(one.ends_at, self._register.zone),
            "where": f"{self._register.bays.site_of(one.point)} · {one.connector}",
            "state": one.state,
            "told": one.told,
            "answer": one.answer,
            "card": masked(one.number),
            "outcome": one.outcome,
            "money_minor": one.fee_minor or -one.compensated_minor,
            "moves": one.moves,
        }


def _wait(one: Wait, zone: ZoneInfo) -> dict[str, str]:
    return {
        "since": _local(one.made_at, zone),
        "where": one.site,
        "begins": _local(one.begins_at, zone) if one.begins_at else "",
        "card": masked(one.number),
        "state": one.state,
    }


def _local(text: str, zone: ZoneInfo) -> str:
    """With the offset: an hour that comes twice is told apart."""
    local: datetime = utc_from_text(text).astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M %z}"
