"""Mutated frames from a central system, against a whole station.

    python -m tests.ocpp.fuzz --frames 100000 --from-seed 1

A tenth of it is in the suite. Ends with 1 when a frame got a wrong answer or the link was lost.
"""

import argparse
import multiprocessing
import sys
import time
from collections import Counter

from tests.ocpp.fuzz.station import FRAMES_IN_A_LIFE, fuzz_one_life


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.ocpp.fuzz", description=__doc__)
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--from-seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    lives = -(-chosen.frames // FRAMES_IN_A_LIFE)
    seeds = range(chosen.from_seed, chosen.from_seed + lives)
    began_s, frames, wrong, kinds = time.monotonic(), 0, 0, Counter[str]()
    with multiprocessing.get_context("spawn").Pool(chosen.workers) as pool:
        for found in pool.imap_unordered(fuzz_one_life, seeds):
            frames += found.frames
            wrong += len(found.wrong)
            kinds += found.kinds
            for line in found.wrong:
                _say(f"  {line}")
            if frames % 10_000 < found.frames:
                _say(f"{frames:7d} frames, {wrong} wrong")
    _say(f"{frames} frames, {wrong} wrong, {time.monotonic() - began_s:.0f} s; {dict(kinds)}")
    return 1 if wrong else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
