"""What the journal tells a technician: each page of the service menu as lines. Never writes."""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from chargepoint.app.pins import StoredPin
from chargepoint.domain.service.passport import serial_key
from chargepoint.domain.service.values import Fact, Sheet
from chargepoint.domain.session import Means
from chargepoint.domain.units import Minor, SessionId
from chargepoint.store import (
    cash_box,
    dispute,
    found_sessions,
    refunds,
    service_log,
    service_pins,
    unsettled,
)

_INCIDENTS = 120
_LOG_LINES = 120
_NEWEST = 500  # rows a page looks back, at most
_MASK = "…"
_SHOWN_DIGITS = 4


class ServiceBook:
    """Implements app.service_desk.Book. Reads committed rows only."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def pins(self) -> list[StoredPin]:
        return service_pins.read(self._connection)

    # --- cash ---

    def cash(self) -> Sheet:
        booked = cash_box.booked_inside(self._connection)
        levels = cash_box.levels(self._connection)
        return Sheet(
            (
                Fact("till.booked", str(booked), "money"),
                *(Fact(f"till.{each.place}|{each.value}", str(each.count)) for each in levels),
            )
        )

    def levels(self) -> list[tuple[str, int, int]]:
        return [(e.place, e.value, e.count) for e in cash_box.levels(self._connection)]

    def report(self) -> Sheet:
        """What the period that is being closed has brought."""
        booked = cash_box.booked_inside(self._connection)
        inside = [each for each in cash_box.levels(self._connection) if each.place != "hopper"]
        number = len(cash_box.periods(self._connection)) + 1
        lines = [
            Fact(f"report.{each.place}|{each.value}", str(each.value * each.count), "money")
            for each in inside
        ]
        facts = (Fact("report.period", str(number)), *lines)
        return Sheet((*facts, Fact("report.booked", str(booked), "money")), booked)

    def last_period(self) -> Sheet:
        periods = cash_box.periods(self._connection)
        if not periods:
            return Sheet()
        last = periods[-1]
        note = json.loads(last.note) if last.note else {}
        gap = last.difference_minor
        return Sheet(
            (
                Fact("report.period", str(last.number)),
                Fact("report.booked", str(last.book_minor), "money"),
                Fact("collect.counted", str(last.counted_minor), "money"),
                Fact("collect.difference", str(gap), "money", "warn" if gap else "ok"),
                Fact("report.seal_number", str(note.get("sealNumber", ""))),
                Fact("report.seal", last.seal[:16]),
            )
        )

    def owed(self) -> Sheet:
        found = unsettled.items(self._connection)
        return Sheet(
            tuple(
                Fact(
                    f"raw|{each.kind} {each.reference}",
                    "" if each.amount_minor is None else str(each.amount_minor),
                    "text" if each.amount_minor is None else "money",
                )
                for each in found
            )
        )

    # --- sessions ---

    def sessions(self, wanted: str) -> Sheet:
        """The newest 200; or those that are looked for (store/found_sessions.py)."""
        found = found_sessions.find(self._connection, wanted)
        return Sheet(
            tuple(
                Fact(
                    f"session.at|{closed_at}", str(document["total"]["amount"]), "money", id=session
                )
                for session, document, closed_at in found
            )
        )

    def dispute(self, session: str) -> dict[str, Any] | None:
        return dispute.extract(self._connection, session)

    def session(self, session: SessionId) -> Sheet:
        """One charge; the amount of the sheet is what may still be given back."""
        record = refunds.read_session(self._connection, session)
        if record is None or "document" not in record.body:
            return Sheet()
        document = record.body["document"]
        given = refunds.refunded(self._connection, session, only_done=False)
        total = document["total"]["amount"]
        left = 0 if document["means"] == Means.TOKEN else total - given
        return Sheet((*_document(document), *self._refunds(session)), Minor(left))

    def _refunds(self, session: SessionId) -> Iterator[Fact]:
        found = self._connection.execute(
            "SELECT amount_minor, state, result FROM refund WHERE session = ? ORDER BY asked_at",
            (session,),
        )
        for amount, state, result in found:
            mark = {"done": "ok", "refused": "bad", "unproved": "bad"}.get(state, "warn")
            yield Fact(f"session.refund_{state}", str(amount), "money", mark)
            if result:
                yield Fact("session.refund_result", result)

    def next_refund(self, session: SessionId) -> str:
        return refunds.next_reference(self._connection, session)

    # --- logs ---

    def incidents(self) -> Sheet:
        found = self._connection.execute(
            "SELECT id, at, code, device FROM incident ORDER BY id DESC LIMIT ?", (_INCIDENTS,)
        )
        return Sheet(
            tuple(
                Fact(f"log.at|{at}", f"{code} {device}".strip(), id=str(number))
                for number, at, code, device in found
            )
        )

    def incident(self, number: int) -> Sheet:
        row = self._connection.execute(
            "SELECT at, code, device, detail, trace FROM incident WHERE id = ?", (number,)
        ).fetchone()
        if row is None:
            return Sheet()
        at, code, device, detail, trace = row
        frames = trace.splitlines()[-6:]
        return Sheet(
            (
                Fact("log.when", at, "time"),
                Fact("log.code", code),
                Fact("log.device", device),
                Fact("log.detail", detail),
                *(Fact("log.frame", frame) for frame in frames),
            )
        )

    def incidents_since(self, stamp: str) -> int:
        row = self._connection.execute(
            "SELECT COUNT(*) FROM incident"
            " WHERE id > (SELECT MAX(id) FROM incident) - ? AND at >= ?",
            (_NEWEST, stamp),
        ).fetchone()
        return int(row[0])

    def doings(self) -> Sheet:
        """The audit of this menu, newest first."""
        found = service_log.read(self._connection, _LOG_LINES)
        return Sheet(
            tuple(
                Fact(f"log.at|{each.at}", f"{each.note.who} {each.note.what}: {each.note.outcome}")
                for each in found
            )
        )

    # --- devices whose events are money ---

    def cursors(self) -> dict[str, str]:
        """By serial number, how far its events are booked; the newest device last."""
        found = self._connection.execute(
            "SELECT serial, epoch, sequence FROM device_cursor ORDER BY saved_at, rowid"
        )
        return {serial: f"{epoch}:{sequence}" for serial, epoch, sequence in found}

    def last_serial(self, device: str) -> str:
        """Of the device that counted money here last; empty for one that never did."""
        row = self._connection.execute(
            "SELECT value FROM setting WHERE key = ?", (serial_key(device),)
        ).fetchone()
        return str(row[0]) if row else ""

    def counted(self, serial: str) -> int:
        """Coins or notes of this very device that are booked."""
        row = self._connection.execute(
            "SELECT COUNT(*) FROM posting WHERE key LIKE 'coin:' || ?1 || ':%'"
            " OR key LIKE 'note:' || ?1 || ':%'",
            (serial,),
        ).fetchone()
        return int(row[0])

    # --- central system ---

    def outbox(self) -> dict[str, int]:
        """How many messages wait, by state."""
        found = self._connection.execute(
            "SELECT state, COUNT(*) FROM outbox WHERE state <> 'confirmed' GROUP BY state"
        )
        return dict(found.fetchall())

    def is_balanced(self) -> bool:
        """Of the newest postings, so that a long life does not hold the loop; the audit reads all."""
        row = self._connection.execute(
            "SELECT COUNT(*) FROM (SELECT 1 FROM entry"
            " WHERE rowid > (SELECT MAX(rowid) FROM entry) - ?1 * 10"
            " AND posting_id > (SELECT MAX(id) FROM posting) - ?1"
            " GROUP BY posting_id HAVING SUM(signed_minor) <> 0)",
            (_NEWEST,),
        ).fetchone()
        return bool(row[0] == 0)

    def schema_version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])


def _document(document: dict[str, Any]) -> Iterator[Fact]:
    yield Fact("session.number", str(document.get("invoice", document["receiptNumber"])))
    yield Fact("session.when", str(document["time"]), "time")
    yield Fact("session.means", f"means.{document['means']}", "key")
    yield Fact("session.card", _masked(document))
    if "energyWh" in document:  # nothing flowed when a card was loaded
        yield Fact("session.energy", str(document["energyWh"]), "energy")
    yield Fact("session.total", str(document["total"]["amount"]), "money")


def _masked(document: dict[str, Any]) -> str:
    number = str(document.get("maskedPan") or document.get("idTag", ""))
    return _MASK + number[-_SHOWN_DIGITS:] if len(number) > _SHOWN_DIGITS else number
