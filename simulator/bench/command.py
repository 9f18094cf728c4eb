"""`python -m simulator`: start the bench, say where it is, run until somebody ends it."""

import argparse
import asyncio
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Coroutine, Iterable
from contextlib import AbstractAsyncContextManager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simulator.bench import fixture
from simulator.bench.desk import Desk
from simulator.bench.live import LiveBench
from simulator.bench.server import PortBusy, listen, serving
from simulator.doctor import Health, examine_device
from simulator.paced import PacedLoop
from simulator.play_options import OptionWrong, StationOptions, station_options
from simulator.station import StationDown

LOOK_EVERY_S = 0.5
EXIT_OK, EXIT_FAILED, EXIT_WRONG = 0, 1, 2


def main(options: argparse.Namespace) -> int:
    try:
        chosen = station_options(options)
        _look_at(chosen.devices)
        given = _given(chosen)
        listener = listen(options.port)
    except OptionWrong as error:
        return _refuse(str(error))
    except PortBusy as error:
        return _refuse(f"{error}   (./run doctor explains more)")
    with listener, tempfile.TemporaryDirectory(prefix="cp-") as folder:
        run = Path(folder)
        state = chosen.state or run / "state"
        state.mkdir(parents=True, exist_ok=True)
        windowed = not options.headless and has_display()
        opened = _desk(chosen, state, None if options.inside else run, windowed=windowed)
        return _run(_serve(opened, listener, given))


def _look_at(devices: Iterable[tuple[str, str]]) -> None:
    """Raises OptionWrong for a real device that cannot be used, with the doctor's remedy."""
    sick = [
        f"{found.what}\n  -> {found.remedy}"
        for found in (examine_device(name, path) for name, path in devices)
        if found.health is Health.SICK
    ]
    if sick:
        raise OptionWrong("\n".join(sick))


def _desk(
    options: StationOptions, state: Path, run: Path | None, *, windowed: bool
) -> AbstractAsyncContextManager[Desk]:
    # Each kind of station brings its own libraries; the page does not wait for those of the other.
    if run is None:
        from simulator.bench.inside import inside_desk  # noqa: PLC0415

        return inside_desk(options, state)
    from simulator.bench.outside import outside_desk  # noqa: PLC0415

    return outside_desk(options, state, run, windowed=windowed)


def _run(serve: Coroutine[Any, Any, str]) -> int:
    begun = datetime.now(UTC)  # noqa: TID251 - the station's time begins at this hour
    try:
        with asyncio.Runner(loop_factory=lambda: PacedLoop(begun)) as runner:
            failure = runner.run(serve)
    except OptionWrong as wrong:
        return _refuse(str(wrong))
    if failure:
        _refuse(failure)
        return EXIT_FAILED
    return EXIT_OK


def has_display() -> bool:
    if sys.platform in {"darwin", "win32"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _given(options: StationOptions) -> dict[str, Any]:
    """What a recording must say so that it plays on the same station."""
    found = fixture.given(options)
    return {**found, "config": {**found["config"], **dict(options.overrides)}}


async def _serve(
    opened: AbstractAsyncContextManager[Desk], listener: socket.socket, given: dict[str, Any]
) -> str:
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
                if desk.operator:
                    _say(f"Operator of its central system: {desk.operator}")
                return await _until(ended, bench)
        finally:
            following.cancel()
            bench.close()


async def _until(ended: asyncio.Event, bench: LiveBench) -> str:
    """Why the station cannot live, when a process does not start however often it is tried."""
    while not ended.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY_S):
                await ended.wait()
        try:
            bench.check()
        except StationDown as down:
            return str(down)
    return ""


def _refuse(reason: str) -> int:
    sys.stderr.write(f"{reason}\n")
    return EXIT_WRONG


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
