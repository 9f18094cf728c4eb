"""One socket with all that is behind it: the physical facts of one connector, and what follows from them."""

import asyncio
from dataclasses import dataclass, field

from chargepoint.domain.devices import Pilot
from chargepoint.domain.units import ConnectorId
from simulator.ev import Vehicle
from simulator.iec61851.bolt import Bolt
from simulator.iec61851.contactor import PHASES, Contactor
from simulator.iec61851.control_pilot import OPEN, Levels, Source, levels, state_of
from simulator.iec61851.residual import NO_LEAKAGE, Leakage
from simulator.iec61851.warmth import Warmth

MAINS_MV = 230_000
Volts = tuple[int, int, int]
US_PER_S = 1_000_000


@dataclass(slots=True)
class Bay:
    """One connector. `world` alone changes it."""

    connector: ConnectorId
    vehicle: Vehicle | None = None
    source: Source = Source.UNPOWERED
    duty_ppm: int = 0  # of the last oscillation: a car that is slow to stop still follows it
    is_relay_on: bool = False
    is_lease_on: bool = False
    contactor: Contactor = field(default_factory=Contactor)
    bolt: Bolt = field(default_factory=Bolt)
    leakage: Leakage = NO_LEAKAGE
    warmth: Warmth = field(default_factory=Warmth)
    warmed_us: int = 0
    has_mains: bool = True
    mains_mv: Volts = (MAINS_MV, MAINS_MV, MAINS_MV)
    current_ma: int = 0  # of each phase that the vehicle loads
    register_pj: int = 0
    settled_us: int = 0
    timer: asyncio.TimerHandle | None = None
    lock_timer: asyncio.TimerHandle | None = None
    last_pilot: Pilot = Pilot.A

    def phase_mv(self, place: int) -> int:
        return self.mains_mv[place] if self.has_mains else 0

    def is_live(self, place: int) -> bool:
        return self.contactor.is_live(place) and self.phase_mv(place) > 0

    def phase_ma(self, place: int) -> int:
        """A vehicle of two phases loads L1 and L2."""
        phases = self.vehicle.phases if self.vehicle is not None else 0
        return self.current_ma if place < phases and self.is_live(place) else 0

    @property
    def can_supply(self) -> bool:
        """Any of the phases that the vehicle uses reaches it."""
        phases = self.vehicle.phases if self.vehicle is not None else 0
        return any(self.is_live(place) for place in range(phases))

    @property
    def power_uw(self) -> int:
        return sum(self.phase_ma(place) * self.phase_mv(place) for place in range(PHASES))

    def levels(self) -> Levels:
        """What the board measures at its end of the pilot."""
        return levels(self.source, OPEN if self.vehicle is None else self.vehicle.load)

    def pilot(self) -> Pilot:
        """The state that a voltmeter on the pilot would show; between the bands, the one before."""
        if self.source is Source.UNPOWERED:
            return Pilot.E
        return state_of(self.levels()) or self.last_pilot

    def warm_up(self, now_us: int) -> None:
        gone_s = (now_us - self.warmed_us) // US_PER_S
        self.warmth = self.warmth.after(gone_s, self.current_ma)
        self.warmed_us += gone_s * US_PER_S
