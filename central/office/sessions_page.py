"""Charges of the past: by point, by the end of a card's number, by state."""

from typing import Any

from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute

from central import forms
from central.greencard.accounts import masked
from central.members.pages import Visit
from central.members.services import Services
from central.office.door import OfficeDoor
from central.storage.tables.accounts import TRANSACTION
from central.system import SERVICE_TOKENS

_SHOWN = 200
_STATES = ("", "running", "unsettled", "settled")


class SessionsPage:
    def __init__(self, door: OfficeDoor, services: Services) -> None:
        self._door = door
        self._services = services

    def routes(self) -> list[BaseRoute]:
        return [self._door.route("/operator/sessions", self._sessions)]

    async def _sessions(self, visit: Visit) -> Response:
        point, state = visit.asked("point").strip()[:60], visit.asked("state")
        ending = "".join(visit.asked("card").split())
        state = state if state in _STATES else ""
        ending = ending if ending.isascii() and ending.isdigit() and len(ending) == 4 else ""
        found = await self._services.run(self._find, point, ending, state)
        visit.form = forms.Form({"point": point, "card": ending, "state": state})
        return visit.page("office/sessions.html", sessions=found, states=_STATES)

    def _find(self, point: str, ending: str, state: str) -> list[dict[str, Any]]:
        charge = TRANSACTION.c
        statement = select(TRANSACTION).order_by(charge.id.desc()).limit(_SHOWN)
        if point:
            statement = statement.where(charge.point == point)
        if ending:
            statement = statement.where(charge.id_tag.endswith(ending, autoescape=True))
        if state == "running":
            statement = statement.where(charge.stopped_at.is_(None))
        elif state == "unsettled":
            statement = statement.where(
                charge.stopped_at.is_not(None), charge.total_minor.is_(None)
            )
        elif state == "settled":
            statement = statement.where(charge.total_minor.is_not(None))
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
            for row in self._services.system.store.database.rows(statement)
        ]
