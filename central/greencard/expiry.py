"""The last day of a card. Its money, points and plan wait for the card that takes its place."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from central.clock import Clock, utc_text
from central.greencard.trail import SYSTEM, Note
from central.storage.store import Store
from central.storage.tables.accounts import CARD


class Expiry:
    def __init__(self, store: Store, clock: Clock, timezone: str = "Europe/Madrid") -> None:
        self._store = store
        self._clock = clock
        self._zone = ZoneInfo(timezone)

    def sweep(self, actor: str = SYSTEM) -> list[str]:
        """The cards whose last day was before today, each in a change of its own."""
        today = self._clock.utc().astimezone(self._zone).date().isoformat()
        over = (CARD.c.state == "active") & (CARD.c.expires_on != "") & (CARD.c.expires_on < today)
        rows = self._store.database.rows(select(CARD.c.number).where(over))
        return [row.number for row in rows if self.expire(row.number, actor)]

    def expire(self, number: str, actor: str = SYSTEM) -> bool:
        """False when it has not come to that, or did before."""
        with self._store.change(f"card:{number}"):
            card = self._store.card(number)
            local = self._clock.utc().astimezone(self._zone)
            if card is None or not card.is_over_on(local):
                return False
            self._store.save_card(replace(card, state="expired"))
            now = utc_text(self._clock.utc())
            self._store.trail.add(Note(now, number, actor, "card.expired", card.expires_on))
        return True

    def ending(self, within_days: int) -> list[tuple[str, str]]:
        """Number and last day of what ends soon: who is to be sent a new card."""
        today = self._clock.utc().astimezone(self._zone).date()
        last = (today + timedelta(days=within_days)).isoformat()
        soon = (CARD.c.state == "active") & (CARD.c.expires_on != "") & (CARD.c.expires_on <= last)
        order = (CARD.c.expires_on, CARD.c.number)
        rows = self._store.database.rows(
            select(CARD.c.number, CARD.c.expires_on).where(soon).order_by(*order)
        )
        return [(row.number, row.expires_on) for row in rows]
