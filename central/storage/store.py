"""SQLite behind the accounts: a double-entry ledger, cards, charges, and answers given once.

Every change happens inside `change()`: all of it is durable when the block ends, or none of it.
The only module that knows SQL.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from central.errors import CentralError
from central.greencard.accounts import Card, Plan
from central.greencard.offers_kept import KeptProgramme
from central.greencard.points import PointBook
from central.greencard.records import (
    Finding,
    Receipt,
    Refund,
    StartKey,
    Transaction,
    terms_from_text,
)
from central.greencard.trail import Trail

_SCHEMA_SCRIPTS = (
    "schema_1.sql",
    "schema_2.sql",
    "schema_3.sql",
    "schema_4.sql",
    "schema_5.sql",
)  # each takes the store one version further
_CARD_COLUMNS = (
    "number, uid, state, state_reason, plan_kind, wh_left, charges_since_discount, "
    "loyalty_every, loyalty_percent, promotion_percent, energy_milli_per_kwh, "
    "monthly_fee_minor, monthly_wh, from_date, until_date, month"
)


_COLUMNS = _CARD_COLUMNS.split(", ")
_PLAN_COLUMNS = ("wh_left", "monthly_fee_minor", "monthly_wh", "from_date", "until_date", "month")


class WrongStore(CentralError):
    """The file is not a store of this version."""


class Store:
    """One file, or `:memory:`. Not thread-safe; one store belongs to one event loop."""

    def __init__(self, path: Path | str = ":memory:") -> None:
        self._db = sqlite3.connect(str(path), isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > len(_SCHEMA_SCRIPTS):
            self._db.close()
            raise WrongStore(f"{path}: schema {version}, this program knows {len(_SCHEMA_SCRIPTS)}")
        for number, name in enumerate(_SCHEMA_SCRIPTS[version:], start=version + 1):
            self._upgrade(number, name)
        self.points = PointBook(self._db)
        self.trail = Trail(self._db)
        self.programme = KeptProgramme(self._db)

    def _upgrade(self, version: int, name: str) -> None:
        script = resources.files("central.storage.older").joinpath(name).read_text("utf-8")
        self._db.executescript(
            f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {version}; COMMIT;"
        )

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """One durable step. Blocks do not nest."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # --- ledger ---------------------------------------------------------------------------------

    def post(self, key: str, at: str, memo: str, entries: Mapping[str, int]) -> bool:
        """Book once per `key`; False if this key was booked before, and nothing happened."""
        assert sum(entries.values()) == 0, f"posting {key} is not balanced: {entries}"
        cursor = self._db.execute(
            "INSERT INTO posting (key, at, memo) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (key, at, memo),
        )
        if cursor.rowcount == 0:
            return False
        self._db.executemany(
            "INSERT INTO entry (posting_id, account, amount_minor) VALUES (?, ?, ?)",
            [(cursor.lastrowid, account, amount) for account, amount in entries.items()],
        )
        return True

    def balance(self, account: str) -> int:
        row = self._db.execute(
            "SELECT COALESCE(SUM(amount_minor), 0) FROM entry WHERE account = ?", (account,)
        ).fetchone()
        return int(row[0])

    def balances(self) -> dict[str, int]:
        """The trial balance; its values sum to zero."""
        rows = self._db.execute(
            "SELECT account, SUM(amount_minor) AS total FROM entry GROUP BY account ORDER BY account"
        )
        return {row["account"]: row["total"] for row in rows}

    def unbalanced_postings(self) -> list[str]:
        rows = self._db.execute(
            "SELECT key FROM posting JOIN entry ON posting_id = posting.id "
            "GROUP BY posting.id HAVING SUM(amount_minor) <> 0 ORDER BY key"
        )
        return [row["key"] for row in rows]

    def postings(self, account: str, limit: int = 50) -> list[dict[str, Any]]:
        """Newest first."""
        rows = self._db.execute(
            "SELECT key, at, memo, amount_minor FROM entry JOIN posting ON posting_id = posting.id "
            "WHERE account = ? ORDER BY posting.id DESC LIMIT ?",
            (account, limit),
        )
        return [dict(row) for row in rows]

    # --- answers given once -----------------------------------------------------------------------

    def answered(self, key: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """(request, answer) as first seen, or None."""
        row = self._db.execute(
            "SELECT request, answer FROM answered WHERE key = ?", (key,)
        ).fetchone()
        return None if row is None else (json.loads(row["request"]), json.loads(row["answer"]))

    def remember_answer(
        self, key: str, at: str, request: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> None:
        self._db.execute(
            "INSERT INTO answered (key, at, request, answer) VALUES (?, ?, ?, ?)",
            (key, at, _json(request), _json(answer)),
        )

    # --- cards ------------------------------------------------------------------------------------

    def card(self, number: str) -> Card | None:
        row = self._db.execute(
            f"SELECT {_CARD_COLUMNS} FROM card WHERE number = ?",  # noqa: S608 -- constant columns
            (number,),
        ).fetchone()
        return None if row is None else _card(row)

    def cards(self, limit: int = 200) -> list[Card]:
        rows = self._db.execute(
            f"SELECT {_CARD_COLUMNS} FROM card ORDER BY number LIMIT ?",  # noqa: S608
            (limit,),
        )
        return [_card(row) for row in rows]

    def save_card(self, card: Card) -> None:
        self._db.execute(
            f"INSERT INTO card ({_CARD_COLUMNS}) "  # noqa: S608
            f"VALUES ({', '.join('?' * len(_COLUMNS))}) ON CONFLICT (number) DO UPDATE SET "
            + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS),
            (
                card.number,
                card.uid,
                card.state,
                card.state_reason,
                card.plan.kind,
                card.plan.wh_left,
                card.charges_since_discount,
                card.loyalty_every,
                card.loyalty_percent,
                card.promotion_percent,
                card.energy_milli_per_kwh,
                card.plan.monthly_fee_minor,
                card.plan.monthly_wh,
                card.plan.from_date,
                card.plan.until_date,
                card.plan.month,
            ),
        )

    # --- charges ------------------------------------------------------------------------------------

    def open_transaction(self, key: StartKey, status: str, terms: str | None, hold: int) -> int:
        """A new transaction's id; `hold` is open when the start carries terms."""
        cursor = self._db.execute(
            "INSERT INTO transaction_ (point, connector, id_tag, started_at, meter_start_wh, "
            "status, terms, meter_wh, hold_minor, hold_open) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                key.point,
                key.connector,
                key.id_tag,
                key.started_at,
                key.meter_start_wh,
                status,
                terms,
                key.meter_start_wh,
                hold,
                int(terms is not None),
            ),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def save_progress(self, transaction: Transaction) -> None:
        """Everything that may change after the start."""
        self._db.execute(
            "UPDATE transaction_ SET meter_wh = ?, power_w = ?, stopped_at = ?, stop_reason = ?, "
            "hold_open = ?, receipt_number = ?, total_minor = ? WHERE id = ?",
            (
                transaction.meter_wh,
                transaction.power_w,
                transaction.stopped_at,
                transaction.stop_reason,
                int(transaction.hold_open),
                transaction.receipt_number,
                transaction.total_minor,
                transaction.id,
            ),
        )

    def transaction(self, transaction_id: int) -> Transaction | None:
        found = self._transactions("WHERE id = ?", transaction_id)
        return found[0] if found else None

    def transaction_started(self, key: StartKey) -> Transaction | None:
        found = self._transactions(
            "WHERE point = ? AND connector = ? AND id_tag = ? AND started_at = ? "
            "AND meter_start_wh = ?",
            key.point,
            key.connector,
            key.id_tag,
            key.started_at,
            key.meter_start_wh,
        )
        return found[0] if found else None

    def transactions(self, limit: int = 50) -> list[Transaction]:
        """Newest first."""
        return self._transactions("ORDER BY id DESC LIMIT ?", limit)

    def running_at(self, point: str) -> list[Transaction]:
        return self._transactions("WHERE point = ? AND stopped_at IS NULL ORDER BY id", point)

    def settled_by(self, point: str, receipt_number: str) -> Transaction | None:
        found = self._transactions("WHERE point = ? AND receipt_number = ?", point, receipt_number)
        return found[0] if found else None

    def open_holds(self, id_tag: str) -> list[Transaction]:
        return self._transactions("WHERE hold_open = 1 AND id_tag = ? ORDER BY id", id_tag)

    def _transactions(self, clause: str, *values: object) -> list[Transaction]:
        rows = self._db.execute(f"SELECT * FROM transaction_ {clause}", values)  # noqa: S608
        return [_transaction(row) for row in rows]

    def save_receipt(self, receipt: Receipt, at: str) -> None:
        self._db.execute(
            "INSERT INTO receipt (point, number, at, transaction_id, id_tag, means, total_minor, "
            "energy_wh, document, page) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                receipt.point,
                receipt.number,
                at,
                receipt.transaction_id,
                receipt.id_tag,
                receipt.means,
                receipt.total_minor,
                receipt.energy_wh,
                receipt.document,
                None if receipt.page and self.receipt_on_page(receipt.page) else receipt.page,
            ),
        )

    def receipt_on_page(self, page: str) -> tuple[str, str, dict[str, Any]] | None:
        """(point, receipt number, document) behind a page's name."""
        row = self._db.execute(
            "SELECT point, number, document FROM receipt WHERE page = ?", (page,)
        ).fetchone()
        if row is None:
            return None
        return row["point"], row["number"], json.loads(row["document"])

    def save_refund(self, refund: Refund, at: str) -> None:
        self._db.execute(
            "INSERT INTO refund (point, reference, receipt_number, at, amount_minor, document) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (
                refund.point,
                refund.reference,
                refund.receipt_number,
                at,
                refund.amount_minor,
                refund.document,
            ),
        )

    def refunds(self, point: str, receipt_number: str) -> list[dict[str, Any]]:
        """Documents of what was given back on a receipt, oldest first."""
        rows = self._db.execute(
            "SELECT document FROM refund WHERE point = ? AND receipt_number = ? ORDER BY at, reference",
            (point, receipt_number),
        )
        return [json.loads(row["document"]) for row in rows]

    def receipt_total(self, point: str, receipt_number: str) -> int | None:
        row = self._db.execute(
            "SELECT total_minor FROM receipt WHERE point = ? AND number = ?",
            (point, receipt_number),
        ).fetchone()
        return None if row is None else int(row["total_minor"])

    # --- vouchers -----------------------------------------------------------------------------------

    def voucher(self, code: str) -> tuple[int, str] | None:
        """Amount, and the last day on which it is worth money; empty: for ever."""
        row = self._db.execute(
            "SELECT amount_minor, expires FROM voucher WHERE code = ?", (code,)
        ).fetchone()
        return None if row is None else (int(row["amount_minor"]), str(row["expires"]))

    def issue_voucher(self, code: str, amount_minor: int, issued_by: str, expires: str) -> None:
        self._db.execute(
            "INSERT INTO voucher (code, amount_minor, issued_by, expires) VALUES (?, ?, ?, ?)",
            (code, amount_minor, issued_by, expires),
        )

    def redeem_voucher(self, code: str, redeemed_by: str) -> bool:
        """False when it was redeemed before."""
        cursor = self._db.execute(
            "UPDATE voucher SET redeemed_by = ? WHERE code = ? AND redeemed_by IS NULL",
            (redeemed_by, code),
        )
        return cursor.rowcount == 1

    # --- findings -----------------------------------------------------------------------------------

    def add_finding(self, at: str, point: str, code: str, detail: str) -> Finding:
        cursor = self._db.execute(
            "INSERT INTO finding (at, point, code, detail) VALUES (?, ?, ?, ?)",
            (at, point, code, detail),
        )
        assert cursor.lastrowid is not None
        return Finding(cursor.lastrowid, at, point, code, detail)

    def findings(self, limit: int = 50) -> list[Finding]:
        """Newest first."""
        rows = self._db.execute(
            "SELECT id, at, point, code, detail FROM finding ORDER BY id DESC LIMIT ?", (limit,)
        )
        return [Finding(**dict(row)) for row in rows]


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _card(row: sqlite3.Row) -> Card:
    fields = dict(row)
    plan = Plan(fields.pop("plan_kind"), **{name: fields.pop(name) for name in _PLAN_COLUMNS})
    return Card(plan=plan, **fields)


def _transaction(row: sqlite3.Row) -> Transaction:
    return Transaction(
        id=row["id"],
        key=StartKey(
            row["point"],
            row["connector"],
            row["id_tag"],
            row["started_at"],
            row["meter_start_wh"],
        ),
        status=row["status"],
        terms=terms_from_text(row["terms"]),
        meter_wh=row["meter_wh"],
        power_w=row["power_w"],
        stopped_at=row["stopped_at"],
        stop_reason=row["stop_reason"],
        hold_minor=row["hold_minor"],
        hold_open=bool(row["hold_open"]),
        receipt_number=row["receipt_number"],
        total_minor=row["total_minor"],
    )
