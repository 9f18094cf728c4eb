"""Shops as the operator sees them: a new one, what each may owe and owes, and what it paid."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from central import forms
from central.entropy import name
from central.members.pages import Refusal, Visit
from central.members.services import Services
from central.office.door import OfficeDoor, by
from central.shops.pages import StatementPage
from central.shops.shops import Shop, Shops
from central.shops.stock import Pile, Stock
from central.shops.till import Till

_LIMIT_MOST = 10_000_00


class ShopsPage:
    def __init__(self, door: OfficeDoor, services: Services, shops: Shops, till: Till) -> None:
        self._door = door
        self._services = services
        self._shops = shops
        self._till = till
        self._statements = StatementPage(services)
        self._stock = Stock(services.system.store, services.clock)

    def routes(self) -> list[BaseRoute]:
        return [
            self._door.route("/operator/shops", self._page_of_shops),
            self._door.route("/operator/shops/{shop:int}/statement", self._statement),
        ]

    async def _statement(self, visit: Visit) -> Response:
        """As the shop reads it."""
        number = min(visit.request.path_params["shop"], 2**31)
        shop = await self._services.run(self._shops.shop, number)
        if shop is None:
            raise Refusal(404, "missing")
        return await self._services.run(self._statements.answer, visit, shop, "office/_page.html")

    async def _page_of_shops(self, visit: Visit) -> Response:
        if not visit.is_post:
            return await self._page(visit, told=visit.asked("told"))
        acts = {
            "make": self._make,
            "limit": self._limit,
            "settle": self._settle,
            "give": self._give,
            "end": self._end,
        }
        act = visit.form.read("do", forms.one_of(*acts))
        if act is None:
            return await self._page(visit, 422)
        refused = await acts[act](visit, by(visit))
        if refused:
            visit.form.refuse("form", refused)
        if visit.form.errors:
            return await self._page(visit, 409 if refused else 422)
        return visit.go(f"/operator/shops?told={act}")

    async def _make(self, visit: Visit, person: str) -> str:
        read = visit.form.read
        who, called = read("login", forms.login), read("name", forms.a_name)
        password = read("password", forms.new_password)
        limit = read("limit", forms.amount_minor(0, _LIMIT_MOST))
        if who is None or called is None or password is None or limit is None:
            return ""
        hashed = await self._services.passwords.hashed(password)
        shop = Shop(0, who, called, limit)
        is_new = await self._services.run(self._shops.join, shop, hashed, by=person)
        return "" if is_new else "shops.taken"

    async def _limit(self, visit: Visit, person: str) -> str:
        shop = await self._asked_for(visit)
        limit = visit.form.read("limit", forms.amount_minor(0, _LIMIT_MOST))
        if shop is None:
            return "shops.none_such"
        if limit is not None:
            await self._services.run(self._shops.set_limit, shop, limit, by=person)
        return ""

    async def _settle(self, visit: Visit, person: str) -> str:
        shop = await self._asked_for(visit)
        amount = visit.form.read("amount", forms.amount_minor(1, _LIMIT_MOST))
        order = visit.form.text("order")
        if shop is None or not (order.isascii() and order.isalnum() and len(order) <= 40):
            return "shops.none_such"
        if amount is None:
            return ""
        return await self._services.run(self._till.settle, shop, amount, order, by=person)

    async def _give(self, visit: Visit, person: str) -> str:
        shop = await self._asked_for(visit)
        first = visit.form.read("first", forms.card_number)
        last = visit.form.read("last", forms.card_number)
        if shop is None:
            return "shops.none_such"
        if first is None or last is None:
            return ""
        given = await self._services.run(self._stock.give, shop, Pile(first, last), by=person)
        return "" if given else "shops.no_cards"

    async def _end(self, visit: Visit, person: str) -> str:
        shop = await self._asked_for(visit)
        if shop is None:
            return "shops.none_such"
        await self._services.run(self._stock.take_back, shop, by=person)
        await self._services.run(self._shops.leave, shop, by=person)
        return ""

    async def _asked_for(self, visit: Visit) -> Shop | None:
        number = visit.form.text("shop")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            return None
        return await self._services.run(self._shops.shop, int(number))

    async def _page(self, visit: Visit, status: int = 200, *, told: str = "") -> Response:
        return visit.page(
            "office/shops.html",
            status,
            shops=await self._services.run(self._owing),
            stock=await self._services.run(self._stock.everywhere),
            order=name(self._services.entropy),
            told=told,
        )

    def _owing(self) -> list[tuple[Shop, int]]:
        return [(shop, self._till.owes(shop)) for shop in self._shops.all()]
