"""The operator's list of reservations, as one page without a script. Pure; codes are never shown."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from central.clock import utc_from_text
from central.greencard.accounts import masked
from central.reservations.records import Reservation, Wait

_WORDS: Mapping[str, Mapping[str, object]] = {
    "en": {
        "title": "Reservations",
        "back": "Live page",
        "heads": ("From", "To", "Where", "State", "Point", "Card", "No-show", "Moved"),
        "none": "Nobody has reserved.",
        "waiting": "Waiting list",
        "wait_heads": ("Since", "Where", "For", "Card", "State"),
        "nobody": "Nobody waits.",
        "now": "as soon as possible",
        "told": {"yes": "keeps it", "no": "not told", "unsure": "no answer"},
    },
    "es": {
        "title": "Reservas",
        "back": "Página en directo",
        "heads": ("Desde", "Hasta", "Dónde", "Estado", "Punto", "Tarjeta", "Ausencia", "Traslados"),
        "none": "Nadie ha reservado.",
        "waiting": "Lista de espera",
        "wait_heads": ("Desde", "Dónde", "Para", "Tarjeta", "Estado"),
        "nobody": "Nadie espera.",
        "now": "cuanto antes",
        "told": {"yes": "la guarda", "no": "sin avisar", "unsure": "sin respuesta"},
    },
}


def page(
    found: Sequence[Reservation],
    waiting: Sequence[Wait],
    site_of: Callable[[str], str],
    *,
    zone: ZoneInfo,
    currency: str,
    language: str,
) -> str:
    words = _WORDS[language]
    rows = [_row(one, site_of, zone, currency, words) for one in found]
    waits = [
        [
            _local(each.made_at, zone),
            each.site,
            _local(each.begins_at, zone) if each.begins_at else str(words["now"]),
            masked(each.number),
            each.state,
        ]
        for each in waiting
    ]
    listed = _table(words["heads"], rows) if rows else f"<p>{words['none']}</p>"
    in_line = _table(words["wait_heads"], waits) if waits else f"<p>{words['nobody']}</p>"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{words['title']}</title>"
        '<link rel="stylesheet" href="/static/page.css"></head><body>'
        f'<header class="top"><h1>{words["title"]}</h1><a href="/operator">{words["back"]}</a></header>'
        f"<main><section class='wide'><h2>{words['title']}</h2>{listed}</section>"
        f"<section class='wide'><h2>{words['waiting']}</h2>{in_line}</section></main></body></html>"
    )


def view(one: Reservation) -> dict[str, object]:
    """For the JSON interface; without the code, which opens the connector."""
    return {
        "id": one.id,
        "point": one.point,
        "connector": one.connector,
        "card": masked(one.number),
        "kind": one.kind,
        "state": one.state,
        "beginsAt": one.begins_at,
        "endsAt": one.ends_at,
        "arriveBy": one.arrive_by,
        "told": one.told,
        "answer": one.answer,
        "outcome": one.outcome,
        "feeMinor": one.fee_minor,
        "compensatedMinor": one.compensated_minor,
        "moves": one.moves,
        "transaction": one.transaction_id,
    }


def _row(
    one: Reservation,
    site_of: Callable[[str], str],
    zone: ZoneInfo,
    currency: str,
    words: Mapping[str, object],
) -> list[str]:
    told = words["told"]
    assert isinstance(told, dict)
    money = one.fee_minor or -one.compensated_minor
    outcome = f"{one.outcome} {money / 100:.2f} {currency}" if money else one.outcome
    return [
        _local(one.begins_at, zone),
        _local(one.ends_at, zone),
        f"{site_of(one.point)} · {one.connector}",
        one.state,
        f"{told[one.told]} {one.answer}".strip(),
        masked(one.number),
        outcome,
        str(one.moves or ""),
    ]


def _local(text: str, zone: ZoneInfo) -> str:
    """With the offset: an hour that comes twice is told apart."""
    local: datetime = utc_from_text(text).astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M %z}"


def _table(heads: object, rows: Sequence[Sequence[str]]) -> str:
    assert isinstance(heads, tuple)
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f'<div class="card table" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
