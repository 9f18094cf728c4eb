"""BootNotification, Heartbeat, and what is sent before and after being accepted (OCPP 1.6 §4.2)."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from chargepoint.domain.units import ConnectorId
from chargepoint.ports import LinkState, PointStatus, StatusReport
from simulator.vtime import run_virtual
from tests.support.fakes import MemorySettings
from tests.support.ocpp_peer import (
    SILENCE,
    TIME,
    After,
    CallError,
    ScriptedCentral,
    a_bench,
    a_start,
    until,
)

ACCEPTED = {"status": "Accepted", "currentTime": TIME, "interval": 300}


def _boot(status: str, interval: int) -> dict[str, Any]:
    return {"status": status, "currentTime": TIME, "interval": interval}


def _central(*boots: Any) -> ScriptedCentral:
    central = ScriptedCentral()
    central.answers["BootNotification"] = list(boots)
    return central


def test_pending_repeats_after_the_interval_and_sends_nothing_else() -> None:
    async def scenario() -> None:
        central = _central(_boot("Pending", 20), _boot("Pending", 20), ACCEPTED)
        async with a_bench(central) as bench:
            bench.add(a_start())
            assert not (await bench.backend.authorise("T", ConnectorId(1), card=False)).account
            await asyncio.sleep(15)
            assert central.actions == ["BootNotification"]
            assert bench.backend.link is LinkState.PENDING
            await until(lambda: bench.backend.link is LinkState.ONLINE)
            assert central.times_of("BootNotification") == pytest.approx([0.01, 20.01, 40.01])
            await until(lambda: not bench.outbox.queued)
            assert central.actions[3:] == ["StatusNotification", "StartTransaction"]

    run_virtual(scenario())


def test_pending_answers_but_refuses_remote_start_and_stop() -> None:
    async def scenario() -> None:
        central = _central(_boot("Pending", 600))
        async with a_bench(central) as bench:
            known = (await central.call("GetConfiguration", {"key": ["HeartbeatInterval"]}))[2]
            assert known["configurationKey"][0]["value"] == "300"
            changed = {"key": "HeartbeatInterval", "value": "77"}
            assert (await central.call("ChangeConfiguration", changed))[2]["status"] == "Accepted"
            for action, payload in (
                ("RemoteStartTransaction", {"idTag": "T"}),
                ("RemoteStopTransaction", {"transactionId": 1}),
            ):
                assert (await central.call(action, payload))[2] == {"status": "Rejected"}
            assert bench.door.asked == []

    run_virtual(scenario())


def test_pending_sends_what_is_triggered() -> None:
    async def scenario() -> None:
        central = _central(_boot("Pending", 600), ACCEPTED)
        async with a_bench(central) as bench:
            for message in ("Heartbeat", "StatusNotification"):
                answer = await central.call("TriggerMessage", {"requestedMessage": message})
                assert answer[2] == {"status": "Accepted"}
            await asyncio.sleep(1)
            assert central.actions == ["BootNotification", "Heartbeat", "StatusNotification"]
            await central.call("TriggerMessage", {"requestedMessage": "BootNotification"})
            await asyncio.sleep(1)
            assert central.count("BootNotification") == 2
            assert bench.backend.link is LinkState.ONLINE

    run_virtual(scenario())


def test_rejected_is_silent_in_both_directions_until_the_interval_is_over() -> None:
    async def scenario() -> None:
        central = _central(_boot("Rejected", 100), ACCEPTED)
        async with a_bench(central) as bench:
            await central.send('[2,"x","GetConfiguration",{}]')
            await central.send("garbage")
            await asyncio.sleep(90)
            assert [frame[0] for frame in central.frames] == [2]
            await until(lambda: bench.backend.link is LinkState.ONLINE)
            assert central.times_of("BootNotification") == pytest.approx([0.01, 100.01])
            assert (await central.call("GetConfiguration", {}))[0] == 3

    run_virtual(scenario())


@pytest.mark.parametrize("failure", [SILENCE, CallError("InternalError"), {"status": "Odd"}])
def test_boot_is_repeated_after_no_answer_an_error_and_a_broken_answer(failure: Any) -> None:
    async def scenario() -> None:
        async with a_bench(_central(failure, ACCEPTED)) as bench:
            await until(lambda: bench.backend.link is LinkState.ONLINE)
            assert bench.central.count("BootNotification") == 2
            assert bench.central.times_of("BootNotification")[1] >= 30

    run_virtual(scenario())


def test_an_interval_of_zero_leaves_the_choice_to_the_station() -> None:
    async def scenario() -> None:
        async with a_bench(_central(_boot("Pending", 0), _boot("Accepted", 0))) as bench:
            await until(lambda: bench.backend.link is LinkState.ONLINE)
            assert bench.central.times_of("BootNotification") == pytest.approx([0.01, 30.01])
            await asyncio.sleep(301)
            assert bench.central.count("Heartbeat") == 1

    run_virtual(scenario())


def test_a_central_system_that_calls_before_answering_boot_is_answered() -> None:
    async def scenario() -> None:
        async with a_bench(_central(After(5, ACCEPTED))) as bench:
            assert (await bench.central.call("GetConfiguration", {}))[0] == 3
            assert bench.backend.link is LinkState.PENDING
            await until(lambda: bench.backend.link is LinkState.ONLINE)

    run_virtual(scenario())


def test_boot_and_heartbeat_set_clock_and_interval() -> None:
    async def scenario() -> None:
        settings = MemorySettings()
        async with a_bench(_central(_boot("Accepted", 10)), settings=settings) as bench:
            assert bench.news.clocks == [datetime(2026, 1, 1, 8, tzinfo=UTC)]
            bench.central.answers["Heartbeat"] = {"currentTime": "2026-01-01T10:00:00+01:00"}
            await asyncio.sleep(10)
            assert bench.news.clocks[1] == datetime(2026, 1, 1, 9, tzinfo=UTC)
            assert settings.values["ocpp.HeartbeatInterval"] == "10"
            await bench.central.call(
                "ChangeConfiguration", {"key": "HeartbeatInterval", "value": "2"}
            )
            await asyncio.sleep(10.5)
            assert bench.central.count("Heartbeat") >= 5

    run_virtual(scenario())


@pytest.mark.parametrize(
    "time", ["this morning", "1970-01-01T00:00:09Z", "9999-12-31T23:59:59-01:00"]
)
def test_an_unusable_time_is_an_incident_and_does_not_stop_the_boot(time: str) -> None:
    async def scenario() -> None:
        boot = ACCEPTED | {"currentTime": time}
        async with a_bench(_central(boot)) as bench:
            assert bench.backend.link is LinkState.ONLINE
            assert bench.news.incident_codes == ["ocpp.time_unreadable"]
            assert bench.news.clocks == []

    run_virtual(scenario())


def test_a_reconnect_sends_no_boot_and_only_the_status_that_changed() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            for connector in (1, 2):
                bench.backend.report(StatusReport(ConnectorId(connector), PointStatus.AVAILABLE))
            await asyncio.sleep(1)
            await bench.central.drop()
            await asyncio.sleep(0.1)
            assert bench.backend.link is LinkState.OFFLINE
            for status in (PointStatus.PREPARING, PointStatus.CHARGING):
                bench.backend.report(StatusReport(ConnectorId(2), status))
            told = bench.central.count("StatusNotification")
            await until(lambda: bench.backend.link is LinkState.ONLINE)
            await asyncio.sleep(1)
            assert bench.central.count("BootNotification") == 1
            news = bench.central.of("StatusNotification")[told:]
            assert [(s["connectorId"], s["status"]) for s in news] == [(2, "Charging")]

    run_virtual(scenario())


def test_boot_may_be_triggered_after_a_reconnect_only() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            ask = {"requestedMessage": "BootNotification"}
            assert (await bench.central.call("TriggerMessage", ask))[2] == {"status": "Rejected"}
            await bench.central.drop()
            await asyncio.sleep(0.1)
            await until(lambda: bench.backend.link is LinkState.ONLINE)
            assert (await bench.central.call("TriggerMessage", ask))[2] == {"status": "Accepted"}
            await asyncio.sleep(1)
            assert bench.central.count("BootNotification") == 2
            assert bench.backend.link is LinkState.ONLINE

    run_virtual(scenario())


def test_a_central_system_that_forgot_the_station_gets_a_boot_and_no_attempt_is_counted() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            await asyncio.sleep(100)
            fresh = {"transactionId": 9, "idTagInfo": {"status": "Accepted"}}
            bench.central.answers["StartTransaction"] = [CallError("SecurityError"), fresh]
            bench.add(a_start())
            await until(lambda: not bench.outbox.queued)
            assert bench.central.actions[1:] == [
                "StatusNotification",
                "StartTransaction",
                "BootNotification",
                "StatusNotification",
                "StartTransaction",
            ]
            assert bench.outbox.dead == []

    run_virtual(scenario())


def test_security_error_right_after_an_accepted_boot_does_not_boot_in_circles() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers["StartTransaction"] = CallError("SecurityError")
            bench.add(a_start())
            await until(lambda: bool(bench.outbox.dead))
            assert bench.central.count("BootNotification") <= 4

    run_virtual(scenario())
