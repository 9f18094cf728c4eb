"""One month of one card on one page, for the drawer: what came, what went, what is left."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central.clock import utc_text
from central.members.pages import Pages, Visit
from central.members.services import Services
from central.members.wallet import meant
from central.storage.tables.accounts import ENTRY, POINT_LOT, POSTING, TRANSACTION

MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Statement:
    """`movements`: at, memo, amount_minor, the oldest first; `fee_minor` is among them."""

    month: str
    opening_minor: int
    closing_minor: int
    movements: list[dict[str, Any]]
    charges: int
    energy_wh: int
    fee_minor: int
    points_given: int
    points_taken: int


class Statements:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._rows = services.system.store.database
        self._zone = ZoneInfo(services.system.accounts.timezone)

    def this_month(self) -> str:
        return f"{self._services.clock.utc().astimezone(self._zone):%Y-%m}"

    def of(self, number: str, month: str) -> Statement:
        """Of every number that the account had."""
        numbers = self._services.system.lineage.of(number)
        first, last = self._bounds(month)
        accounts = ENTRY.c.account.in_([f"card:{each}" for each in numbers])
        moved = self._rows.rows(
            select(POSTING.c.at, POSTING.c.memo, func.sum(ENTRY.c.amount_minor).label("minor"))
            .join(ENTRY)
            .where(accounts, POSTING.c.at < last)
            .group_by(POSTING.c.id, POSTING.c.at, POSTING.c.memo)
            .order_by(POSTING.c.id)
        )
        before = sum(int(row.minor) for row in moved if row.at < first)
        within = [
            {"at": row.at, "memo": row.memo, "amount_minor": int(row.minor)}
            for row in moved
            if row.at >= first and row.minor
        ]
        count, energy_wh = self._energy(numbers, first, last)
        given, taken = self._points(numbers, first, last)
        return Statement(
            month,
            before,
            before + sum(each["amount_minor"] for each in within),
            within,
            count,
            energy_wh,
            -sum(each["amount_minor"] for each in within if each["memo"] == "flat rate"),
            given,
            taken,
        )

    def _energy(self, numbers: tuple[str, ...], first: str, last: str) -> tuple[int, int]:
        charge = TRANSACTION.c
        ended = (charge.stopped_at >= first) & (charge.stopped_at < last)
        row = self._rows.first(
            select(func.count(), func.sum(charge.meter_wh - charge.meter_start_wh)).where(
                charge.id_tag.in_(numbers), ended
            )
        )
        assert row is not None
        return int(row[0]), int(row[1] or 0)

    def _points(self, numbers: tuple[str, ...], first: str, last: str) -> tuple[int, int]:
        lots = POINT_LOT.c
        within = (lots.at >= first) & (lots.at < last) & (lots.against != "moved")
        rows = self._rows.rows(select(lots.points).where(lots.number.in_(numbers), within))
        given = sum(row.points for row in rows if row.points > 0)
        return given, -sum(row.points for row in rows if row.points < 0)

    def _bounds(self, month: str) -> tuple[str, str]:
        """The month's first moment and the next one's, in local time."""
        return self._start(month), self._start(after(month))

    def _start(self, month: str) -> str:
        year, number = (int(part) for part in month.split("-"))
        return utc_text(datetime(year, number, 1, tzinfo=self._zone).astimezone(UTC))


def after(month: str) -> str:
    year, number = (int(part) for part in month.split("-"))
    first = date(year + number // 12, number % 12 + 1, 1)
    return f"{first:%Y-%m}"


def before(month: str) -> str:
    year, number = (int(part) for part in month.split("-"))
    first = date(year - (number == 1), (number - 2) % 12 + 1, 1)
    return f"{first:%Y-%m}"


class StatementPages:
    def __init__(self, pages: Pages, services: Services) -> None:
        self._pages = pages
        self._services = services
        self._statements = Statements(services)

    def routes(self) -> list[BaseRoute]:
        return [Route("/me/statement", self._pages.door(self._page, members_only=True))]

    async def _page(self, visit: Visit) -> Response:
        run = self._services.run
        holdings = await run(self._services.wallet.holdings, visit.who)
        holding, this_month = meant(holdings, visit.asked("card")), self._statements.this_month()
        if holding is None:
            return visit.go("/me")
        month = visit.asked("month")
        if not MONTH.fullmatch(month) or month > this_month:
            month = this_month
        return visit.page(
            "statement.html",
            holding=holding,
            statement=await run(self._statements.of, holding.number, month),
            earlier=before(month) if month > "2020-01" else "",
            later=after(month) if month < this_month else "",
        )
