"""Cuts many lives of a station at every commit, and counts what an honest one never leaves behind.

    python -m tests.crash.nightly --cuts 10000 --workers 2 --from-seed 1
    python -m tests.crash.nightly --cuts 10000 --kept nights.jsonl     # goes on where it was ended

Each cut is another: another story, seed, commit, moment, and everything dark or the core alone.
After each life it says how far it is. Ends with 1 when anything was found.
`--kept`: a file with a line for each life that has been cut everywhere; these are not lived again.
"""

import argparse
import itertools
import json
import logging
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from simulator.powercut import Cut
from simulator.scenario_file import Scenario
from tests.crash.every_cut import Blow, survive
from tests.crash.honesty import wrongs
from tests.crash.stories import STORIES, told
from tests.crash.troubled_stories import TROUBLED

MOST_COMMITS = 400
MOST_COMMITS_BETWEEN = 8
_ALL = (*STORIES, *TROUBLED)


@dataclass(frozen=True, slots=True)
class Life:
    """`cuts`: how often it was lived, cut elsewhere each time."""

    story: str
    seed: int
    cuts: int
    found: list[str]


def cut_everywhere(scenario: Scenario, *, is_twice: bool = False) -> tuple[int, list[str]]:
    """Every commit of one life, in three modes, of power and of the core.

    `is_twice`: and again a few commits later, while the station is still picking up the pieces.
    """
    cuts, found = 0, []
    for mode, is_power in itertools.product(Cut, (True, False)):
        for number in range(1, MOST_COMMITS):
            again = 1 + (number + scenario.seed) % MOST_COMMITS_BETWEEN if is_twice else None
            blow = Blow(mode, number, is_power, again)
            with tempfile.TemporaryDirectory(prefix="cut-") as folder:
                after = survive(scenario, blow, Path(folder))
            if not after.was_struck:
                break
            cuts += 1
            found += wrongs(after, blow)
    return cuts, found


def _one(task: tuple[int, int]) -> Life:
    """Seeds that are a multiple of three are cut twice."""
    story, seed = _ALL[task[0]], task[1]
    logging.disable()
    try:
        cuts, found = cut_everywhere(told(story, seed), is_twice=seed % 3 == 0)
    except Exception as error:  # noqa: BLE001 - reported with the life that caused it; the night goes on
        return Life(story.__name__, seed, 0, [f"did not survive the play: {error!r}"])
    return Life(story.__name__, seed, cuts, found)


def _tasks(first_seed: int, lived: set[tuple[str, int]]) -> Iterator[tuple[int, int]]:
    for seed in itertools.count(first_seed):
        for number, story in enumerate(_ALL):
            if (story.__name__, seed) not in lived:
                yield number, seed


class Night:
    """What has been lived so far, of earlier runs too where it is kept."""

    def __init__(self, kept: Path | None) -> None:
        self._kept = kept
        lines = kept.read_text("utf-8").splitlines() if kept is not None and kept.exists() else ()
        self.lives = [Life(**json.loads(line)) for line in lines]
        self.cuts = sum(life.cuts for life in self.lives)
        self.violations = Counter[str]()
        for life in self.lives:
            self.violations[life.story] += len(life.found)

    def add(self, life: Life) -> None:
        self.lives.append(life)
        self.cuts += life.cuts
        self.violations[life.story] += len(life.found)
        if self._kept is not None:
            with self._kept.open("a", encoding="utf-8") as file:
                file.write(f"{json.dumps(asdict(life))}\n")
        found = self.violations.total()
        _say(f"{self.cuts:6d} cuts, {found} violations; {life.story} {life.seed}: {life.cuts}")
        for wrong in life.found:
            _say(f"       {life.story} {life.seed}: {wrong}")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.crash.nightly",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--cuts", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--from-seed", type=int, default=1)
    parser.add_argument("--kept", type=Path, help="file to go on from")
    chosen = parser.parse_args(arguments)
    night, began_s = Night(chosen.kept), time.monotonic()
    if night.cuts < chosen.cuts:
        _live(night, chosen.cuts, chosen.workers, chosen.from_seed)
    took_min = (time.monotonic() - began_s) / 60
    violations = {story: number for story, number in night.violations.items() if number}
    _say(f"{night.cuts} distinct cuts, {len(night.lives)} lives, violations {violations or 0}")
    _say(f"{took_min:.0f} min")
    return 1 if violations else 0


def _live(night: Night, cuts: int, workers: int, from_seed: int) -> None:
    lived = {(life.story, life.seed) for life in night.lives}
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for life in pool.imap_unordered(_one, _tasks(from_seed, lived)):
            night.add(life)
            if night.cuts >= cuts:
                break
        pool.terminate()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
