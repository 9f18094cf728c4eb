"""T_OCPP: the messages that went and came, filtered; and the way to the central system, step by step."""

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.service.orders import Deed
from chargepoint.domain.service.steps import go, perform, service
from chargepoint.domain.service.values import Fact, Key

FILTERS = ("all", "sent", "received", "errors", "work")
"""`work`: without Heartbeat and MeterValues, which drown the rest."""


def keys(talk: Talk) -> tuple[Key, ...]:
    sheet = service(talk).sheet
    has_dead = sheet is not None and sheet.amount > 0
    return (*((Key("t_resend"),) if has_dead else ()), Key("t_trace"), Key("t_reach"))


def pressed(talk: Talk, button: str) -> None:
    match button:
        case "t_resend":
            perform(talk, Deed.RESEND)
        case "t_trace":
            go(talk, "t_trace", FILTERS[0])
        case _:
            go(talk, "t_reach")


def trace_facts(talk: Talk) -> tuple[Fact, ...]:
    chosen = service(talk).subject
    if chosen in FILTERS:
        return (Fact("trace.filter", f"trace.{chosen}", "key"),)
    return (Fact("trace.filter", chosen),)


def trace_keys(_talk: Talk) -> tuple[Key, ...]:
    return (Key("t_filter"),)


def next_filter(talk: Talk, _button: str) -> None:
    chosen = service(talk).subject
    place = FILTERS.index(chosen) + 1 if chosen in FILTERS else 0
    go(talk, "t_trace", FILTERS[place % len(FILTERS)])


def action_chosen(talk: Talk, action: str) -> None:
    """A touched line: only messages like this one."""
    go(talk, "t_trace", action)


def reach_keys(_talk: Talk) -> tuple[Key, ...]:
    return (Key("t_try"),)


def reach(talk: Talk, _button: str) -> None:
    perform(talk, Deed.REACH)
