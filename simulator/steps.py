"""Every step of a scenario by name, and the shape of its argument.

A step's short form is read into the same table as its long form, so the player sees one. What is
spelled here is the vocabulary of docs/scenarios.md; whether the station can do it is the
player's business.
"""

from simulator.devices.bank_terminal_messages import BRANDS
from simulator.ev import VehicleKind, Wire
from simulator.scenario_text import Node, Scalar
from simulator.shapes import (
    Shape,
    by_form,
    by_key,
    decimal,
    duration_s,
    fields,
    flag,
    json_value,
    named,
    one_of,
    positive_minor,
    refuse,
    table_of,
    text,
    whole,
    yes,
)

DEVICES = [
    "evse",
    "meter",
    "lease_timer",
    "coin_acceptor",
    "note_validator",
    "hopper",
    "bank_terminal",
    "card_reader",
    "printer",
    "display",
    "network",
    "disk",
    "clock",
    "cabinet",
]
FAULT_KINDS = [
    "dirty",
    "silent",
    "garbled",
    "slow",
    "unplugged",
    "weld",
    "lock_jam",
    "leakage_ac",
    "leakage_dc",
    "ground_lost",
    "overheat",
    "emergency_stop",
    "door_open",
    "tilt",
    "flood",
    "cable_torn",
    "mains_lost",
    "stuck",
    "empty",
    "paper_out",
    "full",
    "diode",
    "rcd_selftest",
    "close_failed",
    "weld_pole",
    "pole_open",
    "warm",
    "lock_open",
    "over_voltage",
    "under_voltage",
    "ventilation",
    "wrong",
    "lost",
    "off",
    "paper_low",
    "cover_open",
    "busy",
    "out_of_service",
]

connector = whole(1)

VEHICLE: dict[str, Shape] = {
    "soc": whole(),
    "battery_kwh": whole(1),
    "max_a": whole(),
    "phases": whole(1),
    "ready": flag,
    "draw_a": whole(),
    "diode": one_of("short", "ok"),
    "ventilation": flag,
    "pilot": one_of(*Wire),
    "proximity": one_of(*Wire),
    "cable_a": whole(1),
    "kind": one_of(*VehicleKind),
}


def connector_key(key: Scalar) -> int:
    value: int = connector(key)
    return value


def _uid(node: Node) -> str:
    """4, 7 or 10 bytes in hex; any case, optional separators."""
    word = text(node).replace(":", "").replace(" ", "").upper()
    if len(word) not in {8, 14, 20} or set(word) - set("0123456789ABCDEF"):
        raise refuse(node, f"a UID of 4, 7 or 10 bytes in hex is needed, not {word!r}")
    return word


def _stop_code(node: Node) -> str:
    word = text(node)
    if word not in ("own", "voucher") and not word.isdecimal():
        raise refuse(node, f"own, voucher, or digits in quotes, are needed, not {word!r}")
    return word


_CARD_OPTIONS: dict[str, Shape] = {"clone": flag, "connector": connector, "for": duration_s}

TAP = by_form(
    scalar=named("card", text),
    table=by_key(
        {
            "card": fields({"card": text}, _CARD_OPTIONS),
            "token": fields({"token": _uid}, _CARD_OPTIONS),
            "uid": fields({"uid": _uid}, _CARD_OPTIONS),
        }
    ),
)

TOUCH = by_form(
    scalar=named("id", text),
    table=by_key(
        {
            "id": fields({"id": text}, {"connector": connector}),
            "x": fields({"x": decimal, "y": decimal}),
        }
    ),
)

POWER = by_form(
    scalar=named("do", one_of("cut", "restore")),
    table=by_key(
        {
            name: fields({name: whole(1)})
            for name in ("cut_at_commit", "cut_before_commit", "cut_after_effect")
        }
    ),
)

CENTRAL_STATES = ("up", "down", "rejecting", "slow")

CENTRAL = by_form(
    scalar=named("state", one_of(*CENTRAL_STATES)),
    table=by_key(
        {
            "send": fields({"send": text}, {"payload": json_value}),
            "answer": fields(
                {"answer": text}, {"with": json_value, "times": whole(0), "error": text}
            ),
            "send_raw": fields({"send_raw": text}),
        }
    ),
)

BANK_DEEDS = (
    *("approve", "decline", "remove_early", "silent", "reboot"),
    *("pin", "wrong_pin", "insufficient", "expired", "unreadable", "limit"),
)

BANK = by_form(
    scalar=named("do", one_of(*BANK_DEEDS)),
    table=fields(
        optional={
            "approve": flag,
            "do": one_of(*BANK_DEEDS),
            "delay": duration_s,
            "brand": one_of(*BRANDS),
        }
    ),
)

NOTE = by_form(
    scalar=named("value", positive_minor),
    table=fields({"value": positive_minor}, {"currency": one_of("EUR", "GBP")}),
)


def coin_key(key: Scalar) -> int:
    """The value of a hopper's coins, in minor units."""
    value: int = positive_minor(key)
    return value


ACTS: dict[str, Shape] = {
    "plug": fields({"connector": connector}, {"ev": fields(optional=VEHICLE)}),
    "unplug": fields({"connector": connector}, {"by_force": flag}),
    "ev": fields({"connector": connector}, VEHICLE),
    "coin": named("minor", positive_minor),
    "note": NOTE,
    "hopper": table_of(coin_key, whole()),
    "coin_jam": named("on", yes),
    "exchange": fields(
        {
            "device": one_of("coin_acceptor", "note_validator", "hopper", "meter"),
            "serial": whole(1),
        },
        {
            "country": one_of("EU", "GB"),
            "events": whole(),
            "coins": positive_minor,
            "connector": connector,
        },
    ),
    "take_change": named("on", yes),
    "tap": TAP,
    "remove_card": named("on", yes),
    "bank": BANK,
    "enter_code": by_form(
        scalar=named("code", _stop_code),
        table=fields({"code": _stop_code}, {"by": one_of("touch", "keys")}),
    ),
    "touch": TOUCH,
    "hold": fields({"id": text, "for": duration_s}),
    "key": by_form(
        scalar=named("key", one_of("next", "prev", "ok", "cancel")),
        table=fields({"to": text}),
    ),
    "jack": named("to", one_of("in", "out")),
    "fault": fields(
        {"device": one_of(*DEVICES), "kind": one_of(*FAULT_KINDS)},
        {"connector": connector, "value": positive_minor, "by": duration_s},
    ),
    "clear": fields(
        {"device": one_of(*DEVICES)},
        {"kind": one_of(*FAULT_KINDS), "connector": connector, "value": positive_minor},
    ),
    "power": POWER,
    "kill": named("process", one_of("core", "ui")),
    "central": CENTRAL,
    "service": by_key(
        {"login": fields({"login": text}), "do": json_value},
    ),
    "wait": named("for", duration_s),
    "note_to_reader": named("text", text),
}

GIVEN_CARD = fields(
    optional={
        "number": text,
        "uid": _uid,
        "state": one_of("active", "blocked", "expired"),
        "balance": decimal,
        "plan": by_form(scalar=text, table=json_value),
        "points": whole(),
        "discount": by_form(scalar=decimal, table=json_value),
    }
)

__all__ = ["ACTS", "CENTRAL_STATES", "GIVEN_CARD", "connector", "connector_key"]
