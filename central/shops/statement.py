"""A shop's month: what it owed, took, gave back and paid, line by line. Its lines add up to what it owes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from central.clock import utc_text
from central.members.statements import after
from central.shops.shops import Shop
from central.storage.store import Store
from central.storage.tables.accounts import ENTRY, POSTING
from central.storage.tables.shops import SHOP_SALE


@dataclass(frozen=True, slots=True)
class Line:
    """`kind`: sale, load, void or paid. `amount_minor`: by so much it owes more."""

    at: str
    kind: str
    number: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Statement:
    month: str
    before_minor: int
    lines: tuple[Line, ...]

    @property
    def owes_minor(self) -> int:
        return self.before_minor + sum(line.amount_minor for line in self.lines)

    def of(self, kind: str) -> tuple[int, int]:
        """How many, and their sum."""
        found = [line.amount_minor for line in self.lines if line.kind == kind]
        return len(found), sum(found)


class ShopStatements:
    def __init__(self, store: Store, timezone: str) -> None:
        self._rows = store.database
        self._zone = ZoneInfo(timezone)

    def of(self, shop: Shop, month: str) -> Statement:
        """`month`: YYYY-MM, from midnight to midnight where the operator is."""
        first, last = self._start(month), self._start(after(month))
        mine = ENTRY.c.account == shop.account
        sums = select(func.coalesce(func.sum(ENTRY.c.amount_minor), 0)).join(POSTING)
        before = -int(self._rows.value(sums.where(mine, POSTING.c.at < first)))
        found = (
            select(POSTING.c.key, POSTING.c.at, POSTING.c.memo, ENTRY.c.amount_minor)
            .join(ENTRY)
            .where(mine, POSTING.c.at >= first, POSTING.c.at < last)
            .order_by(POSTING.c.id)
        )
        sales = self._sales(shop)
        lines = []
        for row in self._rows.rows(found):
            kind, number = sales.get(row.key.removesuffix(":void"), ("paid", ""))
            kind = "void" if row.key.endswith(":void") else kind
            lines.append(Line(row.at, kind, number, -row.amount_minor))
        return Statement(month, before, tuple(lines))

    def _sales(self, shop: Shop) -> dict[str, tuple[str, str]]:
        """By the key of the posting."""
        found = select(SHOP_SALE).where(SHOP_SALE.c.shop_id == shop.id)
        return {
            f"{shop.account}:{row.reference}": (row.kind, row.number)
            for row in self._rows.rows(found)
        }

    def _start(self, month: str) -> str:
        year, number = (int(part) for part in month.split("-"))
        return utc_text(datetime(year, number, 1, tzinfo=self._zone).astimezone(UTC))
