"""The shop's pages: sign in, sell or load a card, and the statement of what it took and owes."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central import forms
from central.clock import utc_text
from central.entropy import name
from central.members.pages import Pages, Visit
from central.members.services import Services
from central.members.staff_door import StaffDoor, Way
from central.shops.shops import Shop, Shops
from central.shops.till import LEAST_MINOR, LOAD, MOST_MINOR, SALE, Sale, Till


class ShopPages:
    def __init__(self, pages: Pages, services: Services, shops: Shops, till: Till) -> None:
        way = Way("/shop", "shop", "shop/sign_in.html", "wrong.shop")
        self._door = StaffDoor(pages, services, shops, way)
        self._services = services
        self._till = till

    def routes(self) -> list[BaseRoute]:
        counter = Route("/shop", self._door.inside(self._counter), methods=["GET", "POST"])
        return [counter, *self._door.routes()]

    async def _counter(self, visit: Visit, shop: Shop) -> Response:
        if not visit.is_post:
            return await self._page(visit, shop, told=visit.asked("told"))
        account = f"shop:{shop.id}"
        number = visit.form.read("number", forms.card_number)
        kind = visit.form.read("kind", forms.one_of(SALE, LOAD))
        amount = visit.form.read("amount", forms.amount_minor(LEAST_MINOR, MOST_MINOR))
        order = visit.form.text("order")
        if not (order.isascii() and order.isalnum() and len(order) <= 40):
            visit.form.refuse("form", "shop.again")
        if visit.form.errors or number is None or kind is None or amount is None:
            return await self._page(visit, shop, 422)
        await self._services.brakes.of(account)
        sale = Sale(number, kind, amount, utc_text(self._services.clock.utc()))
        refused = await self._services.run(self._till.take, shop, sale, order)
        if not refused:
            await self._services.brakes.succeeded(account)
            return visit.go(f"/shop?told={kind}")
        if refused != "shop.no_card":
            await self._services.brakes.withdrawn(account)
        visit.form.refuse("form", refused)
        return await self._page(visit, shop, 409)

    async def _page(
        self, visit: Visit, shop: Shop, status: int = 200, *, told: str = ""
    ) -> Response:
        run = self._services.run
        postings = await run(self._services.system.store.postings, shop.account, 100)
        return visit.page(
            "shop/counter.html",
            status,
            shop=shop,
            owes=await run(self._till.owes, shop),
            sales=await run(self._till.sales, shop, 100),
            payments=[each for each in postings if each["memo"] == "settlement"],
            order=name(self._services.entropy),
            told=told,
        )
