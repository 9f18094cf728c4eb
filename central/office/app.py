"""The operator's pages as one object."""

from collections.abc import Sequence

from starlette.routing import BaseRoute

from central.members.pages import Pages
from central.members.services import Services
from central.office.books_page import BooksPage
from central.office.cards_page import CardsPage
from central.office.door import OfficeDoor
from central.office.packs_page import PacksPage
from central.office.promotions_page import PromotionsPage
from central.office.sessions_page import SessionsPage
from central.web.operators import OperatorsOnly


class Office:
    def __init__(self, pages: Pages, services: Services, operators: OperatorsOnly) -> None:
        door = OfficeDoor(pages, operators)
        self._areas: Sequence[CardsPage | PromotionsPage | PacksPage | BooksPage | SessionsPage] = (
            CardsPage(door, services),
            PromotionsPage(door, services),
            PacksPage(door, services),
            SessionsPage(door, services),
            BooksPage(door, services),
        )

    def routes(self) -> list[BaseRoute]:
        return [route for area in self._areas for route in area.routes()]
