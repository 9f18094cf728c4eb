"""What a scenario may expect, by name: the shape of each expectation. How it is looked up: expect.py.

Money is read in major units and kept in minor ones; every number also takes `{min, max}`.
"""

from typing import Any

from simulator.scenario_text import Node, Problem, Refused, Scalar, Table
from simulator.shapes import (
    Shape,
    by_form,
    by_key,
    duration_s,
    fields,
    json_value,
    minor,
    named,
    one_of,
    span,
    table_of,
    text,
    whole,
)
from simulator.steps import DEVICES, connector_key

STATUSES = [
    "Available",
    "Preparing",
    "Charging",
    "SuspendedEV",
    "SuspendedEVSE",
    "Finishing",
    "Reserved",
    "Unavailable",
    "Faulted",
]
DEVICE_STATES = ("online", "offline", "inhibited", "fault")

_money = span(minor)


def _is_span(node: Node) -> bool:
    return not isinstance(node, Table) or bool({"min", "max"} & set(node.entries))


def _total_or_per_connector(node: Node) -> dict[int, Any]:
    """An amount is the station's (connector 0); a table gives it per connector."""
    if _is_span(node):
        return {0: _money(node)}
    values: dict[int, Any] = table_of(connector_key, _money)(node)
    return values


def _key_text(key: Scalar) -> str:
    return key.text


def _device_key(key: Scalar) -> str:
    """`evse`, or `evse:2` where each connector has its own."""
    device, _, number = key.text.partition(":")
    if device not in DEVICES or (number and not number.isdecimal()):
        raise Refused(
            Problem(key.line, f"unknown device {key.text!r}; known: {', '.join(DEVICES)}")
        )
    return key.text


_WHERE = table_of(_key_text, json_value)

OCPP = by_key(
    {
        "sent": fields({"sent": text}, {"where": _WHERE}),
        "received": fields({"received": text}, {"where": _WHERE}),
    }
)

EXPECTATIONS: dict[str, Shape] = {
    "screen": text,
    "says": text,
    "spoken": by_form(
        scalar=named("text", text),
        table=fields({"text": text}, {"by": one_of("speaker", "jack")}),
    ),
    "focus": text,
    "button": text,
    "connector": table_of(connector_key, one_of(*STATUSES)),
    "ocpp": OCPP,
    "energy_wh": table_of(connector_key, span()),
    "contactor": table_of(connector_key, one_of("open", "closed")),
    "current_a": table_of(connector_key, span()),
    "lock": table_of(connector_key, one_of("locked", "unlocked")),
    "lamp": table_of(connector_key, text),
    "beeps": span(whole()),
    "credit": _total_or_per_connector,
    "cost": _total_or_per_connector,
    "paid_out": _money,
    "returned": _money,
    "captured": _money,
    "owed": _money,
    "balance": table_of(_key_text, _money),
    "ledger": by_form(
        scalar=named("balanced", one_of("balanced")),
        table=named("accounts", table_of(_key_text, _money)),
    ),
    "device": table_of(_device_key, one_of(*DEVICE_STATES)),
    "incident": text,
}

_MODIFIERS: dict[str, Shape] = {"within": duration_s, "times": whole()}


def expectation(node: Node) -> dict[str, Any]:
    """`{"wanted": {key: value}, "within": s, "times": n}`; at least one thing must be wanted."""
    found: dict[str, Any] = fields(optional={**EXPECTATIONS, **_MODIFIERS})(node)
    wanted = {key: value for key, value in found.items() if key in EXPECTATIONS}
    if not wanted:
        raise Refused(Problem(node.line, f"nothing is expected; known: {', '.join(EXPECTATIONS)}"))
    if "times" in found and "ocpp" not in wanted:
        raise Refused(Problem(node.line, "times counts OCPP messages: it needs the key 'ocpp'"))
    modifiers = {key: value for key, value in found.items() if key in _MODIFIERS}
    return {"wanted": wanted, **modifiers}
