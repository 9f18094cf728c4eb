"""The audit of the service menu: who did what, when, and how it ended. Written once, never changed."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from chargepoint.domain.service.orders import ServiceNote


@dataclass(frozen=True, slots=True)
class LogLine:
    at: str
    note: ServiceNote


def write(connection: sqlite3.Connection, notes: Iterable[ServiceNote], at: str) -> None:
    connection.executemany(
        "INSERT INTO service_log (at, who, role, what, outcome) VALUES (?, ?, ?, ?, ?)",
        [(at, each.who, each.role, each.what, each.outcome) for each in notes],
    )


def read(connection: sqlite3.Connection, most: int) -> list[LogLine]:
    """Newest first."""
    found = connection.execute(
        "SELECT at, who, role, what, outcome FROM service_log ORDER BY id DESC LIMIT ?", (most,)
    )
    return [LogLine(at, ServiceNote(*note)) for at, *note in found]
