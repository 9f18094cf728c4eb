"""What lies in the cash box and the hoppers, coin by coin; collections, each sealed for ever."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from chargepoint.domain.money import ledger
from chargepoint.domain.service.orders import BoxSealed
from chargepoint.domain.units import Minor
from chargepoint.errors import ChargepointError
from chargepoint.store import postings


class SealRefused(ChargepointError):
    """A collection that would make the books untrue."""


@dataclass(frozen=True, slots=True)
class Level:
    """`place`: coin, note (both in the cash box) or hopper."""

    place: str
    value: int
    count: int


@dataclass(frozen=True, slots=True)
class Period:
    """One collection: postings `first` to `last`, the last of which is the collection itself."""

    number: int
    sealed_at: str
    role: str
    first_posting: int
    last_posting: int
    book_minor: int
    counted_minor: int
    levels: tuple[Level, ...]
    previous_seal: str
    seal: str = ""
    note: str = ""  # JSON: who, reason, seal number of the box; empty: collected by a command

    @property
    def difference_minor(self) -> int:
        return self.counted_minor - self.book_minor


def levels(connection: sqlite3.Connection) -> tuple[Level, ...]:
    """By the books: in the box since the last collection, in the hoppers in their whole life."""
    return (*_in_box(connection, _last_sealed(connection)), *_in_hoppers(connection))


def _in_box(connection: sqlite3.Connection, after: int) -> list[Level]:
    found = connection.execute(
        "SELECT substr(key, 1, instr(key, ':') - 1), signed_minor, COUNT(*) FROM posting"
        " JOIN entry ON posting.id = posting_id WHERE account = 'cash_box' AND posting.id > ?"
        " AND (key LIKE 'coin:%' OR key LIKE 'note:%') GROUP BY 1, 2 ORDER BY 1, 2",
        (after,),
    )
    return [Level(place, value, count) for place, value, count in found]


def _in_hoppers(connection: sqlite3.Connection) -> list[Level]:
    filled = connection.execute(
        "SELECT key, signed_minor FROM posting JOIN entry ON posting.id = posting_id"
        " WHERE account = 'hopper' AND key LIKE 'float:%'"
    )
    counts: dict[int, int] = {}
    for key, amount in filled:
        value = int(key.partition(":")[2].partition(":")[0])
        counts[value] = counts.get(value, 0) + amount // value
    paid = connection.execute(
        "SELECT coin_minor, SUM(paid) FROM payout WHERE paid IS NOT NULL GROUP BY coin_minor"
    )
    for value, coins in paid:
        counts[value] = counts.get(value, 0) - coins
    return [Level("hopper", value, count) for value, count in sorted(counts.items())]


# --- collections -----------------------------------------------------------------------------------


def seal(connection: sqlite3.Connection, counted: Minor, role: str, at: datetime) -> Period:
    """Book the collection and close the period, in one transaction. Raises SealRefused."""
    if not role.strip():
        raise SealRefused("a collection needs the role of who counted")
    connection.execute("BEGIN IMMEDIATE")
    try:
        period = _close(connection, counted, role.strip(), postings.stamp(at), "")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return period


def seal_inside(connection: sqlite3.Connection, sealed: BoxSealed, at: str) -> None:
    """As `seal`, as part of a commit of the running station."""
    note = {"who": sealed.who, "reason": sealed.reason, "sealNumber": sealed.seal_number}
    text = json.dumps(note, separators=(",", ":"))
    _close(connection, sealed.counted, sealed.role, at, text)


def _close(connection: sqlite3.Connection, counted: Minor, role: str, at: str, note: str) -> Period:
    before = periods(connection)
    number = len(before) + 1
    first = _last_sealed(connection) + 1
    inside = tuple(level for level in levels(connection) if level.place != "hopper")
    booked = booked_inside(connection)
    collection = ledger.collect(f"collection:{number}", booked=booked, counted=counted)
    postings.write(connection, collection, at)
    last = connection.execute("SELECT MAX(id) FROM posting").fetchone()[0]
    period = Period(
        number,
        at,
        role,
        first_posting=first,
        last_posting=last,
        book_minor=booked,
        counted_minor=counted,
        levels=inside,
        previous_seal=before[-1].seal if before else "",
        note=note,
    )
    sealed = _seal_of(period, connection)
    connection.execute(
        "INSERT INTO period VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(number, period.sealed_at, role, first, last, booked, counted),
            *(_levels_text(inside), period.previous_seal, sealed, note),
        ),
    )
    return replace(period, seal=sealed)


def booked_inside(connection: sqlite3.Connection) -> Minor:
    """What the box must hold by the books."""
    row = connection.execute(
        "SELECT COALESCE(SUM(signed_minor), 0) FROM entry WHERE account = 'cash_box'"
    ).fetchone()
    return Minor(row[0])


def periods(connection: sqlite3.Connection) -> list[Period]:
    """Oldest first."""
    found = connection.execute("SELECT * FROM period ORDER BY number")
    names = [column[0] for column in found.description]
    return [_period(dict(zip(names, row, strict=True))) for row in found]


def _period(fields: dict[str, Any]) -> Period:
    inside = tuple(Level(**each) for each in json.loads(fields.pop("levels")))
    book, counted = fields.pop("book_minor"), fields.pop("counted_minor")
    return Period(levels=inside, book_minor=book, counted_minor=counted, **fields)


def broken_seals(connection: sqlite3.Connection) -> list[str]:
    """Periods that are not as they were sealed, in words."""
    found: list[str] = []
    previous, last = "", 0
    for number, period in enumerate(periods(connection), start=1):
        follows = period.previous_seal == previous and period.first_posting == last + 1
        if period.number != number or not follows:
            found.append(f"period {period.number} does not follow the one before it")
        if _seal_of(period, connection) != period.seal:
            found.append(f"period {period.number} is not as it was sealed")
        previous, last = period.seal, period.last_posting
    return found


def _last_sealed(connection: sqlite3.Connection) -> int:
    return int(
        connection.execute("SELECT COALESCE(MAX(last_posting), 0) FROM period").fetchone()[0]
    )


def _seal_of(period: Period, connection: sqlite3.Connection) -> str:
    """SHA-256 over the period's own words and every posting in it, in order."""
    digest = hashlib.sha256()
    words = {k: v for k, v in _fields(period).items() if k != "seal"}
    if not period.note:  # a period sealed before there were notes
        del words["note"]
    digest.update(_canonical(words))
    entries = connection.execute(
        "SELECT posting.id, key, at, account, signed_minor FROM posting JOIN entry"
        " ON posting.id = posting_id WHERE posting.id BETWEEN ? AND ?"
        " ORDER BY posting.id, entry.rowid",
        (period.first_posting, period.last_posting),
    )
    for row in entries:
        digest.update(_canonical(list(row)))
    return digest.hexdigest()


def _fields(period: Period) -> dict[str, Any]:
    return {name: getattr(period, name) for name in Period.__slots__}


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=asdict).encode()


def _levels_text(found: Iterable[Level]) -> str:
    return json.dumps([asdict(level) for level in found], separators=(",", ":"))
