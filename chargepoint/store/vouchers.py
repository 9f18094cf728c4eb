"""Rows of this point's vouchers: found by code, and by the stop code of the session behind them."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from chargepoint.domain.units import Minor
from chargepoint.domain.voucher import VoucherRecord, VoucherState

_COLUMNS = "voucher.code, voucher.claim, voucher.amount_minor, voucher.expires, voucher.state"


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
        f"SELECT {_COLUMNS} FROM voucher WHERE claim = ? ORDER BY issued_at, code",  # noqa: S608 - constant columns
        (claim,),
    )
    return [_record(row) for row in rows]


def of_stop_code(
    connection: sqlite3.Connection, stop_code: str, since: datetime
) -> VoucherRecord | None:
    """The newest one not redeemed here, of a session that this stop code ended."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM voucher JOIN session ON session.id = voucher.claim"  # noqa: S608 - constant columns
        " WHERE json_extract(session.body, '$.order.code') = ? AND issued_at >= ?"
        " AND NOT EXISTS (SELECT 1 FROM posting WHERE key = 'voucherin:redeem:' || voucher.code)"
        " ORDER BY issued_at DESC, voucher.rowid DESC LIMIT 1",
        (stop_code, since.strftime("%Y-%m-%dT%H:%M:%S")),
    ).fetchone()
    return None if row is None else _record(row)


def _record(row: tuple[str, str, int, str, str]) -> VoucherRecord:
    code, claim, amount, expires, state = row
    return VoucherRecord(code, claim, Minor(amount), expires, VoucherState(state))
