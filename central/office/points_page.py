"""All points as an operator of a thousand looks for one: by name and state, a page at a time, as a file."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from central.fleet.registry import PointState
from central.forms import Form
from central.members.csv_file import csv_file
from central.members.pages import Visit
from central.members.services import Services
from central.office.door import OfficeDoor
from central.office.paging import asked_page, of_list, wants_file

STATES = ("away", "fault", "out", "taken", "free")
_TAKEN = {"Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing", "Reserved"}
_HEADS = ("id", "name", "address", "connected", "states", "last seen", "firmware", "connectors")
_SOUGHT_MAX = 60


class PointsPage:
    def __init__(self, door: OfficeDoor, services: Services) -> None:
        self._door = door
        self._registry = services.system.registry

    def routes(self) -> list[BaseRoute]:
        return [self._door.route("/operator/points", self._points)]

    async def _points(self, visit: Visit) -> Response:
        sought, state = visit.asked("q").strip()[:_SOUGHT_MAX], visit.asked("state")
        state = state if state in STATES else ""
        points = self._registry.points()
        named = [each for each in points if is_called(each, sought)]
        found = [each for each in named if not state or state in states_of(each)]
        if wants_file(visit):
            return csv_file("points", _HEADS, (_row(each) for each in found))
        filters = {"q": sought, "state": state}
        visit.form = Form(filters)
        return visit.page(
            "office/points.html",
            paged=of_list(found, asked_page(visit), filters),
            counts={each: sum(each in states_of(point) for point in named) for each in STATES},
            states_of=states_of,
            known=len(points),
        )


def is_called(point: PointState, sought: str) -> bool:
    words = f"{point.id} {point.site.name} {point.site.address} {point.serial}".casefold()
    return all(word in words for word in sought.casefold().split())


def states_of(point: PointState) -> tuple[str, ...]:
    """What an operator looks for first; a point may be several."""
    each = [state for number, state in sorted(point.connectors.items()) if number > 0]
    everywhere = point.connectors.values()
    says = {
        "away": not point.is_connected,
        "fault": any(x.status == "Faulted" or x.error_code != "NoError" for x in everywhere),
        "out": any(x.status == "Unavailable" for x in everywhere),
        "taken": any(x.status in _TAKEN for x in each),
        "free": point.is_connected and any(x.status == "Available" for x in each),
    }
    return tuple(state for state in STATES if says[state])


def _row(point: PointState) -> tuple[str, ...]:
    connectors = " ".join(f"{n}:{x.status}" for n, x in sorted(point.connectors.items()))
    return (
        point.id,
        point.site.name,
        point.site.address,
        "yes" if point.is_connected else "no",
        " ".join(states_of(point)),
        point.last_seen,
        point.firmware,
        connectors,
    )
