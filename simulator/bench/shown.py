"""The station's present as the plain values of `GET /api/state` (docs/bench.md)."""

from collections.abc import Mapping
from typing import Any

from config.schema import Config
from simulator.ev import PJ_PER_MWH
from simulator.station import Screen
from simulator.world import World

_MICRO = 1_000_000
_LETTERS = "ABCDEFGHIJ"
_SHOWS_QR = frozenset({"receipt_qr", "charging"})


def shown_connectors(
    world: World, machines: Mapping[str, str], statuses: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    return {
        str(connector): {
            "label": _LETTERS[connector - 1],
            "plugged": world.vehicle(connector) is not None,
            "status": statuses.get(str(connector), ""),
            "machine": machines.get(str(connector), ""),
            "pilot": str(world.pilot(connector)),
            "contactor": "closed" if world.is_contactor_closed(connector) else "open",
            "lock": "locked" if world.is_locked(connector) else "unlocked",
            "current_a": world.current_ma(connector) / 1000,
            "power_w": world.power_uw(connector) // _MICRO,
            "energy_wh": world.register_mwh(connector) // 1000,
            "ev": _vehicle(world, connector),
        }
        for connector in world.connectors
    }


def _vehicle(world: World, connector: int) -> dict[str, Any] | None:
    vehicle = world.vehicle(connector)
    if vehicle is None:
        return None
    return {
        "soc": vehicle.stored_pj * 1000 // vehicle.capacity_pj / 10,
        "battery_kwh": vehicle.capacity_pj // (1_000_000 * PJ_PER_MWH),
        "max_a": vehicle.max_ma // 1000,
        "phases": vehicle.phases,
        "ready": vehicle.is_ready,
    }


def shown_screen(screen: Screen | None, config: Config, version: int) -> dict[str, Any]:
    width, height = (int(part) for part in config.kiosk.size.split("x"))
    panel = {"width": width, "height": height, "version": version}
    if screen is None:
        empty = {"id": "", "title": "", "texts": [], "language": "", "qr": "", "buttons": []}
        return {**empty, "focus": "", **panel}
    return {
        "id": screen.id,
        "title": screen.title,
        "texts": list(screen.texts),
        "language": screen.language,
        "focus": screen.focus,
        "qr": str(screen.params.get("qr") or "") if screen.id in _SHOWS_QR else "",
        "buttons": [
            {
                "id": button.id,
                "label": button.label,
                "enabled": button.enabled,
                "order": order,
                "px": list(button.px),
                "mm": list(button.mm),
            }
            for order, button in enumerate(screen.buttons, 1)
        ],
        **panel,
    }
