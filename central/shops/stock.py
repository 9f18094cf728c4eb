"""Blank cards that lie at a shop: only it can sell them, and no replacement is made of them."""

from dataclasses import dataclass

from sqlalchemy import func, select, update

from central.clock import Clock, utc_text
from central.greencard.trail import Note
from central.shops.shops import Shop
from central.storage.store import Store
from central.storage.tables.issue import BLANK_CARD

_STOCK = "blanks"  # as whoever makes and takes cards names it


@dataclass(frozen=True, slots=True)
class Pile:
    """By the numbers on the cards, the first and the last included."""

    first: str
    last: str


class Stock:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._rows = store.database
        self._clock = clock

    def at(self, shop: Shop) -> int:
        """Not sold yet."""
        return self.everywhere().get(shop.id, 0)

    def everywhere(self) -> dict[int | None, int]:
        """By shop; under None what lies with the operator."""
        blanks = BLANK_CARD.c
        counted = select(blanks.shop_id, func.count().label("left"))
        left = counted.where(blanks.taken_at.is_(None)).group_by(blanks.shop_id)
        return {row.shop_id: row.left for row in self._rows.rows(left)}

    def give(self, shop: Shop, pile: Pile, *, by: str) -> int:
        """How many of them went there: those that lay with the operator."""
        blanks = BLANK_CARD.c
        here = blanks.number.between(pile.first, pile.last) & blanks.shop_id.is_(None)
        with self._store.change(_STOCK, shop.account):
            moved = update(BLANK_CARD).where(here, blanks.taken_at.is_(None))
            count = self._rows.write(moved.values(shop_id=shop.id))
            if count:
                numbers = f"•••• {pile.first[-4:]} to •••• {pile.last[-4:]}"
                self._note(by, "shop.cards", f"{shop.login}: {count} cards, {numbers}")
        return count

    def take_back(self, shop: Shop, *, by: str) -> int:
        """All that it has not sold."""
        blanks = BLANK_CARD.c
        with self._store.change(_STOCK, shop.account):
            theirs = (blanks.shop_id == shop.id) & blanks.taken_at.is_(None)
            count = self._rows.write(update(BLANK_CARD).where(theirs).values(shop_id=None))
            if count:
                self._note(by, "shop.cards_back", f"{shop.login}: {count} cards")
        return count

    def _note(self, by: str, event: str, detail: str) -> None:
        self._store.trail.add(Note(utc_text(self._clock.utc()), "", by, event, detail))
