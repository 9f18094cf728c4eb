"""Walks stations at random, whole ones in virtual time or their machines alone, for as many steps as asked.

    python -m tests.walk.nightly --steps 1000000 --workers 2 --from-seed 1
    python -m tests.walk.nightly --steps 1000000 --level machines
    python -m tests.walk.nightly --seed 4711 --steps 400            # one walk again, as short as it can be

`station`: core, journal, drivers, devices byte by byte, kiosk and central system; promises are watched
all the time, and the books, the bank, the meters and the central system are compared at the end.
`machines`: points and conversation without anything around them, every promise after every step.
Prints each finding with its seed and the shortest scenario that still shows it; ends with 1 then.
"""

import argparse
import itertools
import logging
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.walk import machine_walk, station_walk
from tests.walk.shortest import shortest
from tests.walk.station_walk import Walked

STEPS_OF_A_WALK = 400
TOLD_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """`replay`: a scenario file, or the calls of a machine walk; of a walk that found something."""

    seed: int
    steps: int
    found: list[str]
    replay: str = ""


def one_station(seed: int, steps: int = STEPS_OF_A_WALK) -> Outcome:
    logging.disable()
    try:
        walk = station_walk.walked(seed, steps)
    except Exception as error:  # noqa: BLE001 - reported with its seed; the night goes on
        return Outcome(seed, 0, [f"did not survive: {error!r}"])
    return Outcome(seed, len(walk.lines), walk.found, walk.replay() if walk.found else "")


def one_machine(seed: int, steps: int = STEPS_OF_A_WALK) -> Outcome:
    logging.disable()
    walk = machine_walk.walked(seed, steps)
    return Outcome(seed, walk.steps, walk.found, walk.replay)


LEVELS: dict[str, Callable[[int], Outcome]] = {"station": one_station, "machines": one_machine}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.walk.nightly",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--from-seed", type=int, default=1)
    parser.add_argument("--level", choices=LEVELS, default="station")
    parser.add_argument("--seed", type=int, help="this station's walk alone, of --steps steps")
    chosen = parser.parse_args(arguments)
    if chosen.seed is not None:
        return _again(chosen.seed, chosen.steps)
    return _night(chosen.level, chosen.steps, chosen.workers, chosen.from_seed)


def _night(level: str, steps: int, workers: int, from_seed: int) -> int:
    began_s = told_s = time.monotonic()
    done, walks, bad = 0, 0, 0
    with multiprocessing.get_context("spawn").Pool(workers, maxtasksperchild=50) as pool:
        for outcome in pool.imap_unordered(LEVELS[level], _seeds(from_seed)):
            done, walks, bad = done + outcome.steps, walks + 1, bad + bool(outcome.found)
            _tell(outcome)
            if time.monotonic() - told_s >= TOLD_EVERY_S:
                told_s = time.monotonic()
                _say(_sum(done, walks, bad, told_s - began_s))
            if done >= steps:
                break
        pool.terminate()
    _say(_sum(done, walks, bad, time.monotonic() - began_s))
    return 1 if bad else 0


def _seeds(first: int) -> Iterator[int]:
    return itertools.count(first)


def _sum(done: int, walks: int, bad: int, took_s: float) -> str:
    rate = done / max(took_s, 0.001)
    return f"{done} steps in {walks} walks, {bad} with violations; {rate:.0f} steps a second"


def _tell(outcome: Outcome) -> None:
    for found in outcome.found:
        _say(f"    seed {outcome.seed}, {outcome.steps} steps: {found}")
    if outcome.replay:
        _say(f"    its walk was:\n{outcome.replay}")


def _again(seed: int, steps: int) -> int:
    logging.disable()
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
