"""`Bench` on a running station: steps by the scenario player, events from everything observable."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from simulator.bench.desk import Desk, NoOtherSpeed
from simulator.bench.journal_watch import JournalWatch
from simulator.bench.port import Event, Step, StepRefused, Verdict
from simulator.bench.shown import shown_connectors, shown_screen
from simulator.bench.shown_hearing import shown_hearing, shown_lamps
from simulator.bench.shown_money import shown_memory, shown_money
from simulator.play import Player, StepFailed
from simulator.report import Entry, seconds
from simulator.scenario_file import step_from_json
from simulator.scenario_text import Refused
from simulator.station import Screen, StepImpossible
from simulator.station_ready import COMING_UP

LOOK_EVERY_S = 0.05  # of real time: journal and screen
STATE_EVERY_LOOKS = 5
MAX_BEHIND = 5_000
MAX_RATE = 120
SAME_FRAME_EVERY_S = 0.3  # of real time
MAX_KINDS_OF_FRAMES = 500

_KINDS = {"screens": "screen", "ocpp": "ocpp", "physical": "physical"}
_PROCESSES = ("core", "ui")


class LiveBench:
    """`follow` must run all along."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._player = Player(desk.station)
        self._journal = JournalWatch(desk.station.journal)
        self._listeners: set[asyncio.Queue[Event]] = set()
        self._statuses: dict[str, str] = {}
        self._told_frames: dict[tuple[str, str, str], float] = {}
        self._machines: dict[str, str] = {}
        self._processes = dict.fromkeys(_PROCESSES, "starting")
        self._is_powered = True
        self._screen: Screen | None = None
        self._screen_version = 0
        self._told_state: dict[str, Any] = {}
        desk.station.record.listeners.append(self._recorded)
        desk.moves.listeners.append(self._moved)
        desk.wires.listeners.append(self._passed)

    # --- simulator.bench.port.Bench -----------------------------------------------------------------

    async def do(self, step: Step) -> Verdict | None:
        if "speed" in step:
            await self._set_speed(step["speed"])
            return None
        try:
            read = step_from_json(json.dumps(step))
        except Refused as refused:
            raise StepRefused("; ".join(each.reason for each in refused.problems)) from refused
        failures: list[StepFailed] = []
        try:
            await self._player.perform(read)
        except* StepFailed as failed:
            failures += _flat(failed)
        if read.kind in {"expect", "never"}:
            first = failures[0].failure if failures else None
            return Verdict(True) if first is None else Verdict(False, first.expected, first.was)
        if failures:
            raise StepRefused(failures[0].failure.was)
        return None

    def state(self) -> dict[str, Any]:
        station, desk = self._desk.station, self._desk
        shown = desk.config.station
        return {
            "t": self._now(),
            "speed": round(desk.pace.rate),
            "power": self._is_powered,
            "ready": self.ready(),
            "processes": dict(self._processes),
            "station": {"id": shown.id, "name": shown.name, "currency": shown.currency},
            "connectors": shown_connectors(station.world, self._machines, self._statuses),
            "devices": desk.devices.states,
            "faults": desk.devices.faults,
            "cards": self._cards(),
            "money": shown_money(desk.devices.fitted, desk.devices.tray_minor),
            "memory": shown_memory(station.codes),
            "lamps": shown_lamps(desk.devices.fitted, station.world.connectors),
            "hearing": shown_hearing(desk.devices.fitted, station.kiosk.heard()),
            "central": {
                "mode": str(desk.central.state),
                "link": "online" if desk.central.is_linked else "offline",
                "url": desk.central_page,
            },
            "ledger": self._journal.ledger,
            "screen": shown_screen(self._look_at_screen(), desk.config, self._screen_version),
        }

    async def screen_png(self) -> bytes | None:
        return await self._desk.picture()

    async def subscribe(self) -> AsyncIterator[Event]:
        queue: asyncio.Queue[Event] = asyncio.Queue(MAX_BEHIND)
        self._listeners.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._listeners.discard(queue)

    def ready(self) -> bool:
        screen = self._desk.station.kiosk.screen()
        return self._processes["core"] == "running" and (
            screen is not None and screen.id not in COMING_UP
        )

    # --- watching -----------------------------------------------------------------------------------

    async def follow(self) -> None:
        """Look at what nobody announces: journal, screen, the changed state."""
        looks = 0
        while True:
            self._look()
            looks += 1
            if looks % STATE_EVERY_LOOKS == 0:
                self._tell_state()
            # The station's seconds pass `rate` times as fast as ours.
            await asyncio.sleep(LOOK_EVERY_S * self._desk.pace.rate)

    def check(self) -> None:
        """Raises StationDown."""
        self._desk.check()

    def close(self) -> None:
        self._journal.close()

    def _look(self) -> None:
        for event in self._journal.look():
            self._tell(event.pop("kind"), event)
        before = self._screen_version
        screen = self._look_at_screen()
        if self._screen_version != before and screen is not None:
            self._tell("screen", {"id": screen.id, "version": self._screen_version})

    def _look_at_screen(self) -> Screen | None:
        screen = self._desk.station.kiosk.screen()
        if screen != self._screen:
            self._screen = screen
            self._screen_version += 1
        return screen

    def _tell_state(self) -> None:
        state = self.state()
        without_time = {name: value for name, value in state.items() if name != "t"}
        if without_time != self._told_state:
            self._told_state = without_time
            self._tell("state", {"state": state})

    def _recorded(self, name: str, entry: Entry) -> None:
        kind = _KINDS.get(name)
        if kind == "physical":
            self._happened(entry)
        elif kind == "ocpp":
            self._note_status(entry)
            self._tell(kind, entry)

    def _happened(self, entry: Entry) -> None:
        what, value = entry["what"], entry["value"]
        if what in _PROCESSES:
            self._processes[what] = value
            self._tell("process", {"process": what, "state": value})
            return
        if what == "power":
            self._is_powered = value == "on"
        self._tell("physical", {**entry, "connector": entry["connector"] or None})

    def _passed(self, frame: dict[str, str]) -> None:
        """A frame on a wire. Sped up, polling would drown everything: each kind is told at a pace."""
        rate, now_s = self._desk.pace.rate, self._desk.station.now_s
        if rate > 1:
            kind = (frame["bus"], frame["dir"], frame["meaning"])
            if now_s - self._told_frames.get(kind, -SAME_FRAME_EVERY_S * rate) < (
                SAME_FRAME_EVERY_S * rate
            ):
                return
            if len(self._told_frames) > MAX_KINDS_OF_FRAMES:
                self._told_frames.clear()
            self._told_frames[kind] = now_s
        self._tell("wire", frame)

    def _moved(self, machine: str, before: str, after: str) -> None:
        kind, _, connector = machine.partition(":")
        if kind == "point":
            self._machines[connector] = after
        self._tell("transition", {"machine": machine, "from": before, "to": after})

    def _note_status(self, frame: Entry) -> None:
        if (frame["dir"], frame["action"], frame["type"]) == ("sent", "StatusNotification", 2):
            payload = frame["payload"]
            self._statuses[str(payload.get("connectorId"))] = str(payload.get("status"))

    # --- parts --------------------------------------------------------------------------------------

    async def _set_speed(self, rate: object) -> None:
        if not isinstance(rate, int | float) or not 1 <= rate <= MAX_RATE:
            raise StepRefused(f"speed is a number from 1 to {MAX_RATE}")
        try:
            desk = await self._desk.pace.go(rate)
        except NoOtherSpeed as error:
            raise StepRefused(str(error)) from error
        if desk is not None:
            self._desk = desk
            self._player = Player(desk.station)

    def _cards(self) -> dict[str, dict[str, Any]]:
        return {name: self._card(spec["number"]) for name, spec in self._desk.station.cards.items()}

    def _card(self, number: str) -> dict[str, Any]:
        try:
            return {"number": number, "balance": self._desk.station.central.balance_minor(number)}
        except StepImpossible:
            return {"number": number}

    def _now(self) -> float:
        return seconds(self._desk.station.now_s)

    def _tell(self, kind: str, fields: dict[str, Any]) -> None:
        event = {"kind": kind, "t": self._now(), **fields}
        for queue in self._listeners:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(event)


def _flat(group: BaseExceptionGroup[StepFailed]) -> list[StepFailed]:
    flat: list[StepFailed] = []
    for error in group.exceptions:
        flat += _flat(error) if isinstance(error, BaseExceptionGroup) else [error]
    return flat
