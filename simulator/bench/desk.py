"""A running station as the bench sees it: what the scenario player needs, and what only a page shows."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from chargepoint.errors import ChargepointError
from config.schema import Config
from simulator.hardware import Device
from simulator.station import Station


class NoOtherSpeed(ChargepointError):
    """This station's time cannot be made to run faster."""


class ShownDevices(Protocol):
    @property
    def fitted(self) -> Mapping[tuple[str, int], Device]: ...

    @property
    def tray_minor(self) -> int: ...

    @property
    def states(self) -> dict[str, str]: ...

    @property
    def faults(self) -> dict[str, list[str]]: ...


class ShownCentral(Protocol):
    @property
    def is_linked(self) -> bool: ...

    @property
    def state(self) -> str: ...


class Pace(Protocol):
    """How fast the station's time runs."""

    @property
    def rate(self) -> float: ...

    async def go(self, rate: float) -> "Desk | None":
        """Raises NoOtherSpeed. A desk is answered where the station had to change for it."""
        ...


Tell = Callable[[dict[str, str]], None]


@dataclass(slots=True)
class Wires:
    """Where frames on the wires are told to; nobody listens at first."""

    listeners: list[Tell] = field(default_factory=list)

    def tell(self, frame: dict[str, str]) -> None:
        for listener in self.listeners:
            listener(frame)


Moved = Callable[[str, str, str], None]
"""Machine, state before, state after."""


@dataclass(slots=True)
class Moves:
    """Where the core's state machines are told to move."""

    listeners: list[Moved] = field(default_factory=list)

    def tell(self, machine: str, before: str, after: str) -> None:
        for listener in self.listeners:
            listener(machine, before, after)

    def read(self, line: str) -> None:
        """One line of the core's log; whatever it is, only moves are passed on."""
        try:
            entry = json.loads(line)
        except ValueError:
            return
        match entry:
            case {"what": "state changed", "machine": machine, "before": before, "after": after}:
                self.tell(str(machine), str(before), str(after))
            case _:
                pass


@dataclass(frozen=True, slots=True)
class Desk:
    station: Station
    config: Config
    devices: ShownDevices
    central: ShownCentral
    central_page: str
    operator: str  # how one signs in there
    picture: Callable[[], Awaitable[bytes | None]]  # the screen as PNG; None without a kiosk
    wires: Wires
    moves: Moves
    pace: Pace
    check: Callable[[], None]  # raises StationDown when it cannot live
