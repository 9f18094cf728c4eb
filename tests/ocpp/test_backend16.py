"""The whole adapter in virtual time against a central system written by hand."""

import asyncio

from chargepoint.domain.units import ConnectorId
from chargepoint.ports import LinkState, PointStatus, StatusReport
from simulator.vtime import run_virtual
from tests.support.ocpp_peer import a_bench, a_reading, a_start, a_stop, until


def test_a_station_boots_reports_and_beats() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            assert bench.central.of("BootNotification") == [
                {
                    "chargePointVendor": "Citere",
                    "chargePointModel": "Plaza",
                    "chargePointSerialNumber": "S1",
                    "firmwareVersion": "0.1.0",
                }
            ]
            assert bench.news.links == [LinkState.PENDING, LinkState.ONLINE]
            bench.backend.report(StatusReport(ConnectorId(1), PointStatus.AVAILABLE))
            await asyncio.sleep(1)
            told = [(s["connectorId"], s["status"]) for s in bench.central.of("StatusNotification")]
            assert told == [(0, "Available"), (1, "Available")]
            await asyncio.sleep(901)
            assert bench.central.count("Heartbeat") == 3

    run_virtual(scenario())


def test_a_transaction_is_delivered_with_the_id_the_central_system_gave() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers["StartTransaction"] = {
                "transactionId": 0,  # a valid id
                "idTagInfo": {"status": "Accepted"},
            }
            bench.add(a_start(), a_reading(), a_stop())
            await until(lambda: not bench.outbox.queued)
            assert bench.outbox.confirmed == ["tx:s1:start", "tx:s1:meter:1", "tx:s1:stop"]
            assert bench.central.of("MeterValues")[0]["transactionId"] == 0
            assert bench.central.of("StopTransaction") == [
                {
                    "transactionId": 0,
                    "meterStop": 2000,
                    "timestamp": "2026-01-01T08:00:00.000Z",
                    "reason": "Local",
                    "idTag": "TAG1",
                }
            ]
            assert [(s, i) for s, i, _ in bench.news.confirmed] == [("s1", 0)]

    run_virtual(scenario())


def test_remote_start_and_stop_reach_the_door() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            accepted = [3, "central-1", {"status": "Accepted"}]
            assert await bench.central.call("RemoteStartTransaction", {"idTag": "T"}) == accepted
            bench.add(a_start())
            await until(lambda: not bench.outbox.queued)
            stopped = await bench.central.call("RemoteStopTransaction", {"transactionId": 1})
            assert stopped[2] == {"status": "Accepted"}
            unknown = await bench.central.call("RemoteStopTransaction", {"transactionId": 99})
            assert unknown[2] == {"status": "Rejected"}
            assert bench.door.asked == [("remote_start", "T", None), ("remote_stop", "s1")]

    run_virtual(scenario())


def test_authorise_asks_the_account_first_and_takes_authorize_when_the_vendor_is_unknown() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            answer = await bench.backend.authorise("6034440000000005", ConnectorId(1), card=True)
            assert answer.status == "accepted"
            assert answer.account is None
            assert bench.central.actions[-2:] == ["DataTransfer", "Authorize"]
            assert bench.central.of("DataTransfer")[0]["vendorId"] == "es.citere"

    run_virtual(scenario())
