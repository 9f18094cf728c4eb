"""The operator's pages as one object, with the pages of the shops beside them."""

from collections.abc import Sequence
from typing import Protocol

from starlette.routing import BaseRoute

from central.members.pages import Pages
from central.members.services import Services
from central.office.books_page import BooksPage
from central.office.cards_page import CardsPage
from central.office.door import OfficeDoor
from central.office.operators import Operators
from central.office.packs_page import PacksPage
from central.office.point_page import PointPage
from central.office.points_page import PointsPage
from central.office.promotions_page import PromotionsPage
from central.office.records_page import RecordsPage
from central.office.reservations_page import ReservationsPage
from central.office.revenue_page import RevenuePage
from central.office.sessions_page import SessionsPage
from central.office.shops_page import ShopsPage
from central.shops.pages import ShopPages
from central.shops.shops import Shops
from central.shops.till import Till


class _Area(Protocol):
    def routes(self) -> list[BaseRoute]: ...


class Office:
    def __init__(self, pages: Pages, services: Services, operators: Operators) -> None:
        door = OfficeDoor(operators)
        system, clock = services.system, services.clock
        shops = Shops(system.store, clock, services.entropy)
        till = Till(system.store, clock, system.feed, system.accounts)
        self._areas: Sequence[_Area] = (
            operators,
            CardsPage(door, services),
            PromotionsPage(door, services),
            PacksPage(door, services),
            PointsPage(door, services),
            PointPage(door, services),
            SessionsPage(door, services),
            ReservationsPage(door, services),
            RecordsPage(door, services),
            RevenuePage(door, services),
            BooksPage(door, services),
            ShopsPage(door, services, shops, till),
            ShopPages(pages, services, shops, till),
        )

    def routes(self) -> list[BaseRoute]:
        return [route for area in self._areas for route in area.routes()]
