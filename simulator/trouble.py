"""What can break and is no device on a line: the network, the clock. Rows of `Station.troubles`."""

from datetime import UTC, datetime, timedelta

from simulator.office import RelayDoor
from simulator.station import StepImpossible
from simulator.vtime import VirtualClock

WRONG_BY_S = 3600.0
_NOBODY_KNOWS = datetime(1970, 1, 1, tzinfo=UTC)  # a clock whose battery is empty


class NetworkTrouble:
    """Implements station.Trouble: `unplugged` no link, `silent` nothing passes, `slow` 2 s a way."""

    def __init__(self, door: RelayDoor) -> None:
        self._door = door

    async def begin(self, kind: str, by_s: float | None) -> None:
        del by_s
        await self._set(kind, is_there=True)

    async def end(self, kind: str | None) -> None:
        for each in ("unplugged", "silent", "slow") if kind is None else (kind,):
            await self._set(each, is_there=False)

    async def _set(self, kind: str, *, is_there: bool) -> None:
        relay = self._door.relay
        match kind:
            case "unplugged":
                relay.is_cut = is_there
            case "silent":
                relay.is_mute = is_there
            case "slow":
                relay.is_slow = is_there
            case _:
                raise StepImpossible(f"network has no fault {kind!r}")
        await self._door.apply()


class ClockTrouble:
    """Implements station.Trouble: `wrong` puts the charge point's wall clock forward, `lost` to 1970."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock

    async def begin(self, kind: str, by_s: float | None) -> None:
        match kind:
            case "wrong":
                self._clock.step(timedelta(seconds=WRONG_BY_S if by_s is None else by_s))
            case "lost":
                self._clock.step(_NOBODY_KNOWS - self._clock.utc())
            case _:
                raise StepImpossible(f"clock has no fault {kind!r}")

    async def end(self, kind: str | None) -> None:
        """Nobody sets a clock right but the central system's time."""
        del kind
