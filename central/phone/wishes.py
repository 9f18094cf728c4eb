"""Who wants messages about a charge, and which are due. Each message of a wish is claimed once.

started        energy flows             interrupted    the charge broke off
full           the car takes no more    idle_soon      the idle fee begins in ten minutes
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, select, update

from central.clock import Clock, utc_text
from central.entropy import Entropy, name
from central.storage.store import Store
from central.storage.tables.phones import SESSION_PAGE, SESSION_TOLD, SESSION_WISH

MAIL, PUSH = "mail", "push"
IDLE_SOON = "idle_soon"
_WORDS = {"charging": "started", "carPaused": "full", "interrupted": "interrupted"}
_MOST_FOR_A_PAGE = 5
SOON = timedelta(minutes=10)
LASTS = timedelta(hours=1)  # what a message is worth: the charge may be over by then
_LONGEST_CHARGE = timedelta(days=3)
_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Wish:
    id: int
    page: str
    channel: str
    address: str
    language: str
    secret: str


@dataclass(frozen=True, slots=True)
class Due:
    wish: Wish
    word: str


class Wishes:
    def __init__(self, store: Store, clock: Clock, entropy: Entropy) -> None:
        self._store = store
        self._rows = store.database
        self._clock = clock
        self._entropy = entropy

    def add(self, page: str, channel: str, address: str, language: str) -> Wish | None:
        """The same again is the same wish, wanted anew. None: too many want to hear of this charge."""
        mine = (SESSION_WISH.c.page == page, SESSION_WISH.c.channel == channel)
        with self._store.change(f"page:{page}"):
            row = self._rows.first(
                select(SESSION_WISH).where(*mine, SESSION_WISH.c.address == address)
            )
            if row is not None:
                again = update(SESSION_WISH).where(SESSION_WISH.c.id == row.id)
                self._rows.write(again.values(ended_at=None, language=language))
                return _wish(row)
            count = select(func.count()).where(SESSION_WISH.c.page == page)
            if int(self._rows.value(count)) >= _MOST_FOR_A_PAGE:
                return None
            values = {
                "page": page,
                "channel": channel,
                "address": address,
                "language": language,
                "secret": name(self._entropy),
            }
            number = self._rows.numbered(SESSION_WISH, at=self._now(), **values)
        return Wish(id=number, **values)

    def end(self, secret: str) -> bool:
        """Nothing more is sent. False: there is no such wish."""
        with self._store.change():
            ending = update(SESSION_WISH).where(SESSION_WISH.c.secret == secret)
            return self._rows.write(ending.values(ended_at=self._now())) == 1

    def end_inside(self, channel: str, address: str) -> None:
        """Of every charge: nobody is there any more."""
        theirs = (SESSION_WISH.c.channel == channel) & (SESSION_WISH.c.address == address)
        self._rows.write(update(SESSION_WISH).where(theirs).values(ended_at=self._now()))

    def is_known(self, secret: str) -> bool:
        known = select(SESSION_WISH.c.id).where(SESSION_WISH.c.secret == secret)
        return self._rows.value(known) is not None

    def due(self, page: str, keep_inside: Callable[[Due], None]) -> list[Due]:
        """What the charge's stage asks for now: claimed, and kept to leave, in one commit."""
        stage = self._rows.value(select(SESSION_PAGE.c.stage).where(SESSION_PAGE.c.page == page))
        word = _WORDS.get(str(stage))
        if word is None:
            return []
        return self._claimed(word, SESSION_WISH.c.page == page, keep_inside)

    def due_soon(self, keep_inside: Callable[[Due], None]) -> list[Due]:
        """Of all charges whose idle fee begins within ten minutes."""
        now = self._clock.utc()
        within = select(SESSION_PAGE.c.page).where(
            SESSION_PAGE.c.idle_fee_at > utc_text(now),
            SESSION_PAGE.c.idle_fee_at <= utc_text(now + SOON),
        )
        return self._claimed(IDLE_SOON, SESSION_WISH.c.page.in_(within), keep_inside)

    def due_missed(self, keep_inside: Callable[[Due], None]) -> list[Due]:
        """Of charges whose news was passed on to nobody: whichever process took it died then."""
        now, found = self._clock.utc(), list[Due]()
        for stage, word in _WORDS.items():
            stands = exists().where(
                SESSION_PAGE.c.page == SESSION_WISH.c.page,
                SESSION_PAGE.c.stage == stage,
                SESSION_PAGE.c.at > utc_text(now - LASTS),
            )
            is_recent = SESSION_WISH.c.at > utc_text(now - _LONGEST_CHARGE)
            found += self._claimed(word, and_(is_recent, stands), keep_inside)
        return found

    def forget(self) -> None:
        """Addresses of people without an account, some time after their charge."""
        old = SESSION_WISH.c.at < utc_text(self._clock.utc() - _KEPT)
        with self._store.change():
            of_old = SESSION_TOLD.c.wish_id.in_(select(SESSION_WISH.c.id).where(old))
            self._rows.write(delete(SESSION_TOLD).where(of_old))
            self._rows.write(delete(SESSION_WISH).where(old))

    def _claimed(
        self, word: str, condition: ColumnElement[bool], keep_inside: Callable[[Due], None]
    ) -> list[Due]:
        told = select(SESSION_TOLD.c.wish_id).where(SESSION_TOLD.c.word == word)
        wanted = (
            select(SESSION_WISH)
            .where(condition, SESSION_WISH.c.ended_at.is_(None))
            .where(SESSION_WISH.c.id.not_in(told))
        )
        wishes = [_wish(row) for row in self._rows.rows(wanted)]
        found = []
        for wish in wishes:
            with self._store.change(f"wish:{wish.id}"):
                if self._rows.insert_new(SESSION_TOLD, wish_id=wish.id, word=word, at=self._now()):
                    keep_inside(Due(wish, word))
                    found.append(Due(wish, word))
        return found

    def _now(self) -> str:
        return utc_text(self._clock.utc())


def _wish(row: object) -> Wish:
    names = ("id", "page", "channel", "address", "language", "secret")
    return Wish(**{each: getattr(row, each) for each in names})
