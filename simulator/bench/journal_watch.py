"""Reads what the core has made durable, as it becomes so: postings and incidents.

The core may be another process, or dead: its journal is the one place where both agree. Only a
reader: it never writes, and never holds a lock across two looks.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from chargepoint.domain.money.ledger import folded, natural
from chargepoint.store import books

Found = dict[str, Any]


class JournalWatch:
    """`look` answers the events since the last look, in the shapes of docs/bench.md, without `t`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._version = -1
        self._postings = 0
        self._incidents = 0
        self._accounts: dict[str, int] = {}
        self._is_balanced = True

    @property
    def ledger(self) -> dict[str, Any]:
        return {"balanced": self._is_balanced, "accounts": dict(self._accounts)}

    def look(self) -> list[Found]:
        try:
            connection = self._open()
            return [] if connection is None else self._news(connection)
        except sqlite3.Error:
            # Not created to its end yet, or just replaced: the next look finds it.
            self.close()
            return []

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._version = -1

    def _open(self) -> sqlite3.Connection | None:
        if self._connection is None and self._path.exists():
            self._connection = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)
        return self._connection

    def _news(self, connection: sqlite3.Connection) -> list[Found]:
        ((version,),) = connection.execute("PRAGMA data_version")
        if version == self._version:
            return []
        with _one_moment(connection):
            news = [*self._booked(connection), *self._reported(connection)]
            if any(each["kind"] == "posting" for each in news) or self._version < 0:
                self._accounts = folded(books.balances_in(connection))
                self._is_balanced = _is_balanced(connection)
        self._version = version
        return news

    def _booked(self, connection: sqlite3.Connection) -> Iterator[Found]:
        rows = connection.execute(
            "SELECT posting.id, key, account, signed_minor FROM posting"
            " JOIN entry ON posting.id = posting_id WHERE posting.id > ? ORDER BY entry.rowid",
            (self._postings,),
        )
        found: dict[int, Found] = {}
        for number, key, account, amount in rows:
            posting = found.setdefault(number, {"kind": "posting", "key": key, "entries": {}})
            posting["entries"][account] = natural(account, amount)
            self._postings = max(self._postings, number)
        yield from found.values()

    def _reported(self, connection: sqlite3.Connection) -> Iterator[Found]:
        for number, code, device, detail in connection.execute(
            "SELECT id, code, device, detail FROM incident WHERE id > ? ORDER BY id",
            (self._incidents,),
        ):
            self._incidents = number
            yield {"kind": "incident", "code": code, "device": device, "detail": detail}


@contextmanager
def _one_moment(connection: sqlite3.Connection) -> Iterator[None]:
    """All queries see the same commit."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def _is_balanced(connection: sqlite3.Connection) -> bool:
    with closing(
        connection.execute(
            "SELECT 1 FROM entry GROUP BY posting_id HAVING SUM(signed_minor) <> 0 LIMIT 1"
        )
    ) as rows:
        return rows.fetchone() is None
