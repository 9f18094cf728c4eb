"""ReserveNow, CancelReservation and Connector.Calendar on the wire; their rules are the domain's."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chargepoint.domain.reservations.reservation import Calendar, Verdict, Window, WindowKind
from chargepoint.domain.units import ConnectorId
from chargepoint.reservation_ports import ReservationWanted
from simulator.vtime import run_virtual
from tests.support.ocpp_peer import Bench, a_bench

RESERVE: dict[str, Any] = {
    "reservationId": 41,
    "connectorId": 1,
    "idTag": "T",
    "expiryDate": "2026-11-21T15:30:00+01:00",
    "parentIdTag": "P",
}
ENTRY = {"from": "2026-11-21T14:45:00Z", "to": "2026-11-21T16:00:00Z", "kind": "reserved"}


async def _ask(bench: Bench, action: str, payload: dict[str, Any]) -> Any:
    return (await bench.central.call(action, payload))[2]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_its_word(verdict: Verdict) -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.reservations.verdict = verdict
            assert await _ask(bench, "ReserveNow", RESERVE) == {"status": verdict.value.title()}
            at = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
            assert bench.reservations.asked == [ReservationWanted(41, ConnectorId(1), "T", at, "P")]

    run_virtual(scenario())


@pytest.mark.parametrize(
    "change", [{"connectorId": 3}, {"connectorId": -1}, {"reservationId": 2**70}]
)
def test_what_is_no_connector_or_no_number_of_ours_is_rejected(change: dict[str, Any]) -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            assert await _ask(bench, "ReserveNow", RESERVE | change) == {"status": "Rejected"}
            assert bench.reservations.asked == []

    run_virtual(scenario())


def test_a_reservation_is_cancelled_by_its_number_or_is_not_known() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            for known, word in ((True, "Accepted"), (False, "Rejected")):
                bench.reservations.known = known
                answer = await _ask(bench, "CancelReservation", {"reservationId": 0})
                assert answer == {"status": word}
            huge = await _ask(bench, "CancelReservation", {"reservationId": 2**70})
            assert huge == {"status": "Rejected"}

    run_virtual(scenario())


def _calendar(**change: Any) -> dict[str, Any]:
    content = {"connectorId": 1, "version": 7, "entries": [ENTRY]} | change
    return {
        "vendorId": "es.citere",
        "messageId": "Connector.Calendar",
        "data": json.dumps(content),
    }


def test_a_calendar_is_read_and_an_older_one_refused_with_the_reason() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            assert await _ask(bench, "DataTransfer", _calendar()) == {"status": "Accepted"}
            window = Window(
                datetime(2026, 11, 21, 14, 45, tzinfo=UTC),
                datetime(2026, 11, 21, 16, tzinfo=UTC),
                WindowKind.RESERVED,
            )
            assert bench.reservations.asked == [(ConnectorId(1), Calendar(7, (window,)))]
            bench.reservations.known = False
            answer = await _ask(bench, "DataTransfer", _calendar())
            assert answer["status"] == "Rejected"
            assert "not newer" in json.loads(answer["data"])["reason"]

    run_virtual(scenario())


@pytest.mark.parametrize(
    "change",
    [
        {"connectorId": 0},
        {"connectorId": True},
        {"version": 0},
        {"version": "7"},
        {"entries": {}},
        {"entries": [ENTRY] * 97},
        {"entries": [ENTRY, ENTRY]},
        {"entries": [{"from": ENTRY["to"], "to": ENTRY["from"]}]},
        {"entries": [{"from": "soon", "to": ENTRY["to"]}]},
        {"entries": [ENTRY | {"kind": "party"}]},
        {"entries": ["x"]},
        {"entries": [{}]},
    ],
)
def test_a_calendar_that_makes_no_sense_is_rejected_and_changes_nothing(
    change: dict[str, Any],
) -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            answer = await _ask(bench, "DataTransfer", _calendar(**change))
            assert answer["status"] == "Rejected"
            assert bench.reservations.asked == []

    run_virtual(scenario())


def test_data_that_is_no_object_is_rejected() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            for data in ("", "[]", "nonsense"):
                payload = _calendar() | {"data": data}
                assert (await _ask(bench, "DataTransfer", payload))["status"] == "Rejected"

    run_virtual(scenario())
