"""T_AVAIL, T_OUT: a connector out of service, the last look before leaving."""

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.effects import SetOperative, TellPoint
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.service.replace_trial import is_out
from chargepoint.domain.service.steps import go, note, service
from chargepoint.domain.service.values import Fact
from chargepoint.domain.units import ConnectorId

REASONS = ("repair", "cleaning", "vandalism", "works")


def letter(connector: int) -> str:
    """What is printed on the socket."""
    return chr(ord("A") + connector - 1)


# --- availability ---------------------------------------------------------------------------------


def _state(seen: PointSeen) -> tuple[str, str]:
    """Text key and mark."""
    if not seen.data.operative:
        return "avail.out", "bad"
    if seen.data.faults:
        return "avail.fault", "bad"
    if seen.session is not None:
        return "avail.session", "ok"
    return ("avail.ready", "ok") if seen.data.may_start else ("avail.waiting", "warn")


def connector_facts(talk: Talk) -> tuple[Fact, ...]:
    found = []
    for connector, seen in sorted(talk.data.points.items()):
        word, mark = _state(seen)
        found.append(Fact(f"connector|{letter(connector)}", word, "key", mark, str(connector)))
    return tuple(found)


def connector_chosen(talk: Talk, subject: str) -> None:
    """Faults first; back into service at once; out of it only with a reason."""
    connector = ConnectorId(int(subject))
    if talk.data.points[connector].data.faults:
        go(talk, "t_fault", subject)
        return
    toggle(talk, connector)


def toggle(talk: Talk, connector: ConnectorId) -> None:
    if talk.data.points[connector].data.operative:
        go(talk, "t_avail_why", str(connector))
        return
    talk.do(TellPoint(connector, SetOperative(operative=True)))
    note(talk, f"connector {letter(connector)} into service", "done")


def why_facts(_talk: Talk) -> tuple[Fact, ...]:
    return tuple(Fact(f"avail.why.{reason}", id=reason) for reason in REASONS)


def why_chosen(talk: Talk, reason: str) -> None:
    connector = ConnectorId(int(service(talk).subject))
    talk.do(TellPoint(connector, SetOperative(operative=False)))
    note(talk, f"connector {letter(connector)} out of service: {reason}", "done")
    go(talk, "t_avail")


# --- before leaving -------------------------------------------------------------------------------


def checklist(talk: Talk) -> tuple[Fact, ...]:
    """Only what is really there to be checked."""
    data = service(talk)
    found = []
    if data.door_open is not None:
        word, mark = ("out.door_open", "bad") if data.door_open else ("out.door_shut", "ok")
        found.append(Fact("out.door", word, "key", mark))
    if talk.settings.coins_fitted:
        found.append(Fact("out.cash", *_cash(talk)))
    return (*found, *(_without_id(fact) for fact in connector_facts(talk)))


def _cash(talk: Talk) -> tuple[str, str, str]:
    if service(talk).collection is not None:
        return "out.cash_frozen", "key", "bad"
    if is_out(talk, "coin_acceptor"):
        return "out.cash_replaced", "key", "bad"
    if "coin_acceptor" in talk.data.down:
        return "out.cash_offline", "key", "bad"
    return "out.cash_on", "key", "ok"


def _without_id(fact: Fact) -> Fact:
    return Fact(fact.label, fact.value, fact.kind, fact.mark)
