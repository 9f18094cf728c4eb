"""The shop's pages: sign in, sell or load a card, and the statement of what it took and owes."""

from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central import forms
from central.clock import utc_text
from central.entropy import name
from central.members import guard
from central.members.pages import Endpoint, Pages, Visit
from central.members.services import Services
from central.shops.shops import Shop, Shops
from central.shops.till import LEAST_MINOR, LOAD, MOST_MINOR, SALE, Sale, Till
from central.support.door import login

SHOP_COOKIE = "shop"

Handler = Callable[[Visit, Shop], Awaitable[Response]]


class ShopPages:
    def __init__(self, pages: Pages, services: Services, shops: Shops, till: Till) -> None:
        self._pages = pages
        self._services = services
        self._shops = shops
        self._till = till

    def routes(self) -> list[BaseRoute]:
        both = ["GET", "POST"]
        return [
            Route("/shop", self._for_shops(self._counter), methods=both),
            Route("/shop/sign-in", self._pages.door(self._sign_in), methods=both),
            Route("/shop/sign-out", self._pages.door(self._sign_out), methods=["POST"]),
        ]

    def _for_shops(self, handler: Handler) -> Endpoint:
        async def inside(visit: Visit) -> Response:
            shop = await self._shop(visit)
            return visit.go("/shop/sign-in") if shop is None else await handler(visit, shop)

        return self._pages.door(inside)

    async def _shop(self, visit: Visit) -> Shop | None:
        session = guard.cookie(visit.request, SHOP_COOKIE)
        return await self._services.run(self._shops.shop_of, session) if session else None

    # --- the counter --------------------------------------------------------------------------------

    async def _counter(self, visit: Visit, shop: Shop) -> Response:
        if not visit.is_post:
            return await self._page(visit, shop, told=visit.asked("told"))
        account = f"shop:{shop.id}"
        self._services.brakes.of(account)
        number = visit.form.read("number", forms.card_number)
        kind = visit.form.read("kind", forms.one_of(SALE, LOAD))
        amount = visit.form.read("amount", forms.amount_minor(LEAST_MINOR, MOST_MINOR))
        order = visit.form.text("order")
        if not (order.isascii() and order.isalnum() and len(order) <= 40):
            visit.form.refuse("form", "shop.again")
        if visit.form.errors or number is None or kind is None or amount is None:
            return await self._page(visit, shop, 422)
        sale = Sale(number, kind, amount, utc_text(self._services.clock.utc()))
        refused = await self._services.run(self._till.take, shop, sale, order)
        if not refused:
            self._services.brakes.account.succeeded(account)
            return visit.go(f"/shop?told={kind}")
        if refused == "shop.no_card":
            self._services.brakes.failed(account)
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

    # --- in and out ---------------------------------------------------------------------------------

    async def _sign_in(self, visit: Visit) -> Response:
        if await self._shop(visit) is not None:
            return visit.go("/shop")
        if not visit.is_post:
            return visit.page("shop/sign_in.html")
        services = self._services
        services.brakes.at_the_door(visit)
        who = visit.form.read("login", login)
        password = visit.form.read("password", forms.given_password)
        if who is None or password is None:
            return visit.page("shop/sign_in.html", 422)
        services.brakes.of(f"shop:{who}")
        found = await services.run(self._shops.password_of, who)
        kept = None if found is None else found[1]
        if not await services.passwords.is_right(kept, password) or found is None:
            services.brakes.failed(f"shop:{who}")
            visit.form.refuse("form", "wrong.shop")
            return visit.page("shop/sign_in.html", 422)
        services.brakes.account.succeeded(f"shop:{who}")
        secret = await services.run(self._shops.open_session, found[0])
        response = visit.go("/shop")
        guard.set_cookie(response, visit.request, SHOP_COOKIE, secret)
        return response

    async def _sign_out(self, visit: Visit) -> Response:
        session = guard.cookie(visit.request, SHOP_COOKIE)
        await self._services.run(self._shops.close_session, session)
        response = visit.go("/shop/sign-in")
        guard.drop_cookie(response, visit.request, SHOP_COOKIE)
        return response
