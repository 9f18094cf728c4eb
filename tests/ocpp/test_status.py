"""StatusNotification: newest wins, order of events, MinimumStatusDuration (OCPP 1.6 §4.9)."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from chargepoint.domain.units import ConnectorId
from chargepoint.ports import PointStatus, StatusReport
from simulator.vtime import run_virtual
from tests.support.ocpp_peer import SILENCE, Bench, CallError, a_bench


def _report(bench: Bench, connector: int, status: PointStatus, **more: Any) -> None:
    bench.backend.report(StatusReport(ConnectorId(connector), status, **more))


def _told(bench: Bench) -> list[tuple[int, str]]:
    return [(s["connectorId"], s["status"]) for s in bench.central.of("StatusNotification")]


def test_the_station_itself_knows_three_statuses() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            for status in (PointStatus.UNAVAILABLE, PointStatus.CHARGING, PointStatus.FAULTED):
                _report(bench, 0, status)
                await asyncio.sleep(1)
            assert _told(bench) == [
                (0, "Available"),
                (0, "Unavailable"),
                (0, "Available"),
                (0, "Faulted"),
            ]

    run_virtual(scenario())


def test_the_same_status_twice_is_told_once_and_changes_in_their_order() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            _report(bench, 2, PointStatus.PREPARING)
            _report(bench, 1, PointStatus.AVAILABLE)
            await asyncio.sleep(1)
            _report(bench, 1, PointStatus.AVAILABLE)
            _report(bench, 2, PointStatus.CHARGING)
            await asyncio.sleep(1)
            assert _told(bench)[1:] == [(2, "Preparing"), (1, "Available"), (2, "Charging")]

    run_virtual(scenario())


def test_a_status_that_lasts_less_than_the_minimum_is_not_told() -> None:
    async def scenario() -> None:
        async with a_bench(overrides={"MinimumStatusDuration": "10"}) as bench:
            _report(bench, 1, PointStatus.AVAILABLE)
            await asyncio.sleep(20)
            _report(bench, 1, PointStatus.PREPARING)
            await asyncio.sleep(5)
            _report(bench, 1, PointStatus.CHARGING)
            await asyncio.sleep(9)
            assert _told(bench)[-1] == (1, "Available")
            await asyncio.sleep(2)
            assert _told(bench)[-2:] == [(1, "Available"), (1, "Charging")]
            _report(bench, 1, PointStatus.SUSPENDED_EV)
            _report(bench, 1, PointStatus.CHARGING)
            await asyncio.sleep(60)
            assert _told(bench)[-1] == (1, "Charging")

    run_virtual(scenario())


def test_a_status_carries_the_time_of_its_change_and_its_error() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            await bench.central.drop()
            await asyncio.sleep(0.5)
            _report(
                bench,
                1,
                PointStatus.FAULTED,
                error_code="GroundFailure",
                info="i" * 60,
                vendor_error_code="evse.ground",
            )
            await asyncio.sleep(60)
            assert bench.central.of("StatusNotification")[-1] == {
                "connectorId": 1,
                "status": "Faulted",
                "errorCode": "GroundFailure",
                "info": "i" * 50,
                "vendorId": "es.citere",
                "vendorErrorCode": "evse.ground",
                "timestamp": "2026-01-01T08:00:01.500Z",
            }

    run_virtual(scenario())


@pytest.mark.parametrize(("answer", "times"), [(SILENCE, 2), (CallError(), 1), ({"x": 1}, 1)])
def test_only_an_unanswered_status_is_told_again(answer: object, times: int) -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers["StatusNotification"] = [answer, {}]
            _report(bench, 1, PointStatus.AVAILABLE)
            await asyncio.sleep(100)
            assert _told(bench).count((1, "Available")) == times

    run_virtual(scenario())


def _words(bench: Bench) -> list[str]:
    """Which fault, else which status."""
    return [str(s.get("info", s["status"])) for s in bench.central.of("StatusNotification")]


def _faulted(*keys: str) -> StatusReport:
    told = [StatusReport(ConnectorId(1), PointStatus.FAULTED, "OtherError", key) for key in keys]
    return replace(told[0], others=tuple(told[1:]))


def test_each_of_several_faults_is_told_and_the_worst_holds() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            for keys in (("b",), ("b", "c"), ("a", "b", "c"), ("a", "c"), ("c",), ("b", "c")):
                bench.backend.report(_faulted(*keys))
                await asyncio.sleep(1)
            _report(bench, 1, PointStatus.AVAILABLE)
            await asyncio.sleep(1)
            told = _words(bench)
            assert "".join(told[1:-1]) == "b" + "cb" + "a" + "" + "c" + "b"
            assert told[-1] == "Available"

    run_virtual(scenario())


def test_fault_that_came_back_is_told_again() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            for keys in (("a", "b"), ("a",), ("a", "b")):
                bench.backend.report(_faulted(*keys))
                await asyncio.sleep(1)
            told = _words(bench)
            assert "".join(told[1:]) == "ba" + "ba"

    run_virtual(scenario())
