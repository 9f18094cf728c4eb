"""Receipts that a site issues itself, and what makes them trustworthy: one hash chain. Pure.

    kiosk    simplified invoice F2, corrected by R5, chained (VERI*FACTU: RD 1007/2023, Orden
             HAC/1177/2024), its QR leads to the tax agency
    central  the central system invoices; the QR leads to its page
    note     a charge note that is no invoice; the QR leads to the central system's page

One chain runs through all series of a station, in the order of issue.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlencode

from chargepoint.domain.units import Minor, SessionId

SIMPLIFIED_LIMIT = Minor(40_000)  # VAT included; above it a full invoice is due (RD 1619/2012 §4.1)
_CHECK_PATH = "/wlpl/TIKE-CONT/ValidarQR"
_PRODUCTION_HOST = "https://www2.agenciatributaria.gob.es"
_TEST_HOST = "https://prewww2.aeat.es"
_MINOR_PER_MAJOR = 100
_TOKEN_BYTES = 16


class ReceiptMode(StrEnum):
    KIOSK = "kiosk"
    CENTRAL = "central"
    NOTE = "note"


class InvoiceKind(StrEnum):
    """TipoFactura."""

    SIMPLIFIED = "F2"
    CORRECTIVE = "R5"  # of a simplified invoice


@dataclass(frozen=True, slots=True)
class ReceiptSettings:
    """What the site decides about receipts; config/schema.py has checked it."""

    mode: ReceiptMode = ReceiptMode.NOTE
    nif: str = ""
    issuer: str = ""
    series: str = "CP"
    is_test_host: bool = False
    link: str = ""  # of the central system's receipt pages; empty: there are none
    simplified_limit: Minor = SIMPLIFIED_LIMIT

    @property
    def issues_invoices(self) -> bool:
        return self.mode is ReceiptMode.KIOSK

    @property
    def asks_invoices(self) -> bool:
        """The central system issues them, in the name of who is told to it."""
        return self.mode is ReceiptMode.CENTRAL

    @property
    def asked(self) -> dict[str, str]:
        """What a receipt says to whoever shall invoice it."""
        return {"issuer": self.issuer, "nif": self.nif}

    def series_of(self, kind: InvoiceKind) -> str:
        """Corrective invoices need a series of their own (RD 1619/2012 §6.1.a)."""
        return self.series if kind is InvoiceKind.SIMPLIFIED else f"{self.series}R"


@dataclass(frozen=True, slots=True)
class IssueRecord:
    """The fields of an issue record that its hash covers (AEAT hash specification 0.1.2).

    `generated_at` carries the offset of the place of issue; its date is the date of issue.
    """

    nif: str
    number: str
    kind: str
    vat: Minor
    total: Minor
    generated_at: datetime
    previous: str = ""  # hash of the record before it; empty: the first one

    @property
    def date(self) -> str:
        return spanish_date(self.generated_at)

    @property
    def hash(self) -> str:
        return _hash(
            ("IDEmisorFactura", self.nif),
            ("NumSerieFactura", self.number),
            ("FechaExpedicionFactura", self.date),
            ("TipoFactura", self.kind),
            ("CuotaTotal", decimal_text(self.vat)),
            ("ImporteTotal", decimal_text(self.total)),
            ("Huella", self.previous),
            ("FechaHoraHusoGenRegistro", self.generated_at.isoformat(timespec="seconds")),
        )


@dataclass(frozen=True, slots=True)
class Invoice:
    """A link of the chain, with what it invoices. `serial` counts within `series` from 1."""

    record: IssueRecord
    kind: InvoiceKind
    series: str
    serial: int
    session: SessionId
    vat_percent: int
    lines: tuple[dict[str, Any], ...] = ()
    corrects: str = ""  # number of the invoice that an R5 corrects
    reason: str = ""

    @property
    def number(self) -> str:
        return self.record.number

    @property
    def hash(self) -> str:
        return self.record.hash


@dataclass(frozen=True, slots=True)
class ChainHead:
    """Where the next invoice goes on: the newest hash, and the last serial of its series."""

    previous: str = ""
    serial: int = 0


@dataclass(frozen=True, slots=True)
class Supply:
    """What an invoice is about. Negative amounts for what is given back."""

    session: SessionId
    total: Minor
    vat: Minor
    vat_percent: int
    lines: tuple[dict[str, Any], ...] = ()
    corrects: str = ""
    reason: str = ""


def issue(settings: ReceiptSettings, head: ChainHead, supply: Supply, at: datetime) -> Invoice:
    """The next invoice of the chain; an R5 by differences when `supply` corrects another one."""
    kind = InvoiceKind.CORRECTIVE if supply.corrects else InvoiceKind.SIMPLIFIED
    series, serial = settings.series_of(kind), head.serial + 1
    record = IssueRecord(
        nif=settings.nif,
        number=f"{series}-{serial:06d}",
        kind=kind,
        vat=supply.vat,
        total=supply.total,
        generated_at=at.replace(microsecond=0),
        previous=head.previous,
    )
    return Invoice(
        record,
        kind,
        series,
        serial,
        session=supply.session,
        vat_percent=supply.vat_percent,
        lines=supply.lines,
        corrects=supply.corrects,
        reason=supply.reason,
    )


def cancellation_hash(
    nif: str, number: str, issued_on: str, previous: str, generated_at: datetime
) -> str:
    """Of the record that cancels an invoice issued by mistake; it takes a place in the chain."""
    return _hash(
        ("IDEmisorFacturaAnulada", nif),
        ("NumSerieFacturaAnulada", number),
        ("FechaExpedicionFacturaAnulada", issued_on),
        ("Huella", previous),
        ("FechaHoraHusoGenRegistro", generated_at.isoformat(timespec="seconds")),
    )


def verification_url(record: IssueRecord, *, is_test_host: bool) -> str:
    """Where anybody can ask the tax agency about this invoice; the text of its QR code."""
    fields = {
        "nif": record.nif,
        "numserie": record.number,
        "fecha": record.date,
        "importe": decimal_text(record.total),
    }
    host = _TEST_HOST if is_test_host else _PRODUCTION_HOST
    return f"{host}{_CHECK_PATH}?{urlencode(fields, quote_via=quote, safe='')}"


def page_token(session: SessionId) -> str:
    """The unguessable name of a session's receipt page.

    A session's own name is random and never leaves the station whole; the page's name is its
    hash, so that neither tells the other, and every copy of a receipt names the same page.
    """
    digest = hashlib.sha256(f"receipt page {session}".encode()).digest()[:_TOKEN_BYTES]
    return base64.b32encode(digest).decode("ascii").rstrip("=").lower()


def stop_proof(session: SessionId, code: str) -> str:
    """That somebody knows the session's stop code, without saying it: it stands in no log and no row."""
    return hashlib.sha256(f"{page_token(session)} {code}".encode()).hexdigest()


def session_page(settings: ReceiptSettings, session: SessionId) -> str:
    """Where the customer follows the charge, and finds its receipt; empty without such pages."""
    return f"{settings.link.rstrip('/')}/r/{page_token(session)}" if settings.link else ""


def receipt_qr(
    settings: ReceiptSettings,
    session: SessionId,
    invoice: Invoice | None,
    *,
    is_ours: bool = True,
) -> str:
    """The text of the QR code on screen and paper; empty when there is nowhere to lead to.

    `is_ours` False: a token's contract, which somebody else invoices; its page says so.
    """
    if invoice is not None:
        return verification_url(invoice.record, is_test_host=settings.is_test_host)
    if settings.issues_invoices and is_ours:
        return ""
    return session_page(settings, session)


def decimal_text(amount: int) -> str:
    """Minor units as a tax record writes them: 1235 is 12.35."""
    sign = "-" if amount < 0 else ""
    major, minor = divmod(abs(amount), _MINOR_PER_MAJOR)
    return f"{sign}{major}.{minor:02d}"


def spanish_date(at: datetime) -> str:
    return at.strftime("%d-%m-%Y")


def _hash(*fields: tuple[str, str]) -> str:
    text = "&".join(f"{name}={value.strip()}" for name, value in fields)
    return hashlib.sha256(text.encode("utf-8")).hexdigest().upper()
