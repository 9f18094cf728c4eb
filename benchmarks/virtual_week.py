"""A week of two busy connectors, 1,400 charges, in virtual time: balanced, delivered once, flat.

    python -m benchmarks.virtual_week [--days 7] [--charges 200] [--seed 7]

One station lives all the time: core, journal, drivers, simulated devices byte by byte, kiosk and
central system in this process. After each day the books are looked at, what went over the wire is
counted and forgotten, and the memory is measured. Ends with 1 when a charge failed, the books do not
balance, a transaction was not delivered exactly once, or the memory grows. Target: 15 minutes.
"""

import argparse
import asyncio
import gc
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.day_scenario import day_yaml
from chargepoint.store import books
from simulator.play import Player
from simulator.play_options import StationOptions
from simulator.relay import CALL
from simulator.report import Failure
from simulator.scenario_file import parse
from simulator.station import Station
from simulator.station_ready import until_ready
from simulator.virtual_station import VirtualStation, resolved
from simulator.vtime import run_virtual

TARGET_S = 900
# From the end of the second day on, when every cache is full. The central system's accounts and the
# journal's pages grow with what they hold: about 0.3 MiB a day.
GROWTH_LIMIT_MIB = 8.0
# With two hundred customers a day nobody waits until a voucher is printed.
HOPPERS = {"1.00": 2_000, "0.10": 9_000}
ONCE_PER_CHARGE = ("StartTransaction", "StopTransaction", "Session.Receipt")
MIB = 1 << 20
MOST_TRANSACTIONS = 100_000
_PAGE = 4096


@dataclass(slots=True)
class Day:
    """What one day was."""

    cpu_s: float
    memory_mib: float
    delivered: dict[str, int]
    frames: int
    failures: tuple[Failure, ...]
    unbalanced: list[str]
    undelivered: int


@dataclass(slots=True)
class Week:
    days: list[Day] = field(default_factory=list)
    transactions: int = 0
    running: int = 0
    receipts_twice: int = 0

    def wrongs(self, charges: int) -> list[str]:
        """Everything that must not be; empty after a good week."""
        found = []
        for number, day in enumerate(self.days, 1):
            found += [f"day {number}: {each.expected}, was {each.was}" for each in day.failures]
            found += [f"day {number}: does not sum to zero: {key}" for key in day.unbalanced]
            found += [
                f"day {number}: {count} {name} for {charges} charges"
                for name, count in day.delivered.items()
                if count != charges
            ]
            if day.undelivered:
                found.append(f"day {number}: {day.undelivered} messages not delivered")
        wanted = charges * len(self.days)
        if self.transactions != wanted or self.running:
            found.append(f"{self.transactions} transactions, {self.running} not ended: {wanted}")
        if self.receipts_twice:
            found.append(f"{self.receipts_twice} receipts came twice")
        if self.growth_mib > GROWTH_LIMIT_MIB:
            found.append(f"memory grew by {self.growth_mib:.1f} MiB since the second day")
        return found

    @property
    def growth_mib(self) -> float:
        return self.days[-1].memory_mib - self.days[1].memory_mib if len(self.days) > 2 else 0.0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.virtual_week",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--charges", type=int, default=200, help="a day, at both connectors")
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args(arguments)
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="week-") as folder:
        week = run_virtual(_lived(chosen.days, chosen.charges, chosen.seed, Path(folder)))
    wall_s = time.monotonic() - began_s
    wrongs = week.wrongs(chosen.charges)
    _say(
        f"{week.transactions} transactions in {chosen.days} days: {wall_s:.0f} s of the wall clock,"
        f" {wall_s / TARGET_S:.2f} of the target; memory {week.growth_mib:+.1f} MiB since day 2;"
        f" {len(wrongs)} violations"
    )
    for wrong in wrongs:
        _say(f"    {wrong}")
    return 1 if wrongs else 0


async def _lived(days: int, charges: int, seed: int, folder: Path) -> Week:
    scenario = parse(day_yaml(charges, 24.0, seed, hoppers=HOPPERS))
    config = resolved(scenario, StationOptions(), folder)
    week, receipts = Week(), Counter[str]()
    _say(
        f"{'day':>4}{'CPU s':>9}{'RSS MiB':>9}{'frames':>8}{'starts':>8}{'stops':>7}{'receipts':>10}"
    )
    async with asyncio.TaskGroup() as tasks:
        virtual = VirtualStation(scenario, config, folder, tasks)
        async with virtual.running() as station:
            await until_ready(station, expects_link=True)
            for number in range(1, days + 1):
                began_s = time.process_time()
                failures = await Player(station).run(scenario.steps)
                day = _looked_at(station, failures, time.process_time() - began_s, receipts)
                week.days.append(day)
                _say(_row(number, day))
            known = virtual.central.store.charges.transactions(MOST_TRANSACTIONS)
            week.transactions, week.running = len(known), sum(each.is_running for each in known)
            week.receipts_twice = sum(count - 1 for count in receipts.values())
    return week


def _looked_at(
    station: Station, failures: tuple[Failure, ...], cpu_s: float, receipts: Counter[str]
) -> Day:
    """Counted, and forgotten: the recorder of the play is not what the memory is measured for."""
    record = station.record
    sent = [f for f in record.ocpp if f["dir"] == "sent" and f["type"] == CALL]
    names = Counter(str(f["payload"].get("messageId") or f["action"]) for f in sent)
    receipts.update(
        f["payload"]["data"] for f in sent if f["payload"].get("messageId") == "Session.Receipt"
    )
    frames = len(record.ocpp)
    for entries in (record.ocpp, record.screens, record.physical):
        entries.clear()
    gc.collect()
    return Day(
        cpu_s,
        _resident_mib(),
        {name: names[name] for name in ONCE_PER_CHARGE},
        frames,
        failures,
        books.unbalanced(station.journal),
        len(books.undelivered(station.journal)),
    )


def _row(number: int, day: Day) -> str:
    starts, stops, receipts = day.delivered.values()
    return (
        f"{number:>4}{day.cpu_s:>9.1f}{day.memory_mib:>9.1f}{day.frames:>8}"
        f"{starts:>8}{stops:>7}{receipts:>10}"
    )


def _resident_mib() -> float:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE / MIB


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
