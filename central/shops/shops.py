"""Who sells for us: names, passwords, sessions, apart from members and agents."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from central.clock import Clock, utc_text
from central.entropy import Entropy, fingerprint, name
from central.greencard.trail import Note
from central.storage.store import Store
from central.storage.tables.shops import SHOP, SHOP_SESSION

_SESSION_LASTS = timedelta(hours=12)  # a day behind the counter


@dataclass(frozen=True, slots=True)
class Shop:
    """`limit_minor`: what it may owe us at most."""

    id: int
    login: str
    name: str
    limit_minor: int

    @property
    def account(self) -> str:
        return f"shop:{self.id}"


class Shops:
    def __init__(self, store: Store, clock: Clock, entropy: Entropy) -> None:
        self._store = store
        self._rows = store.database
        self._clock = clock
        self._entropy = entropy

    def join(self, shop: Shop, password_hash: str, *, by: str) -> bool:
        """`shop.id` is not looked at. False when another shop signs in so."""
        with self._store.change(f"shop:{shop.login}"):
            is_new = self._rows.insert_new(
                SHOP,
                login=shop.login,
                name=shop.name,
                password_hash=password_hash,
                limit_minor=shop.limit_minor,
                made_at=self._now(),
            )
            if is_new:
                detail = f"{shop.login}: {shop.name}, may owe {shop.limit_minor} minor"
                self._note(by, "shop.made", detail)
        return is_new

    def set_limit(self, shop: Shop, limit_minor: int, *, by: str) -> None:
        with self._store.change(shop.account):
            mine = SHOP.c.id == shop.id
            self._rows.write(update(SHOP).where(mine).values(limit_minor=limit_minor))
            self._note(by, "shop.limit", f"{shop.login}: {limit_minor} minor")

    def leave(self, shop: Shop, *, by: str) -> None:
        """Its sessions end at once; what it owes stays."""
        with self._store.change(shop.account):
            mine = SHOP.c.id == shop.id
            self._rows.write(update(SHOP).where(mine).values(left_at=self._now()))
            theirs = SHOP_SESSION.c.shop_id == shop.id
            self._rows.write(delete(SHOP_SESSION).where(theirs))
            self._note(by, "shop.left", shop.login)

    def all(self) -> list[Shop]:
        """Those that left, too: they may owe us."""
        return [_shop(row) for row in self._rows.rows(select(SHOP).order_by(SHOP.c.name))]

    def shop(self, shop_id: int) -> Shop | None:
        row = self._rows.first(select(SHOP).where(SHOP.c.id == shop_id))
        return None if row is None else _shop(row)

    def password_of(self, login: str) -> tuple[Shop, str] | None:
        found = (SHOP.c.login == login) & SHOP.c.left_at.is_(None)
        row = self._rows.first(select(SHOP).where(found))
        return None if row is None else (_shop(row), row.password_hash)

    def open_session(self, shop: Shop) -> str:
        secret, now = name(self._entropy), self._clock.utc()
        with self._store.change(shop.account):
            ended = SHOP_SESSION.c.ends_at <= utc_text(now)
            self._rows.write(delete(SHOP_SESSION).where(ended))
            self._rows.insert(
                SHOP_SESSION,
                fingerprint=fingerprint(secret),
                shop_id=shop.id,
                ends_at=utc_text(now + _SESSION_LASTS),
            )
        return secret

    def person_of(self, session: str) -> Shop | None:
        row = self._rows.first(
            select(SHOP)
            .join(SHOP_SESSION)
            .where(
                SHOP_SESSION.c.fingerprint == fingerprint(session),
                SHOP_SESSION.c.ends_at > self._now(),
                SHOP.c.left_at.is_(None),
            )
        )
        return None if row is None else _shop(row)

    def close_session(self, session: str) -> None:
        with self._store.change():
            mine = SHOP_SESSION.c.fingerprint == fingerprint(session)
            self._rows.write(delete(SHOP_SESSION).where(mine))

    def _note(self, by: str, event: str, detail: str) -> None:
        self._store.trail.add(Note(self._now(), "", by, event, detail))

    def _now(self) -> str:
        return utc_text(self._clock.utc())


def _shop(row: Any) -> Shop:
    return Shop(row.id, row.login, row.name, row.limit_minor)
