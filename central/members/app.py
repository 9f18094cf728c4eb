"""The members' web as one object: its areas, and what they share.

An area is a class with `routes()`. A new one is one more line in `_areas`, and in navigation.py when
it belongs into the menu.
"""

from collections.abc import Sequence
from typing import Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from central.clock import Clock
from central.members.entropy import Entropy, SystemEntropy
from central.members.home import Home
from central.members.live import Live
from central.members.pages import Brand, Member, Pages, Refusal, Visit
from central.system import CentralSystem


class Area(Protocol):
    def routes(self) -> list[BaseRoute]: ...


class _Nobody:
    def member_of(self, session: str) -> Member | None:
        del session
        return None


class MembersWeb:
    """`app` answers everything; `behind` are routes of others on the same port.

    `live.run()` must run beside it.
    """

    def __init__(
        self,
        system: CentralSystem,
        clock: Clock,
        *,
        entropy: Entropy | None = None,
        behind: Sequence[BaseRoute] = (),
    ) -> None:
        tariff, programme = system.accounts.tariff, system.accounts.programme
        brand = Brand(programme.timezone, tariff.currency)
        self.pages = Pages(clock, entropy or SystemEntropy(), _Nobody(), brand)
        self.live = Live(system.feed, system.registry, clock, self.pages, tariff)
        self._system = system
        routes = [route for area in self._areas() for route in area.routes()]
        self.app = Starlette(
            routes=[*routes, *behind],
            exception_handlers={HTTPException: self._missing, Exception: self._broken},
        )

    def _areas(self) -> Sequence[Area]:
        return (Home(self.pages, self._system.registry, self._system.accounts, self.live),)

    async def _missing(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        return await self._refuse(request, Refusal(status, "missing"))

    async def _broken(self, request: Request, error: Exception) -> Response:
        """The person sees what holds and what to do; the server logs the error by itself."""
        del error
        return await self._refuse(request, Refusal(500, "broken"))

    async def _refuse(self, request: Request, refusal: Refusal) -> Response:
        async def refused(_: Visit) -> Response:
            raise refusal

        return await self.pages.door(refused, checks_form=False)(request)
