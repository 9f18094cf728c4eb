"""Cuts many lives of a station at every commit, and counts what an honest one never leaves behind.

    python -m tests.crash.nightly --cuts 10000 --workers 2 --from-seed 1

Each cut is another: another story, seed, commit, moment, and everything dark or the core alone.
Ends with 1 when anything was found.
"""

import argparse
import itertools
import logging
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
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

Found = tuple[str, int, list[str]]
"""Story and seed, how many cuts, what was wrong."""


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


def _one(task: tuple[int, int]) -> Found:
    """Seeds that are a multiple of three are cut twice."""
    story, seed = task
    scenario = told(_ALL[story], seed)
    logging.disable()
    try:
        cuts, found = cut_everywhere(scenario, is_twice=seed % 3 == 0)
    except Exception as error:  # noqa: BLE001 - reported with the life that caused it; the night goes on
        return scenario.title, 0, [f"did not survive the play: {error!r}"]
    return scenario.title, cuts, found


def _tasks(first_seed: int) -> Iterator[tuple[int, int]]:
    for seed in itertools.count(first_seed):
        yield from ((story, seed) for story in range(len(_ALL)))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash.nightly", description=__doc__)
    parser.add_argument("--cuts", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--from-seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    began_s, total, kinds = time.monotonic(), 0, Counter[str]()
    with multiprocessing.get_context("spawn").Pool(chosen.workers) as pool:
        for title, cuts, found in pool.imap_unordered(_one, _tasks(chosen.from_seed)):
            total += cuts
            kinds.update([title.split()[0]] * len(found))
            _say(f"{total:6d} cuts, {sum(kinds.values())} violations; {title}: {cuts}")
            for wrong in found:
                _say(f"       {title}: {wrong}")
            if total >= chosen.cuts:
                break
        pool.terminate()
    took_min = (time.monotonic() - began_s) / 60
    _say(
        f"{total} distinct cuts, {sum(kinds.values())} violations {dict(kinds)}, {took_min:.0f} min"
    )
    return 1 if kinds else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
