"""A whole real station for measuring: processes, pseudo-terminals, websocket; ears on every wire.

Besides the kiosk process a second kiosk runs in here, the real window on a display that nobody
sees: fingers are events put in its queue, and what counts as seen is bytes of its surface.
"""

import asyncio
import os
import time
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ["SDL_VIDEODRIVER"] = "dummy"

import pygame
from typing_extensions import override

from chargepoint.contract import Intent
from simulator.fitting import Wiring
from simulator.pipes import Line
from simulator.play import Player
from simulator.play_options import StationOptions
from simulator.real_station import Plan, RealStation
from simulator.scenario_file import Scenario, parse, step_from_json
from simulator.station import Station
from simulator.station_ready import until_ready
from simulator.wiretap import TappedLine
from ui.app import Kiosk
from ui.link import Link
from ui.notify import Supervisor
from ui.window import FRAME_S, Window, open_display

PANEL = (1024, 600)
LIMIT_S = 20.0
LOOK_EVERY_S = 0.001

SCENARIO = """
title: measured
given:
  config:
    tariff.energy: 0.45
    tariff.session: 0.20
    devices.note_validator.kind: cctalk_notes
    devices.bank_terminal.kind: zvt
    devices.printer.kind: escpos80
  hopper: {"2.00": 15, "1.00": 20, "0.50": 20, "0.20": 25, "0.10": 40}
  cards: {GC-1: {balance: 500.00}}
steps:
  - wait: 1s
"""


class NothingHappened(Exception):
    """What was waited for did not come."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Bytes on a wire, at a moment of the monotonic clock. `to_device` as seen from the core."""

    at_s: float
    wire: str
    to_device: bool
    octets: bytes


class Ears:
    """Remembers what passed on every serial line since `forget`."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []

    def tap(self, wiring: Wiring, line: Line) -> Line:
        def hear(direction: str, octets: bytes) -> None:
            self.heard.append(Heard(time.monotonic(), wiring.name, direction == "tx", octets))

        return TappedLine(line, hear)

    def forget(self) -> None:
        self.heard.clear()

    async def told(self, wire: str, octets: bytes, after_s: float = 0.0) -> float:
        """When the core had first sent `octets` to that device after a moment."""
        return await self._first(
            lambda each: each.to_device and each.wire == wire and octets in each.octets, after_s
        )

    async def answered(self, wire: str, octets: bytes, after_s: float) -> float:
        return await self._first(
            lambda each: not each.to_device and each.wire == wire and octets in each.octets,
            after_s,
        )

    async def _first(self, fits: Callable[[Heard], bool], after_s: float) -> float:
        until_s = time.monotonic() + LIMIT_S
        while time.monotonic() < until_s:
            for each in self.heard:
                if each.at_s >= after_s and fits(each):
                    return each.at_s
            await asyncio.sleep(LOOK_EVERY_S)
        raise NothingHappened("nothing of the kind passed on the wire")


class _SeenWindow(Window):
    """Says after every frame whether pixels differ from those of the frame before.

    `holds_after`: once this button was told, no picture is painted until `let_go`. Painting is done
    here by the loop that listens on the wires, and would make it hear late what it is listening for.
    """

    changes: list[tuple[float, str]]
    holds_after = ""
    _is_held = False
    _picture = 0

    def let_go(self) -> None:
        self.holds_after, self._is_held = "", False

    @override
    def _send(self, intent: Intent | None) -> None:
        super()._send(intent)
        if intent is not None and intent.id == self.holds_after:
            self._is_held = True

    @override
    def _draw(self, now_s: float) -> None:
        if not self._is_held:
            super()._draw(now_s)

    @override
    def frame(self, now_s: float) -> bool:
        goes_on = super().frame(now_s)
        if self._is_held:
            return goes_on
        picture = zlib.crc32(self._surface.get_buffer().raw)
        if picture != self._picture:
            self._picture = picture
            self.changes.append((time.monotonic(), self._kiosk.snapshot.screen))
        return goes_on


class Panel:
    """The second kiosk: thirty frames a second in this process, through the core's real socket."""

    def __init__(self, socket: Path) -> None:
        self.kiosk = Kiosk(PANEL, watch_core=True)
        surface = open_display(self.kiosk.panel, windowed=True)
        self._window = _SeenWindow(surface, self.kiosk, Link(str(socket)), Supervisor(""))
        self._window.changes = []

    async def run(self) -> None:
        # The same pace as Window.run, which would block the loop.
        while self._window.turn(time.monotonic()):  # noqa: ASYNC110
            await asyncio.sleep(self._window.rest_s(time.monotonic()))
        # SDL makes a signal to end into this; a panel that is gone shows nothing any more.
        raise NothingHappened("the panel was closed")

    async def finger_down(self, button: str) -> float:
        """Waits until the button can be pressed; the moment of the touch."""
        until_s = time.monotonic() + LIMIT_S
        while not self._is_alive(button):
            if time.monotonic() > until_s:
                raise NothingHappened(f"no button {button} on {self.kiosk.snapshot.screen}")
            await asyncio.sleep(FRAME_S)
        return self._post(pygame.MOUSEBUTTONDOWN, button)

    def finger_up(self, button: str) -> float:
        return self._post(pygame.MOUSEBUTTONUP, button)

    async def touch(self, button: str) -> float:
        """Down and up; the moment of the up, with which a tap counts."""
        await self.finger_down(button)
        return self.finger_up(button)

    async def last_touch(self, button: str) -> float:
        """As `touch`; from the moment that the core was told, nothing is painted until `go_on`."""
        self._window.holds_after = button
        return await self.touch(button)

    def go_on(self) -> None:
        self._window.let_go()

    def tap_if_there(self, *buttons: str) -> None:
        """The first of them that can be pressed now, if any; nothing is waited for."""
        for button in buttons:
            if self._is_alive(button):
                self._post(pygame.MOUSEBUTTONDOWN, button)
                self._post(pygame.MOUSEBUTTONUP, button)
                return

    async def changed(self, after_s: float, is_new: Callable[[str], bool] | None = None) -> float:
        """When pixels changed, on a screen that `is_new`."""
        until_s = time.monotonic() + LIMIT_S
        while time.monotonic() < until_s:
            for at_s, screen in self._window.changes:
                if at_s >= after_s and (is_new is None or is_new(screen)):
                    return at_s
            await asyncio.sleep(LOOK_EVERY_S)
        raise NothingHappened(f"the picture of {self.kiosk.snapshot.screen} did not change")

    async def came(self, screen: str, after_s: float) -> float:
        return await self.changed(after_s, lambda shown: shown == screen)

    def _is_alive(self, button: str) -> bool:
        control = self.kiosk.view().control(button)
        is_alive = self.kiosk.accepts_touch(time.monotonic())
        return control is not None and control.enabled and is_alive

    def _post(self, kind: int, button: str) -> float:
        control = self.kiosk.view().control(button)
        assert control is not None  # finger_down has seen it; an up elsewhere would be no tap
        pygame.event.post(pygame.event.Event(kind, pos=control.rect.middle, button=1, touch=False))
        return time.monotonic()


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything of one running station."""

    real: RealStation
    station: Station
    ears: Ears
    panel: Panel
    player: Player

    async def do(self, *steps: str) -> None:
        """Steps of the scenario vocabulary, as JSON."""
        for step in steps:
            await self.player.perform(step_from_json(step))


@asynccontextmanager
async def measured_station(text: str = SCENARIO) -> AsyncIterator[Measured]:
    """Ready for customers. `text`: how it is fitted."""
    with TemporaryDirectory(prefix="cp-") as folder:
        run = Path(folder)
        state = run / "state"
        state.mkdir()
        ears = Ears()
        plan = Plan(parse(text, "measured"), StationOptions(), state, run)
        real = RealStation(replace(plan, tap=ears.tap))
        async with real.running() as station, asyncio.TaskGroup() as tasks:
            await until_ready(station, expects_link=True, check=real.check)
            panel = Panel(run / "kiosk")
            showing = tasks.create_task(panel.run())
            await panel.came("home", 0.0)
            yield Measured(real, station, ears, panel, Player(station))
            showing.cancel()


def plan_of(run: Path, state: Path) -> Plan:
    return Plan(scenario(), StationOptions(), state, run)


def scenario() -> Scenario:
    return parse(SCENARIO, "measured")
