"""Who comes when and where, and who waits: by place, a page at a time, as a file; codes are never shown."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import BaseRoute

from central.clock import utc_from_text
from central.forms import Form
from central.greencard.accounts import masked
from central.members.csv_file import csv_file
from central.members.pages import Visit
from central.members.services import Services
from central.office.door import OfficeDoor
from central.office.paging import FILE_ROWS_MAX, SIZE, Paged, asked_page, wants_file
from central.office.points_page import is_called
from central.reservations.records import Reservation, Wait
from central.reservations.register import Register

_SOUGHT_MAX = 60
_HEADS = ("from", "until", "where", "state", "told", "answer", "card", "outcome", "moves")


class ReservationsPage:
    def __init__(self, door: OfficeDoor, services: Services) -> None:
        self._door = door
        self._services = services
        self._register: Register = services.system.reservations.register

    def routes(self) -> list[BaseRoute]:
        return [self._door.route("/operator/reservations", self._reservations)]

    async def _reservations(self, visit: Visit) -> Response:
        sought, run = visit.asked("q").strip()[:_SOUGHT_MAX], self._services.run
        if wants_file(visit):
            rows = await run(self._read, sought, 0, FILE_ROWS_MAX)
            return csv_file("reservations", _HEADS, (_cells(each) for each in rows))
        total = await run(self._register.rows.count, self._points(sought))
        page = min(asked_page(visit), max(1, -(-total // SIZE)))
        visit.form = Form({"q": sought})
        return visit.page(
            "office/reservations.html",
            paged=Paged(
                await run(self._read, sought, (page - 1) * SIZE, SIZE), total, page, {"q": sought}
            ),
            waiting=await run(self._waiting),
        )

    def _read(self, sought: str, after: int, count: int) -> list[dict[str, Any]]:
        rows = self._register.rows.newest(count, after=after, points=self._points(sought))
        return [self._row(each) for each in rows]

    def _waiting(self) -> list[dict[str, str]]:
        return [_wait(each, self._register.zone) for each in self._register.waits.everybody()]

    def _points(self, sought: str) -> list[str] | None:
        """None: everywhere."""
        if not sought:
            return None
        known = self._services.system.registry.points()
        return [each.id for each in known if is_called(each, sought)]

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


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    names = ("begins", "ends", "where", "state", "told", "answer", "card", "outcome", "moves")
    return tuple(str(row[name]) for name in names)


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
