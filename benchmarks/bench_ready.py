"""How soon everything is there: the bench, the core's BootNotification, the kiosk's first frame.

    python -m benchmarks.bench_ready [--runs 5]

`./run` is started as a person starts it, and asked for `/api/ready` until it answers 200. The core
and the kiosk are started as the bench starts them, at the same moment; BootNotification counts when
it passes on the websocket, the first frame when the kiosk tells its supervisor (sd_notify).
"""

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import figures
from benchmarks.bench_station import LIMIT_S, LOOK_EVERY_S, NothingHappened, plan_of
from simulator.processes import module
from simulator.real_station import RealStation

ROOT = Path(__file__).resolve().parent.parent
READY_TARGET_S, BOOT_TARGET_S, FRAME_TARGET_S = (figures.Target(limit) for limit in (3, 1, 1))
READY_LIMIT_S = 60.0  # of a machine that has much else to do
STOP_LIMIT_S = 10.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def bench_ready_s(state: str) -> float:
    """From `./run` to the first 200. `state`: a folder of its own; another bench may be running."""
    port = _free_port()
    began_s = time.monotonic()
    bench = subprocess.Popen(
        [ROOT / "run", "--headless", "--port", str(port), "--state", state],
        stdout=subprocess.DEVNULL,
    )
    try:
        while not _is_ready(port):
            if time.monotonic() - began_s > READY_LIMIT_S:
                raise NothingHappened("the bench did not become ready")
            time.sleep(0.01)  # noqa: TID251 - there is no loop here
        return time.monotonic() - began_s
    finally:
        bench.terminate()
        bench.wait(STOP_LIMIT_S)


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/ready", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


async def boot_notification_s() -> float:
    """From the core's start to its BootNotification on the websocket."""
    with TemporaryDirectory(prefix="cp-") as folder:
        run = Path(folder)
        (run / "state").mkdir()
        real = RealStation(plan_of(run, run / "state"))
        at_s: dict[str, float] = {}

        def noted(_kind: str, entry: dict[str, Any]) -> None:
            if entry.get("action") == "BootNotification" and entry["dir"] == "sent":
                at_s.setdefault("sent", time.monotonic())
            if (entry.get("what"), entry.get("value")) == ("core", "starting"):
                at_s.setdefault("began", time.monotonic())

        real.record.listeners.append(noted)
        async with real.running(), asyncio.timeout(LIMIT_S):
            while "sent" not in at_s:  # noqa: ASYNC110 - the station tells no event of ours
                await asyncio.sleep(LOOK_EVERY_S)
        return at_s["sent"] - at_s["began"]


def first_frame_s() -> float:
    """From the kiosk's start to READY=1, which it says after its first whole frame."""
    with TemporaryDirectory(prefix="cp-") as folder:
        address = f"{folder}/notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
            supervisor.bind(address)
            supervisor.settimeout(LIMIT_S)
            arguments = module("ui", "--socket", f"{folder}/kiosk", "--headless")
            began_s = time.monotonic()
            kiosk = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env={**os.environ, "NOTIFY_SOCKET": address},
                stdout=subprocess.DEVNULL,
            )
            try:
                supervisor.recv(64)
                return time.monotonic() - began_s
            finally:
                kiosk.terminate()
                kiosk.wait(STOP_LIMIT_S)


def main() -> None:
    runs = figures.parser(__doc__, runs=5).parse_args().runs
    figures.heading("from start to there", "s")
    with TemporaryDirectory(prefix="cp-") as state:
        bench_ready_s(state)  # the first one also fills the disk cache, and makes the accounts
        readies_s = [bench_ready_s(state) for _ in range(runs)]
    figures.row("./run -> bench ready", readies_s, READY_TARGET_S)
    boots_s = [asyncio.run(boot_notification_s()) for _ in range(runs)]
    figures.row("core start -> BootNotification sent", boots_s, BOOT_TARGET_S)
    figures.row(
        "kiosk start -> first frame", [first_frame_s() for _ in range(runs)], FRAME_TARGET_S
    )


if __name__ == "__main__":
    main()
