"""Plays a scenario on a station: steps in order, expectations, and what failed."""

import asyncio
from collections import defaultdict
from collections.abc import Callable

from simulator.acts import ACTS
from simulator.expect import Finding, described, unmet
from simulator.relay import NoLink
from simulator.report import Failure
from simulator.scenario_file import Step
from simulator.station import Station, StepImpossible
from simulator.world import NoVehicle, PlugHeld

LOOK_EVERY_S = 0.25  # what no event announces is looked at so often
WATCH_EVERY_S = 1.0
ACT_SETTLES_S = 0.15  # what an act causes takes its time, before anything is judged
NOW_S = 0.3  # how late an expectation without `within` may still come true
REAL_NOW_S = 1.0  # where threads, sockets and screens take their time, too
NO_ACTS = frozenset({"expect", "never", "wait", "note_to_reader", "parallel", "repeat"})

Announce = Callable[[float, Step], None]


class StepFailed(Exception):
    """A step could not be done, or an expectation did not hold."""

    def __init__(self, step: Step, expected: str, was: str) -> None:
        super().__init__(f"expected {expected}, was {was}")
        self.failure = Failure(step.number, step.line, expected, was)


class Player:
    """Performs steps on one station; `run` a whole file, `perform` one at a time."""

    def __init__(self, station: Station, announce: Announce = lambda *_: None) -> None:
        self.station = station
        self._announce = announce
        self._queues: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._never: list[Step] = []
        self._is_watchful = asyncio.Event()
        self._broken: dict[int, Failure] = {}
        self.touched_s = self._acted_s = float("-inf")

    async def run(self, steps: tuple[Step, ...]) -> tuple[Failure, ...]:
        """The failures, in the order of the file; the first one ends the play."""
        failures: list[Failure] = []
        async with asyncio.TaskGroup() as tasks:
            watch = tasks.create_task(self._watch(), name="never")
            try:
                await self._track(steps)
            except* StepFailed as failed:
                failures += [each.failure for each in _flat(failed)]
            finally:
                watch.cancel()
        self._look_at_never()
        failures += self._broken.values()
        return tuple(sorted(failures, key=lambda failure: failure.step))

    async def perform(self, step: Step) -> None:
        """One step; raises StepFailed."""
        self._announce(self.station.now_s, step)
        try:
            await self._dispatch(step)
        except (StepImpossible, NoLink, NoVehicle, PlugHeld) as error:
            raise StepFailed(step, step.shown or step.kind, str(error)) from error

    async def _dispatch(self, step: Step) -> None:
        self._check_connector(step.arguments.get("connector"))
        match step.kind:
            case "parallel":
                async with asyncio.TaskGroup() as tasks:
                    for track in step.tracks:
                        tasks.create_task(self._track(track))
            case "repeat":
                for _ in range(step.arguments["times"]):
                    await self._track(step.tracks[0])
            case "expect":
                await self._expect(step)
            case "never":
                self._never.append(step)
                self._is_watchful.set()
                self._look_at_never()
            case kind:
                await ACTS[kind](self, step.arguments)
                if kind not in NO_ACTS:
                    self._acted_s = self.station.now_s

    def _check_connector(self, connector: int | None) -> None:
        if connector is not None and connector not in self.station.world.connectors:
            raise StepImpossible(f"this station has no connector {connector}")

    async def _track(self, steps: tuple[Step, ...]) -> None:
        for step in steps:
            await self.perform(step)

    def queue(self, device: str) -> asyncio.Lock:
        """Acts on one device happen one after the other, as one slot takes one coin."""
        return self._queues[device]

    # --- expectations ---

    async def _expect(self, step: Step) -> None:
        limit_s = step.arguments.get("within")
        if limit_s is None:
            await self._settle()
            limit_s = NOW_S if self.station.is_virtual else REAL_NOW_S
        finding = await self.eventually(lambda: unmet(self.station, step.arguments), limit_s)
        if finding is not None:
            raise StepFailed(step, finding.expected, finding.was)

    async def _settle(self) -> None:
        left_s = self._acted_s + ACT_SETTLES_S - self.station.now_s
        if left_s > 0:
            await asyncio.sleep(left_s)

    async def eventually(
        self, look: Callable[[], Finding | None], limit_s: float
    ) -> Finding | None:
        """None as soon as `look` finds nothing wrong; what it finds when the time is up."""
        until_s = self.station.now_s + limit_s
        while (finding := look()) is not None:
            left_s = until_s - self.station.now_s
            if left_s <= 0:
                return finding
            await self.station.changes.wait(min(left_s, LOOK_EVERY_S))
        return None

    async def _watch(self) -> None:
        await self._is_watchful.wait()
        while True:
            await self.station.changes.wait(WATCH_EVERY_S)
            self._look_at_never()

    def _look_at_never(self) -> None:
        for step in self._never:
            if step.number not in self._broken and unmet(self.station, step.arguments) is None:
                ((key, wanted),) = list(step.arguments["wanted"].items())[:1]
                at = f"it was so at {self.station.now_s:.3f} s"
                self._broken[step.number] = Failure(
                    step.number, step.line, f"never {described(key, wanted)}", at
                )


def _flat(group: BaseExceptionGroup[StepFailed]) -> list[StepFailed]:
    flat: list[StepFailed] = []
    for error in group.exceptions:
        flat += _flat(error) if isinstance(error, BaseExceptionGroup) else [error]
    return flat
