"""The charging profiles in force as a table: what replaces what is one transaction."""

import json
import sqlite3
from collections.abc import Awaitable, Collection

from chargepoint.domain.supply.charging_profile import Profile, dump_profile, load_profile
from chargepoint.ports import Clock
from chargepoint.store.rows import stamp
from chargepoint.store.writer import Writer


class ProfileTable:
    """Implements charging_ports.ProfileStore."""

    def __init__(self, reader: sqlite3.Connection, writer: Writer, clock: Clock) -> None:
        self._reader = reader
        self._writer = writer
        self._clock = clock

    def all(self) -> list[Profile]:
        rows = self._reader.execute("SELECT body FROM charging_profile ORDER BY id")
        return [load_profile(json.loads(body)) for (body,) in rows]

    def change(self, removed: Collection[int], added: Collection[Profile]) -> Awaitable[None]:
        at = stamp(self._clock.utc())
        gone = [(number,) for number in removed]
        rows = [(profile.id, json.dumps(dump_profile(profile)), at) for profile in added]

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            try:
                connection.executemany("DELETE FROM charging_profile WHERE id = ?", gone)
                connection.executemany(
                    "INSERT OR REPLACE INTO charging_profile VALUES (?, ?, ?)", rows
                )
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

        return self._writer.submit(work)
