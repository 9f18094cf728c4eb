"""Stop, to the open command on the wire, while the disk takes nothing for 5 s and the central system hangs.

    python -m benchmarks.stop_stalled [--runs 10]

Core and kiosk are processes, boards sit behind pseudo-terminals; once with an OpenEVSE (RAPI), once
with a Heidelberg Energy Control (Modbus RTU, 19200 baud). Another process holds the journal, so that
no commit ends, and the link swallows everything that is sent. In every second run the reader of the
cards is unplugged as well: its incident waits for the disk before the stop does.

On Modbus the open command has to let a request under way end (up to 40 ms on the wire with its
answer) and keep the 100 ms of silence that this unit wants: `after the bus` leaves those out, and
counts from the last byte heard before the command plus that silence.
"""

import asyncio
import sqlite3
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass

from benchmarks import figures
from benchmarks.bench_station import (
    SCENARIO,
    Heard,
    Measured,
    NothingHappened,
    measured_station,
)

STALL_S = 5.0
CHARGE_S = 3.0
HOME_S = 180.0  # every screen goes by itself before that
TARGET = figures.Target(50)
SILENCE_S = 0.1  # that the unit wants between frames (drivers/port_kinds.py)
BOARD = "evse:1"
HEIDELBERG = SCENARIO.replace(
    "config:",
    "config:\n    devices.evse.1.kind: heidelberg\n    devices.lease_timer.1.kind: board",
)


@dataclass(frozen=True, slots=True)
class Wire:
    """`is_open`: the command that opens, as this board reads it."""

    name: str
    scenario: str
    is_open: Callable[[bytes], bool]
    silence_s: float = 0.0
    byte_s: float = 0.0


WIRES = (
    Wire("RAPI", SCENARIO, lambda octets: b"$FS" in octets),
    # function 16, register 261 (current command), one register, 0 A
    Wire(
        "Modbus",
        HEIDELBERG,
        lambda octets: b"\x10\x01\x05\x00\x01\x02\x00\x00" in octets,
        SILENCE_S,
        10 / 19_200,
    ),
)


@asynccontextmanager
async def hanging(bench: Measured, *, with_incident: bool) -> AsyncIterator[None]:
    """Nobody else can commit, and the central system answers nothing."""
    await bench.do('{"fault": {"device": "network", "kind": "silent"}}')
    with closing(sqlite3.connect(bench.station.journal, isolation_level=None)) as journal:
        journal.execute("BEGIN IMMEDIATE")
        began_s = time.monotonic()
        if with_incident:
            await bench.do('{"fault": {"device": "card_reader", "kind": "unplugged"}}')
            await asyncio.sleep(1.0)
        try:
            yield
            await asyncio.sleep(max(0.0, began_s + STALL_S - time.monotonic()))
        finally:
            journal.execute("ROLLBACK")
    if with_incident:
        await bench.do('{"clear": {"device": "card_reader"}}')
    await bench.do('{"clear": {"device": "network"}}')


async def one_charge(bench: Measured, wire: Wire, *, with_incident: bool) -> tuple[float, float]:
    """Seconds from the last digit to the command; and of these, what the bus did not take."""
    await bench.do(
        '{"plug": {"connector": 1, "ev": {"soc": 20, "max_a": 16}}}',
        '{"expect": {"device": {"coin_acceptor": "online"}, "within": "30s"}}',  # it takes coins
        '{"coin": "1.00"}',
        '{"expect": {"screen": "cash_in", "credit": "1.00", "within": "10s"}}',
        '{"touch": "start"}',
        '{"touch": "key_ok"}',  # the code has been read
        '{"expect": {"contactor": {"1": "closed"}, "within": "20s"}}',
    )
    await asyncio.sleep(CHARGE_S)
    await bench.panel.touch("stop")
    await bench.panel.came("stop_auth", 0.0)
    code = bench.station.codes.own(bench.station.kiosk.screen())
    bench.ears.forget()
    for digit in code[:-1]:
        await bench.panel.touch(f"key_{digit}")
        await asyncio.sleep(0.1)
    async with hanging(bench, with_incident=with_incident):
        entered_s = await bench.panel.last_touch(f"key_{code[-1]}")
        command = await _opened(bench, wire, entered_s)
        bench.panel.go_on()
    free_s = max(entered_s, _last_heard(bench, command.at_s, wire.byte_s) + wire.silence_s)
    return command.at_s - entered_s, max(0.0, command.at_s - free_s)


async def _opened(bench: Measured, wire: Wire, after_s: float) -> Heard:
    while True:
        for each in bench.ears.heard:
            to_board = each.to_device and each.wire == BOARD and each.at_s >= after_s
            if to_board and wire.is_open(each.octets):
                return each
        await asyncio.sleep(0.001)


def _last_heard(bench: Measured, before_s: float, byte_s: float) -> float:
    """The end of the last frame: an answer is heard here before its bytes are on the wire."""
    heard = [e for e in bench.ears.heard if e.wire == BOARD and e.at_s < before_s]
    if not heard:
        return 0.0
    last = heard[-1]
    return last.at_s + (0.0 if last.to_device else len(last.octets) * byte_s)


async def _go(bench: Measured) -> None:
    await bench.do(
        '{"expect": {"contactor": {"1": "open"}, "lock": {"1": "unlocked"}, "within": "20s"}}',
        '{"unplug": {"connector": 1}}',
        '{"expect": {"connector": {"1": "Available"}, "within": "60s"}}',
    )
    until_s = time.monotonic() + HOME_S
    while bench.panel.kiosk.snapshot.screen != "home":
        if time.monotonic() > until_s:
            raise NothingHappened(f"{bench.panel.kiosk.snapshot.screen} stays")
        bench.panel.tap_if_there("key_ok", "receipt_none", "back")
        await asyncio.sleep(0.5)


async def _measure(runs: int) -> dict[str, list[float]]:
    found: defaultdict[str, list[float]] = defaultdict(list)
    for wire in WIRES:
        async with measured_station(wire.scenario) as bench:
            for number in range(runs):
                whole_s, own_s = await one_charge(bench, wire, with_incident=number % 2 == 1)
                found[f"{wire.name}: last digit -> open command"].append(whole_s * 1000)
                if wire.silence_s:
                    found[f"{wire.name}: after the bus"].append(own_s * 1000)
                await _go(bench)
                print(f"{wire.name}: run {number + 1} of {runs}", flush=True)
    return found


def main() -> None:
    options = figures.parser(__doc__, runs=10).parse_args()
    found = asyncio.run(_measure(options.runs))
    figures.heading("disk stalls for 5 s, central system hangs", "ms")
    for name, ms in found.items():
        figures.row(name, ms, TARGET)


if __name__ == "__main__":
    main()
