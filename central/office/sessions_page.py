"""Charges of the past: by point, day, the end of a card's number, state; a page at a time, and as a file."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from starlette.responses import Response
from starlette.routing import BaseRoute

from central import forms
from central.clock import utc_text
from central.greencard.accounts import masked
from central.members.csv_file import csv_file, money
from central.members.pages import Visit
from central.members.services import Services
from central.office.door import OfficeDoor
from central.office.paging import FILE_ROWS_MAX, SIZE, Paged, asked_page, wants_file
from central.reservations.hours import day_bounds
from central.storage.tables.accounts import TRANSACTION
from central.system import SERVICE_TOKENS

_HEADS = ("from", "until", "point", "connector", "card", "kwh", "total", "stopped", "receipt")
_STATES = ("", "running", "unsettled", "settled")


class SessionsPage:
    def __init__(self, door: OfficeDoor, services: Services) -> None:
        self._door = door
        self._services = services

    def routes(self) -> list[BaseRoute]:
        return [self._door.route("/operator/sessions", self._sessions)]

    async def _sessions(self, visit: Visit) -> Response:
        filters = _filters(visit)
        wanted = _wanted(filters, ZoneInfo(self._services.system.accounts.timezone))
        run = self._services.run
        if wants_file(visit):
            rows = await run(self._find, wanted, 0, FILE_ROWS_MAX)
            return csv_file("charges", _HEADS, (_cells(each) for each in rows))
        total = await run(self._count, wanted)
        page = min(asked_page(visit), max(1, -(-total // SIZE)))
        rows = await run(self._find, wanted, (page - 1) * SIZE, SIZE)
        visit.form = forms.Form(filters)
        paged = Paged(rows, total, page, filters)
        return visit.page("office/sessions.html", paged=paged, states=_STATES)

    def _count(self, wanted: list[ColumnElement[bool]]) -> int:
        counted = select(func.count()).select_from(TRANSACTION).where(*wanted)
        return int(self._services.system.store.database.value(counted))

    def _find(
        self, wanted: list[ColumnElement[bool]], begin: int, count: int
    ) -> list[dict[str, Any]]:
        statement = select(TRANSACTION).where(*wanted).order_by(TRANSACTION.c.id.desc())
        rows = self._services.system.store.database.rows(statement.offset(begin).limit(count))
        return [
            {
                "at": row.started_at,
                "until": row.stopped_at,
                "point": row.point,
                "connector": row.connector,
                "tag": row.id_tag if row.id_tag in SERVICE_TOKENS else masked(row.id_tag),
                "energy_wh": row.meter_wh - row.meter_start_wh,
                "total_minor": row.total_minor,
                "reason": row.stop_reason or "",
                "receipt": row.receipt_number or "",
            }
            for row in rows
        ]


def _filters(visit: Visit) -> dict[str, str]:
    """What can be looked for; anything else is left out."""
    state, ending = visit.asked("state"), "".join(visit.asked("card").split())
    is_ending = ending.isascii() and ending.isdigit() and len(ending) == 4
    return {
        "point": visit.asked("point").strip()[:60],
        "card": ending if is_ending else "",
        "state": state if state in _STATES else "",
        "since": _day(visit.asked("since")),
        "until": _day(visit.asked("until")),
    }


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _wanted(filters: dict[str, str], zone: ZoneInfo) -> list[ColumnElement[bool]]:
    """Days are the operator's, from midnight to midnight."""
    charge = TRANSACTION.c
    is_over, is_paid = charge.stopped_at.is_not(None), charge.total_minor.is_not(None)
    by_state = {
        "running": [charge.stopped_at.is_(None)],
        "unsettled": [is_over, charge.total_minor.is_(None)],
        "settled": [is_paid],
    }
    found: list[ColumnElement[bool]] = list(by_state.get(filters["state"], []))
    if filters["point"]:
        found.append(charge.point == filters["point"])
    if filters["card"]:
        found.append(charge.id_tag.endswith(filters["card"], autoescape=True))
    if filters["since"]:
        begin, _ = day_bounds(date.fromisoformat(filters["since"]), zone)
        found.append(charge.started_at >= utc_text(begin))
    if filters["until"]:
        _, end = day_bounds(date.fromisoformat(filters["until"]), zone)
        found.append(charge.started_at < utc_text(end))
    return found


def _cells(each: dict[str, Any]) -> tuple[str, ...]:
    kwh = f"{each['energy_wh'] / 1000:.3f}"
    total = "" if each["total_minor"] is None else money(each["total_minor"])
    plain = (each["at"], each["until"] or "", each["point"], str(each["connector"]))
    return (*plain, each["tag"], kwh, total, each["reason"], each["receipt"])
