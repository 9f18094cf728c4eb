"""Every scenario file passes over pseudo-terminals, a websocket and real processes, too.

A charge takes its time, most of it waiting: the plays run side by side, each in a process of its
own with its own station.
"""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

FILES = sorted(Path(__file__).parent.glob("*.yaml"))
AT_ONCE = 4
LIMIT_S = 150

Played = subprocess.CompletedProcess[str]


def play(path: Path) -> Played:
    return subprocess.run(
        [sys.executable, "-m", "simulator", "play", "--real-time", str(path)],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


@pytest.fixture(scope="module")
def plays() -> Iterator[dict[Path, Future[Played]]]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {path: pool.submit(play, path) for path in FILES}


@pytest.mark.system
@pytest.mark.timeout(600)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario_in_real_time_when_played_then_passed(
    path: Path, plays: dict[Path, Future[Played]]
) -> None:
    played = plays[path].result()
    assert played.returncode == 0, played.stdout + played.stderr
