"""What each point brought in a month: charges that ended, energy, and their receipts."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from starlette.responses import Response
from starlette.routing import BaseRoute

from central.clock import utc_text
from central.members.csv_file import csv_file, money
from central.members.pages import Visit
from central.members.services import Services
from central.members.statements import MONTH, after, before
from central.office.door import OfficeDoor
from central.office.paging import asked_page, of_list, wants_file
from central.storage.tables.accounts import TRANSACTION

_HEADS = ("point", "name", "charges", "kwh", "total")
_OLDEST = "2020-01"


@dataclass(frozen=True, slots=True)
class Brought:
    point: str
    name: str
    charges: int
    energy_wh: int
    total_minor: int


class RevenuePage:
    def __init__(self, door: OfficeDoor, services: Services) -> None:
        self._door = door
        self._services = services
        self._system = services.system

    def routes(self) -> list[BaseRoute]:
        return [self._door.route("/operator/revenue", self._revenue)]

    async def _revenue(self, visit: Visit) -> Response:
        zone = ZoneInfo(self._system.accounts.timezone)
        this_month = f"{self._services.clock.utc().astimezone(zone):%Y-%m}"
        month = visit.asked("month")
        if not MONTH.fullmatch(month) or not _OLDEST <= month <= this_month:
            month = this_month
        found = await self._services.run(self._read, month, zone)
        if wants_file(visit):
            return csv_file(f"revenue-{month}", _HEADS, (_row(each) for each in found))
        return visit.page(
            "office/revenue.html",
            month=month,
            earlier=before(month) if month > _OLDEST else "",
            later=after(month) if month < this_month else "",
            paged=of_list(found, asked_page(visit), {"month": month}),
            total_minor=sum(each.total_minor for each in found),
            energy_wh=sum(each.energy_wh for each in found),
            charges=sum(each.charges for each in found),
        )

    def _read(self, month: str, zone: ZoneInfo) -> list[Brought]:
        """Whoever brought most first. What is not settled yet counts with its energy."""
        charge = TRANSACTION.c
        first, last = _start(month, zone), _start(after(month), zone)
        summed = (
            select(
                charge.point,
                func.count().label("charges"),
                func.sum(charge.meter_wh - charge.meter_start_wh).label("energy_wh"),
                func.coalesce(func.sum(charge.total_minor), 0).label("total_minor"),
            )
            .where(charge.stopped_at >= first, charge.stopped_at < last)
            .group_by(charge.point)
        )
        rows = self._system.store.database.rows(summed)
        found = [
            Brought(
                row.point,
                self._system.reservations.register.bays.site_of(row.point),
                int(row.charges),
                int(row.energy_wh),
                int(row.total_minor),
            )
            for row in rows
        ]
        return sorted(found, key=lambda each: (-each.total_minor, each.point))


def _start(month: str, zone: ZoneInfo) -> str:
    year, number = (int(part) for part in month.split("-"))
    return utc_text(datetime(year, number, 1, tzinfo=zone).astimezone(UTC))


def _row(each: Brought) -> tuple[str, ...]:
    kwh = f"{each.energy_wh // 1000}.{each.energy_wh % 1000:03}"
    return each.point, each.name, str(each.charges), kwh, money(each.total_minor)
