"""The books: the trial balance, what was sold day by day, and what people have to look at."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from central.greencard.takings import Takings
from central.greencard.trial import trial_of
from central.members.pages import Visit
from central.members.services import Services
from central.office.door import OfficeDoor

_DAYS, _FINDINGS, _NOTES = 31, 100, 200


class BooksPage:
    def __init__(self, door: OfficeDoor, services: Services) -> None:
        self._door = door
        self._services = services
        self._takings = Takings(services.system.store.database, services.clock)

    def routes(self) -> list[BaseRoute]:
        return [
            self._door.route("/operator/books", self._books),
            self._door.route("/operator/trail", self._trail),
        ]

    async def _books(self, visit: Visit) -> Response:
        return visit.page("office/books.html", **await self._services.run(self._read))

    def _read(self) -> dict[str, Any]:
        system = self._services.system
        return {
            "trial": trial_of(system.store),
            "days": self._takings.days(_DAYS, system.accounts.timezone),
            "findings": system.store.findings(_FINDINGS),
        }

    async def _trail(self, visit: Visit) -> Response:
        """Who changed what, newest first."""
        notes = await self._services.run(self._services.system.store.trail.notes, None, _NOTES)
        return visit.page("office/trail.html", notes=notes)
