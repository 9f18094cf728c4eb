"""What is kept of a charge: its transaction, its receipt, what was given back."""

import json
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, select, update

from central.greencard.records import Receipt, Refund, StartKey, Transaction, terms_from_text
from central.storage.engine import Database
from central.storage.tables.accounts import RECEIPT, REFUND, TRANSACTION

_BY_NUMBER = select(TRANSACTION).where(TRANSACTION.c.id == bindparam("number"))
_OPEN_HOLDS = (
    select(TRANSACTION)
    .where(TRANSACTION.c.hold_open == 1, TRANSACTION.c.id_tag == bindparam("id_tag"))
    .order_by(TRANSACTION.c.id)
)
_PROGRESS = update(TRANSACTION).where(TRANSACTION.c.id == bindparam("number"))


class ChargeRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    # --- transactions -------------------------------------------------------------------------------

    def open_transaction(self, key: StartKey, status: str, terms: str | None, hold: int) -> int:
        """A new transaction's id; `hold` is open when the start carries terms."""
        return self._database.numbered(
            TRANSACTION,
            point=key.point,
            connector=key.connector,
            id_tag=key.id_tag,
            started_at=key.started_at,
            meter_start_wh=key.meter_start_wh,
            status=status,
            terms=terms,
            meter_wh=key.meter_start_wh,
            hold_minor=hold,
            hold_open=int(terms is not None),
        )

    def save_progress(self, transaction: Transaction) -> None:
        """Everything that may change after the start."""
        self._database.write(
            _PROGRESS,
            number=transaction.id,
            meter_wh=transaction.meter_wh,
            power_w=transaction.power_w,
            stopped_at=transaction.stopped_at,
            stop_reason=transaction.stop_reason,
            hold_open=int(transaction.hold_open),
            receipt_number=transaction.receipt_number,
            total_minor=transaction.total_minor,
        )

    def transaction(self, transaction_id: int) -> Transaction | None:
        row = self._database.first(_BY_NUMBER, number=transaction_id)
        return None if row is None else _transaction(row)

    def transaction_started(self, key: StartKey) -> Transaction | None:
        return self._one(
            TRANSACTION.c.point == key.point,
            TRANSACTION.c.connector == key.connector,
            TRANSACTION.c.id_tag == key.id_tag,
            TRANSACTION.c.started_at == key.started_at,
            TRANSACTION.c.meter_start_wh == key.meter_start_wh,
        )

    def transactions(self, limit: int = 50) -> list[Transaction]:
        """Newest first."""
        statement = select(TRANSACTION).order_by(TRANSACTION.c.id.desc()).limit(limit)
        return [_transaction(row) for row in self._database.rows(statement)]

    def running(self) -> list[Transaction]:
        """Everywhere."""
        return self._all(TRANSACTION.c.stopped_at.is_(None))

    def running_at(self, point: str) -> list[Transaction]:
        return self._all(TRANSACTION.c.point == point, TRANSACTION.c.stopped_at.is_(None))

    def settled_by(self, point: str, receipt_number: str) -> Transaction | None:
        return self._one(
            TRANSACTION.c.point == point, TRANSACTION.c.receipt_number == receipt_number
        )

    def open_holds(self, id_tag: str) -> list[Transaction]:
        return [_transaction(row) for row in self._database.rows(_OPEN_HOLDS, id_tag=id_tag)]

    def _one(self, *conditions: ColumnElement[bool]) -> Transaction | None:
        row = self._database.first(select(TRANSACTION).where(*conditions))
        return None if row is None else _transaction(row)

    def _all(self, *conditions: ColumnElement[bool]) -> list[Transaction]:
        """Oldest first."""
        statement = select(TRANSACTION).where(*conditions).order_by(TRANSACTION.c.id)
        return [_transaction(row) for row in self._database.rows(statement)]

    # --- receipts -----------------------------------------------------------------------------------

    def save_receipt(self, receipt: Receipt, at: str) -> None:
        is_taken = receipt.page is not None and self.receipt_on_page(receipt.page) is not None
        self._database.insert(
            RECEIPT,
            point=receipt.point,
            number=receipt.number,
            at=at,
            transaction_id=receipt.transaction_id,
            id_tag=receipt.id_tag,
            means=receipt.means,
            total_minor=receipt.total_minor,
            energy_wh=receipt.energy_wh,
            document=receipt.document,
            page=None if is_taken else receipt.page,
        )

    def receipt_on_page(self, page: str) -> tuple[str, str, dict[str, Any]] | None:
        """(point, receipt number, document) behind a page's name."""
        row = self._database.first(select(RECEIPT).where(RECEIPT.c.page == page))
        return None if row is None else (row.point, row.number, json.loads(row.document))

    def receipt(self, point: str, receipt_number: str) -> dict[str, Any]:
        """The document of one that came."""
        statement = select(RECEIPT.c.document).where(
            RECEIPT.c.point == point, RECEIPT.c.number == receipt_number
        )
        document: dict[str, Any] = json.loads(self._database.value(statement))
        return document

    def receipt_total(self, point: str, receipt_number: str) -> int | None:
        statement = select(RECEIPT.c.total_minor).where(
            RECEIPT.c.point == point, RECEIPT.c.number == receipt_number
        )
        total: int | None = self._database.value(statement)
        return total

    # --- given back ---------------------------------------------------------------------------------

    def save_refund(self, refund: Refund, at: str) -> None:
        self._database.insert(
            REFUND,
            point=refund.point,
            reference=refund.reference,
            receipt_number=refund.receipt_number,
            at=at,
            amount_minor=refund.amount_minor,
            document=refund.document,
        )

    def refunds(self, point: str, receipt_number: str) -> list[dict[str, Any]]:
        """Documents of what was given back on a receipt, oldest first."""
        statement = (
            select(REFUND.c.document)
            .where(REFUND.c.point == point, REFUND.c.receipt_number == receipt_number)
            .order_by(REFUND.c.at, REFUND.c.reference)
        )
        return [json.loads(row.document) for row in self._database.rows(statement)]


def _transaction(row: Row[*tuple[Any, ...]]) -> Transaction:
    return Transaction(
        id=row.id,
        key=StartKey(row.point, row.connector, row.id_tag, row.started_at, row.meter_start_wh),
        status=row.status,
        terms=terms_from_text(row.terms),
        meter_wh=row.meter_wh,
        power_w=row.power_w,
        stopped_at=row.stopped_at,
        stop_reason=row.stop_reason,
        hold_minor=row.hold_minor,
        hold_open=bool(row.hold_open),
        receipt_number=row.receipt_number,
        total_minor=row.total_minor,
    )
