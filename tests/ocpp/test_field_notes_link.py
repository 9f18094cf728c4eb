"""What breaks real stacks, points 11 to 19: boot, clock and link."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chargepoint.domain.delivery import VendorMessage
from chargepoint.ocpp.connection import BackOff
from simulator.entropy import SeededEntropy
from simulator.vtime import run_virtual
from tests.support.live_core import a_live_station
from tests.support.ocpp_peer import (
    SILENCE,
    TIME,
    After,
    CallError,
    ScriptedCentral,
    a_bench,
    a_reading,
    a_start,
    until,
)

BOOTED = {"status": "Accepted", "currentTime": TIME, "interval": 300}
PENDING = {"status": "Pending", "currentTime": TIME, "interval": 60}


def test_11_pending_answers_sends_what_is_triggered_and_queues_transactions() -> None:
    async def story() -> None:
        central = ScriptedCentral()
        central.answers["BootNotification"] = [PENDING, BOOTED]
        async with a_bench(central) as bench:
            bench.add(a_start())
            assert (await central.call("GetConfiguration", {}))[0] == 3
            remote = await central.call("RemoteStartTransaction", {"idTag": "T", "connectorId": 1})
            assert remote[2] == {"status": "Rejected"}
            stop = await central.call("RemoteStopTransaction", {"transactionId": 1})
            assert stop[2] == {"status": "Rejected"}
            ask = {"requestedMessage": "StatusNotification", "connectorId": 0}
            assert (await central.call("TriggerMessage", ask))[2] == {"status": "Accepted"}
            await asyncio.sleep(5)
            assert central.actions == ["BootNotification", "StatusNotification"]
            await until(lambda: not bench.outbox.queued)
            assert central.actions.index("StartTransaction") > 1
            assert central.count("BootNotification") == 2

    run_virtual(story())


def test_12_boot_is_repeated_on_silence_and_errors_and_stays_first() -> None:
    async def story() -> None:
        central = ScriptedCentral()
        central.answers["BootNotification"] = [
            SILENCE,
            CallError(),
            CallError("GenericError"),
            BOOTED,
        ]
        async with a_bench(central) as bench:
            bench.add(a_start())
            await until(lambda: not bench.outbox.queued)
            assert central.actions[:4] == ["BootNotification"] * 4
            assert central.count("BootNotification") == 4

    run_virtual(story())


def test_13_nothing_is_ever_stamped_1970(tmp_path: Path) -> None:
    """The clock is set from Boot; what was stamped before is corrected before it is sent."""

    async def story() -> None:
        async with a_live_station(tmp_path, is_booted=False) as station:
            station.clock.step(datetime(1970, 1, 1, tzinfo=UTC) - station.clock.utc())
            station.central.is_up = False
            await station.boot()
            begun = station.world_clock.utc()
            await station.cash_charge(30)
            await station.unplug()
            station.central.is_up = True
            await station.drained()
            (started,) = station.central.of("StartTransaction")
            (stopped,) = station.central.of("StopTransaction")
            at = datetime.fromisoformat(started["timestamp"])
            assert abs(at - begun) < timedelta(seconds=5)
            lasted = datetime.fromisoformat(stopped["timestamp"]) - at
            assert timedelta(seconds=25) < lasted < timedelta(seconds=40)
            # A receipt says what was printed: its time stays.
            said = [h for h in station.central.heard if h.action != "DataTransfer"]
            assert not [h for h in said if "1970-" in json.dumps(h.payload)]

    run_virtual(story())


def test_13_heartbeat_sets_the_clock_too(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path, HeartbeatInterval="30") as station:
            station.clock.step(timedelta(hours=-5))
            await asyncio.sleep(40)
            assert abs(station.clock.utc() - station.world_clock.utc()) < timedelta(seconds=2)

    run_virtual(story())


def _aligned(frames: list[dict[str, Any]]) -> list[str]:
    return [
        moment["timestamp"]
        for payload in frames
        for moment in payload["meterValue"]
        if moment["sampledValue"][0]["context"] == "Sample.Clock"
    ]


def test_14_clock_aligned_values_lie_on_utc_boundaries_and_follow_the_key(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path, MeterValueSampleInterval="0") as station:
            await asyncio.sleep(100)
            await station.remote_charge(10)
            await station.sets("ClockAlignedDataInterval", "900")
            await asyncio.sleep(1850)
            await station.sets("ClockAlignedDataInterval", "60")
            await asyncio.sleep(125)
            values = [v for v in station.central.of("MeterValues") if v["connectorId"] == 1]
            assert _aligned(values) == [
                "2026-01-01T08:15:00.000Z",
                "2026-01-01T08:30:00.000Z",
                "2026-01-01T08:33:00.000Z",
                "2026-01-01T08:34:00.000Z",
            ]
            await station.sets("ClockAlignedDataInterval", "0")
            told = station.central.count("MeterValues")
            await asyncio.sleep(300)
            assert station.central.count("MeterValues") == told

    run_virtual(story())


def test_14_connectors_that_do_not_charge_are_aligned_too(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path, MeterValueSampleInterval="0") as station:
            await station.remote_charge(10)
            await station.sets("ClockAlignedDataInterval", "900")
            await asyncio.sleep(900)
            first, second = sorted(
                station.central.of("MeterValues"), key=lambda each: int(each["connectorId"])
            )
            assert (first["connectorId"], first["transactionId"]) == (1, 1)
            assert (second["connectorId"], "transactionId" in second) == (2, False)
            assert _aligned([first, second]) == ["2026-01-01T08:15:00.000Z"] * 2

    run_virtual(story())


def test_15_a_link_that_says_nothing_is_closed_and_opened_again() -> None:
    async def story() -> None:
        async with a_bench() as bench:
            for action in ("StartTransaction", "Heartbeat", "StatusNotification"):
                bench.central.answers[action] = SILENCE
            bench.add(a_start())
            await until(lambda: bench.central.opened > 1)
            bench.central.answers["StartTransaction"] = {
                "transactionId": 1,
                "idTagInfo": {"status": "Accepted"},
            }
            await until(lambda: not bench.outbox.queued)

    run_virtual(story())


def test_15_the_pause_before_a_new_try_doubles_then_stays_and_is_never_the_same() -> None:
    entropy = SeededEntropy(1, "test")
    back_off = BackOff(minimum_s=2.0, random_s=1.0, doublings=3)
    waits = [back_off.wait_s(failures, entropy) for failures in range(1, 8)]
    for wait_s, steady_s in zip(waits, (2, 4, 8, 16, 16, 16, 16), strict=True):
        assert steady_s <= wait_s < steady_s + 1
    assert len(set(waits)) == len(waits)


def test_16_after_a_reconnect_only_what_changed_is_told_and_not_its_history(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            told = station.central.count("StatusNotification")
            await station.central.drop()
            await asyncio.sleep(30)
            assert station.central.count("StatusNotification") == told
            station.central.is_up = False
            await station.central.drop()
            await station.cash_charge(20)
            await station.unplug()
            await station.plug()
            station.central.is_up = True
            await asyncio.sleep(40)
            fresh = station.central.of("StatusNotification")[told:]
            assert [(each["connectorId"], each["status"]) for each in fresh] == [(1, "Preparing")]

    run_virtual(story())


def test_17_calls_before_the_answer_to_boot_are_answered() -> None:
    async def story() -> None:
        central = ScriptedCentral()
        central.answers["BootNotification"] = After(20, BOOTED)
        async with a_bench(central) as bench:
            answer = await central.call("GetConfiguration", {"key": ["HeartbeatInterval"]})
            assert answer[0] == 3
            bench.add(a_start())
            await until(lambda: not bench.outbox.queued)

    run_virtual(story())


def test_17_an_answer_after_more_than_30_s_still_counts() -> None:
    async def story() -> None:
        async with a_bench() as bench:
            started = {"transactionId": 9, "idTagInfo": {"status": "Accepted"}}
            bench.central.answers["StartTransaction"] = After(33, started)
            bench.add(a_start())
            await until(lambda: not bench.outbox.queued)
            assert bench.central.count("StartTransaction") == 1
            shorter = {"key": "MessageTimeout", "value": "30"}
            answer = await bench.central.call("ChangeConfiguration", shorter)
            assert answer[2] == {"status": "Rejected"}

    run_virtual(story())


_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")


def _stamps(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [value for key, value in node.items() if key in {"timestamp", "time"}]
        return own + [found for value in node.values() for found in _stamps(value)]
    if isinstance(node, list):
        return [found for value in node for found in _stamps(value)]
    return []


def test_18_every_timestamp_has_milliseconds_and_z(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path, MeterValueSampleInterval="7") as station:
            await station.remote_charge(50)
            await station.unplug()
            await station.drained()
            stamps = _stamps([heard.payload for heard in station.central.heard])
            assert len(stamps) > 10
            assert all(_STAMP.fullmatch(stamp) for stamp in stamps)

    run_virtual(story())


@pytest.mark.parametrize("frame", ["not json", "[]", '[2,"x"]', '[2,"x","Heartbeat",{},1]', "{}"])
def test_19_a_bad_frame_is_answered_in_the_words_of_1_6_and_costs_nothing(frame: str) -> None:
    async def story() -> None:
        async with a_bench() as bench:
            before = len(bench.central.frames)
            await bench.central.send(frame)
            await asyncio.sleep(1)
            (answer,) = bench.central.frames[before:]
            assert (answer[0], answer[2]) == (4, "FormationViolation")
            assert bench.central.opened == 1
            assert (await bench.central.call("GetConfiguration", {}))[0] == 3

    run_virtual(story())


@pytest.mark.parametrize(
    "code", ["FormatViolation", "FormationViolation", "OccurrenceConstraintViolation"]
)
def test_19_both_spellings_are_understood(code: str) -> None:
    async def story() -> None:
        async with a_bench(overrides={"TransactionMessageRetryInterval": "1"}) as bench:
            bench.central.answers["StartTransaction"] = [
                CallError(code),
                {"transactionId": 4, "idTagInfo": {"status": "Accepted"}},
            ]
            bench.add(a_start(), a_reading())
            await until(lambda: not bench.outbox.queued)
            assert bench.central.of("MeterValues")[0]["transactionId"] == 4

    run_virtual(story())


def test_19_money_messages_ride_the_same_queue() -> None:
    async def story() -> None:
        async with a_bench() as bench:
            bench.central.answers["DataTransfer"] = {"status": "Accepted"}
            bench.add(a_start(), VendorMessage("tx:s1:receipt", "Session.Receipt", {}, None))
            await until(lambda: not bench.outbox.queued)
            assert bench.central.actions[-2:] == ["StartTransaction", "DataTransfer"]

    run_virtual(story())
