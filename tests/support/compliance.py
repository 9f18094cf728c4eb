"""A whole station in virtual time, and a test that plays the certification tool and the driver.

The test reads what the station sends in order: each `next` looks behind the one before. Every other
message is answered by our own central system, or as `answers` says.
"""

import asyncio
import json
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from simulator.matching import matches
from simulator.play import Player
from simulator.play_options import StationOptions
from simulator.relay import CALL, CALLERROR, CALLRESULT
from simulator.report import Entry
from simulator.scenario_file import Given, Scenario, Step
from simulator.station import Station
from simulator.station_ready import until_ready
from simulator.virtual_core import Outside
from simulator.virtual_station import VirtualStation, resolved
from simulator.vtime import VirtualClock, run_virtual

Payload = dict[str, Any]
Wish = tuple[str, Payload]

TAG, OTHER_TAG, THIRD_TAG, INVALID_TAG = "A1B2C3D4", "B1B2B3B4", "D1D2D3D4", "C1C2C3C4"
TOKENS = dict.fromkeys(
    (TAG, OTHER_TAG, THIRD_TAG), "Accepted"
)  # the central system takes no others
SOON_S = 30.0
FIRST_INTERVAL_S = 20
VEHICLE: Mapping[str, Any] = {"soc": 20, "max_a": 16, "battery_kwh": 60}


class Refused(Exception):
    """The station answered with a CALLERROR."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Site:
    """`read`: how far in the record the test has come."""

    virtual: VirtualStation
    station: Station
    player: Player
    read: int = 0

    # --- the driver and the world ---------------------------------------------------------------

    async def act(self, step: str, /, **arguments: Any) -> None:
        """A step of a scenario (docs/scenarios.md), in its long form."""
        await self.player.perform(Step(step, arguments))

    async def plug(self, connector: int = 1, **vehicle: Any) -> None:
        await self.act("plug", connector=connector, ev={**VEHICLE, **vehicle})

    async def unplug(self, connector: int = 1) -> None:
        await self.act("unplug", connector=connector)

    async def present(self, token: str = TAG) -> None:
        await self.act("tap", uid=token)

    async def press(self, button: str) -> None:
        await self.act("touch", id=button)

    async def power_cycle(self, dark_s: float = 5.0) -> None:
        await self.act("power", do="cut")
        await asyncio.sleep(dark_s)
        await self.act("power", do="restore")

    async def offline(self) -> None:
        await self.act("fault", device="network", kind="unplugged")
        await asyncio.sleep(1)

    async def online(self) -> None:
        await self.act("clear", device="network")

    def is_charging(self, connector: int = 1) -> bool:
        world = self.station.world
        return world.is_contactor_closed(connector) and world.current_ma(connector) > 0

    def is_locked(self, connector: int = 1) -> bool:
        return self.station.world.is_locked(connector)

    # --- the central system ---------------------------------------------------------------------

    def answers(self, action: str, payload: Payload, times: int | None = None) -> None:
        """The station's next calls of `action` are answered so."""
        self.station.central.answer(action, payload, times=times, error="")

    async def call(self, action: str, /, **payload: Any) -> Payload:
        """The station's answer; what is looked for next came after it. Raises Refused."""
        record = self.station.record.ocpp
        self.station.central.send(action, payload)
        message_id = record[-1]["id"]

        def is_answer(frame: Entry) -> bool:
            is_its = frame["dir"] == "sent" and frame["id"] == message_id
            return is_its and frame["type"] in {CALLRESULT, CALLERROR}

        frame = await self._find(is_answer, f"an answer to {action}", SOON_S)
        body: Payload = frame["payload"]
        if frame["type"] == CALLERROR:
            raise Refused(body["errorCode"])
        return body

    async def ask(self, action: str, /, **payload: Any) -> str:
        """The status in the station's answer, or the code of its CALLERROR."""
        try:
            return str((await self.call(action, **payload))["status"])
        except Refused as refused:
            return refused.code

    async def configure(self, **keys: Any) -> None:
        for key, value in keys.items():
            assert await self.ask("ChangeConfiguration", key=key, value=str(value)) == "Accepted"

    async def value_of(self, key: str) -> str:
        (entry,) = (await self.call("GetConfiguration", key=[key]))["configurationKey"]
        return str(entry["value"])

    # --- what the station sends -----------------------------------------------------------------

    async def next(self, action: str, /, within_s: float = SOON_S, **where: Any) -> Payload:
        """The next call of `action` that has what `where` says."""
        frame = await self._find(
            lambda each: _is_call(each, action) and matches(where, each["payload"]),
            f"{action} {where}",
            within_s,
        )
        body: Payload = frame["payload"]
        return body

    async def together(self, *wishes: Wish, within_s: float = SOON_S) -> list[Payload]:
        """All of these calls, in any order."""
        begun, furthest, found = self.read, self.read, []
        for action, where in wishes:
            self.read = begun
            found.append(await self.next(action, within_s, **where))
            furthest = max(furthest, self.read)
        self.read = furthest
        return found

    async def status(self, status: str, connector: int = 1, within_s: float = SOON_S) -> Payload:
        """The next StatusNotification of the connector, which must be this one."""
        told = await self.next("StatusNotification", within_s, connectorId=connector)
        assert told["status"] == status, f"{status} expected, {told} sent"
        return told

    async def statuses(self, *expected: str) -> None:
        """After a boot: one StatusNotification for each, connector 0 first, none other before."""
        wishes = [
            ("StatusNotification", {"connectorId": number}) for number in range(len(expected))
        ]
        found = await self.together(*wishes)
        told = [each["status"] for each in found]
        assert told == list(expected), f"{expected} expected, {told} sent"

    async def silent(self, *actions: str, for_s: float) -> None:
        """None of these calls since the last one that was read, and none for so long."""
        await asyncio.sleep(for_s)
        sent = [each["action"] for each in self.unread() if each["type"] == CALL]
        assert not set(sent) & set(actions), sent

    def catch_up(self) -> None:
        """What was sent until now is of no more interest."""
        self.read = len(self.station.record.ocpp)

    def unread(self) -> list[Entry]:
        return [each for each in self.station.record.ocpp[self.read :] if each["dir"] == "sent"]

    def sent(self, action: str) -> list[Payload]:
        """Every call of `action` there ever was."""
        return [each["payload"] for each in self.station.record.ocpp if _is_call(each, action)]

    async def _find(self, holds: Callable[[Entry], bool], what: str, limit_s: float) -> Entry:
        record = self.station.record.ocpp
        until_s, looked = self.station.now_s + limit_s, self.read
        while True:
            for index in range(looked, len(record)):
                if holds(record[index]):
                    self.read = index + 1
                    return record[index]
            looked = len(record)
            left_s = until_s - self.station.now_s
            if left_s <= 0:
                raise AssertionError(f"{what} expected within {limit_s} s; sent: {self._shown()}")
            await self.station.changes.wait(left_s)

    def _shown(self) -> str:
        lines = [
            f"{each['t']} {each['action']} {json.dumps(each['payload'])[:200]}"
            for each in self.unread()
        ]
        return "\n  ".join(["", *lines]) if lines else "nothing"

    # --- states that many cases begin with ------------------------------------------------------

    async def authorised(self, token: str = TAG) -> None:
        """Somebody has come forward, before the plug or after it."""
        await self.present(token)
        await self.next("Authorize", idTag=token)

    async def charging(self, connector: int = 1, token: str = TAG, **start: Any) -> int:
        """Plugged in first, then started from afar; the transaction's id."""
        await self.plug(connector)
        await self.status("Preparing", connector)
        answer = await self.ask(
            "RemoteStartTransaction", connectorId=connector, idTag=token, **start
        )
        assert answer == "Accepted"
        return await self.started(connector, token)

    async def started(self, connector: int = 1, token: str = TAG) -> int:
        """StartTransaction and Charging, in any order, and energy flows."""
        await self.together(
            ("StartTransaction", {"connectorId": connector, "idTag": token}),
            ("StatusNotification", {"connectorId": connector, "status": "Charging"}),
        )
        assert self.is_charging(connector)
        assert self.is_locked(connector)
        return self.transaction(connector)

    async def stopped(self, connector: int = 1, then: str = "Finishing", **stop: Any) -> Payload:
        """StopTransaction and the status after it, in any order; nothing flows any more."""
        found, _ = await self.together(
            ("StopTransaction", stop),
            ("StatusNotification", {"connectorId": connector, "status": then}),
        )
        assert not self.station.world.is_contactor_closed(connector)
        return found

    def transaction(self, connector: int = 1) -> int:
        """The id that the last StartTransaction there was answered with."""
        frames = self.station.record.ocpp
        calls = [
            each["id"]
            for each in frames
            if _is_call(each, "StartTransaction") and each["payload"]["connectorId"] == connector
        ]
        answers = {each["id"]: each["payload"] for each in frames if each["type"] == CALLRESULT}
        number: int = answers[calls[-1]]["transactionId"]
        return number


def boot_answer(status: str, interval_s: int) -> Payload:
    return {"status": status, "currentTime": moment(), "interval": interval_s}


def moment(in_s: float = 0.0) -> str:
    """The time of the world, so many seconds from now."""
    when = VirtualClock().utc() + timedelta(seconds=in_s)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_call(frame: Entry, action: str) -> bool:
    return bool(frame["dir"] == "sent" and frame["type"] == CALL and frame["action"] == action)


Story = Callable[[Site], Awaitable[None]]


def case(
    *,
    config: Mapping[str, str] | None = None,
    cards: Mapping[str, Mapping[str, Any]] | None = None,
    outside: Callable[[Path], Outside] = lambda _folder: Outside(),
    boot: str = "",
) -> Callable[[Story], Callable[[], None]]:
    """Makes a test of a story that is told to a station of these settings.

    `boot`: the first BootNotification is answered so, and the story begins with the power; else it
    begins when the station has been accepted and has told its statuses.
    """
    given = Given(config={"cards.uid_tokens": "true", **(config or {})}, cards=cards or {})

    def plain(story: Story) -> Callable[[], None]:
        def test() -> None:
            with tempfile.TemporaryDirectory(prefix="chargepoint-") as folder:
                telling = _tell(story, Scenario("", (), given), Path(folder), outside, boot)
                try:
                    run_virtual(telling)
                except ExceptionGroup as group:
                    raise _innermost(group) from None

        # Not functools.wraps: pytest would look through it and take `site` for a fixture.
        test.__name__ = story.__name__
        test.__doc__ = story.__doc__
        test.__module__ = story.__module__
        return test

    return plain


def _innermost(group: ExceptionGroup[Exception]) -> Exception:
    """What went wrong, where it is one thing."""
    (only, *others) = group.exceptions
    if others:
        return group
    return _innermost(only) if isinstance(only, ExceptionGroup) else only


async def _tell(
    story: Story,
    scenario: Scenario,
    folder: Path,
    outside: Callable[[Path], Outside],
    boot: str,
) -> None:
    config = resolved(scenario, StationOptions(), folder)
    async with asyncio.TaskGroup() as tasks:
        virtual = VirtualStation(scenario, config, folder, tasks, outside=outside(folder))
        virtual.central.charges.tokens |= TOKENS
        async with virtual.running() as station:
            site = Site(virtual, station, Player(station))
            if boot:
                site.answers("BootNotification", boot_answer(boot, FIRST_INTERVAL_S), times=1)
            else:
                await until_ready(station, expects_link=True)
                await site.statuses(*["Available"] * (config.station.connectors + 1))
            await story(site)
