"""Reports of commissioning, as they were signed. Written once, never changed."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeptReport:
    """`body`: the signed document as text."""

    made_at: str
    verdict: str
    made_by: str
    body: str


def write(connection: sqlite3.Connection, report: KeptReport) -> None:
    connection.execute(
        "INSERT INTO commission_report (made_at, verdict, made_by, body) VALUES (?, ?, ?, ?)",
        (report.made_at, report.verdict, report.made_by, report.body),
    )


def newest(connection: sqlite3.Connection) -> KeptReport | None:
    row = connection.execute(
        "SELECT made_at, verdict, made_by, body FROM commission_report ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return None if row is None else KeptReport(*row)
