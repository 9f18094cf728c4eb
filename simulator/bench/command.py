"""`python -m simulator`: start the bench, say where it is, run until somebody ends it."""

import argparse
import asyncio
import signal
import socket
import sys
import tempfile
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simulator.bench import fixture
from simulator.bench.desk import Desk
from simulator.bench.inside import inside_desk
from simulator.bench.live import LiveBench
from simulator.bench.server import PortBusy, listen, serving
from simulator.paced import PacedLoop
from simulator.play_options import OptionWrong, StationOptions, station_options

EXIT_OK, EXIT_FAILED, EXIT_WRONG = 0, 1, 2


def main(options: argparse.Namespace) -> int:
    try:
        chosen = station_options(options)
        listener = listen(options.port)
    except OptionWrong as error:
        return _refuse(str(error))
    except PortBusy as error:
        return _refuse(f"{error}   (./run doctor explains more)")
    with listener, tempfile.TemporaryDirectory(prefix="chargepoint-bench-") as folder:
        state = chosen.state or Path(folder)
        state.mkdir(parents=True, exist_ok=True)
        return _run(chosen, state, listener)


def _run(options: StationOptions, state: Path, listener: socket.socket) -> int:
    begun = datetime.now(UTC)  # noqa: TID251 - the station's time begins at this hour
    try:
        with asyncio.Runner(loop_factory=lambda: PacedLoop(begun)) as runner:
            runner.run(_serve(inside_desk(options, state), listener, _given(options)))
    except OptionWrong as wrong:
        return _refuse(str(wrong))
    return EXIT_OK


def _given(options: StationOptions) -> dict[str, Any]:
    """What a recording must say so that it plays on the same station."""
    found = fixture.given()
    if options.overrides:
        found["config"] = dict(options.overrides)
    return found


async def _serve(
    opened: AbstractAsyncContextManager[Desk], listener: socket.socket, given: dict[str, Any]
) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with opened as desk, asyncio.TaskGroup() as tasks:
        bench = LiveBench(desk)
        following = tasks.create_task(bench.follow(), name="bench looks")
        try:
            async with serving(bench, listener, given) as address:
                _say(f"The bench is at {address}   (Ctrl-C ends it)")
                await ended.wait()
        finally:
            following.cancel()
            bench.close()


def _refuse(reason: str) -> int:
    sys.stderr.write(f"{reason}\n")
    return EXIT_WRONG


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
