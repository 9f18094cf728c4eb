"""T_FAULT: what stands at a connector, in the technician's words, and the reset of what latched.

Nothing else takes a weld, an opened cabinet or an emergency stop away (domain/faults/table.py).
"""

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.effects import ResetFaults, TellPoint
from chargepoint.domain.faults import standing as faults
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.service.steps import go, note, say, service
from chargepoint.domain.service.upkeep import letter, toggle
from chargepoint.domain.service.values import Fact, Key
from chargepoint.domain.units import ConnectorId


def _connector(talk: Talk) -> ConnectorId:
    return ConnectorId(int(service(talk).subject))


def _seen(talk: Talk) -> PointSeen:
    return talk.data.points[_connector(talk)]


def facts(talk: Talk) -> tuple[Fact, ...]:
    """Bad: it is still there; warn: it was, and waits for the reset."""
    data = _seen(talk).data
    standing = sorted(data.faults, key=lambda key: faults.FAULTS[key].ref)
    return tuple(
        Fact(
            f"fault.{key}",
            faults.FAULTS[key].ref,
            mark="bad" if key in data.present or not faults.FAULTS[key].latches else "warn",
        )
        for key in standing
    )


def keys(talk: Talk) -> tuple[Key, ...]:
    latched = faults.latched(_seen(talk).data.faults)
    return (Key("t_reset", bool(latched)), Key("t_avail_why"))


def pressed(talk: Talk, button: str) -> None:
    connector, data = _connector(talk), _seen(talk).data
    if button == "t_avail_why":
        go(talk, "t_avail")
        toggle(talk, connector)
        return
    latched = faults.latched(data.faults)
    refs = " ".join(sorted(faults.FAULTS[key].ref for key in latched))
    if latched <= data.present:
        note(talk, f"connector {letter(connector)} reset of {refs}", "refused")
        say(talk, "fault_is_there", is_good=False)
        return
    talk.do(TellPoint(connector, ResetFaults()))
    note(talk, f"connector {letter(connector)} reset of {refs}", "done")
    go(talk, "t_avail", notice="fault_reset")
