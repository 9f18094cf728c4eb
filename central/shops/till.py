"""What a shop takes for us, and pays us.

    sale, load   shop:ID ──► card:N        its account falls below zero: it owes us
    settlement   bank    ──► shop:ID       the operator has the money

Once for each form (`reference`), never beyond what the shop may owe.
"""

from dataclasses import dataclass, replace

from sqlalchemy import select

from central.clock import Clock, utc_text
from central.feed import Feed
from central.greencard.blanks import BLANK, Blanks
from central.greencard.book import AccountBook, takes_money
from central.greencard.trail import Note
from central.shops.shops import Shop
from central.storage.store import Store
from central.storage.tables.accounts import POSTING
from central.storage.tables.shops import SHOP_SALE

LEAST_MINOR, MOST_MINOR = 500, 20_000
SALE, LOAD = "sale", "load"


@dataclass(frozen=True, slots=True)
class Sale:
    number: str
    kind: str
    amount_minor: int
    at: str


class Till:
    """Each act answers a key of the catalogue: what was refused, or nothing."""

    def __init__(self, store: Store, clock: Clock, feed: Feed, book: AccountBook) -> None:
        self._store = store
        self._rows = store.database
        self._clock = clock
        self._feed = feed
        self._book = book
        self._blanks = Blanks(store, clock)

    def owes(self, shop: Shop) -> int:
        return -self._store.balance(shop.account)

    def take(self, shop: Shop, sale: Sale, reference: str) -> str:
        """A blank card is sold and works at once; any other that takes money is loaded.

        One answer for every card that is none of these: numbers cannot be tried out here.
        """
        names = (shop.account, f"card:{sale.number}", f"shop-sale:{reference}")
        with self._store.change(*names):
            before = self._rows.first(select(SHOP_SALE).where(SHOP_SALE.c.reference == reference))
            if before is not None:
                asked = (shop.id, sale.number, sale.kind, sale.amount_minor)
                is_same = (before.shop_id, before.number, before.kind, before.amount_minor) == asked
                return "" if is_same else "shop.again"
            if self.owes(shop) + sale.amount_minor > shop.limit_minor:
                return "shop.limit"
            if not self._is_ready_inside(sale):
                return "shop.no_card"
            self._rows.insert(
                SHOP_SALE,
                reference=reference,
                shop_id=shop.id,
                number=sale.number,
                kind=sale.kind,
                amount_minor=sale.amount_minor,
                at=self._now(),
            )
            entries = {f"card:{sale.number}": sale.amount_minor, shop.account: -sale.amount_minor}
            self._store.post(f"shop:{shop.id}:{reference}", self._now(), "shop", entries)
            self._book.settle_debt_inside(sale.number)
            event = "card.sold" if sale.kind == SALE else "card.loaded"
            note = Note(self._now(), sale.number, shop.name, event, f"{sale.amount_minor} minor")
            self._store.trail.add(note)
            self._feed.changed("card", sale.number)
        return ""

    def _is_ready_inside(self, sale: Sale) -> bool:
        card = self._store.card(sale.number)
        if card is None:
            return False
        if sale.kind == LOAD:
            return takes_money(card)
        if card.state_reason != BLANK or not self._blanks.take_inside(sale.number):
            return False
        self._store.save_card(replace(card, state="active", state_reason=""))
        return True

    def settle(self, shop: Shop, amount_minor: int, reference: str, *, by: str) -> str:
        """The operator has so much of what the shop owes."""
        with self._store.change(shop.account, f"settlement:{reference}"):
            if amount_minor <= 0:
                return "shop.more_than_owed"
            key = f"settlement:{shop.id}:{reference}"
            if self._rows.value(select(POSTING.c.id).where(POSTING.c.key == key)) is not None:
                return ""
            if amount_minor > self.owes(shop):
                return "shop.more_than_owed"
            entries = {shop.account: amount_minor, "bank": -amount_minor}
            self._store.post(key, self._now(), "settlement", entries)
            detail = f"{shop.login}: {amount_minor} minor"
            self._store.trail.add(Note(self._now(), "", by, "shop.settled", detail))
        return ""

    def sales(self, shop: Shop, limit: int = 200) -> list[Sale]:
        """Newest first."""
        sold = SHOP_SALE.c
        statement = select(SHOP_SALE).where(sold.shop_id == shop.id)
        ordered = statement.order_by(sold.at.desc(), sold.reference).limit(limit)
        return [
            Sale(row.number, row.kind, row.amount_minor, row.at) for row in self._rows.rows(ordered)
        ]

    def _now(self) -> str:
        return utc_text(self._clock.utc())
