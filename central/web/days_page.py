"""The operator's days and faults, as one page without a script. Pure."""

from collections.abc import Sequence
from html import escape

from central.fleet.registry import PointState
from central.greencard.takings import Day

_WORDS = {
    "en": {
        "title": "Days and faults",
        "back": "Live page",
        "day": "Day",
        "charges": "Charges",
        "energy": "Energy, kWh",
        "sales": "Sales",
        "fees": "Flat rates, reservations",
        "faults": "Faults now",
        "none": "No point tells of a fault.",
        "where": "Where",
        "what": "Told",
        "since": "Since",
        "away": "not connected",
    },
    "es": {
        "title": "Días y averías",
        "back": "Página en directo",
        "day": "Día",
        "charges": "Recargas",
        "energy": "Energía, kWh",
        "sales": "Ventas",
        "fees": "Tarifas planas, reservas",
        "faults": "Averías ahora",
        "none": "Ningún punto avisa de una avería.",
        "where": "Dónde",
        "what": "Aviso",
        "since": "Desde",
        "away": "sin conexión",
    },
}


def page(days: Sequence[Day], points: Sequence[PointState], currency: str, language: str) -> str:
    words = _WORDS[language]
    heads = [words[name] for name in ("day", "charges", "energy", "sales", "fees")]
    rows = [
        [
            day.date,
            str(day.charges),
            _decimal(day.energy_wh, 1000, 1, language),
            f"{_decimal(day.sales_minor, 100, 2, language)} {currency}",
            f"{_decimal(day.fees_minor, 100, 2, language)} {currency}",
        ]
        for day in days
    ]
    found = [fault for point in points for fault in _faults(point, words)]
    faults = _table([words["where"], words["what"], words["since"]], found)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{words['title']}</title>"
        '<link rel="stylesheet" href="/static/page.css"></head><body>'
        f'<header class="top"><h1>{words["title"]}</h1><a href="/operator">{words["back"]}</a></header>'
        f"<main><section class='wide'><h2>{words['faults']}</h2>"
        f"{faults if found else '<p>' + words['none'] + '</p>'}</section>"
        f"<section class='wide'><h2>{words['day']}</h2>{_table(heads, rows)}</section></main></body></html>"
    )


def _faults(point: PointState, words: dict[str, str]) -> list[list[str]]:
    """What its connectors tell, 0 being the point itself; and that it is silent."""
    name = f"{point.id} {point.site.name}" if point.site.name != point.id else point.id
    found = [
        [f"{name} · {number}", f"{state.error_code} {state.info}".strip(), state.since]
        for number, state in sorted(point.connectors.items())
        if state.status == "Faulted" or state.error_code != "NoError"
    ]
    if not point.is_connected:
        found.insert(0, [name, words["away"], point.last_seen])
    return found


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f'<div class="card table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _decimal(amount: int, unit: int, places: int, language: str) -> str:
    """Exact to the last place shown; sums below zero are of days on which more was given back."""
    scale = 10**places
    scaled = (abs(amount) * scale * 2 + unit) // (2 * unit)
    sign = "\N{MINUS SIGN}" if amount < 0 and scaled else ""
    point = "." if language == "en" else ","
    return f"{sign}{scaled // scale}{point}{scaled % scale:0{places}}"
