"""What the operator's people do to one card: block, unblock, correct its balance, let go what is held.
Each with a reason.

A correction is a posting like any other: `card:N` against `corrections`; nothing is ever overwritten.
"""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import select

from central.clock import Clock, utc_text
from central.errors import CentralError
from central.feed import Feed
from central.greencard.accounts import Card
from central.greencard.blanks import WAITING
from central.greencard.book import DEBT, AccountBook
from central.greencard.lineage import REPLACED
from central.greencard.trail import Note
from central.storage.store import Store
from central.storage.tables.accounts import CARD

MOST_MINOR = 50_000
REASONS = ("lost", "stolen", "fraud")


class Uncorrectable(CentralError):
    """`key`: card, debt, amount, held."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class Corrections:
    def __init__(self, store: Store, clock: Clock, feed: Feed, book: AccountBook) -> None:
        self._store = store
        self._clock = clock
        self._feed = feed
        self._book = book

    def ending(self, digits: str, limit: int = 50) -> list[str]:
        """Numbers that end so."""
        found = CARD.c.number.endswith(digits, autoescape=True)
        rows = self._store.database.rows(
            select(CARD.c.number).where(found).order_by(CARD.c.number).limit(limit)
        )
        return [row.number for row in rows]

    def block(self, number: str, *, by: str, reason: str, detail: str = "") -> None:
        """`reason`: one of REASONS; `detail`: in somebody's own words."""
        assert reason in REASONS
        told = f"{reason}: {detail}" if detail else reason
        with self._store.change(f"card:{number}"):
            card = self._living(number)
            self._save(replace(card, state="blocked", state_reason=reason), by, "blocked", told)

    def unblock(self, number: str, *, by: str, reason: str) -> None:
        """Debt is lifted by money alone, a last day by another card."""
        with self._store.change(f"card:{number}"):
            card = self._living(number)
            if card.state != "blocked":
                raise Uncorrectable("card")
            if self._store.balance(f"card:{number}") < 0:
                raise Uncorrectable("debt")
            self._save(replace(card, state="active", state_reason=""), by, "unblocked", reason)

    def adjust(
        self, number: str, amount_minor: int, *, by: str, reason: str, reference: str
    ) -> bool:
        """False when this reference was booked before."""
        if amount_minor == 0 or abs(amount_minor) > MOST_MINOR:
            raise Uncorrectable("amount")
        with self._store.change(f"card:{number}", f"adjustment:{reference}"):
            self._living(number)
            entries = {f"card:{number}": amount_minor, "corrections": -amount_minor}
            now = utc_text(self._clock.utc())
            if not self._store.post(f"adjustment:{reference}", now, "adjustment", entries):
                return False
            detail = f"{amount_minor:+} minor: {reason}"
            self._store.trail.add(Note(now, number, by, "card.adjusted", detail))
            self._book.settle_debt_inside(number)
            self._feed.changed("card", number)
        return True

    def release(self, number: str, is_away: Callable[[str], bool], *, by: str, reason: str) -> None:
        """Let go what is held for charges that nobody will settle: not for one that runs at a point
        in reach. A receipt that comes yet is debited as ever.
        """
        charges = self._store.charges
        held = [
            hold for each in self._store.lineage.of(number) for hold in charges.open_holds(each)
        ]
        names = [f"transaction:{hold.id}" for hold in held]
        with self._store.change(f"card:{number}", *names):
            self._living(number)
            fresh = (charges.transaction(hold.id) for hold in held)
            stuck = [
                hold
                for hold in fresh
                if hold is not None and hold.hold_open
                if not hold.is_running or is_away(hold.key.point)
            ]
            if not stuck:
                raise Uncorrectable("held")
            now = utc_text(self._clock.utc())
            for hold in stuck:
                charges.save_progress(replace(hold, hold_open=False))
                detail = f"{hold.key.point}, charge {hold.id}: {reason}"
                self._store.trail.add(Note(now, number, by, "hold.released", detail))
        self._feed.changed("card", number)

    def _living(self, number: str) -> Card:
        card = self._store.card(number)
        if card is None or card.state_reason in (REPLACED, *WAITING):
            raise Uncorrectable("card")
        return card

    def _save(self, card: Card, by: str, event: str, reason: str) -> None:
        assert card.state_reason != DEBT
        self._store.save_card(card)
        now = utc_text(self._clock.utc())
        self._store.trail.add(Note(now, card.number, by, event, reason))
        self._feed.changed("card", card.number)
