"""Invoices that this system issues for points that ask for them (`receipt.mode = central`).

One sequence without gaps for each series; one invoice for a receipt or refund, whoever asks and
however often. Whatever may issue one is a change with the name `LOCK`: the next serial is read and
used inside it.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from central.greencard.records import Receipt, Refund
from central.storage.engine import Database
from central.storage.tables.accounts import INVOICE

SIMPLIFIED, CORRECTIVE, FULL = "CS", "CSR", "CF"
LOCK = "invoice"


def is_asked(document: Mapping[str, Any]) -> bool:
    return isinstance(document.get("invoicing"), dict) and "invoice" not in document


def names_of(text: str) -> tuple[str, ...]:
    """What a change about this document decides besides: others need not wait for a serial."""
    return (LOCK,) if is_asked(json.loads(text)) else ()


def invoiced_inside(
    database: Database, receipt: Receipt, at: str
) -> tuple[Receipt, dict[str, Any]]:
    """The receipt with its invoice, where it asks for one, and what the answer says of it."""
    document = json.loads(receipt.document)
    if not is_asked(document):
        return receipt, {}
    asked = document["invoicing"]
    number = _number_inside(database, SIMPLIFIED, (receipt.point, receipt.number), at)
    given = {
        "invoice": number,
        "issuer": str(asked.get("issuer", "")),
        "nif": str(asked.get("nif", "")),
        "issuedAt": at,
    }
    invoiced = replace(receipt, document=_text({**document, **given}))
    return invoiced, {"invoice": {"number": number, "issuedAt": at}}


def corrected_inside(database: Database, refund: Refund, at: str) -> Refund:
    """The refund with its corrective invoice, where the receipt's invoice is ours."""
    known = _known(database, refund.point, refund.receipt_number)
    if known is None:
        return refund
    name = (refund.point, f"refund:{refund.reference}")
    number = _number_inside(database, CORRECTIVE, name, at)
    given = {"invoice": number, "corrects": known}
    return replace(refund, document=_text({**json.loads(refund.document), **given}))


def full_inside(
    database: Database, point: str, receipt_number: str, document: Mapping[str, Any], at: str
) -> str | None:
    """The number of a full invoice in place of our simplified one; None where that is not ours."""
    if not isinstance(document.get("invoicing"), dict):
        return None
    return _number_inside(database, FULL, (point, f"full:{receipt_number}"), at)


def _known(database: Database, point: str, name: str) -> str | None:
    ours = (INVOICE.c.point == point, INVOICE.c.receipt_number == name)
    number: str | None = database.value(select(INVOICE.c.number).where(*ours))
    return number


def _number_inside(database: Database, series: str, name: tuple[str, str], at: str) -> str:
    point, receipt_number = name
    known = _known(database, point, receipt_number)
    if known is not None:
        return known
    newest = select(func.max(INVOICE.c.serial)).where(INVOICE.c.series == series)
    serial = int(database.value(newest) or 0) + 1
    number = f"{series}-{serial:06d}"
    database.insert(
        INVOICE,
        number=number,
        series=series,
        serial=serial,
        at=at,
        point=point,
        receipt_number=receipt_number,
    )
    return number


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, ensure_ascii=False)
