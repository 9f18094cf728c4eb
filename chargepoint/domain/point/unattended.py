"""A contactor that stayed closed while the core was away: its session has the energy, people the news."""

from chargepoint.domain.point.context import Point
from chargepoint.domain.record import Incident
from chargepoint.domain.units import Wh

_ATTENDED_S = 60 + 3  # a session is saved once a minute, and a lease lasts for 3 s


def tell(point: Point) -> None:
    """At boot, where a saved session meets its board. The meter counted; by it all is billed, and
    what goes beyond the money is written off (`absorbed`).

    A driver may have opened the contactor before it could be asked: then the meter is the witness.
    """
    grown = Wh(point.session.register - point.saved_register)
    most = point.settings.most_power * _ATTENDED_S // 3600
    is_beyond = 0 < most < grown  # 0: nobody said what this connector can deliver
    if not point.data.contactor_closed and not is_beyond:
        return
    connector, session = point.data.connector, point.session
    found = "closed" if point.data.contactor_closed else "open"
    detail = (
        f"connector {connector} was {found} at boot; {grown} Wh since {point.saved_at.isoformat()},"
        f" session {session.id} stands at {session.energy} Wh"
    )
    point.draft.incidents.append(Incident("evse.unattended", detail, f"evse:{connector}"))
