"""Points become experience packs: once a year, as long as there are any, never more than there are.

card:N ── points, those that end first ──► pack:ID         order: ordered ──► sent
card:N ◄── the same points, same ends ──── pack:ID                  └──────► cancelled
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from central.clock import Clock, utc_text
from central.feed import Feed
from central.greencard.book import AccountBook
from central.greencard.points import Lot
from central.greencard.trail import Note
from central.greencard.window import Window
from central.greencard.wording import Said, kept, read, said
from central.storage.store import Store
from central.storage.tables.offers import PACK, PACK_ORDER

ORDERED, SENT, CANCELLED = "ordered", "sent", "cancelled"


@dataclass(frozen=True, slots=True)
class Pack:
    """`stock`: in all; `left`: of it. `id` 0: not kept yet. `words`: where they differ by language."""

    name: str
    about: str
    points: int
    stock: int
    id: int = 0
    left: int = 0
    is_ended: bool = False
    words: tuple[Said, ...] = ()

    def said(self, language: str) -> Said:
        return said(self.words, language, Said("", self.name, self.about))


@dataclass(frozen=True, slots=True)
class PackOrder:
    reference: str
    pack: str
    number: str
    points: int
    at: str
    state: str


class Exchange:
    def __init__(self, store: Store, clock: Clock, feed: Feed, book: AccountBook) -> None:
        self._store = store
        self._rows = store.database
        self._clock = clock
        self._feed = feed
        self._book = book

    # --- when ---------------------------------------------------------------------------------------

    def window(self) -> tuple[date, date]:
        """The one that is open, else the next."""
        return self._window().nearest(self._today())

    def is_open(self) -> bool:
        return self._window().is_open(self._today())

    def _window(self) -> Window:
        programme = self._book.programme
        return Window(programme.exchange_from, programme.exchange_until)

    def _today(self) -> date:
        return self._clock.utc().astimezone(ZoneInfo(self._book.timezone)).date()

    # --- what ---------------------------------------------------------------------------------------

    def packs(self, *, ended: bool = False) -> list[Pack]:
        """The cheapest first."""
        statement = select(PACK).order_by(PACK.c.points, PACK.c.id)
        if not ended:
            statement = statement.where(PACK.c.is_ended == 0)
        taken = self._taken()
        return [_pack(row, taken.get(row.id, 0)) for row in self._rows.rows(statement)]

    def pack(self, pack_id: int) -> Pack | None:
        row = self._rows.first(select(PACK).where(PACK.c.id == pack_id))
        return None if row is None else _pack(row, self._taken().get(pack_id, 0))

    def save(self, pack: Pack, *, by: str) -> bool:
        """New, or changed; False when more of it are taken than there would be."""
        with self._store.change(f"pack:{pack.id}"):
            if pack.stock < self._taken().get(pack.id, 0):
                return False
            values = {
                "name": pack.name,
                "about": pack.about,
                "words": json.dumps(kept(pack.words), sort_keys=True, ensure_ascii=False),
                "points": pack.points,
                "stock": pack.stock,
                "is_ended": int(pack.is_ended),
            }
            if pack.id:
                self._rows.write(update(PACK).where(PACK.c.id == pack.id).values(values))
            else:
                self._rows.numbered(PACK, **values)
            detail = f"{pack.name}: {pack.points} points, {pack.stock} in all"
            event = "pack.ended" if pack.is_ended else "pack.saved"
            self._store.trail.add(Note(self._now(), "", by, event, detail))
        return True

    def _taken(self) -> Mapping[int, int]:
        orders = PACK_ORDER.c
        statement = select(orders.pack_id, func.count()).where(orders.state != CANCELLED)
        return {row[0]: int(row[1]) for row in self._rows.rows(statement.group_by(orders.pack_id))}

    # --- exchanging ---------------------------------------------------------------------------------

    def take(self, number: str, pack_id: int, reference: str, *, member_id: int | None) -> str:
        """A key that says why not, or nothing. The same reference again: the same answer, one pack."""
        with self._store.change(f"pack:{pack_id}", f"card:{number}", f"order:{reference}"):
            before = self._order(reference)
            if before is not None:
                is_same = (before.number, before.pack_id) == (number, pack_id)
                return "" if is_same else "exchange.gone"
            refused = self._refusal(number, pack_id)
            if refused:
                return refused
            pack = self.pack(pack_id)
            assert pack is not None
            self._rows.insert(
                PACK_ORDER,
                reference=reference,
                pack_id=pack_id,
                number=number,
                member_id=member_id,
                points=pack.points,
                at=self._now(),
                state=ORDERED,
            )
            self._spend_inside(number, pack, reference)
            note = Note(self._now(), number, "holder", "pack.ordered", pack.name)
            self._store.trail.add(note)
            self._feed.changed("card", number)
        return ""

    def _refusal(self, number: str, pack_id: int) -> str:
        card, pack = self._store.card(number), self.pack(pack_id)
        if card is None or card.state != "active":
            return "exchange.card"
        if not self.is_open():
            return "exchange.closed"
        if pack is None or pack.is_ended or pack.left <= 0:
            return "exchange.gone"
        if self._store.points.on_card(number, self._now()) < pack.points:
            return "exchange.too_few"
        return ""

    def _spend_inside(self, number: str, pack: Pack, reference: str) -> None:
        """Those that end first go first."""
        missing = pack.points
        for place, (ends, points) in enumerate(self._store.points.groups(number, self._now())):
            share = min(missing, max(0, points))
            if share:
                key = f"pack:{reference}:{place}"
                lot = Lot(key, number, -share, ends, against=f"pack:{pack.id}")
                self._store.points.add(lot, self._now())
                missing -= share
        assert missing == 0, f"{number[-4:]} was short of {missing} points"

    # --- orders -------------------------------------------------------------------------------------

    def orders(self, *, number: str | None = None, limit: int = 200) -> list[PackOrder]:
        """Newest first."""
        orders = PACK_ORDER.c
        statement = select(PACK_ORDER, PACK.c.name).join(PACK).order_by(orders.at.desc())
        if number is not None:
            statement = statement.where(orders.number.in_(self._store.lineage.of(number)))
        return [
            PackOrder(row.reference, row.name, row.number, row.points, row.at, row.state)
            for row in self._rows.rows(statement.limit(limit))
        ]

    def close(self, reference: str, state: str, *, by: str) -> bool:
        """`sent`, or `cancelled`: its points go back. False when it was closed before."""
        assert state in (SENT, CANCELLED)
        found = self._order(reference)
        if found is None:
            return False
        with self._store.lineage.change(found.number, f"pack:{found.pack_id}") as number:
            open_ = (PACK_ORDER.c.reference == reference) & (PACK_ORDER.c.state == ORDERED)
            closed = update(PACK_ORDER).where(open_).values(state=state, closed_at=self._now())
            if self._rows.write(closed) == 0:
                return False
            if state == CANCELLED:
                self._store.points.undo_inside(f"pack:{reference}:", number, self._now())
            event = f"pack.{state}"
            self._store.trail.add(Note(self._now(), number, by, event, reference[:8]))
            self._feed.changed("card", number)
        return True

    def _order(self, reference: str) -> Any:
        return self._rows.first(select(PACK_ORDER).where(PACK_ORDER.c.reference == reference))

    def _now(self) -> str:
        return utc_text(self._clock.utc())


def _pack(row: Any, taken: int) -> Pack:
    return Pack(
        row.name,
        row.about,
        row.points,
        row.stock,
        row.id,
        max(0, row.stock - taken),
        bool(row.is_ended),
        read(json.loads(row.words)),
    )
