"""Rows of this point's vouchers: found by code, and by the stop code of the session behind them."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from chargepoint.domain.money.voucher import (
    VoucherRecord,
    VoucherState,
    booking_key,
    redeem_reference,
)
from chargepoint.domain.units import Minor

_COLUMNS = "code, claim, amount_minor, expires, state"


def write(connection: sqlite3.Connection, vouchers: Iterable[VoucherRecord], at: str) -> None:
    """A code that is there changes its state only."""
    connection.executemany(
        "INSERT INTO voucher VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (code) DO UPDATE SET state = excluded.state",
        [(v.code, v.claim, v.amount, v.expires, v.state, at) for v in vouchers],
    )


def read(connection: sqlite3.Connection, code: str) -> VoucherRecord | None:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM voucher WHERE code = ?",  # noqa: S608 - constant columns
        (code,),
    ).fetchone()
    return None if row is None else _record(row)


def of_claim(connection: sqlite3.Connection, claim: str) -> list[VoucherRecord]:
    """Every voucher that a session or a return led to, oldest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM voucher WHERE claim = ? ORDER BY issued_at, rowid",  # noqa: S608 - constant columns
        (claim,),
    )
    return [_record(row) for row in rows]


def of_stop_code(
    connection: sqlite3.Connection, stop_code: str, since: datetime
) -> tuple[VoucherRecord, ...]:
    """What is not redeemed here, of the newest session that this stop code ended."""
    row = connection.execute(
        "SELECT claim FROM voucher JOIN session ON session.id = voucher.claim"
        " WHERE json_extract(session.body, '$.order.code') = ? AND issued_at >= ?"
        " ORDER BY issued_at DESC, voucher.rowid DESC LIMIT 1",
        (stop_code, since.strftime("%Y-%m-%dT%H:%M:%S")),
    ).fetchone()
    found = [] if row is None else of_claim(connection, row[0])
    return tuple(record for record in found if not _is_used(connection, record.code))


def _is_used(connection: sqlite3.Connection, code: str) -> bool:
    key = booking_key(redeem_reference(code))
    return connection.execute("SELECT 1 FROM posting WHERE key = ?", (key,)).fetchone() is not None


def _record(row: tuple[str, str, int, str, str]) -> VoucherRecord:
    code, claim, amount, expires, state = row
    return VoucherRecord(code, claim, Minor(amount), expires, VoucherState(state))
