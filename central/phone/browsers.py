"""Browsers that a member wants told of every charge with their card: each charge begins with these wishes."""

from sqlalchemy import delete, func, select

from central.clock import Clock, utc_text
from central.phone.wishes import PUSH, Wishes
from central.storage.store import Store
from central.storage.tables.accounts import TRANSACTION
from central.storage.tables.members import MEMBER_CARD
from central.storage.tables.phones import MEMBER_BROWSER, SESSION_PAGE, SESSION_WISH

BROWSERS_MOST = 4  # of a member; whoever stands at the point may ask besides


class Browsers:
    def __init__(self, store: Store, clock: Clock, wishes: Wishes) -> None:
        self._store = store
        self._rows = store.database
        self._clock = clock
        self._wishes = wishes

    def add(self, member_id: int, address: str, language: str) -> bool:
        """False: there are as many as there may be. The same again is the same."""
        theirs = MEMBER_BROWSER.c.member_id == member_id
        with self._store.change(f"member:{member_id}"):
            same = select(MEMBER_BROWSER.c.id).where(theirs, MEMBER_BROWSER.c.address == address)
            if self._rows.first(same) is not None:
                return True
            if self.count(member_id) >= BROWSERS_MOST:
                return False
            at = utc_text(self._clock.utc())
            self._rows.insert(
                MEMBER_BROWSER, member_id=member_id, address=address, language=language, at=at
            )
        return True

    def count(self, member_id: int) -> int:
        theirs = select(func.count()).where(MEMBER_BROWSER.c.member_id == member_id)
        return int(self._rows.value(theirs))

    def end(self, member_id: int) -> None:
        with self._store.change(f"member:{member_id}"):
            self.end_inside(member_id)

    def end_inside(self, member_id: int) -> None:
        """No browser of the member is told anything any more, of what runs either."""
        theirs = MEMBER_BROWSER.c.member_id == member_id
        for row in self._rows.rows(select(MEMBER_BROWSER.c.address).where(theirs)):
            self._wishes.end_inside(PUSH, row.address)
        self._rows.write(delete(MEMBER_BROWSER).where(theirs))

    def gone_inside(self, address: str) -> None:
        """The browser's subscription is over."""
        self._wishes.end_inside(PUSH, address)
        self._rows.write(delete(MEMBER_BROWSER).where(MEMBER_BROWSER.c.address == address))

    def ask(self, page: str) -> None:
        """For the charge of this page, where a member's card pays it; each browser once."""
        asked = select(SESSION_WISH.c.address).where(
            SESSION_WISH.c.page == page, SESSION_WISH.c.channel == PUSH
        )
        missing = (
            select(MEMBER_BROWSER.c.address, MEMBER_BROWSER.c.language)
            .select_from(SESSION_PAGE)
            .join(TRANSACTION, TRANSACTION.c.id == SESSION_PAGE.c.transaction_id)
            .join(MEMBER_CARD, MEMBER_CARD.c.number == TRANSACTION.c.id_tag)
            .join(MEMBER_BROWSER, MEMBER_BROWSER.c.member_id == MEMBER_CARD.c.member_id)
            .where(SESSION_PAGE.c.page == page, MEMBER_BROWSER.c.address.not_in(asked))
            .order_by(MEMBER_BROWSER.c.id)
        )
        for row in self._rows.rows(missing):
            self._wishes.add(page, PUSH, row.address, row.language)
