"""A point's state as the text that processes hand to each other. Pure."""

import json
from dataclasses import asdict

from central.fleet.registry import ConnectorState, PointState

_TOLD = ("boot_status", "last_seen", "vendor", "model", "serial", "firmware", "health", "cash")


def state_text(point: PointState) -> str:
    """Without what every process reads from its provisioning file, and without secrets."""
    told = {name: getattr(point, name) for name in _TOLD}
    connectors = {number: asdict(each) for number, each in point.connectors.items()}
    return json.dumps({**told, "connectors": connectors}, sort_keys=True, ensure_ascii=False)


def take_state(point: PointState, text: str, *, is_connected: bool) -> None:
    """What another process wrote; a field that it does not know stays as it is."""
    told = json.loads(text)
    point.is_connected = is_connected
    for name in _TOLD:
        if name in told:
            setattr(point, name, told[name])
    for number, state in told.get("connectors", {}).items():
        point.connectors[int(number)] = ConnectorState(**state)
