"""A receipt on paper: what is on it, in order. Pure; how it looks on 58 or 80 mm is the driver's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chargepoint.domain.money import prepaid_vat
from chargepoint.domain.money.invoice import decimal_text
from chargepoint.domain.session import Means

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PaperLine:
    text: str
    bold: bool = False
    large: bool = False
    centred: bool = False


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A name at the left margin, its value at the right."""

    left: str
    right: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class PaperQr:
    content: str


@dataclass(frozen=True, slots=True)
class PaperRule:
    """A line across."""


PaperPart = PaperLine | PaperRow | PaperQr | PaperRule


@dataclass(frozen=True, slots=True)
class Paper:
    parts: tuple[PaperPart, ...]


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What the paper needs besides the document: where it stands, and what its QR code says."""

    point: str
    phone: str
    at: str  # local time, as people read it
    qr: str = ""
    is_copy: bool = False


_WORDS = {
    "es": {
        "invoice": "FACTURA SIMPLIFICADA",
        "note": "JUSTIFICANTE DE RECARGA",
        "load": "JUSTIFICANTE DE SALDO",
        "topup": "Saldo para Green Card",
        "vatLater": "El IVA se paga con cada carga",
        "no_invoice": "No es una factura",
        "invoice_coming": "Su factura estará en la página del código QR",
        "copy": "COPIA",
        "nif": "NIF",
        "at": "Fecha",
        "point": "Punto de recarga",
        "energy": "Energía",
        "included": "Tarifa plana",
        "charging": "Tiempo de carga",
        "idle": "Ocupación",
        "session": "Inicio",
        "reservation": "Reserva",
        "vatPrepaid": "IVA pagado al recargar la tarjeta",
        "rounding": "Redondeo",
        "absorbed": "No se cobra",
        "total": "TOTAL",
        "vat": "IVA incluido",
        "means": "Pagado con",
        "cash": "Efectivo",
        "bank": "Tarjeta",
        "greencard": "Green Card",
        "token": "Contrato",
        "cashIn": "Introducido",
        "change": "Cambio o vale",
        "hold": "Reservado",
        "captured": "Cobrado",
        "released": "Reserva anulada",
        "maskedPan": "Tarjeta",
        "terminalId": "Terminal",
        "trace": "Operación",
        "bankReceipt": "Recibo",
        "estimated": "Última lectura estimada",
        "fullInvoice": "Supera el límite de la factura simplificada."
        " Pida su factura completa al operador con este número.",
        "agency": "VERI*FACTU",
        "page": "Su recibo en línea",
        "provider": "Le cobra el emisor de su tarjeta o app, con el precio de su contrato",
        "public": "PRECIO PÚBLICO",
        "phone": "Ayuda",
    },
    "en": {
        "invoice": "SIMPLIFIED INVOICE",
        "note": "CHARGING RECEIPT",
        "load": "TOP-UP RECEIPT",
        "topup": "Money for Green Card",
        "vatLater": "VAT is paid with each charge",
        "no_invoice": "Not an invoice",
        "invoice_coming": "Your invoice will be on the page of the QR code",
        "copy": "COPY",
        "nif": "Tax number",
        "at": "Date",
        "point": "Charge point",
        "energy": "Energy",
        "included": "Flat rate",
        "charging": "Charging time",
        "idle": "Parking time",
        "session": "Session fee",
        "reservation": "Reservation",
        "vatPrepaid": "VAT paid when the card was loaded",
        "rounding": "Rounding",
        "absorbed": "Not charged",
        "total": "TOTAL",
        "vat": "VAT included",
        "means": "Paid by",
        "cash": "Cash",
        "bank": "Bank card",
        "greencard": "Green Card",
        "token": "Contract",
        "cashIn": "Inserted",
        "change": "Change or voucher",
        "hold": "Reserved",
        "captured": "Charged",
        "released": "Released",
        "maskedPan": "Card",
        "terminalId": "Terminal",
        "trace": "Transaction",
        "bankReceipt": "Receipt",
        "estimated": "Last reading estimated",
        "fullInvoice": "Above the limit of a simplified invoice."
        " Ask the operator for your full invoice with this number.",
        "agency": "VERI*FACTU",
        "page": "Your receipt online",
        "provider": "Billed by the provider of your card or app, at your contract's price",
        "public": "PUBLIC PRICE",
        "phone": "Help",
    },
}
_MONEY_ROWS = ("cashIn", "change", "hold", "captured", "released")
_TEXT_ROWS = ("maskedPan", "terminalId", "trace", "bankReceipt")


def receipt_paper(document: Document, head: Letterhead, language: str) -> Paper:
    """The receipt as sent to the central system, for hands. Spanish where there are no words."""
    words = _WORDS.get(language, _WORDS["es"])
    return Paper(
        (
            *_title(document, head, words),
            PaperRule(),
            PaperRow(words["at"], head.at),
            PaperRow(words["point"], _place(document, head)),
            PaperRule(),
            *_lines(document, words),
            PaperRule(),
            *_total(document, words),
            PaperRule(),
            *_payment(document, words),
            *_foot(document, head, words),
        )
    )


def _place(document: Document, head: Letterhead) -> str:
    """A load belongs to no connector."""
    return f"{head.point}/{document['connectorId']}" if "connectorId" in document else head.point


def as_text(paper: Paper, columns: int = 42) -> list[str]:
    """For eyes and plain printers: a QR code stands there as its address."""
    found: list[str] = []
    for part in paper.parts:
        match part:
            case PaperLine(text=text, centred=centred):
                found.append((text.center(columns) if centred else text).rstrip())
            case PaperRow(left=left, right=right):
                found.append(f"{left} {right:>{max(1, columns - len(left) - 1)}}")
            case PaperQr(content=content):
                found.append(content)
            case PaperRule():
                found.append("-" * columns)
    return found


def _title(document: Document, head: Letterhead, words: Mapping[str, str]) -> list[PaperPart]:
    is_invoice = bool(document.get("invoice"))
    number = str(document["invoice"] if is_invoice else document["receiptNumber"])
    found: list[PaperPart] = []
    if is_invoice:
        if document.get("issuer"):
            found.append(PaperLine(str(document["issuer"]), bold=True, centred=True))
        if document.get("nif"):
            found.append(PaperLine(f"{words['nif']} {document['nif']}", centred=True))
    plain = "load" if prepaid_vat.is_load(document) else "note"
    found.append(PaperLine(words["invoice" if is_invoice else plain], bold=True, centred=True))
    found.append(PaperLine(number, centred=True))
    if not is_invoice:
        is_coming = bool(document.get("invoicing") and head.qr)
        under = "invoice_coming" if is_coming else "no_invoice"
        found.append(PaperLine(words[under], centred=True))
    if head.is_copy:
        found.append(PaperLine(words["copy"], bold=True, centred=True))
    return found


def _lines(document: Document, words: Mapping[str, str]) -> list[PaperPart]:
    found: list[PaperPart] = []
    for line in document["lines"]:
        name = words.get(line["item"], line["item"])
        if "energyWh" in line:
            name = f"{name} {_kwh(line['energyWh'])} kWh"
        elif "seconds" in line:
            name = f"{name} {line['seconds'] // 60} min"
        found.append(PaperRow(name, _money(line["amount"])))
    if document.get("registerEstimated"):
        found.append(PaperLine(words["estimated"]))
    return found


def _total(document: Document, words: Mapping[str, str]) -> list[PaperPart]:
    name = words["public" if _is_billed_elsewhere(document) else "total"]
    return [
        PaperRow(name, f"{_money(document['total']['amount'])} EUR", bold=True),
        _vat_row(document, words),
    ]


def _vat_row(document: Document, words: Mapping[str, str]) -> PaperPart:
    if "vatPrepaid" in document:
        return PaperLine(words["vatPrepaid"])
    vat = document.get("vat")
    if vat is None:
        return PaperLine(words["vatLater"])
    return PaperRow(f"{words['vat']} {vat['percent']}%", _money(vat["amount"]))


def _payment(document: Document, words: Mapping[str, str]) -> list[PaperPart]:
    means = document["means"]
    if _is_billed_elsewhere(document):
        return [PaperLine(words["provider"])]
    found: list[PaperPart] = [PaperRow(words["means"], words.get(means, means))]
    if prepaid_vat.is_load(document):
        found.append(PaperRow(words["greencard"], f"**** {document['cardNumber'][-4:]}"))
    found += [
        PaperRow(words[k], _money(document[k]["amount"])) for k in _MONEY_ROWS if k in document
    ]
    found += [PaperRow(words[k], str(document[k])) for k in _TEXT_ROWS if document.get(k)]
    return found


def _is_billed_elsewhere(document: Document) -> bool:
    """A token's contract is with somebody else: nothing was paid here."""
    return bool(document["means"] == Means.TOKEN)


def _foot(document: Document, head: Letterhead, words: Mapping[str, str]) -> list[PaperPart]:
    found: list[PaperPart] = []
    if document.get("fullInvoice"):
        found = [PaperRule(), PaperLine(words["fullInvoice"])]
    if head.qr:
        under = words["agency" if document.get("verification") else "page"]
        found += [PaperRule(), PaperQr(head.qr), PaperLine(under, centred=True)]
    if head.phone:
        found.append(PaperLine(f"{words['phone']} {head.phone}", centred=True))
    return found


def _money(amount: int) -> str:
    return decimal_text(amount).replace(".", ",")


def _kwh(energy_wh: int) -> str:
    return f"{energy_wh // 1000},{energy_wh % 1000:03d}"
