"""Which number an account has now, when cards were replaced.

    6034…0005 ──► 9724…1118 ──► 9724…7321        both older numbers lead straight to the newest

An older number opens nothing any more, but a receipt, a refund or money for it may still arrive from a
point that was offline: it belongs to the account, wherever that is.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import bindparam, select, update

from central.storage.engine import Database
from central.storage.tables.issue import CARD_SUCCESSOR

_NEWEST = select(CARD_SUCCESSOR.c.newest).where(CARD_SUCCESSOR.c.number == bindparam("number"))
_OLDER = (
    select(CARD_SUCCESSOR.c.number)
    .where(CARD_SUCCESSOR.c.newest == bindparam("newest"))
    .order_by(CARD_SUCCESSOR.c.at.desc(), CARD_SUCCESSOR.c.number)
)


REPLACED = "replaced"
"""Why a card is blocked whose number is dead."""


class Lineage:
    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, number: str) -> str:
        """Itself, when nothing took its place."""
        found: str | None = self._database.value(_NEWEST, number=number)
        return number if found is None else found

    def of(self, number: str) -> tuple[str, ...]:
        """The number that has the account now, then those that had it, the youngest first."""
        newest = self.newest(number)
        return newest, *(row.number for row in self._database.rows(_OLDER, newest=newest))

    @contextmanager
    def change(self, number: str, *names: str) -> Iterator[str]:
        """A change about the account that `number` has or had; gives its newest number."""
        while True:
            newest = self.newest(number)
            with self._database.change(f"card:{number}", f"card:{newest}", *names):
                if self.newest(number) != newest:
                    continue  # replaced meanwhile: we decide about yet another card
                yield newest
                return

    def succeed_inside(self, old: str, new: str, *, at: str, actor: str, reason: str) -> None:
        older = CARD_SUCCESSOR.c.newest == old
        self._database.write(update(CARD_SUCCESSOR).where(older).values(newest=new))
        self._database.insert(
            CARD_SUCCESSOR, number=old, newest=new, at=at, actor=actor, reason=reason
        )
