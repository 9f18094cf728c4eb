"""Units that are their own lease: what they do before any host governs them."""

from collections.abc import Iterator, Mapping

from chargepoint.domain.units import ConnectorId
from simulator.devices.heidelberg import SimulatedHeidelberg

Fitted = Mapping[tuple[str, int], object]
"""Devices by name and connector, as `SimulatedHardware.fitted`."""


def ungoverned(fitted: Fitted) -> frozenset[ConnectorId]:
    """Connectors whose unit follows its own defaults: nobody has told it
    what to offer, and what in silence, since its power came.
    """
    return frozenset(connector for connector, unit in _units(fitted) if not unit.is_governed)


def given_ungoverned_mwh(fitted: Fitted) -> int:
    """By all of them, in all such times."""
    return sum(unit.given_mwh for _, unit in _units(fitted))


def _units(fitted: Fitted) -> Iterator[tuple[ConnectorId, SimulatedHeidelberg]]:
    for (_, connector), device in fitted.items():
        if isinstance(device, SimulatedHeidelberg):
            yield ConnectorId(connector), device
