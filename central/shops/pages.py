"""The shop's pages: sign in, sell or load a card, and the statement of what it took and owes."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central import forms
from central.clock import utc_text
from central.entropy import name
from central.members.csv_file import csv_file, money
from central.members.pages import Pages, Visit
from central.members.services import Services
from central.members.staff_door import StaffDoor, Way
from central.members.statements import MONTH, after, before
from central.shops.shops import Shop, Shops
from central.shops.statement import ShopStatements, Statement
from central.shops.stock import Stock
from central.shops.till import LEAST_MINOR, LOAD, MOST_MINOR, SALE, Sale, Till

_SHOWN = 100
_HEADS = ("at", "kind", "card", "amount", "owed")


class StatementPage:
    """A month of a shop, for the shop and for the operator."""

    def __init__(self, services: Services) -> None:
        system = services.system
        self._clock = services.clock
        self._zone = ZoneInfo(system.accounts.timezone)
        self._statements = ShopStatements(system.store, system.accounts.timezone)

    def answer(self, visit: Visit, shop: Shop, around: str) -> Response:
        """`around`: the template whose menu it has."""
        this_month = f"{self._clock.utc().astimezone(self._zone):%Y-%m}"
        month = visit.asked("month")
        if not MONTH.fullmatch(month) or month > this_month:
            month = this_month
        statement = self._statements.of(shop, month)
        if visit.asked("as") == "csv":
            return csv_file(f"{shop.login}-{month}", _HEADS, _rows(statement))
        return visit.page(
            "shop/statement.html",
            around=around,
            shop=shop,
            statement=statement,
            earlier=before(month) if month > "2020-01" else "",
            later=after(month) if month < this_month else "",
        )


class ShopPages:
    def __init__(self, pages: Pages, services: Services, shops: Shops, till: Till) -> None:
        way = Way("/shop", "shop", "shop/sign_in.html", "wrong.shop")
        self._door = StaffDoor(pages, services, shops, way)
        self._services = services
        self._till = till
        self._stock = Stock(services.system.store, services.clock)
        self._statements = StatementPage(services)

    def routes(self) -> list[BaseRoute]:
        inside = self._door.inside
        return [
            Route("/shop", inside(self._counter), methods=["GET", "POST"]),
            Route("/shop/void", inside(self._void), methods=["POST"]),
            Route("/shop/statement", inside(self._statement)),
            *self._door.routes(),
        ]

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

    async def _void(self, visit: Visit, shop: Shop) -> Response:
        refused = await self._services.run(self._till.void, shop, visit.form.text("sale")[:60])
        if not refused:
            return visit.go("/shop?told=void")
        visit.form.refuse("form", refused)
        return await self._page(visit, shop, 409)

    async def _statement(self, visit: Visit, shop: Shop) -> Response:
        answer = self._statements.answer
        return await self._services.run(answer, visit, shop, "shop/_page.html")

    async def _page(
        self, visit: Visit, shop: Shop, status: int = 200, *, told: str = ""
    ) -> Response:
        run = self._services.run
        postings = await run(self._services.system.store.postings, shop.account, _SHOWN)
        return visit.page(
            "shop/counter.html",
            status,
            shop=shop,
            owes=await run(self._till.owes, shop),
            stock=await run(self._stock.at, shop),
            sales=await run(self._till.sales, shop, _SHOWN),
            may_void=self._till.may_void,
            payments=[each for each in postings if each["memo"] == "settlement"],
            order=name(self._services.entropy),
            told=told,
        )


def _rows(statement: Statement) -> Iterator[tuple[str, ...]]:
    owed = statement.before_minor
    for line in statement.lines:
        owed += line.amount_minor
        card = f"…{line.number[-4:]}" if line.number else ""
        yield line.at, line.kind, card, money(line.amount_minor), money(owed)
