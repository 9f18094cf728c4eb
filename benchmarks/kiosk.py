"""What the kiosk needs: time for a picture, for the first one, and memory when all were shown.

    python -m benchmarks.kiosk [--runs 20] [--seconds 10] [--soak HOURS]

The process is the real one, without a display; what it is told comes from here. `--soak` lets hours
of virtual time pass over one kiosk, a new picture every five seconds, and tells what it holds.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ["SDL_VIDEODRIVER"] = "dummy"

import pygame

from benchmarks import figures
from benchmarks.proc import cpu_s, rss_mib
from chargepoint.contract import Alive, Snapshot, encode
from ui.app import Kiosk
from ui.catalogue import available
from ui.samples import ALL, SCREENS

SIZES = ((1024, 600), (800, 1280))
FULL_MS, PARTIAL_MS, FIRST_MS, AGAIN_MS = 16.0, 2.0, 1_000.0, 2_000.0
RESTART_S = 0.2  # RestartSec of the unit
IDLE_PERCENT, RSS_MIB = 1.0, 120.0
EACH_SHOWN_S = 0.05
LIMIT_S = 10.0
SOAK_STEP_S = 5.0


# --- pictures, in this process -------------------------------------------------------------------


def pictures(runs: int) -> None:
    figures.heading("one picture, warm", "ms")
    for size in SIZES:
        kiosk, surface = Kiosk(size), pygame.Surface(size)
        full: list[float] = []
        for shot in ALL.values():
            kiosk.show(shot, 0.0)
            kiosk.draw(surface)
            full += _ms(partial(kiosk.draw, surface), max(1, runs // 5))
        figures.row(f"{size} every screen", full, figures.Target(FULL_MS))
        kiosk.show(SCREENS["charging"], 0.0)
        moving = _ms(partial(kiosk.draw_moving, surface, 1), runs)
        figures.row(f"{size} what moves", moving, figures.Target(PARTIAL_MS))


def _ms(once: Callable[[], object], runs: int) -> list[float]:
    return [each / 1000 for each in figures.timed_us(once, runs)]


# --- the process ---------------------------------------------------------------------------------


@dataclass
class Told:
    """A kiosk process and the end of its line to the core."""

    process: subprocess.Popen[bytes]
    core: socket.socket
    ready_ms: float  # from its start to its first whole frame
    ready_cpu_ms: float  # and what of it the processor worked for it: the same on a busy machine

    def show(self, shot: Snapshot) -> None:
        self.core.sendall(encode(shot))

    def rest(self, seconds: float) -> None:
        """The core lives and has nothing new."""
        until_s = time.monotonic() + seconds
        while (left_s := until_s - time.monotonic()) > 0:
            self.core.sendall(encode(Alive()))
            time.sleep(min(1.0, left_s))  # noqa: TID251 - nothing else runs here meanwhile


@contextmanager
def a_kiosk(first: Snapshot) -> Iterator[Told]:
    """Told `first` as soon as it has come to its socket."""
    with TemporaryDirectory(prefix="cp-") as folder:
        server = _listening(socket.SOCK_STREAM, Path(folder) / "core")
        supervisor = _listening(socket.SOCK_DGRAM, Path(folder) / "notify")
        began_s = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "ui", "--headless", "--socket", f"{folder}/core"],
            env={**os.environ, "NOTIFY_SOCKET": f"{folder}/notify"},
            stderr=subprocess.DEVNULL,
        )
        try:
            core, _ = server.accept()
            core.sendall(encode(first))
            while b"READY=1" not in supervisor.recv(100):
                pass
            ready_ms = (time.monotonic() - began_s) * 1000
            yield Told(process, core, ready_ms, cpu_s(process.pid) * 1000)
        finally:
            process.kill()
            process.wait()
            for end in (core, server, supervisor):
                end.close()


def _listening(kind: socket.SocketKind, path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, kind)
    made.settimeout(LIMIT_S)
    made.bind(str(path))
    if kind is socket.SOCK_STREAM:
        made.listen()
    return made


def processes(runs: int, seconds: float) -> None:
    ready, worked, again = [], [], []
    for _ in range(runs):
        with a_kiosk(SCREENS["charging"]) as told:
            ready.append(told.ready_ms)
            worked.append(told.ready_cpu_ms)
            killed_s = time.monotonic()
            told.process.kill()
            told.process.wait()
            time.sleep(RESTART_S)  # noqa: TID251 - as systemd waits
            with a_kiosk(SCREENS["charging"]):
                again.append((time.monotonic() - killed_s) * 1000)
    figures.heading("from the start of the process", "ms")
    figures.row("first frame", ready, figures.Target(FIRST_MS))
    figures.row("first frame, processor alone", worked, figures.Target(FIRST_MS))
    figures.row("killed, and back on its screen", again, figures.Target(AGAIN_MS))
    with a_kiosk(SCREENS["home"]) as told:
        told.rest(2.0)
        before = cpu_s(told.process.pid)
        told.rest(seconds)
        percent = (cpu_s(told.process.pid) - before) / seconds * 100
        for number, shot in enumerate(_everything()):
            told.show(replace(shot, sequence=number + 2, screen_seq=number + 2))
            told.rest(EACH_SHOWN_S)
        figures.heading("of the process", "% of a core, MiB")
        figures.row("idle", [percent], figures.Target(IDLE_PERCENT))
        figures.row("all screens shown", [rss_mib(told.process.pid)], figures.Target(RSS_MIB))


def _everything() -> Iterator[Snapshot]:
    """Every sample in both themes, in all languages by turns."""
    languages = cycle(available())
    for theme in ("day", "night"):
        for shot in ALL.values():
            yield replace(shot, theme=theme, language=next(languages))


# --- a long time ---------------------------------------------------------------------------------


def soak(hours: float) -> list[float]:
    """MiB of this process at each hour of virtual time; the first hour fills the caches."""
    size = SIZES[0]
    kiosk, surface = Kiosk(size, watch_core=True), pygame.Surface(size)
    shots = cycle(_everything())
    held: list[float] = []
    per_hour = int(3600 / SOAK_STEP_S)
    for number in range(int(hours * per_hour)):
        now_s = number * SOAK_STEP_S
        kiosk.show(replace(next(shots), sequence=number, screen_seq=number), now_s)
        kiosk.draw(surface, number)
        kiosk.tap_at(512 + number % 400, 500, now_s + 1)
        kiosk.refresh(now_s + 2)
        if number % per_hour == per_hour - 1:
            held.append(rss_mib(os.getpid()))
    return held


def main() -> None:
    parser = figures.parser(__doc__, runs=20)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long idle is looked at")
    parser.add_argument("--soak", type=float, default=0.0, metavar="HOURS", help="of virtual time")
    options = parser.parse_args()
    if options.soak:
        held = soak(options.soak)
        figures.heading("held after each hour of virtual time", "MiB")
        figures.row("every hour", held, figures.Target(RSS_MIB))
        print(f"{'grown since the second hour':44}{held[-1] - held[min(1, len(held) - 1)]:10.2f}")
        return
    pictures(options.runs)
    processes(max(1, options.runs // 5), options.seconds)


if __name__ == "__main__":
    main()
