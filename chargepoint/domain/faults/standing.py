"""What the fault table says of what stands at a point: which is told, and in which words."""

from collections.abc import Iterable

from chargepoint.domain.faults.table import (
    BOARD_LOST,
    BOARD_OFF,
    INOPERATIVE_REF,
    LEASE_LOST,
    LEASE_STUCK,
    LOCK_JAM,
    LOCK_OPEN,
    LOCK_STUCK,
    METER_LOST,
    METER_UNSIGNED,
    OVER_VOLTAGE,
    OVERDRAW,
    PILOT_ERROR,
    ROWS,
    SHARED,
    UNDER_VOLTAGE,
    Fault,
)
from chargepoint.domain.supply.believable import DOUBTS

FAULTS: dict[str, Fault] = {fault.key: fault for fault in ROWS}

SHARED_CODES: dict[str, str] = {shared.device: shared.ocpp_code for shared in SHARED}

DEVICE_FAULTS = frozenset({BOARD_LOST, METER_LOST, LEASE_LOST, LEASE_STUCK})
"""Told by the device's own incident (silent, garbled, unplugged, stuck), not a second time here."""

TOLD_FAULTS = DEVICE_FAULTS | DOUBTS | {METER_UNSIGNED}
"""Those, and what is told with its numbers by who finds it."""


def incident_of(key: str) -> str:
    return FAULTS[key].incident or f"evse.{key}"


def latched(keys: Iterable[str]) -> frozenset[str]:
    """Those that only a technician's reset takes away."""
    return frozenset(key for key in keys if FAULTS[key].latches)


def by_weight(keys: frozenset[str]) -> list[Fault]:
    """The point's own before the vehicle's, then whatever only a technician can take away."""
    return sorted((FAULTS[key] for key in keys), key=lambda f: (f.of_vehicle, not f.latches, f.key))


def worst(keys: frozenset[str]) -> Fault | None:
    """The fault that a driver reads when several stand."""
    standing = by_weight(keys)
    return standing[0] if standing else None


__all__ = [
    "BOARD_LOST",
    "BOARD_OFF",
    "DEVICE_FAULTS",
    "FAULTS",
    "INOPERATIVE_REF",
    "LEASE_LOST",
    "LEASE_STUCK",
    "LOCK_JAM",
    "LOCK_OPEN",
    "LOCK_STUCK",
    "METER_LOST",
    "METER_UNSIGNED",
    "OVERDRAW",
    "OVER_VOLTAGE",
    "PILOT_ERROR",
    "SHARED_CODES",
    "UNDER_VOLTAGE",
    "Fault",
    "by_weight",
    "incident_of",
    "latched",
    "worst",
]
