"""Every scenario file passes over pseudo-terminals, a websocket and real processes, too.

A charge takes its time, most of it waiting: the plays run side by side, each in a process group of
its own with its own station. What takes too long, or is no longer wanted, ends with all its group.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# By tactile keys and voice a charge takes minutes, in which a person listens: one of them is enough.
FILES = [*sorted(HERE.glob("*.yaml")), HERE / "access" / "bank_card_without_sight.yaml"]
AT_ONCE = 4
LIMIT_S = 150

Played = subprocess.CompletedProcess[str]
Process = subprocess.Popen[str]


class Stage:
    """Where plays run, and what clears it."""

    def __init__(self) -> None:
        self._running: set[Process] = set()

    def play(self, path: Path) -> Played:
        with subprocess.Popen(
            [sys.executable, "-m", "simulator", "play", "--real-time", str(path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            self._running.add(process)
            try:
                said, _ = process.communicate(timeout=LIMIT_S)
            except subprocess.TimeoutExpired:
                end_group(process)
                said, _ = process.communicate()
                said += f"ended by force after {LIMIT_S} s"
            finally:
                self._running.discard(process)
            return Played(process.args, process.returncode, said)

    def clear(self) -> None:
        for process in tuple(self._running):
            end_group(process)


def end_group(process: Process) -> None:
    """A play that ends by itself in this moment has nobody left to end."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def plays() -> Iterator[dict[Path, Future[Played]]]:
    stage = Stage()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {path: pool.submit(stage.play, path) for path in FILES}
        pool.shutdown(wait=False, cancel_futures=True)
        stage.clear()


@pytest.mark.system
@pytest.mark.timeout(600)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario_in_real_time_when_played_then_passed(
    path: Path, plays: dict[Path, Future[Played]]
) -> None:
    played = plays[path].result()
    assert played.returncode == 0, played.stdout
