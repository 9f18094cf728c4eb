"""From the customer's hand to the wire and back to the screen, on a whole real station.

    python -m benchmarks.latencies [--runs 10]

Core and kiosk are processes, devices sit behind pseudo-terminals, the central system behind a
websocket. Each run is a coin charge and a Green Card charge. Moments are taken where the thing
itself happens: bytes passing on a serial line, pixels of a surface, a frame on the websocket. A
touch waits up to 33 ms for the kiosk's next frame; that is in the figures.

In every second run another process holds the journal while the stop code is entered, so that no
commit ends: the contactor must open all the same.
"""

import asyncio
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks import figures
from benchmarks.bench_station import LIMIT_S, LOOK_EVERY_S, Measured, NothingHappened
from benchmarks.bench_station import measured_station as opened

BOARD = "evse:1"
LOCK, LOCKED, CLOSE, OPEN = b"$S5 1", b"$OK 1 ", b"$FE", b"$FS"  # RAPI
IN_RELEASE = b"\xd4\x52"  # PN532: the reader lets the card go, its number is known
CHARGE_S = 2.0

TARGETS_MS = {
    "touch -> changed pixels": 100,
    "touch -> the core's answer on the screen": 100,
    "coin -> credit on the screen": 400,
    "Start -> lock command": 100,
    "locked, committed -> close command": 100,
    "last digit of the stop code -> open command": 50,
    "the same while no commit ends": 50,
    "RemoteStop -> open command": 50,
    "card -> authenticated": 500,
    "card -> asked for at the central system": 500,
    "card -> its screen": 1000,
    "stop card -> open command": 500,
}


class Found:
    """Figures in milliseconds by name."""

    def __init__(self) -> None:
        self.ms: defaultdict[str, list[float]] = defaultdict(list)

    def note(self, name: str, from_s: float, to_s: float) -> None:
        self.ms[name].append((to_s - from_s) * 1000)

    def show(self) -> None:
        figures.heading("from act to effect", "ms")
        for name, limit_ms in TARGETS_MS.items():
            figures.row(name, self.ms[name], figures.Target(limit_ms))


@contextmanager
def _stalled(journal: Path) -> Iterator[None]:
    """Nobody else can commit."""
    with closing(sqlite3.connect(journal, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")


async def _coin_charge(bench: Measured, found: Found, *, stalls: bool) -> None:
    panel = bench.panel
    await bench.do('{"plug": {"connector": 1, "ev": {"soc": 20, "max_a": 16}}}')
    down_s = await panel.finger_down("pay_cash")
    found.note("touch -> changed pixels", down_s, await panel.changed(down_s))
    up_s = panel.finger_up("pay_cash")
    answered_s = await panel.came("cash_in", up_s)
    found.note("touch -> the core's answer on the screen", up_s, answered_s)
    await bench.do('{"coin": "1.00"}')
    credited_s = time.monotonic()
    found.note("coin -> credit on the screen", credited_s, await _credit(bench, credited_s))
    await _start(bench, found)
    await panel.touch("key_ok")
    await _charged(bench)
    await panel.touch("stop")
    await _stop_by_code(bench, found, stalls=stalls)
    await _go(bench)


async def _credit(bench: Measured, after_s: float) -> float:
    """The frame with the new sum."""
    until_s = time.monotonic() + LIMIT_S
    while bench.panel.kiosk.snapshot.param("credit_minor") == 0:
        if time.monotonic() > until_s:
            raise NothingHappened("no credit on the screen")
        await asyncio.sleep(LOOK_EVERY_S)
    return await bench.panel.changed(after_s)


async def _start(bench: Measured, found: Found) -> None:
    ears = bench.ears
    ears.forget()
    pressed_s = await bench.panel.touch("start")
    lock_s = await ears.told(BOARD, LOCK, pressed_s)
    found.note("Start -> lock command", pressed_s, lock_s)
    # The answer to `$G5` that says "locked"; the one to `$S5` itself carries no argument.
    locked_s = await ears.answered(BOARD, LOCKED, lock_s)
    close_s = await ears.told(BOARD, CLOSE, locked_s)
    found.note("locked, committed -> close command", locked_s, close_s)


async def _charged(bench: Measured) -> None:
    await bench.do('{"expect": {"contactor": {"1": "closed"}, "within": "20s"}}')
    await asyncio.sleep(CHARGE_S)


async def _stop_by_code(bench: Measured, found: Found, *, stalls: bool) -> None:
    await bench.panel.came("stop_auth", 0.0)
    code = bench.station.codes.own(bench.station.kiosk.screen())
    for digit in code[:-1]:
        await bench.panel.touch(f"key_{digit}")
        await asyncio.sleep(0.1)
    bench.ears.forget()
    if not stalls:
        entered_s = await bench.panel.touch(f"key_{code[-1]}")
        name = "last digit of the stop code -> open command"
        found.note(name, entered_s, await bench.ears.told(BOARD, OPEN, entered_s))
        return
    with _stalled(bench.station.journal):
        entered_s = await bench.panel.touch(f"key_{code[-1]}")
        open_s = await bench.ears.told(BOARD, OPEN, entered_s)
    found.note("the same while no commit ends", entered_s, open_s)


async def _card_charge(bench: Measured, found: Found, *, by_card: bool) -> None:
    await bench.do(
        '{"plug": {"connector": 1, "ev": {"soc": 20, "max_a": 16}}}',
        '{"expect": {"screen": "pay", "within": "10s"}}',
    )
    bench.ears.forget()
    asked_before = _accounts_asked(bench)
    async with asyncio.TaskGroup() as hand:
        tapped_s = time.monotonic()
        hand.create_task(bench.do('{"tap": "GC-1"}'))
        known_s = await bench.ears.told("card_reader", IN_RELEASE, tapped_s)
        found.note("card -> authenticated", tapped_s, known_s)
        asked_s = await _asked(bench, asked_before)
        found.note("card -> asked for at the central system", tapped_s, asked_s)
        found.note("card -> its screen", tapped_s, await bench.panel.came("gc_ok", tapped_s))
    await _start(bench, found)
    await _charged(bench)
    bench.ears.forget()
    stopped_s = time.monotonic()
    if by_card:
        name = "stop card -> open command"
        await bench.do('{"tap": "GC-1"}')
    else:
        name = "RemoteStop -> open command"
        payload = '{"transactionId": "$connector-1.transactionId"}'
        step = f'{{"central": {{"send": "RemoteStopTransaction", "payload": {payload}}}}}'
        await bench.do(step)
    found.note(name, stopped_s, await bench.ears.told(BOARD, OPEN, stopped_s))
    await _go(bench)


def _accounts_asked(bench: Measured) -> int:
    return sum(
        frame["dir"] == "sent"
        and frame["type"] == 2
        and frame["payload"].get("messageId") == "GreenCard.Account"
        for frame in bench.station.record.ocpp
    )


async def _asked(bench: Measured, before: int) -> float:
    until_s = time.monotonic() + LIMIT_S
    while _accounts_asked(bench) <= before:
        if time.monotonic() > until_s:
            raise NothingHappened("the central system was not asked")
        await asyncio.sleep(LOOK_EVERY_S)
    return time.monotonic()


async def _go(bench: Measured) -> None:
    """Unplug, read what is owed, leave; the next customer meets the first screen."""
    await bench.do(
        '{"expect": {"contactor": {"1": "open"}, "lock": {"1": "unlocked"}, "within": "10s"}}',
        '{"unplug": {"connector": 1}}',
        '{"expect": {"connector": {"1": "Available"}, "within": "20s"}}',
    )
    until_s = time.monotonic() + 60.0
    while bench.panel.kiosk.snapshot.screen != "home":
        if time.monotonic() > until_s:
            raise NothingHappened(f"{bench.panel.kiosk.snapshot.screen} stays")
        bench.panel.tap_if_there("key_ok", "receipt_none", "back")
        await asyncio.sleep(0.5)


async def _measure(runs: int) -> Found:
    found = Found()
    async with opened() as bench:
        for number in range(runs):
            await _coin_charge(bench, found, stalls=number % 2 == 1)
            await _card_charge(bench, found, by_card=number % 2 == 1)
            print(f"run {number + 1} of {runs}", flush=True)
    return found


def main() -> None:
    options = figures.parser(__doc__, runs=10).parse_args()
    asyncio.run(_measure(options.runs)).show()


if __name__ == "__main__":
    main()
