"""T_COMMISSION: what the station is, step by step; who is on its ports; the report that is signed at the end."""

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.service.orders import Deed
from chargepoint.domain.service.people import Role
from chargepoint.domain.service.steps import perform, service
from chargepoint.domain.service.values import Key


def keys(talk: Talk) -> tuple[Key, ...]:
    """Everybody inside may look; a technician signs."""
    data = service(talk)
    may_sign = data.person is not None and data.person.role is not Role.COLLECTOR
    return (
        Key("t_search", may_sign and not data.waiting),
        Key("t_sign", may_sign and data.sheet is not None),
    )


def pressed(talk: Talk, button: str) -> None:
    perform(talk, Deed.FIND_BUSES if button == "t_search" else Deed.COMMISSION)
