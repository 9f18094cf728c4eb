"""What the schema of the configuration cannot know: the kinds of devices there are, and OCPP's keys.

The station itself refuses both when it starts; a scenario says so with its line before it is played.
"""

from collections.abc import Mapping
from typing import Any, Final

from chargepoint.ocpp.keys import check_configured
from drivers import factory
from drivers.lines import NOT_FITTED

OPENERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "evse": factory.BOARDS,
    "lease_timer": factory.LEASES,
    "meter": factory.METERS,
    "coin_acceptor": factory.COIN_ACCEPTORS,
    "note_validator": factory.NOTE_VALIDATORS,
    "hopper": factory.HOPPERS,
    "bank_terminal": factory.BANK_TERMINALS,
    "card_reader": factory.CARD_READERS,
    "cabinet": factory.CABINETS,
    "printer": factory.PRINTERS,
}


def unfit(configured: Mapping[str, str], connectors: int) -> dict[str, str]:
    """What is wrong with which key."""
    found = {}
    for key, value in configured.items():
        place, _, name = key.partition(".")
        wrong = _of_ocpp(name, value, connectors) if place == "ocpp" else _of_device(key, value)
        if wrong:
            found[key] = wrong
    return found


def _of_ocpp(name: str, value: str, connectors: int) -> str:
    _, problems = check_configured({name: value}, connectors)
    return "".join(problems).removeprefix(f"ocpp.{name}: ")


def _of_device(key: str, value: str) -> str:
    place, *middle, last = key.split(".")
    if place != "devices" or not middle or last != "kind" or value == NOT_FITTED:
        return ""
    kinds = OPENERS.get(middle[0])
    if kinds is None or value in kinds:
        return ""
    return f"{value!r} is none of {', '.join(sorted(kinds))}"
