"""What was noted: findings, who changed what, and messages of the points. Searched, paged, as files."""

from typing import Any

from sqlalchemy import ColumnElement, Table, func, select
from starlette.responses import Response
from starlette.routing import BaseRoute

from central.forms import Form
from central.members.csv_file import csv_file
from central.members.pages import Visit
from central.members.services import Services
from central.office.door import OfficeDoor
from central.office.paging import FILE_ROWS_MAX, SIZE, Paged, asked_page, of_list, wants_file
from central.storage.tables.accounts import FINDING, TRAIL

_SOUGHT_MAX = 60
_FRAMES_MAX = 100_000


class RecordsPage:
    def __init__(self, door: OfficeDoor, services: Services) -> None:
        self._door = door
        self._services = services
        self._rows = services.system.store.database

    def routes(self) -> list[BaseRoute]:
        return [
            self._door.route("/operator/findings", self._findings),
            self._door.route("/operator/trail", self._trail),
            self._door.route("/operator/messages", self._messages),
        ]

    async def _findings(self, visit: Visit) -> Response:
        columns = (FINDING.c.at, FINDING.c.point, FINDING.c.code, FINDING.c.detail)
        return await self._kept(visit, FINDING, "findings", columns)

    async def _trail(self, visit: Visit) -> Response:
        """Who changed what, newest first. No file has a whole card number."""
        columns = (TRAIL.c.at, TRAIL.c.actor, TRAIL.c.event, TRAIL.c.number, TRAIL.c.detail)
        return await self._kept(visit, TRAIL, "trail", columns)

    async def _kept(
        self, visit: Visit, table: Table, name: str, columns: tuple[ColumnElement[str], ...]
    ) -> Response:
        sought = visit.asked("q").strip()[:_SOUGHT_MAX]
        searched = tuple(each for each in columns if each.name not in ("at", "number"))
        is_wanted = [_has(searched, word) for word in sought.split()]
        visit.form = Form({"q": sought})
        run = self._services.run
        if wants_file(visit):
            rows = await run(self._read, table, columns, is_wanted, 0, FILE_ROWS_MAX)
            cells = ([_masked(row, each.name) for each in columns] for row in rows)
            return csv_file(name, [each.name for each in columns], cells)
        total = await run(self._count, table, is_wanted)
        page = min(asked_page(visit), max(1, -(-total // SIZE)))
        rows = await run(self._read, table, columns, is_wanted, (page - 1) * SIZE, SIZE)
        paged = Paged(rows, total, page, {"q": sought})
        return visit.page(f"office/{name}.html", paged=paged)

    def _count(self, table: Table, is_wanted: list[ColumnElement[bool]]) -> int:
        return int(self._rows.value(select(func.count()).select_from(table).where(*is_wanted)))

    def _read(
        self,
        table: Table,
        columns: tuple[ColumnElement[str], ...],
        is_wanted: list[ColumnElement[bool]],
        begin: int,
        count: int,
    ) -> list[Any]:
        found = select(*columns).where(*is_wanted).order_by(table.c.id.desc())
        return list(self._rows.rows(found.offset(begin).limit(count)))

    async def _messages(self, visit: Visit) -> Response:
        """The last ones; card numbers and secrets are masked when they are noted."""
        point, sought = visit.asked("point").strip(), visit.asked("q").strip()[:_SOUGHT_MAX]
        words = sought.casefold().split()
        frames = [
            each
            for each in reversed(self._services.system.frames.since(0, _FRAMES_MAX))
            if point in ("", each.point) and all(word in each.text.casefold() for word in words)
        ]
        filters = {"point": point[:_SOUGHT_MAX], "q": sought}
        if wants_file(visit):
            cells = ((x.at, x.point, x.direction, x.text) for x in frames)
            return csv_file("messages", ("at", "point", "direction", "text"), cells)
        visit.form = Form(filters)
        return visit.page("office/messages.html", paged=of_list(frames, asked_page(visit), filters))


def _has(columns: tuple[ColumnElement[str], ...], word: str) -> ColumnElement[bool]:
    """In any of them, whatever the case."""
    found = [func.lower(each).contains(word.lower(), autoescape=True) for each in columns]
    is_there = found[0]
    for each in found[1:]:
        is_there |= each
    return is_there


def _masked(row: Any, column: str) -> str:
    text = str(getattr(row, column))
    return f"…{text[-4:]}" if column == "number" and text else text
