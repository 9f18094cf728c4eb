"""What the core was last told of a board, and the events that tell it the difference."""

from collections.abc import Iterator
from dataclasses import dataclass

from chargepoint.domain.devices import (
    BoardFault,
    BoardFaultCleared,
    BoardFaultRaised,
    ContactorMoved,
    DeviceEvent,
    Pilot,
    PilotChanged,
)
from chargepoint.domain.units import ConnectorId

CONNECTED = frozenset({Pilot.B, Pilot.C, Pilot.D})


@dataclass(frozen=True, slots=True)
class Observed:
    pilot: Pilot
    is_closed: bool
    fault: BoardFault | None

    def is_departure(self, before: "Observed") -> bool:
        return before.pilot in CONNECTED and self.pilot is Pilot.A


def differences(connector: ConnectorId, before: Observed, now: Observed) -> Iterator[DeviceEvent]:
    """The reason before the consequence: fault, then contactor, then vehicle."""
    if now.fault is not before.fault:
        if before.fault is not None:
            yield BoardFaultCleared(connector, before.fault)
        if now.fault is not None:
            yield BoardFaultRaised(connector, now.fault)
    if now.is_closed is not before.is_closed:
        yield ContactorMoved(connector, now.is_closed)
    if now.pilot is not before.pilot:
        yield PilotChanged(connector, now.pilot)
