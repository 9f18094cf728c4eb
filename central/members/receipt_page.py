"""A receipt as a page for its customer: `/r/<token>`, unguessable, the same for ever. Pure.

No script, no cookie, no third party: whoever has the address sees one receipt and is not counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlsplit

from central.members.receipt_words import AUTONYMS, WORDS

Document = Mapping[str, Any]

LANGUAGES = tuple(AUTONYMS)
_MONEY_ROWS = ("cashIn", "change", "hold", "captured", "released")
_TEXT_ROWS = ("maskedPan", "terminalId", "trace", "bankReceipt")
_MINUS = "\N{MINUS SIGN}"
_AGENCY = frozenset({"www2.agenciatributaria.gob.es", "prewww2.aeat.es"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything a page shows: the receipt as received, who sent it, what was given back."""

    document: Document
    point: str
    refunds: Sequence[Document] = ()


@dataclass(frozen=True, slots=True)
class Host:
    """Whose page it is, and where a person answers."""

    name: str
    phone: str


def page(
    sheet: Sheet,
    language: str,
    links: Sequence[tuple[str, str]] = (),
    host: Host | None = None,
) -> str:
    """`links`: (address, words) of what can be done with this receipt."""
    language = language if language in LANGUAGES else LANGUAGES[0]
    words, document = WORDS[language], sheet.document
    is_invoice = bool(document.get("invoice"))
    plain = "load" if _is_load(document) else "note"
    title = words["invoice" if is_invoice else plain]
    if "customerNif" in document:
        title = words["full"]
    number = str(document.get("invoice") or document.get("receiptNumber", ""))
    head = "" if is_invoice else f'<p class="soft">{words["no_invoice"]}</p>'
    if document.get("fullInvoice") is True:
        head += f"<p>{words['fullInvoice']}</p>"
    if _is_billed_elsewhere(document):
        head += f'<p class="elsewhere">{words["provider"]}</p>'
    body = (
        f'<header><h1>{title}</h1><p class="n number">{escape(number)}</p>{head}</header>'
        f"{_facts(sheet, words, language)}{_lines(document, words, language)}"
        f"{_payment(document, words, language)}{_refunds(sheet, words, language)}"
        f"{_proof(document, words)}{_customer(document, words)}{_signed(document, words)}{_links(links)}"
    )
    return _html(f"{title} {number}", body, language, host)


# --- parts -----------------------------------------------------------------------------------------


def _facts(sheet: Sheet, words: Mapping[str, str], language: str) -> str:
    document = sheet.document
    place = sheet.point
    if not _is_load(document):
        place += f" · {words['connector']} {document.get('connectorId', '')}"
    rows = [(words["at"], _moment(document)), (words["point"], place)]
    start, stop = document.get("registerStart"), document.get("registerStop")
    if isinstance(start, int) and isinstance(stop, int):
        reading = f"{_decimal(start, 3, language)} → {_decimal(stop, 3, language)} kWh"
        if document.get("registerEstimated"):
            reading += f" ({words['estimated']})"
        rows.append((words["register"], reading))
    return _list(rows)


def _is_load(document: Document) -> bool:
    """Money for a card: told from a charge by what only a load has."""
    return "cardNumber" in document


def _is_billed_elsewhere(document: Document) -> bool:
    """A token's contract is with somebody else: nothing was paid at the point."""
    return document.get("means") == "token"


def _lines(document: Document, words: Mapping[str, str], language: str) -> str:
    rows = [
        f"<tr><th>{words.get(str(line.get('item')), escape(str(line.get('item'))))}"
        f'<span class="soft n">{_quantity(line, language)}</span></th>'
        f'<td class="n">{_money(line.get("amount"), language)}</td></tr>'
        for line in document.get("lines") or []
    ]
    if not rows:
        rows = [f"<tr><th>{words['free']}</th><td></td></tr>"]
    total = _minor(document.get("total"))
    vat = document.get("vat") or {}
    tax = _minor(vat)
    percent = escape(str(vat.get("percent", "")))
    name = words["public" if _is_billed_elsewhere(document) else "total"]
    foot = f'<tr class="total"><th>{name}</th><td class="n">{_money(total, language)}</td></tr>'
    if "vatPrepaid" in document:
        foot += f'<tr class="soft"><th>{words["vatPrepaid"]}</th><td></td></tr>'
    elif _is_load(document) and not vat:
        foot += f'<tr class="soft"><th>{words["vatLater"]}</th><td></td></tr>'
    else:
        foot += (
            f'<tr class="soft"><th>{words["vat"]} {percent} %</th><td class="n">{_money(tax, language)}</td></tr>'
            f'<tr class="soft"><th>{words["net"]}</th><td class="n">{_money(total - tax, language)}</td></tr>'
        )
    return f"<table><tbody>{''.join(rows)}</tbody><tfoot>{foot}</tfoot></table>"


def _payment(document: Document, words: Mapping[str, str], language: str) -> str:
    means = str(document.get("means", ""))
    label = words["token" if _is_billed_elsewhere(document) else "means"]
    value = str(document.get("idTag", "")) if _is_billed_elsewhere(document) else ""
    rows = [(label, _last_four(value) if value else words.get(means, means))]
    if _is_load(document):
        rows.append((words["greencard"], _last_four(str(document["cardNumber"]))))
    rows += [
        (words[k], _money(_minor(document[k]), language)) for k in _MONEY_ROWS if k in document
    ]
    rows += [(words[k], str(document[k])) for k in _TEXT_ROWS if document.get(k)]
    return _list(rows)


def _refunds(sheet: Sheet, words: Mapping[str, str], language: str) -> str:
    rows = []
    for refund in sheet.refunds:
        name = f"{words['refund']} {_moment(refund)}"
        if refund.get("invoice"):
            name += f" · {words['corrective']} {refund['invoice']}"
        rows.append((name, _money(-_minor(refund.get("amount")), language)))
    return _list(rows) if rows else ""


def _proof(document: Document, words: Mapping[str, str]) -> str:
    if not document.get("invoice"):
        return ""
    names = ("issuer", "nif", "hash")
    rows = [(words[k], str(document[k])) for k in names if document.get(k)]
    link = str(document.get("verification", ""))
    address = urlsplit(link)
    button = ""
    if address.scheme == "https" and address.netloc in _AGENCY:
        button = (
            f'<p><a class="button" href="{escape(link)}" rel="noreferrer">{words["verify"]}</a></p>'
        )
    return _list(rows) + button


def _customer(document: Document, words: Mapping[str, str]) -> str:
    """Of a full invoice (RD 1619/2012 §6): whom it is for, and what it replaces."""
    names = ("customer", "customerNif", "customerAddress", "replaces")
    rows = [(words[name], str(document[name])) for name in names if document.get(name)]
    return _list(rows) if rows else ""


def _links(links: Sequence[tuple[str, str]]) -> str:
    return "".join(f'<p><a href="{escape(to)}">{escape(name)}</a></p>' for to, name in links)


def _signed(document: Document, words: Mapping[str, str]) -> str:
    """The meter's own record, for whoever checks it with software of his own."""
    signed = document.get("signedReading")
    if not isinstance(signed, dict):
        return ""
    rows = [
        (words["signed"], str(signed.get("text", ""))),
        (words["key"], str(signed.get("key", ""))),
    ]
    return f'<section class="signed">{_list(rows)}</section>'


# --- words and numbers -----------------------------------------------------------------------------


def _list(rows: Sequence[tuple[str, str]]) -> str:
    inside = "".join(
        f'<div><dt>{escape(name)}</dt><dd class="n">{escape(value)}</dd></div>'
        for name, value in rows
    )
    return f"<dl>{inside}</dl>"


def _moment(document: Document) -> str:
    """Local time where the point says it, as all but the oldest do; else UTC. To the minute."""
    local = str(document.get("issuedAt") or document.get("localTime") or "")
    text = local or str(document.get("time", ""))
    return text[:16].replace("T", " ") + ("" if local or not text else " UTC")


def _last_four(tag: str) -> str:
    """Enough for its holder to know it, too little for anybody else to use it."""
    return f"•••• {tag[-4:]}" if len(tag) > 4 else "••••"


def _quantity(line: Mapping[str, Any], language: str) -> str:
    if isinstance(line.get("energyWh"), int):
        return f"{_decimal(line['energyWh'], 3, language)} kWh"
    if isinstance(line.get("seconds"), int):
        return f"{line['seconds'] // 60}:{line['seconds'] % 60:02d} min"
    return ""


def _minor(money: object) -> int:
    amount = money.get("amount") if isinstance(money, dict) else money
    return amount if isinstance(amount, int) else 0


def _money(amount: object, language: str) -> str:
    text = _decimal(_minor(amount), 2, language)
    return f"EUR {text}" if language == "en" else f"{text} €"


def _decimal(amount: int, places: int, language: str) -> str:
    whole, part = divmod(abs(amount), 10**places)
    sign = _MINUS if amount < 0 else ""
    point = "." if language == "en" else ","
    return f"{sign}{whole}{point}{part:0{places}d}"


def _html(title: str, body: str, language: str, host: Host | None = None) -> str:
    top = foot = ""
    if host is not None:
        mark = '<img src="/static/greencard.svg" alt="" width="40" height="32">'
        top = f'<header class="top"><a class="brand" href="/">{mark}<span>{escape(host.name)}</span></a></header>'
        number = escape(host.phone)
        foot = f'<a class="n" href="tel:{number.replace(" ", "")}">{number}</a>'
    switch = "".join(
        f'<a href="?lang={code}" lang="{code}" hreflang="{code}">{autonym}</a>'
        for code, autonym in AUTONYMS.items()
        if code != language
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="robots" content="noindex, nofollow">'
        f"<title>{escape(title)}</title>"
        '<link rel="icon" href="/static/receipt.svg"><link rel="stylesheet" href="/static/receipt.css">'
        f"</head><body>{top}<main>{body}</main><footer>{foot}{switch}</footer></body></html>"
    )
