"""A whole station in virtual time, under frames that nobody should send.

Each life plays some hundred frames on a fresh station with a plugged car and a running charge. What
must hold: each frame gets an answer that is right for it, answers fit their schema, the link stays,
the core lives, and a customer is still served afterwards.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import jsonschema_rs

from chargepoint.store import books
from simulator.play import Player
from simulator.play_options import StationOptions
from simulator.scenario_file import parse
from simulator.station import Station
from simulator.station_ready import until_ready
from simulator.virtual_station import VirtualStation, resolved
from simulator.vtime import run_virtual
from tests.ocpp.fuzz import grammar, mutations
from tests.ocpp.fuzz.mutations import SILENCE, Frame

ASKED_OF_STATIONS = (
    "CancelReservation",
    "CertificateSigned",
    "ChangeAvailability",
    "ChangeConfiguration",
    "ClearCache",
    "ClearChargingProfile",
    "DataTransfer",
    "DeleteCertificate",
    "ExtendedTriggerMessage",
    "GetCompositeSchedule",
    "GetConfiguration",
    "GetDiagnostics",
    "GetInstalledCertificateIds",
    "GetLocalListVersion",
    "GetLog",
    "InstallCertificate",
    "RemoteStartTransaction",
    "RemoteStopTransaction",
    "ReserveNow",
    "SendLocalList",
    "SetChargingProfile",
    "SignedUpdateFirmware",
    "TriggerMessage",
    "UnlockConnector",
    "UpdateFirmware",
)
"""Every request of OCPP 1.6 and its security extension to a charge point; Reset ends the life."""

ANSWER_LIMIT_S = 60.0
FRAMES_AT_ONCE = 8
FRAMES_IN_A_LIFE = 500

_STORY = """
title: fuzzed
seed: {seed}
given:
  cards: {{GC-1: {{balance: 50.00}}}}
steps:
  - plug: {{connector: 1, ev: {{soc: 20, battery_kwh: 400}}}}
"""


@dataclass
class Findings:
    frames: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


@dataclass
class _Heard:
    """Answers of the station as they come, by id; several may share the unreadable one."""

    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    links: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, name: str, entry: dict[str, Any]) -> None:
        if name != "ocpp" or entry["dir"] != "sent":
            return
        if entry["type"] == 2:
            self.links += entry["action"] == "BootNotification"
            return
        self.answers.setdefault(entry["id"], []).append(entry)
        self.news.set()


class Fuzzer:
    def __init__(self, seed: int) -> None:
        self._dice = Random(seed)
        self._schemas = grammar.schemas()
        self._answer_schemas = {
            name: jsonschema_rs.Draft4Validator(
                self._schemas[f"{name}Response"], validate_formats=True
            )
            for name in (*ASKED_OF_STATIONS, "Reset")
        }
        self._number = 0

    def frame(self) -> Frame:
        self._number += 1
        message_id = f"relay-{self._number}"
        action = self._dice.choice(ASKED_OF_STATIONS)
        schema = self._schemas[action]
        payload = grammar.valid(schema, schema, self._dice)
        match self._dice.randrange(10):
            case 0 | 1 | 2:
                return mutations.call(action, payload, message_id)
            case 3 | 4:
                return mutations.misshapen(action, payload, message_id, self._dice)
            case _:
                return mutations.spoiled(action, payload, schema, message_id, self._dice)

    def frames(self, many: int) -> Iterator[list[Frame]]:
        """Batches; within one the unreadable id occurs at most once."""
        while many > 0:
            batch: list[Frame] = []
            for _ in range(min(many, self._dice.randrange(1, FRAMES_AT_ONCE + 1))):
                frame = self.frame()
                if not frame.id.startswith("relay-") and any(f.id == frame.id for f in batch):
                    continue
                batch.append(frame)
            many -= len(batch)
            yield batch

    def wrong(self, frame: Frame, answers: list[dict[str, Any]]) -> str | None:
        """What is wrong with the answers to `frame`, if anything."""
        if SILENCE in frame.answers:
            return f"answered: {answers}" if answers else None
        if len(answers) != 1:
            return f"{len(answers)} answers"
        answer = answers[0]
        code = None if answer["type"] == 3 else answer["payload"]["errorCode"]
        if code not in frame.answers:
            return f"answered {code}, not {sorted(map(str, frame.answers))}"
        if code is None:
            try:
                self._answer_schemas[frame.action].validate(answer["payload"])
            except jsonschema_rs.ValidationError as error:
                return f"answer breaks its schema: {error.message}"
        return None


def fuzz_one_life(seed: int, frames: int = FRAMES_IN_A_LIFE) -> Findings:
    """Plays `frames` frames on a fresh station. The same seed plays the same frames."""
    scenario = parse(_STORY.format(seed=seed), f"fuzz:{seed}")
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        config = resolved(scenario, StationOptions(), Path(folder))

        async def life() -> Findings:
            async with asyncio.TaskGroup() as tasks:
                virtual = VirtualStation(scenario, config, Path(folder), tasks)
                async with virtual.running() as station:
                    await until_ready(station, expects_link=True)
                    failed = await Player(station, lambda *_: None).run(scenario.steps)
                    assert not failed, failed
                    return await _storm(station, Fuzzer(seed), frames)

        return run_virtual(life())


async def _storm(station: Station, fuzzer: Fuzzer, frames: int) -> Findings:
    found, heard = Findings(), _Heard()
    station.record.listeners.append(heard.note)
    for batch in fuzzer.frames(frames):
        heard.answers.clear()
        for frame in batch:
            station.central.send_raw(frame.text)
        await _answered(heard, batch)
        for frame in batch:
            found.frames += 1
            found.kinds[frame.kind] += 1
            reason = fuzzer.wrong(frame, heard.answers.get(frame.id, []))
            if reason:
                found.wrong.append(f"{frame.kind} {frame.text[:300]}: {reason}")
        if heard.links:
            found.wrong.append(
                f"the station registered again after {[f.text[:200] for f in batch]}"
            )
            heard.links = 0
    if not books.is_balanced(station.journal):
        found.wrong.append("the books do not balance")
    lost = [each for each in books.incidents(station.journal) if _is_ours(dict(each))]
    found.wrong += [f"incident {each}" for each in lost]
    return found


def _is_ours(incident: dict[str, Any]) -> bool:
    """Incidents that say that the station broke, not the peer."""
    return incident.get("code") in {"task.crashed", "ocpp.request_failed", "point.crashed"}


async def _answered(heard: _Heard, batch: list[Frame]) -> None:
    """Until every frame that wants an answer has one, at most a minute; then a breath for more."""
    wanted = {frame.id for frame in batch if SILENCE not in frame.answers}
    try:
        async with asyncio.timeout(ANSWER_LIMIT_S):
            while not wanted <= heard.answers.keys():
                heard.news.clear()
                await heard.news.wait()
    except TimeoutError:
        return
    await asyncio.sleep(0.01)
