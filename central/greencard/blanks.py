"""Personalised cards that are nobody's yet: made in batches, taken one by one."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update

from central.clock import Clock, utc_text
from central.entropy import fingerprint
from central.greencard.accounts import Card
from central.greencard.trail import Note
from central.storage.store import Store
from central.storage.tables.accounts import CARD
from central.storage.tables.issue import BLANK_CARD
from central.storage.tables.members import CARD_LETTER

BLANK = "blank"
SENT = "sent"
WAITING = (BLANK, SENT)
"""Why a card is blocked that only waits for the code of its letter."""


@dataclass(frozen=True, slots=True)
class Made:
    """One card of a batch, with what its letter is checked by."""

    number: str
    uid: str | None
    code_hash: str
    support_number: str


class Blanks:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._rows = store.database
        self._clock = clock

    def unknown(self, numbers: Sequence[str]) -> list[str]:
        """Those that no card has."""
        known = self._rows.rows(select(CARD.c.number).where(CARD.c.number.in_(numbers)))
        taken = {row.number for row in known}
        return [number for number in numbers if number not in taken]

    def unknown_support(self, numbers: Sequence[str]) -> list[str]:
        """Support numbers that no letter has."""
        prints = {fingerprint(number): number for number in numbers}
        letters = CARD_LETTER.c.support_fingerprint
        rows = self._rows.rows(select(letters).where(letters.in_(prints)))
        taken = {row.support_fingerprint for row in rows}
        return [number for print_, number in prints.items() if print_ not in taken]

    def known_uids(self, uids: Sequence[str]) -> list[str]:
        rows = self._rows.rows(select(CARD.c.uid).where(CARD.c.uid.in_(uids)))
        return [row.uid for row in rows]

    def make(self, batch: str, cards: Sequence[Made], *, by: str, expires_on: str) -> None:
        """All of a batch or none of it."""
        names = [f"card:{card.number}" for card in cards]
        with self._store.change("blanks", *names):
            now = utc_text(self._clock.utc())
            for made in cards:
                self._store.save_card(
                    Card(
                        made.number,
                        made.uid,
                        state="blocked",
                        state_reason=BLANK,
                        expires_on=expires_on,
                    )
                )
                self._rows.insert(
                    CARD_LETTER,
                    number=made.number,
                    code_hash=made.code_hash,
                    support_fingerprint=fingerprint(made.support_number),
                    made_at=now,
                )
                self._rows.insert(BLANK_CARD, number=made.number, batch=batch, made_at=now)
                self._store.trail.add(Note(now, made.number, by, "card.made", batch))

    def stock(self) -> list[tuple[str, int, int]]:
        """Batch, how many were made, how many are left; oldest batch first."""
        blanks = BLANK_CARD.c
        statement = (
            select(
                blanks.batch,
                func.count().label("made"),
                func.count(blanks.taken_at).label("taken"),
            )
            .group_by(blanks.batch)
            .order_by(func.min(blanks.made_at), blanks.batch)
        )
        return [(row.batch, row.made, row.made - row.taken) for row in self._rows.rows(statement)]

    def oldest(self) -> str | None:
        """In stock now, and at no shop."""
        blanks = BLANK_CARD.c
        left = select(blanks.number).where(blanks.taken_at.is_(None), blanks.shop_id.is_(None))
        found: str | None = self._rows.value(left.order_by(blanks.made_at, blanks.number).limit(1))
        return found

    def take_inside(self, number: str, shop_id: int | None = None) -> bool:
        """Out of the stock; False when it is not there, or lies at a shop that does not ask."""
        blanks = BLANK_CARD.c
        left = (blanks.number == number) & blanks.taken_at.is_(None)
        where = blanks.shop_id.is_(None) | (blanks.shop_id == shop_id)
        now = utc_text(self._clock.utc())
        return self._rows.write(update(BLANK_CARD).where(left, where).values(taken_at=now)) == 1

    def put_back_inside(self, number: str) -> None:
        """Nobody had it after all."""
        this = BLANK_CARD.c.number == number
        self._rows.write(update(BLANK_CARD).where(this).values(taken_at=None))
