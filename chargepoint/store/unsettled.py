"""Everything that still waits for somebody: a customer, a device, the central system, a person."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from chargepoint.store import books

# Money of customers that lies in an account of ours, and what it waits for.
_WAITING = {
    "held": "a running or unfinished session",
    "credit": "a customer at the connector",
    "unassigned": "a plug",
    "owed": "whoever comes for it",
    "topup": "delivery to the central system",
}
_SECRET_KEYS = ("voucher:", "voucherin:")
_SHOWN_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Item:
    kind: str
    reference: str
    amount_minor: int | None
    waits_for: str


def items(connection: sqlite3.Connection) -> list[Item]:
    return [
        *_accounts(connection),
        *_vouchers(connection),
        *_holds(connection),
        *_payouts(connection),
        *_refunds(connection),
        *_invoices(connection),
        *_messages(connection),
    ]


def masked_key(key: str) -> str:
    """A voucher's code is money: of it only the last digits are ever shown."""
    if not key.startswith(_SECRET_KEYS):
        return key
    head, _, code = key.rpartition(":")
    return f"{head}:…{code[-_SHOWN_DIGITS:]}"


def _accounts(connection: sqlite3.Connection) -> Iterator[Item]:
    for account, amount in books.balances_in(connection).items():
        kind = account.partition(":")[0]
        if amount and kind in _WAITING:
            yield Item(kind, account, amount, _WAITING[kind])


def _vouchers(connection: sqlite3.Connection) -> Iterator[Item]:
    """Issued here and not redeemed here; whether elsewhere, the central system knows."""
    found = connection.execute(
        "SELECT key, -signed_minor FROM posting JOIN entry ON posting.id = posting_id"
        " WHERE account = 'voucher' AND signed_minor < 0 AND key LIKE 'voucher:%'"
        " AND NOT EXISTS (SELECT 1 FROM posting AS redeemed WHERE redeemed.key ="
        " 'voucherin:redeem:' || substr(posting.key, 9)) ORDER BY posting.id"
    )
    for key, amount in found:
        yield Item("voucher", masked_key(key), amount, "redemption")


def _holds(connection: sqlite3.Connection) -> Iterator[Item]:
    found = connection.execute(
        "SELECT reference, receipt_number, state, amount_minor FROM bank_hold"
        " WHERE state <> 'done' ORDER BY changed_at, reference"
    )
    for reference, receipt, state, amount in found:
        yield Item(f"hold {state}", f"{reference} receipt {receipt}", amount, "the bank terminal")


def _payouts(connection: sqlite3.Connection) -> Iterator[Item]:
    found = connection.execute(
        "SELECT reference, serial, coin_minor FROM payout WHERE paid IS NULL"
        " ORDER BY changed_at, reference"
    )
    for reference, serial, coin in found:
        yield Item("payout", f"{reference} hopper {serial}", None, f"proof of coins of {coin}")


def _refunds(connection: sqlite3.Connection) -> Iterator[Item]:
    found = connection.execute(
        "SELECT reference, state, amount_minor FROM refund"
        " WHERE state IN ('asked', 'sent', 'unproved') ORDER BY asked_at, reference"
    )
    for reference, state, amount in found:
        yield Item(
            f"refund {state}",
            reference,
            amount,
            "a person" if state == "unproved" else "the station",
        )


def _invoices(connection: sqlite3.Connection) -> Iterator[Item]:
    for (session,) in connection.execute("SELECT id FROM session WHERE invoice_due = 1"):
        yield Item("invoice", session, None, "the next start of the station")


def _messages(connection: sqlite3.Connection) -> Iterator[Item]:
    found = connection.execute(
        "SELECT sequence, key, state FROM outbox WHERE state <> 'confirmed' ORDER BY sequence"
    )
    for sequence, key, state in found:
        waits = "a person" if state == "dead" else "the central system"
        yield Item(f"message {state}", f"{sequence} {masked_message(key)}", None, waits)


def masked_message(key: str) -> str:
    """Of a voucher's message the code is in the middle: voucher:CODE:issue."""
    if not key.startswith(_SECRET_KEYS):
        return key
    head, _, tail = key.rpartition(":")
    return f"{masked_key(head)}:{tail}"
