"""What the calendar does to cards without anybody tapping one: months of flat rates, last days.

Every process does it, every hour; the card's change decides, so each month is paid once. Who cannot pay
is prepaid until they can: the next tap or hour pays the month.
"""

import logging
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import select

from central.clock import Clock, utc_text
from central.feed import Feed
from central.greencard.accounts import month_of
from central.greencard.book import AccountBook
from central.greencard.trail import SYSTEM, Note
from central.looking import keep_looking
from central.storage.store import Store
from central.storage.tables.accounts import CARD

logger = logging.getLogger(__name__)

UNPAID = "plan.unpaid"
_EVERY_S = 3600.0


class Months:
    def __init__(self, store: Store, clock: Clock, feed: Feed, book: AccountBook) -> None:
        self._store = store
        self._clock = clock
        self._feed = feed
        self._book = book

    async def run(self) -> None:
        """Until the feed is closed."""
        await keep_looking(
            self._feed,
            "calendar",
            partial(self._store.run, self.turn),
            every_s=_EVERY_S,
            logger=logger,
        )

    def turn(self) -> tuple[int, int]:
        """How many cards ended, and how many months could not be paid."""
        ended = self._book.expiry.sweep()
        for number in ended:
            self._feed.changed("card", number)
        unpaid = [number for number in self._flat_rates() if not self._is_paid(number)]
        return len(ended), len(unpaid)

    def _flat_rates(self) -> list[str]:
        """Whose month is not paid; the month's own rule looks closer."""
        local = self._local()
        today, month = local.date().isoformat(), month_of(local)
        cards = CARD.c
        due = (
            (cards.plan_kind == "flatRate")
            & (cards.state == "active")
            & (cards.month != month)
            & (cards.from_date <= today)
            & ((cards.until_date == "") | (cards.until_date >= today))
        )
        rows = self._store.database.rows(select(cards.number).where(due).order_by(cards.number))
        return [row.number for row in rows]

    def _is_paid(self, number: str) -> bool:
        self._book.renew(number)
        with self._store.change(f"card:{number}"):
            card, local = self._store.card(number), self._local()
            if card is None or not self._book.unpaid_now(card):
                return True
            month = month_of(local)
            told = {(note.event, note.detail) for note in self._store.trail.notes(number, 1000)}
            if (UNPAID, month) not in told:
                now = utc_text(self._clock.utc())
                self._store.trail.add(Note(now, number, SYSTEM, UNPAID, month))
        return False

    def _local(self) -> datetime:
        return self._clock.utc().astimezone(ZoneInfo(self._book.timezone))
