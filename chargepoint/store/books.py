"""Reads the books: balances in natural sign, the trial balance, incidents. Never writes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from chargepoint.domain.money.ledger import VAT, VAT_PREPAID, folded, natural


@contextmanager
def _reading(path: str | Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.execute("PRAGMA busy_timeout = 2000")
        yield connection


def balances_in(connection: sqlite3.Connection) -> dict[str, int]:
    """Every account; what is owed stands there for each claim."""
    rows = connection.execute(
        "SELECT account, SUM(signed_minor) FROM entry GROUP BY account ORDER BY account"
    )
    return {account: natural(account, total) for account, total in rows}


def balances(path: str | Path) -> dict[str, int]:
    """Minor units per account, in the sign people read it (domain/money/ledger.py)."""
    with _reading(path) as connection:
        return folded(balances_in(connection))


def unbalanced(path: str | Path) -> list[str]:
    """Keys of postings that do not sum to zero; empty in a healthy journal."""
    with _reading(path) as connection:
        return unbalanced_in(connection)


def unbalanced_in(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT key FROM posting JOIN entry ON posting.id = posting_id"
        " GROUP BY posting.id HAVING SUM(signed_minor) <> 0"
    )
    return [key for (key,) in rows]


def taxed_twice_in(connection: sqlite3.Connection) -> list[str]:
    """Sales with VAT of their own and VAT that was paid when a card was loaded: never both."""
    rows = connection.execute(
        "SELECT key FROM posting JOIN entry ON posting.id = posting_id"
        " WHERE key LIKE 'sale:%' AND account IN (?, ?)"
        " GROUP BY posting.id HAVING COUNT(DISTINCT account) = 2",
        (VAT, VAT_PREPAID),
    )
    return [key for (key,) in rows]


def is_balanced(path: str | Path) -> bool:
    return not unbalanced(path)


def incidents(path: str | Path) -> list[dict[str, str]]:
    """Oldest first: at, code, device, detail, trace."""
    with _reading(path) as connection:
        rows = connection.execute(
            "SELECT at, code, device, detail, trace FROM incident ORDER BY id"
        )
        names = ("at", "code", "device", "detail", "trace")
        return [dict(zip(names, row, strict=True)) for row in rows]


def postings(path: str | Path, after: int = 0) -> list[tuple[int, str, dict[str, int]]]:
    """(id, key, signed entries) of the postings after an id, oldest first."""
    with _reading(path) as connection:
        rows = connection.execute(
            "SELECT posting.id, key, account, signed_minor FROM posting"
            " JOIN entry ON posting.id = posting_id WHERE posting.id > ? ORDER BY entry.rowid",
            (after,),
        )
        found: dict[int, tuple[int, str, dict[str, int]]] = {}
        for number, key, account, amount in rows:
            found.setdefault(number, (number, key, {}))[2][account] = amount
        return list(found.values())


def undelivered(path: str | Path) -> list[tuple[int, str, str]]:
    """(sequence, key, state) of every outbox row that the central system has not confirmed."""
    with _reading(path) as connection:
        rows = connection.execute(
            "SELECT sequence, key, state FROM outbox WHERE state <> 'confirmed' ORDER BY sequence"
        )
        return [(sequence, key, state) for sequence, key, state in rows]
