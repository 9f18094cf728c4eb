"""The sealed letter of a card: its activation code, and the support number that its holder alone has."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from central.clock import Clock, utc_text
from central.entropy import fingerprint
from central.storage.store import Store
from central.storage.tables.members import CARD_LETTER


@dataclass(frozen=True, slots=True)
class Letter:
    number: str
    code_hash: str
    is_used: bool


@dataclass(frozen=True, slots=True)
class LetterText:
    """What the holder of a card finds in the sealed letter; `name`: how the bench calls the card."""

    number: str
    code: str
    support_number: str = ""
    name: str = ""


class Letters:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._rows = store.database
        self._clock = clock

    def write(self, number: str, code_hash: str, support_number: str = "") -> bool:
        """False when this card has a letter already; that one stays."""
        with self._store.change(f"card:{number}"):
            return self._rows.insert_new(
                CARD_LETTER,
                number=number,
                code_hash=code_hash,
                support_fingerprint=fingerprint(support_number) if support_number else None,
                made_at=utc_text(self._clock.utc()),
            )

    def letter(self, number: str) -> Letter | None:
        row = self._rows.first(select(CARD_LETTER).where(CARD_LETTER.c.number == number))
        return None if row is None else Letter(number, row.code_hash, row.used_at is not None)

    def card_of_support_number(self, support_number: str) -> str | None:
        """The card that has the account now; the old letter holds until the new one is opened."""
        kept = CARD_LETTER.c.support_fingerprint == fingerprint(support_number)
        found: str | None = self._rows.value(select(CARD_LETTER.c.number).where(kept))
        return None if found is None else self._store.lineage.newest(found)

    def forget_inside(self, numbers: Sequence[str]) -> None:
        """The support numbers of cards that another one took the place of."""
        theirs = CARD_LETTER.c.number.in_(numbers)
        self._rows.write(update(CARD_LETTER).where(theirs).values(support_fingerprint=None))

    def use_inside(self, number: str) -> bool:
        """Once for ever."""
        unused = (CARD_LETTER.c.number == number) & CARD_LETTER.c.used_at.is_(None)
        now = utc_text(self._clock.utc())
        return self._rows.write(update(CARD_LETTER).where(unused).values(used_at=now)) == 1
