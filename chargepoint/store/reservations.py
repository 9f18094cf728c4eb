"""Rows of reservations in force."""

import json
import sqlite3

from chargepoint.domain.reservations.reservation import (
    Reservation,
    dump_reservation,
    load_reservation,
)


def write(
    connection: sqlite3.Connection, made: tuple[Reservation, ...], ended: tuple[int, ...]
) -> None:
    """The same id replaces; one that has ended never comes back."""
    connection.executemany("DELETE FROM reservation WHERE id = ?", [(number,) for number in ended])
    connection.executemany(
        "INSERT OR REPLACE INTO reservation VALUES (?, ?)",
        [(each.id, json.dumps(dump_reservation(each))) for each in made],
    )


def read(connection: sqlite3.Connection) -> tuple[Reservation, ...]:
    found = connection.execute("SELECT body FROM reservation ORDER BY id")
    return tuple(load_reservation(json.loads(body)) for (body,) in found)
