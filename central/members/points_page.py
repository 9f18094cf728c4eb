"""A member's points: when they end, and what they become in the days of the exchange."""

from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central import forms
from central.clock import utc_text
from central.entropy import name
from central.greencard.promotions import Promotion
from central.members.pages import Pages, Visit
from central.members.services import Services
from central.members.wallet import Holding, meant

_DAYS_AHEAD = 31


class PointPages:
    def __init__(self, pages: Pages, services: Services) -> None:
        self._pages = pages
        self._services = services
        self._exchange = services.system.exchange

    def routes(self) -> list[BaseRoute]:
        door = self._pages.door(self._points, members_only=True)
        return [Route("/me/points", door, methods=["GET", "POST"])]

    async def _points(self, visit: Visit) -> Response:
        holdings = await self._services.run(self._services.wallet.holdings, visit.who)
        holding = meant(holdings, visit.asked("card"))
        if holding is None:
            return visit.go("/me")
        status = 200
        if visit.is_post:
            refused = await self._taken(visit, holding.number)
            if not refused:
                return visit.go(f"/me/points?card={holding.number[-4:]}&told=ordered")
            visit.form.refuse("form", refused)
            status = 409
        return await self._services.run(self._page, visit, holding, status)

    async def _taken(self, visit: Visit, number: str) -> str:
        """The form's own name makes a second press of the button the same order."""
        pack_id = visit.form.read("pack", forms.whole(1, 2**31))
        reference = visit.form.text("order")
        if pack_id is None or not (reference.isascii() and reference.isalnum()):
            return "exchange.gone"
        return await self._services.run(
            self._exchange.take, number, pack_id, reference[:40], member_id=visit.who.id
        )

    def _promotions(self, holding: Holding) -> list[Promotion]:
        """Of this card's plan, and with days in the coming month."""
        system = self._services.system
        zone = ZoneInfo(system.accounts.timezone)
        now = self._services.clock.utc().astimezone(zone)
        plan = system.accounts.plan_now(holding.card).kind
        return [
            each
            for each in system.store.programme.promotions()
            if (not each.plans or plan in each.plans)
            and each.hours.may_hold_within(now, _DAYS_AHEAD)
        ]

    def _page(self, visit: Visit, holding: Holding, status: int) -> Response:
        number = holding.number
        now = utc_text(self._services.clock.utc())
        opens, closes = self._exchange.window()
        groups = self._services.system.store.points.groups(number, now)
        return visit.page(
            "points.html",
            status,
            holding=holding,
            groups=[(ends, points) for ends, points in groups if points > 0],
            packs=self._exchange.packs(),
            names={
                each.name: each.said(visit.language.code).name
                for each in self._exchange.packs(ended=True)
            },
            promotions=self._promotions(holding),
            orders=self._exchange.orders(number=number, limit=20),
            is_open=self._exchange.is_open(),
            opens=opens.isoformat(),
            closes=closes.isoformat(),
            order=name(self._services.entropy),
            told=visit.asked("told"),
        )
