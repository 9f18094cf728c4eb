"""What a shop takes for us, and pays us.

    sale, load   shop:ID ──► card:N        its account falls below zero: it owes us
    void         card:N  ──► shop:ID       the same day, while nobody has used or activated the card
    settlement   bank    ──► shop:ID       the operator has the money

Once for each form (`reference`), never beyond what the shop may owe.
"""

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from central.clock import Clock, utc_from_text, utc_text
from central.feed import Feed
from central.greencard.blanks import BLANK, Blanks
from central.greencard.book import AccountBook, takes_money
from central.greencard.trail import Note
from central.shops.shops import Shop
from central.storage.store import Store
from central.storage.tables.accounts import ENTRY, POSTING, TRANSACTION
from central.storage.tables.members import CARD_LETTER, MEMBER_CARD
from central.storage.tables.shops import SHOP_SALE

LEAST_MINOR, MOST_MINOR = 500, 20_000
SALE, LOAD = "sale", "load"


@dataclass(frozen=True, slots=True)
class Sale:
    """`reference` and `voided_at` are what is kept of it."""

    number: str
    kind: str
    amount_minor: int
    at: str
    reference: str = ""
    voided_at: str | None = None


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
            if not self._is_ready_inside(shop, sale):
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

    def _is_ready_inside(self, shop: Shop, sale: Sale) -> bool:
        card = self._store.card(sale.number)
        if card is None:
            return False
        if sale.kind == LOAD:
            return takes_money(card)
        if card.state_reason != BLANK or not self._blanks.take_inside(sale.number, shop.id):
            return False
        self._store.save_card(replace(card, state="active", state_reason=""))
        return True

    def void(self, shop: Shop, reference: str) -> str:
        """Take a sale back: the card is blank again and lies where it lay. Once, however often asked."""
        found = select(SHOP_SALE).where(SHOP_SALE.c.reference == reference)
        seen = self._rows.first(found)
        if seen is None or seen.shop_id != shop.id or seen.kind != SALE:
            return "shop.void.none"
        number, minor = seen.number, seen.amount_minor
        with self._store.change(shop.account, f"card:{number}", f"shop-sale:{reference}"):
            sale = self._rows.first(found)
            assert sale is not None, "sales are never deleted"
            if sale.voided_at is not None:
                return ""
            if not self._is_today(sale.at):
                return "shop.void.late"
            if not self._is_untouched_inside(number, minor):
                return "shop.void.used"
            entries = {f"card:{number}": -minor, shop.account: minor}
            self._store.post(
                f"{shop.account}:{reference}:void", self._now(), "shop sale void", entries
            )
            self._blanks.put_back_inside(number)
            card = self._store.card(number)
            assert card is not None
            self._store.save_card(replace(card, state="blocked", state_reason=BLANK))
            this = SHOP_SALE.c.reference == reference
            self._rows.write(update(SHOP_SALE).where(this).values(voided_at=self._now()))
            note = Note(self._now(), number, shop.name, "card.unsold", f"{minor} minor")
            self._store.trail.add(note)
            self._feed.changed("card", number)
        return ""

    def may_void(self, sale: Sale) -> bool:
        """As far as the day says."""
        return sale.kind == SALE and sale.voided_at is None and self._is_today(sale.at)

    def _is_today(self, at: str) -> bool:
        """Where the operator is: a till is closed there at midnight."""
        zone = ZoneInfo(self._book.timezone)
        days = [moment.astimezone(zone).date() for moment in (utc_from_text(at), self._clock.utc())]
        return days[0] == days[1]

    def _is_untouched_inside(self, number: str, minor: int) -> bool:
        """Its letter is sealed, it never charged, and all that moved on its account is this sale."""
        card = self._store.card(number)
        if card is None or card.state != "active" or self._book.balance(number) != minor:
            return False
        opened = CARD_LETTER.c.number == number
        used = TRANSACTION.c.id_tag == number
        moved = select(func.count()).select_from(ENTRY).where(ENTRY.c.account == f"card:{number}")
        since_blank = self._rows.value(moved) - 2 * self._voided_inside(number)
        return (
            since_blank == 1
            and self._rows.value(select(MEMBER_CARD.c.number).where(MEMBER_CARD.c.number == number))
            is None
            and self._rows.value(select(CARD_LETTER.c.used_at).where(opened)) is None
            and self._rows.value(select(TRANSACTION.c.id).where(used).limit(1)) is None
        )

    def _voided_inside(self, number: str) -> int:
        """Sales of this card that were taken back before."""
        these = (SHOP_SALE.c.number == number) & SHOP_SALE.c.voided_at.is_not(None)
        return int(self._rows.value(select(func.count()).select_from(SHOP_SALE).where(these)))

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
            Sale(row.number, row.kind, row.amount_minor, row.at, row.reference, row.voided_at)
            for row in self._rows.rows(ordered)
        ]

    def _now(self) -> str:
        return utc_text(self._clock.utc())
