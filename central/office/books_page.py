"""The books: the trial balance, what was sold day by day, what people have to look at, and faults."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from central.fleet.registry import PointState
from central.greencard.takings import Day, Takings
from central.greencard.trial import trial_of
from central.members.csv_file import csv_file, money
from central.members.pages import Visit
from central.members.services import Services
from central.office.door import OfficeDoor
from central.office.paging import wants_file

_DAYS, _FINDINGS = 31, 10
_FILE_DAYS = 366
_HEADS = ("day", "charges", "kwh", "sales", "fees")


class BooksPage:
    def __init__(self, door: OfficeDoor, services: Services) -> None:
        self._door = door
        self._services = services
        self._takings = Takings(services.system.store.database, services.clock)

    def routes(self) -> list[BaseRoute]:
        return [
            self._door.route("/operator/books", self._books),
            self._door.route("/operator/days", self._days),
        ]

    async def _books(self, visit: Visit) -> Response:
        if wants_file(visit):
            zone = self._services.system.accounts.timezone
            days = await self._services.run(self._takings.days, _FILE_DAYS, zone)
            return csv_file("days", _HEADS, (_row(each) for each in days))
        return visit.page("office/books.html", **await self._services.run(self._read))

    def _read(self) -> dict[str, Any]:
        system = self._services.system
        return {
            "trial": trial_of(system.store),
            "days": self._takings.days(_DAYS, system.accounts.timezone),
            "findings": system.store.findings(_FINDINGS),
        }

    async def _days(self, visit: Visit) -> Response:
        """What was sold, day by day, and which points tell of a fault now."""
        system = self._services.system
        zone = system.accounts.timezone
        days = await self._services.run(self._takings.days, _DAYS, zone)
        found = [fault for point in system.registry.points() for fault in _faults(point)]
        return visit.page("office/days.html", days=days, faults=found)


def _faults(point: PointState) -> list[dict[str, str]]:
    """What its connectors tell, 0 being the point itself; and, without a word, that it is silent."""
    name = f"{point.id} {point.site.name}" if point.site.name != point.id else point.id
    silent = [] if point.is_connected else [{"where": name, "what": "", "since": point.last_seen}]
    return silent + [
        {
            "where": f"{name} · {number}",
            "what": f"{state.error_code} {state.info}".strip(),
            "since": state.since,
        }
        for number, state in sorted(point.connectors.items())
        if state.status == "Faulted" or state.error_code not in ("", "NoError")
    ]


def _row(day: Day) -> tuple[str, ...]:
    kwh = f"{day.energy_wh // 1000}.{day.energy_wh % 1000:03}"
    return day.date, str(day.charges), kwh, money(day.sales_minor), money(day.fees_minor)
