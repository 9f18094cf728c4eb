"""How figures are taken and shown: percentiles in one line, beside the target they are held against.

A figure without its spread says nothing on a machine that does other things, too.
"""

import argparse
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_NAME_WIDTH = 44


@dataclass(frozen=True, slots=True)
class Target:
    """At most `limit`, in the unit of the figures; `share` prints how much of it was needed."""

    limit: float

    def share(self, figure: float) -> str:
        return f"{figure / self.limit:6.2f} of {self.limit:g}"


def parser(description: str | None, *, runs: int) -> argparse.ArgumentParser:
    """With --help and --runs, as every program here has them."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--runs", type=int, default=runs, help=f"repetitions (default {runs})")
    return made


def percentile(figures: Sequence[float], percent: float) -> float:
    """The nearest rank: a figure that was measured, never one in between."""
    ranked = sorted(figures)
    return ranked[max(0, math.ceil(percent / 100 * len(ranked)) - 1)]


def heading(title: str, unit: str) -> None:
    columns = "".join(f"{name:>10}" for name in ("min", "median", "p95", "p99", "max"))
    print(f"\n{title} [{unit}]\n{'':{_NAME_WIDTH}}{columns}     n  median of target")


def row(name: str, figures: Sequence[float], target: Target | None = None) -> None:
    """One line; without figures it says so."""
    if not figures:
        print(f"{name:{_NAME_WIDTH}} nothing measured")
        return
    shown = (min(figures), *(percentile(figures, each) for each in (50, 95, 99)), max(figures))
    columns = "".join(f"{figure:10.{_decimals(figure)}f}" for figure in shown)
    needed = "" if target is None else target.share(shown[1])
    print(f"{name:{_NAME_WIDTH}}{columns}{len(figures):6d}  {needed}")


def _decimals(figure: float) -> int:
    return 3 if abs(figure) < 10 else 1


def timed_us(once: Callable[[], object], runs: int, *, batch: int = 1) -> list[float]:
    """Microseconds of `once`, each the mean of `batch` calls in a row; CPU time of this process.

    Processor time does not count what the machine did for others meanwhile.
    """
    once()
    taken = []
    for _ in range(runs):
        began_s = time.process_time()
        for _ in range(batch):
            once()
        taken.append((time.process_time() - began_s) * 1e6 / batch)
    return taken
