"""A day of two connectors with 100 charges in virtual time, twice: how long, and is it the same?

    python -m benchmarks.virtual_day [--runs 2] [--charges 100] [--hours 24] [--write day.yaml]

Everything runs: core, journal, drivers, simulated devices byte by byte, kiosk, central system. The
day passes when its books balance and every message was delivered once; the same seed must give the
same report to the byte, whose SHA-256 is printed. Target: a day in less than 120 s.
"""

import hashlib
import time
from collections import Counter
from pathlib import Path

from benchmarks import figures
from benchmarks.day_scenario import day_yaml
from simulator.play_options import StationOptions
from simulator.report import Report, to_bytes
from simulator.scenario_file import parse
from simulator.virtual_station import play_virtual

TARGET_S = figures.Target(120)
ONCE_PER_CHARGE = ("StartTransaction", "StopTransaction", "Session.Receipt")


def main() -> None:
    parser = figures.parser(__doc__, runs=2)
    parser.add_argument("--charges", type=int, default=100)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="write the scenario, play nothing"
    )
    options = parser.parse_args()
    written = day_yaml(options.charges, options.hours)
    if options.write is not None:
        options.write.write_text(written, encoding="utf-8")
        return
    walls_s, cpus_s, digests = [], [], []
    for _ in range(options.runs):
        wall_s, cpu_s, report = _played(written)
        walls_s.append(wall_s)
        cpus_s.append(cpu_s)
        digests.append(hashlib.sha256(to_bytes([report])).hexdigest())
        _describe(report, options.charges, digests[-1])
    figures.heading(f"{options.charges} charges in {options.hours:g} hours", "s")
    is_a_day = (options.charges, options.hours) == (100, 24.0)
    figures.row("wall clock", walls_s, TARGET_S if is_a_day else None)
    figures.row("processor time", cpus_s)
    print(f"virtual seconds in one second of the wall  {options.hours * 3600 / min(walls_s):.0f}")
    print(f"same seed, same report: {len(set(digests)) == 1} ({len(digests)} runs)")


def _played(written: str) -> tuple[float, float, Report]:
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    report = play_virtual(parse(written), StationOptions())
    return time.perf_counter() - wall_s, time.process_time() - cpu_s, report


def _describe(report: Report, charges: int, digest: str) -> None:
    sent = Counter(_name(frame) for frame in report.record.ocpp if frame["dir"] == "sent")
    delivered = {name: sent[name] for name in ONCE_PER_CHARGE}
    is_once = all(count == charges for count in delivered.values())
    print(f"passed {report.passed}, books balanced {report.balanced}, delivered once {is_once}")
    print(
        f"    {report.virtual_s / 3600:.3f} h, {len(report.record.ocpp)} OCPP frames, {delivered}"
    )
    print(f"    ledger {report.accounts}")
    print(f"    incidents {dict(Counter(each['code'] for each in report.incidents))}")
    for failure in report.failures:
        print(f"    step {failure.step}: expected {failure.expected}, was {failure.was}")
    print(f"    sha256 of the report {digest}")


def _name(frame: dict[str, object]) -> str:
    """The action of a call, a DataTransfer's by its message; a result has no name."""
    payload = frame["payload"]
    if frame["type"] != 2 or not isinstance(payload, dict):
        return ""
    return str(payload.get("messageId") or frame["action"])


if __name__ == "__main__":
    main()
