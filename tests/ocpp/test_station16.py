"""Every request a central system may make (OCPP 1.6 §5)."""

import asyncio
from typing import Any

import pytest

from chargepoint.domain.devices import MeterSampled
from chargepoint.domain.units import ConnectorId, MilliAmp, MilliVolt, SessionId, Watt, Wh
from chargepoint.ocpp.station16 import Reading
from chargepoint.ports import Availability, PointStatus, StatusReport, UnlockResult
from simulator.vtime import run_virtual
from tests.support.ocpp_peer import SILENCE, Bench, CallError, a_bench, a_start, until


async def _status(bench: Bench, action: str, **payload: Any) -> str:
    frame = await bench.central.call(action, payload)
    assert frame[0] == 3, frame
    status: str = frame[2]["status"]
    return status


@pytest.mark.parametrize("connector", [0, -1, 3, 10**30])
def test_a_remote_start_on_no_connector_of_ours_is_rejected(connector: int) -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            payload = {"idTag": "T", "connectorId": connector}
            assert await _status(bench, "RemoteStartTransaction", **payload) == "Rejected"
            assert bench.door.asked == []

    run_virtual(scenario())


def test_a_remote_start_names_its_connector_and_its_profile_is_ignored() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            profile = {
                "chargingProfileId": 1,
                "stackLevel": 0,
                "chargingProfilePurpose": "TxProfile",
                "chargingProfileKind": "Relative",
                "chargingSchedule": {
                    "chargingRateUnit": "A",
                    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.1}],
                },
            }
            payload = {"idTag": "T", "connectorId": 2, "chargingProfile": profile}
            assert await _status(bench, "RemoteStartTransaction", **payload) == "Accepted"
            assert bench.door.asked == [("remote_start", "T", 2)]
            bench.door.starts = False
            assert await _status(bench, "RemoteStartTransaction", idTag="T") == "Rejected"
            assert await _status(bench, "RemoteStartTransaction", idTag=" ") == "Rejected"

    run_virtual(scenario())


def test_a_remote_stop_of_any_integer_is_answered() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            for number in (0, -1, 10**30):
                stopped = await _status(bench, "RemoteStopTransaction", transactionId=number)
                assert stopped == "Rejected"

    run_virtual(scenario())


def test_change_availability_is_answered_before_the_status_it_causes() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            plain = bench.door.change_availability

            async def changes(connector: ConnectorId, *, operative: bool) -> Availability:
                bench.backend.report(StatusReport(connector, PointStatus.UNAVAILABLE))
                await asyncio.sleep(0.5)
                return await plain(connector, operative=operative)

            bench.door.change_availability = changes  # type: ignore[method-assign]
            before = len(bench.central.frames)
            status = await _status(bench, "ChangeAvailability", connectorId=1, type="Inoperative")
            assert status == "Accepted"
            await asyncio.sleep(1)
            kinds = [frame[0] for frame in bench.central.frames[before:]]
            assert kinds == [3, 2]
            assert bench.central.of("StatusNotification")[-1]["status"] == "Unavailable"

    run_virtual(scenario())


def test_change_availability_passes_the_doors_answer_on() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.door.availability = Availability.SCHEDULED
            for connector, expected in ((0, "Scheduled"), (2, "Scheduled"), (3, "Rejected")):
                payload = {"connectorId": connector, "type": "Operative"}
                assert await _status(bench, "ChangeAvailability", **payload) == expected
            assert bench.door.asked == [
                ("change_availability", 0, True),
                ("change_availability", 2, True),
            ]

    run_virtual(scenario())


@pytest.mark.parametrize(("kind", "hard"), [("Soft", False), ("Hard", True)])
def test_reset_is_answered_before_the_door_is_asked(kind: str, hard: bool) -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            assert await _status(bench, "Reset", type=kind) == "Accepted"
            await asyncio.sleep(0.1)
            assert bench.door.asked == [("reset", hard)]
            bench.door.resets = False
            await _status(bench, "Reset", type=kind)
            await asyncio.sleep(0.1)
            assert bench.news.incident_codes == ["ocpp.reset_refused"]

    run_virtual(scenario())


def test_unlock_reports_the_true_result_and_an_unknown_connector_as_not_supported() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            assert await _status(bench, "UnlockConnector", connectorId=1) == "Unlocked"
            bench.door.unlocks = UnlockResult.FAILED
            assert await _status(bench, "UnlockConnector", connectorId=2) == "UnlockFailed"
            for connector in (0, 3):
                status = await _status(bench, "UnlockConnector", connectorId=connector)
                assert status == "NotSupported"

    run_virtual(scenario())


def test_get_configuration_lists_everything_or_what_is_asked() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            everything = (await bench.central.call("GetConfiguration", {}))[2]["configurationKey"]
            assert len(everything) > 30
            mute = [entry["key"] for entry in everything if "value" not in entry]
            assert mute == ["AuthorizationKey"]  # write-only
            asked = {"key": ["numberofconnectors", "Nonsense"]}
            answer = (await bench.central.call("GetConfiguration", asked))[2]
            assert answer == {
                "configurationKey": [{"key": "NumberOfConnectors", "readonly": True, "value": "2"}],
                "unknownKey": ["Nonsense"],
            }
            frame = await bench.central.call("GetConfiguration", {"key": ["x"] * 65})
            assert frame[2] == "OccurenceConstraintViolation"

    run_virtual(scenario())


def test_change_configuration_tells_the_app_its_new_policy() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            payload = {"key": "ConnectionTimeOut", "value": "120"}
            assert await _status(bench, "ChangeConfiguration", **payload) == "Accepted"
            assert bench.news.policies[-1].connection_timeout_s == 120
            known = len(bench.news.policies)
            for key, value, expected in (
                ("ConnectionTimeOut", "soon", "Rejected"),
                ("NumberOfConnectors", "9", "Rejected"),
                ("Nonsense", "1", "NotSupported"),
                ("WebSocketPingInterval", "-1", "Rejected"),
                ("WebSocketPingInterval", "5", "RebootRequired"),
            ):
                status = await _status(bench, "ChangeConfiguration", key=key, value=value)
                assert status == expected
            assert len(bench.news.policies) == known + 1

    run_virtual(scenario())


def test_clear_cache_forgets_tokens_and_is_rejected_without_a_cache() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            await bench.backend.authorise("T", ConnectorId(1), card=False)
            bench.central.is_up = False
            assert await _status(bench, "ClearCache") == "Accepted"
            await bench.central.drop()
            await asyncio.sleep(1)
            answer = await bench.backend.authorise("T", ConnectorId(1), card=False)
            assert (answer.status, answer.offline) == ("invalid", True)
        async with a_bench(overrides={"AuthorizationCacheEnabled": "false"}) as bench:
            assert await _status(bench, "ClearCache") == "Rejected"

    run_virtual(scenario())


def test_data_transfer_is_known_by_vendor_then_by_message() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            assert await _status(bench, "DataTransfer", vendorId="x.y") == "UnknownVendorId"
            payload = {"vendorId": "es.citere", "messageId": "Nonsense"}
            assert await _status(bench, "DataTransfer", **payload) == "UnknownMessageId"

    run_virtual(scenario())


@pytest.mark.parametrize(
    "action",
    [
        "GetDiagnostics",
        "UpdateFirmware",
        "GetLog",
        "SignedUpdateFirmware",
        "BootNotification",
    ],
)
def test_actions_of_profiles_not_offered_are_not_supported(action: str) -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            assert (await bench.central.call(action, {}))[2] == "NotSupported"

    run_virtual(scenario())


# --- TriggerMessage -----------------------------------------------------------------------------


def _reading(connector: ConnectorId) -> Reading:
    sample = MeterSampled(connector, Wh(1234), Watt(0), MilliAmp(0), MilliVolt(231_000))
    return Reading(sample, SessionId("s1") if connector == 1 else None)


def test_a_status_without_a_connector_is_a_status_of_every_connector() -> None:
    async def scenario() -> None:
        async with a_bench(overrides={"MinimumStatusDuration": "600"}) as bench:
            for connector in (1, 2):
                bench.backend.report(StatusReport(ConnectorId(connector), PointStatus.AVAILABLE))
            await asyncio.sleep(1)
            bench.backend.report(StatusReport(ConnectorId(2), PointStatus.PREPARING))
            told = bench.central.count("StatusNotification")
            ask = {"requestedMessage": "StatusNotification"}
            assert await _status(bench, "TriggerMessage", **ask) == "Accepted"
            await asyncio.sleep(1)
            news = bench.central.of("StatusNotification")[told:]
            assert [(s["connectorId"], s["status"]) for s in news] == [
                (0, "Available"),
                (1, "Available"),
                (2, "Preparing"),
            ]
            assert await _status(bench, "TriggerMessage", connectorId=2, **ask) == "Accepted"
            assert await _status(bench, "TriggerMessage", connectorId=7, **ask) == "Rejected"

    run_virtual(scenario())


def test_triggered_meter_values_are_the_latest_readings_with_their_transaction() -> None:
    async def scenario() -> None:
        async with a_bench(readings=_reading) as bench:
            bench.add(a_start())
            await until(lambda: not bench.outbox.queued)
            ask = {"requestedMessage": "MeterValues"}
            assert await _status(bench, "TriggerMessage", **ask) == "Accepted"
            await asyncio.sleep(1)
            first, second = bench.central.of("MeterValues")
            assert (first["connectorId"], first["transactionId"]) == (1, 1)
            assert (second["connectorId"], "transactionId" in second) == (2, False)
            contexts = {v["context"] for v in second["meterValue"][0]["sampledValue"]}
            assert contexts == {"Trigger"}
            assert await _status(bench, "TriggerMessage", connectorId=0, **ask) == "Rejected"
        async with a_bench() as bench:
            assert await _status(bench, "TriggerMessage", **ask) == "Rejected"

    run_virtual(scenario())


def test_a_triggered_message_that_fails_costs_nothing_else() -> None:
    async def scenario() -> None:
        async with a_bench(readings=_reading) as bench:
            bench.central.answers["MeterValues"] = [CallError(), {}]
            ask = {"requestedMessage": "MeterValues", "connectorId": 2}
            for _ in range(2):
                assert await _status(bench, "TriggerMessage", **ask) == "Accepted"
                await asyncio.sleep(1)
            assert bench.central.count("MeterValues") == 2

    run_virtual(scenario())


def test_other_triggers_are_accepted_or_not_implemented() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            for message, status in (
                ("Heartbeat", "Accepted"),
                ("FirmwareStatusNotification", "NotImplemented"),
                ("DiagnosticsStatusNotification", "NotImplemented"),
            ):
                assert await _status(bench, "TriggerMessage", requestedMessage=message) == status
            await asyncio.sleep(1)
            assert bench.central.count("Heartbeat") == 1

    run_virtual(scenario())


def test_a_flood_of_triggers_is_bounded() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers["Heartbeat"] = SILENCE
            ask = {"requestedMessage": "Heartbeat"}
            answers = [await _status(bench, "TriggerMessage", **ask) for _ in range(40)]
            assert answers.count("Rejected") == 7
            assert answers[0] == "Accepted"

    run_virtual(scenario())
