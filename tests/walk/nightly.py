"""Walks stations at random, whole ones in virtual time or their machines alone, for as many steps as asked.

    python -m tests.walk.nightly --steps 1000000 --workers 2 --from-seed 1
    python -m tests.walk.nightly --steps 1000000 --kept walks.jsonl     # goes on where it was ended
    python -m tests.walk.nightly --steps 1000000 --level machines
    python -m tests.walk.nightly --seed 4711 --steps 400                # one walk again, and shortened

`station`: core, journal, drivers, devices byte by byte, kiosk and central system; the witness watches
all the time (simulator/promises.py), and the books, the bank, the meters and the central system are
compared at the end. `machines`: points and conversation without anything around them, every promise
after every step (tests/domain/test_stateful.py).

A seed is one walk of 400 steps, the same each time while the code is the same. Prints each finding
with its seed and the scenario, or the calls, that showed it; `--seed` makes it as short as it can be.
Says how far it is once a minute, and ends with 1 when anything was found, in earlier runs of --kept, too.
"""

import argparse
import itertools
import json
import logging
import multiprocessing
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from tests.walk import machine_walk, station_walk
from tests.walk.shortest import shortest
from tests.walk.station_walk import Walked

STEPS_OF_A_WALK = 400
TOLD_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """`replay`: a scenario file, or the calls of a machine walk; of a walk that found something."""

    level: str
    seed: int
    steps: int
    found: list[str]
    replay: str = ""


def one_station(seed: int) -> Outcome:
    logging.disable()
    try:
        walk = station_walk.walked(seed, STEPS_OF_A_WALK)
    except Exception as error:  # noqa: BLE001 - reported with its seed; the night goes on
        return Outcome("station", seed, 0, [f"did not survive: {error!r}"])
    replay = walk.replay() if walk.found else ""
    return Outcome("station", seed, len(walk.lines), walk.found, replay)


def one_machine(seed: int) -> Outcome:
    """Shortened only when asked for by its seed: that takes minutes."""
    logging.disable()
    walk = machine_walk.walked(seed, STEPS_OF_A_WALK, shrinks=False)
    return Outcome("machines", seed, walk.steps, walk.found, walk.replay)


LEVELS: dict[str, Callable[[int], Outcome]] = {"station": one_station, "machines": one_machine}


class Night:
    """What has been walked of one level, in earlier runs too where it is kept."""

    def __init__(self, level: str, kept: Path | None) -> None:
        self.level = level
        self.seeds: set[int] = set()
        self.steps = self.bad = 0
        self._kept = kept
        self._began_s = self._told_s = time.monotonic()
        for line in _lines(kept):
            outcome = Outcome(**json.loads(line))
            if outcome.level == level:
                self._count(outcome)
        self._began_with = self.steps

    def _count(self, outcome: Outcome) -> None:
        self.seeds.add(outcome.seed)
        self.steps += outcome.steps
        self.bad += bool(outcome.found)

    def add(self, outcome: Outcome, wanted: int) -> None:
        self._count(outcome)
        if self._kept is not None:
            with self._kept.open("a", encoding="utf-8") as file:
                file.write(f"{json.dumps(asdict(outcome), ensure_ascii=False)}\n")
        for found in outcome.found:
            _say(f"    seed {outcome.seed}, {outcome.steps} steps: {found}")
        if outcome.replay:
            _say(f"    its walk was:\n{outcome.replay}")
        if time.monotonic() - self._told_s >= TOLD_EVERY_S:
            self._told_s = time.monotonic()
            _say(f"{self.sum()}, {self._left(wanted)}")

    def sum(self) -> str:
        rate = f"{self._rate:.0f} steps a second"
        walks = f"{len(self.seeds)} walks of {self.level}"
        return f"{self.steps:,} steps in {walks}, {self.bad} with violations, {rate}"

    @property
    def _rate(self) -> float:
        return (self.steps - self._began_with) / max(time.monotonic() - self._began_s, 0.001)

    def _left(self, wanted: int) -> str:
        left_s = (wanted - self.steps) / max(self._rate, 0.001)
        done = 100 * self.steps / wanted
        return f"{done:.1f} % of {wanted:,}, {timedelta(seconds=round(max(0.0, left_s)))} to go"


def main(arguments: list[str] | None = None) -> int:
    chosen = _parser().parse_args(arguments)
    if chosen.seed is not None:
        return _again(chosen.level, chosen.seed, chosen.steps)
    night = Night(chosen.level, chosen.kept)
    if night.seeds:
        _say(f"going on after {night.sum()}")
    try:
        if night.steps < chosen.steps:
            _walk(night, chosen.steps, chosen.workers, chosen.from_seed)
    except KeyboardInterrupt:
        _say("ended by hand")
    _say(night.sum())
    if night.seeds:
        _say(f"without --kept, go on with --from-seed {max(night.seeds) + 1}")
    return 1 if night.bad else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.walk.nightly",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--steps", type=int, default=1_000_000, metavar="N", help="in all; default 1000000"
    )
    parser.add_argument(
        "--level", choices=LEVELS, default="station", help="what walks; default station"
    )
    parser.add_argument(
        "--workers", type=int, default=2, metavar="N", help="processes side by side; default 2"
    )
    parser.add_argument(
        "--from-seed", type=int, default=1, metavar="N", help="the first walk; default 1"
    )
    parser.add_argument(
        "--kept", type=Path, metavar="FILE", help="a line for each walk; these are not walked again"
    )
    parser.add_argument(
        "--seed", type=int, metavar="N", help="this walk alone, of --steps steps, and shortened"
    )
    return parser


def _walk(night: Night, steps: int, workers: int, from_seed: int) -> None:
    seeds = (seed for seed in itertools.count(from_seed) if seed not in night.seeds)
    with multiprocessing.get_context("spawn").Pool(workers, maxtasksperchild=50) as pool:
        for outcome in pool.imap_unordered(LEVELS[night.level], seeds):
            night.add(outcome, steps)
            if night.steps >= steps:
                break
        pool.terminate()


def _lines(kept: Path | None) -> list[str]:
    return kept.read_text("utf-8").splitlines() if kept is not None and kept.exists() else []


def _again(level: str, seed: int, steps: int) -> int:
    logging.disable()
    if level == "machines":
        outcome = machine_walk.walked(seed, steps)
        _say(f"seed {seed}, {outcome.steps} steps: {outcome.found or 'nothing'}\n{outcome.replay}")
        return 1 if outcome.found else 0
    walk = station_walk.walked(seed, steps)
    _say(f"seed {seed}, {len(walk.lines)} steps, {walk.virtual_s:.0f} s: {walk.found or 'nothing'}")
    if not walk.found:
        return 0
    short: Walked = shortest(walk)
    _say(f"{len(short.lines)} steps show: {short.found}\n{short.replay()}")
    return 1


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
