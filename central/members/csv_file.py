"""Rows as a file for a spreadsheet: RFC 4180, UTF-8, and no cell that a spreadsheet would run."""

import csv
import io
from collections.abc import Iterable, Sequence

from starlette.responses import Response

_RUN = ("=", "+", "-", "@", "\t", "\r")  # OWASP, CSV injection
_BOM = "\ufeff"  # or Excel takes it for the code page of the machine


def csv_file(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(heads)
    table.writerows([_cell(value) for value in row] for row in rows)
    return Response(
        _BOM + written.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def money(minor: int) -> str:
    """With a point, in every language: a program reads it."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02}"


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    is_number = text.lstrip("-").replace(".", "", 1).isdigit()
    return f"'{text}" if text.startswith(_RUN) and not is_number else text
