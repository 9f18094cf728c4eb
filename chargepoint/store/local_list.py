"""The local authorisation list as a table: a look-up reads one row, a new list is one transaction."""

import sqlite3
from collections.abc import Awaitable, Collection, Sequence

from chargepoint.auth_ports import ListedToken
from chargepoint.domain.money.account import TokenStatus
from chargepoint.store.rows import stamp, unstamp
from chargepoint.store.writer import Writer


class LocalListTable:
    """Implements auth_ports.LocalList."""

    def __init__(self, reader: sqlite3.Connection, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    def version(self) -> int:
        return int(self._reader.execute("SELECT version FROM local_list").fetchone()[0])

    def size(self) -> int:
        return int(self._reader.execute("SELECT COUNT(*) FROM local_token").fetchone()[0])

    def find(self, id_tag: str) -> ListedToken | None:
        row = self._reader.execute(
            "SELECT id_tag, status, expires, parent FROM local_token WHERE id_tag = ?",
            (id_tag.upper(),),
        ).fetchone()
        if row is None:
            return None
        tag, status, expires, parent = row
        return ListedToken(tag, TokenStatus(status), expires and unstamp(expires), parent)

    def replace(self, version: int, entries: Sequence[ListedToken]) -> Awaitable[None]:
        return self._write(version, entries, (), is_new=True)

    def change(
        self, version: int, entries: Sequence[ListedToken], removed: Collection[str]
    ) -> Awaitable[None]:
        return self._write(version, entries, removed, is_new=False)

    def _write(
        self,
        version: int,
        entries: Sequence[ListedToken],
        removed: Collection[str],
        *,
        is_new: bool,
    ) -> Awaitable[None]:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            try:
                if is_new:
                    connection.execute("DELETE FROM local_token")
                connection.executemany(
                    "DELETE FROM local_token WHERE id_tag = ?", [(tag.upper(),) for tag in removed]
                )
                connection.executemany(
                    "INSERT OR REPLACE INTO local_token VALUES (?, ?, ?, ?)", map(_row, entries)
                )
                connection.execute("UPDATE local_list SET version = ?", (version,))
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

        return self._writer.submit(work)


def _row(entry: ListedToken) -> tuple[str, str, str | None, str | None]:
    expires = None if entry.expires is None else stamp(entry.expires)
    return entry.id_tag.upper(), entry.status.value, expires, entry.parent
