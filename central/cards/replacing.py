"""A card takes the place of another: all that the account has goes with it, in one change.

    old: blocked "replaced", for ever            new: blocked "sent" until the code of its letter
    money, points, plan, count, holder, questions, what it recalls ──► new

What still arrives for the old number is booked to the account (`greencard/lineage.py`).
"""

from dataclasses import dataclass, replace

from sqlalchemy import update

from central.clock import Clock, utc_text
from central.errors import CentralError
from central.feed import Feed
from central.greencard.accounts import PREPAID, Card
from central.greencard.blanks import BLANK, SENT, Blanks
from central.greencard.lineage import REPLACED
from central.greencard.trail import Note
from central.reservations.rows import ReservationRows
from central.reservations.waiting_rows import WaitingRows
from central.storage.store import Store
from central.storage.tables.members import MEMBER_CARD, SECURITY_QUESTION
from central.storage.tables.phones import CARD_PREFERENCE

_FRAUD = "fraud"


class Irreplaceable(CentralError):
    """`key`: no_card, replaced (before), fraud, no_blank (none in stock), not_blank (`new` is none)."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class Replaced:
    old: str
    new: str
    moved_minor: int
    moved_points: int


class Replacing:
    def __init__(self, store: Store, clock: Clock, feed: Feed) -> None:
        self._store = store
        self._rows = store.database
        self._clock = clock
        self._feed = feed
        self._blanks = Blanks(store, clock)

    def replace(self, old: str, *, actor: str, reason: str, new: str = "") -> Replaced:
        """`new` empty: the oldest blank card in stock. Raises Irreplaceable; nothing changed then."""
        while True:
            chosen = new or self._blanks.oldest()
            if chosen is None:
                raise Irreplaceable("no_blank")
            with self._store.change(f"card:{old}", f"card:{chosen}"):
                before = self._replaceable(old)
                blank = self._store.card(chosen)
                is_blank = blank is not None and blank.state_reason == BLANK
                if is_blank and self._blanks.take_inside(chosen):
                    assert blank is not None
                    return self._replace_inside(before, blank, actor, reason)
            if new:
                raise Irreplaceable("not_blank")

    def _replaceable(self, number: str) -> Card:
        card = self._store.card(number)
        if card is None:
            raise Irreplaceable("no_card")
        if card.state_reason == BLANK:
            raise Irreplaceable("no_card")
        if card.state_reason in (REPLACED, _FRAUD):
            raise Irreplaceable(card.state_reason)
        return card

    def _replace_inside(self, old: Card, blank: Card, actor: str, reason: str) -> Replaced:
        now = utc_text(self._clock.utc())
        heir = replace(
            old,
            number=blank.number,
            uid=blank.uid,
            state="blocked",
            state_reason=SENT,
            expires_on=blank.expires_on,
        )
        dead = Card(
            old.number, old.uid, state="blocked", state_reason=REPLACED, expires_on=old.expires_on
        )
        assert dead.plan == PREPAID
        self._store.save_card(heir)
        self._store.save_card(dead)
        moved_minor = self._store.balance(f"card:{old.number}")
        if moved_minor:
            entries = {f"card:{old.number}": -moved_minor, f"card:{blank.number}": moved_minor}
            self._store.post(f"replaced:{old.number}", now, "card replaced", entries)
        moved_points = self._store.points.move_inside(old.number, blank.number, now)
        for table in (MEMBER_CARD, SECURITY_QUESTION, CARD_PREFERENCE):
            theirs = table.c.number == old.number
            self._rows.write(update(table).where(theirs).values(number=blank.number))
        ReservationRows(self._rows).move_card(old.number, blank.number)
        WaitingRows(self._rows).move_card(old.number, blank.number)
        self._store.lineage.succeed_inside(
            old.number, blank.number, at=now, actor=actor, reason=reason
        )
        ending = f"{reason}; now •••• {blank.number[-4:]}"
        self._store.trail.add(Note(now, old.number, actor, "card.replaced", ending))
        begun = f"for •••• {old.number[-4:]}: {moved_minor} minor, {moved_points} points"
        self._store.trail.add(Note(now, blank.number, actor, "card.sent", begun))
        for number in (old.number, blank.number):
            self._feed.changed("card", number)
        return Replaced(old.number, blank.number, moved_minor, moved_points)
