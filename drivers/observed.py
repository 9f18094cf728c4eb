"""What the core was last told of a board, and the events that tell it the difference."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

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
ASKING = frozenset({Pilot.C, Pilot.D})
EXPLAINED_WITHIN_S = 0.6  # boards debounce the pilot for 250 ms; half that again for a slow line


@dataclass(frozen=True, slots=True)
class Observed:
    pilot: Pilot
    is_closed: bool
    fault: BoardFault | None

    def is_departure(self, before: "Observed") -> bool:
        return before.pilot in CONNECTED and self.pilot is Pilot.A


class Openings:
    """Why a contactor opened is known a moment after it did: a board opens at once when the vehicle
    stops asking, and says so when the pilot has been steady for a while. Until then, and only while
    it is permitted to be closed, the opening is not told: the car's pause would look like the station's.
    """

    def __init__(self) -> None:
        self._since_s: float | None = None

    @property
    def is_unexplained(self) -> bool:
        return self._since_s is not None

    def judged(
        self, before: Observed, now: Observed, *, is_permitted: bool, now_s: float
    ) -> Observed:
        is_odd = before.is_closed and not now.is_closed and now.pilot in ASKING
        if not (is_odd and is_permitted and now.fault is None):
            self._since_s = None
            return now
        since_s = self._since_s = now_s if self._since_s is None else self._since_s
        if now_s - since_s < EXPLAINED_WITHIN_S:
            return replace(now, is_closed=True)
        self._since_s = None
        return now


def differences(connector: ConnectorId, before: Observed, now: Observed) -> Iterator[DeviceEvent]:
    """The reason before the consequence: fault, then vehicle, then contactor."""
    if now.fault is not before.fault:
        if before.fault is not None:
            yield BoardFaultCleared(connector, before.fault)
        if now.fault is not None:
            yield BoardFaultRaised(connector, now.fault)
    if now.pilot is not before.pilot:
        yield PilotChanged(connector, now.pilot)
    if now.is_closed is not before.is_closed:
        yield ContactorMoved(connector, now.is_closed)
