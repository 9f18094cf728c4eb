"""What one step of each part costs: decisions, prices, frames, snapshots, commits, pictures.

    python -m benchmarks.parts [--runs 200]

Processor time of this process, but for the journal, where the disk is what is measured.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ["SDL_VIDEODRIVER"] = "dummy"

import pygame

from benchmarks import figures
from chargepoint import contract
from chargepoint.app.clock import SystemClock
from chargepoint.domain.dialogue.context import DialogueSettings
from chargepoint.domain.dialogue.events import Pressed
from chargepoint.domain.dialogue.machine import DialogueMachine, opening_data
from chargepoint.domain.money.ledger import Entry, Posting
from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.pricing.tariff import Consumption, Tariff, energy_within, price
from chargepoint.domain.record import Batch
from chargepoint.domain.units import Minor, Wh
from chargepoint.store.journal import Journal, open_inline, open_threaded
from drivers.cctalk import codec as cctalk
from drivers.greencard import pn532
from drivers.greencard.commands import exchange
from drivers.modbus import codec as modbus
from drivers.rapi import codec as rapi
from simulator.devices.rtu import crc16
from tests.support.points import ONE, a_charging_point, at, cash_order, sample
from ui.app import Kiosk
from ui.samples import SCREENS
from ui.window import open_display

PANELS = {"landscape": (1024, 600), "portrait": (800, 1280)}
BATCH = 20
TARIFF = Tariff(
    energy_milli_per_kwh=45_000, charging_milli_per_minute=500, idle_milli_per_minute=10_000
)
_VOLTS = bytes.fromhex("01040443660000")  # unit 1: one float32, 230 V
REGISTERS = _VOLTS + crc16(_VOLTS)


def decisions(runs: int) -> None:
    figures.heading("one decision", "us")
    point = a_charging_point(cash_order())
    registers = iter(range(1_000, 1_000_000))

    def measured() -> None:
        point.machine.handle(sample(next(registers) // 8, 7_000), at(10))

    figures.row(
        "point: meter sampled while charging", figures.timed_us(measured, runs, batch=BATCH)
    )
    dialogue = _dialogue()
    buttons = iter(["help", "back"] * (runs + 2) * BATCH)

    def pressed() -> None:
        dialogue.handle(Pressed(next(buttons), dialogue.screen_seq, ""), at(10))

    figures.row("dialogue: a button that is shown", figures.timed_us(pressed, runs, batch=BATCH))
    shown = figures.timed_us(
        lambda: (dialogue.screen(), dialogue.params(at(10))), runs, batch=BATCH
    )
    figures.row("dialogue: screen and its numbers", shown)
    used = Consumption(Wh(12_480), charging_s=3_600, idle_s=120)
    priced = figures.timed_us(lambda: price(TARIFF, used), runs, batch=BATCH)
    figures.row("tariff: price", priced)
    within = figures.timed_us(lambda: energy_within(TARIFF, Minor(500), used), runs, batch=BATCH)
    figures.row("tariff: energy within a budget", within)


def _dialogue() -> DialogueMachine:
    data = opening_data({ONE: PointSeen("idle/free", PointData(ONE))}, {}, "es")
    return DialogueMachine(data, DialogueSettings(tariff=TARIFF), at(0))


def codecs(runs: int) -> None:
    figures.heading("one frame, encoded or found again in a stream", "us")
    coin = cctalk.Frame(1, 2, 0, bytes(11))
    board = rapi.Reply(ok=True, arguments=("03", "125", "03", "0540"), sequence=12)
    card = exchange(1, bytes(range(32)))
    for name, encode, decoder in (
        ("ccTalk", lambda: cctalk.encode(coin), cctalk.Decoder()),
        ("RAPI", lambda: rapi.encode(board), rapi.host_decoder()),
        ("PN532", lambda: pn532.encode(card), pn532.Decoder()),
    ):
        _codec(name, encode, decoder.feed, runs)
    request = modbus.read_input_registers(1, 0, 2)
    _codec(
        "Modbus",
        lambda: modbus.encode(request),
        lambda _octets: modbus.AnswerFinder(request).feed(REGISTERS),
        runs,
    )


def _codec(
    name: str, encode: Callable[[], bytes], decode: Callable[[bytes], object], runs: int
) -> None:
    octets = encode()
    assert decode(octets), "it does not find its own frame"
    for verb, once in (("encode", encode), ("decode", lambda: decode(octets))):
        taken_us = figures.timed_us(once, runs, batch=BATCH)
        figures.row(f"{name} {verb}", taken_us)
        print(f"{'':44}{1e6 / figures.percentile(taken_us, 50):10.0f} frames a second")


def snapshots(runs: int) -> None:
    figures.heading("one snapshot between core and kiosk", "us")
    shot = SCREENS["charging"]
    line = contract.encode(shot)
    encoded = figures.timed_us(lambda: contract.encode(shot), runs, batch=BATCH)
    figures.row(f"encode ({len(line)} bytes)", encoded)
    decoded = figures.timed_us(lambda: contract.decode(line), runs, batch=BATCH)
    figures.row("decode", decoded)


def journal(runs: int) -> None:
    figures.heading("one commit: a posting with two entries, wall clock", "ms")
    with _folder() as folder:
        inline = open_inline(str(folder / "inline.sqlite"), SystemClock())
        threaded = open_threaded(str(folder / "threaded.sqlite"), SystemClock(), _raise)
        figures.row("on this thread", asyncio.run(_commits_ms(inline, runs)))
        figures.row("through the writer's thread", asyncio.run(_commits_ms(threaded, runs)))
        inline.close()
        threaded.close()
    print("synchronous = FULL: each commit waits for the disk; the disk is most of the figure")


@contextmanager
def _folder() -> Iterator[Path]:
    """On the disk of the project: a folder for temporary files may be in memory."""
    with TemporaryDirectory(prefix=".bench-", dir=Path(__file__).parent) as name:
        yield Path(name)


def _raise(error: BaseException) -> None:
    raise error


async def _commits_ms(on: Journal, runs: int) -> list[float]:
    taken = []
    for number in range(runs):
        entries = (Entry("cash_box", 200), Entry("credit:1", -200))
        batch = Batch(postings=(Posting(f"coin:{number}", entries),))
        began_s = time.perf_counter()
        await on.append(batch)
        taken.append((time.perf_counter() - began_s) * 1000)
    return taken


def pictures(runs: int) -> None:
    figures.heading("one picture of the kiosk, screen `charging`", "ms")
    few = max(1, runs // 10)
    for name, size in PANELS.items():
        kiosk = Kiosk(size)
        surface = open_display(kiosk.panel, windowed=True)
        shot = SCREENS["charging"]
        kiosk.show(shot, 0.0)
        kiosk.draw(surface)
        sequences = iter(range(2, 2 + 2 * few))

        def full(
            kiosk: Kiosk = kiosk,
            shot: contract.Snapshot = shot,
            surface: pygame.Surface = surface,
            sequences: Iterator[int] = sequences,
        ) -> None:
            kiosk.show(replace(shot, sequence=next(sequences)), 1.0)
            kiosk.draw(surface)

        def partial(kiosk: Kiosk = kiosk, surface: pygame.Surface = surface) -> None:
            kiosk.draw_moving(surface, 1)

        figures.row(f"{name}: laid out and painted", _ms(figures.timed_us(full, few)))
        figures.row(f"{name}: only what moves", _ms(figures.timed_us(partial, runs)))
    pygame.quit()


def _ms(taken_us: list[float]) -> list[float]:
    return [each / 1000 for each in taken_us]


def main() -> None:
    runs = figures.parser(__doc__, runs=200).parse_args().runs
    for part in (decisions, codecs, snapshots, journal, pictures):
        part(runs)


if __name__ == "__main__":
    main()
