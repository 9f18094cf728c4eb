"""What an idle station needs: memory and processor of core and kiosk, from /proc (Linux).

    python -m benchmarks.idle [--runs 3] [--seconds 20]

Nobody is there: the first screen is shown, devices are polled, the central system is connected.
"""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import figures
from benchmarks.bench_station import plan_of
from benchmarks.proc import cpu_s, rss_mib
from simulator.real_station import RealStation
from simulator.station_ready import until_ready

SETTLE_S = 5.0
MIB_TARGETS = {"core": 75.0, "ui": 70.0}
PERCENT_TARGETS = {"core": 2.0, "ui": 1.0}


@dataclass(frozen=True, slots=True)
class Needed:
    rss_mib: float
    percent: float  # of one core


async def _idle(seconds: float) -> dict[str, Needed]:
    with TemporaryDirectory(prefix="cp-") as folder:
        run = Path(folder)
        (run / "state").mkdir()
        real = RealStation(plan_of(run, run / "state"))
        async with real.running() as station:
            await until_ready(station, expects_link=True, check=real.check)
            # The bench looks at the screen twenty times a second; nobody does in a cabinet.
            real.kiosk.look_every_s = 10 * seconds
            await asyncio.sleep(SETTLE_S)
            pids = {name: process.pid for name, process in real.processes.items()}
            known = {name: pid for name, pid in pids.items() if pid is not None}
            before = {name: cpu_s(pid) for name, pid in known.items()}
            began_s = time.monotonic()
            await asyncio.sleep(seconds)
            took_s = time.monotonic() - began_s
            return {
                name: Needed(rss_mib(pid), (cpu_s(pid) - before[name]) / took_s * 100)
                for name, pid in known.items()
            }


def main() -> None:
    parser = figures.parser(__doc__, runs=3)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each look")
    options = parser.parse_args()
    looks = [asyncio.run(_idle(options.seconds)) for _ in range(options.runs)]
    figures.heading("resident memory when idle", "MiB")
    for name, limit in MIB_TARGETS.items():
        figures.row(name, [look[name].rss_mib for look in looks], figures.Target(limit))
    figures.heading("processor when idle", "% of a core")
    for name, limit in PERCENT_TARGETS.items():
        figures.row(name, [look[name].percent for look in looks], figures.Target(limit))


if __name__ == "__main__":
    main()
