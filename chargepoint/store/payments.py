"""Rows of bank reservations and payouts: what must be found again after a cut."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict

from chargepoint.domain.payments import HopperMark
from chargepoint.domain.record import HoldRecord, HoldState, PayoutRecord
from chargepoint.domain.session import BankHold
from chargepoint.domain.units import Minor


def write_holds(connection: sqlite3.Connection, holds: Iterable[HoldRecord], at: str) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO bank_hold VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *(h.hold.reference, h.hold.receipt_number, h.hold.trace, h.hold.terminal_id),
                *(h.hold.amount, h.hold.masked_pan, h.state, h.wanted, h.captured, at),
            )
            for h in holds
        ],
    )


def write_payouts(connection: sqlite3.Connection, payouts: Iterable[PayoutRecord], at: str) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO payout VALUES (?, ?, ?, ?, ?, ?)",
        [
            (p.mark.reference, p.mark.serial, json.dumps(asdict(p.mark)), p.value, p.paid, at)
            for p in payouts
        ],
    )


def read_holds(connection: sqlite3.Connection, states: Iterable[HoldState]) -> list[HoldRecord]:
    """Reservations in these states, oldest first; those done are history and not read."""
    wanted = frozenset(states)
    rows = connection.execute(
        "SELECT reference, receipt_number, trace, terminal_id, amount_minor, masked_pan, state,"
        " wanted_minor, captured_minor FROM bank_hold WHERE state <> 'done'"
        " ORDER BY changed_at, reference"
    )
    return [
        HoldRecord(
            BankHold(reference, receipt, trace, terminal, Minor(amount), pan),
            HoldState(state),
            Minor(wanted_minor),
            Minor(captured),
        )
        for reference, receipt, trace, terminal, amount, pan, state, wanted_minor, captured in rows
        if state in wanted
    ]


def read_open_payouts(connection: sqlite3.Connection) -> list[PayoutRecord]:
    """Payouts that began and whose end nobody has written down."""
    rows = connection.execute("SELECT mark, coin_minor FROM payout WHERE paid IS NULL")
    return [PayoutRecord(HopperMark(**json.loads(mark)), Minor(value)) for mark, value in rows]


def refilled(connection: sqlite3.Connection, value: Minor) -> int:
    """Coins put into this hopper since its first filling, which is the configuration's."""
    row = connection.execute(
        "SELECT COALESCE(SUM(signed_minor), 0) FROM posting JOIN entry ON posting.id = posting_id"
        " WHERE account = 'hopper' AND key LIKE 'float:' || ? || ':%'",
        (value,),
    ).fetchone()
    return int(row[0]) // value
