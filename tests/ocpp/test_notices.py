"""What a central system tells customers: its prices by the public convention, and words of its own."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.domain.devices import Pilot
from chargepoint.domain.dialogue.announcement import MOST_ANNOUNCEMENTS, MOST_CHARS, sanitised
from chargepoint.ocpp.notices import COST_VENDOR
from simulator.vtime import run_virtual
from tests.support.live_core import LiveStation, a_live_station
from tests.support.ocpp_peer import a_bench


async def costs(station: LiveStation, message_id: str, **content: Any) -> str:
    return await station.says(
        "DataTransfer", vendorId=COST_VENDOR, messageId=message_id, data=json.dumps(content)
    )


async def display(station: LiveStation, verb: str, **content: Any) -> tuple[str, Any]:
    answer = await station.asks(
        "DataTransfer",
        vendorId="es.citere",
        messageId=f"Display.{verb}",
        data=json.dumps(content),
    )
    return answer["status"], json.loads(answer.get("data", "{}"))


def param(station: LiveStation, name: str) -> Any:
    newest = station.core.station.feed.newest
    return newest.params.get(name)


# --- words ----------------------------------------------------------------------------------------


def test_words_of_the_operator_are_shown_kept_listed_and_cleared(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            texts = {"es": "Obras\n el lunes", "en-GB": "Works on Monday"}
            assert await display(station, "Set", id=4, texts=texts) == ("Accepted", {})
            assert param(station, "text") == "Obras el lunes"
            await station.restart()
            assert param(station, "text") == "Obras el lunes"
            listed = {
                "id": 4,
                "priority": "NormalCycle",
                "texts": {"es": "Obras el lunes", "en": "Works on Monday"},
            }
            assert await display(station, "Get") == ("Accepted", {"messages": [listed]})
            assert await display(station, "Clear", id=4) == ("Accepted", {})
            assert param(station, "text") is None
            assert (await display(station, "Clear", id=4))[0] == "Rejected"

    run_virtual(story())


def test_words_have_a_time_a_state_and_a_rank(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            end = (station.clock.utc() + timedelta(minutes=5)).isoformat()
            await display(station, "Set", id=1, texts="Siempre")
            await display(station, "Set", id=2, texts="Ahora", priority="InFront", endDateTime=end)
            charging = {"id": 3, "texts": "Buen viaje", "priority": "AlwaysFront"}
            await display(station, "Set", state="Charging", **charging)
            await asyncio.sleep(0.5)
            assert param(station, "text") == "Ahora"
            await station.remote_charge(10)
            assert param(station, "text") == "Buen viaje"
            await station.unplug()
            await asyncio.sleep(400)
            assert param(station, "text") == "Siempre"

    run_virtual(story())


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"id": 1},
        {"id": -1, "texts": "x"},
        {"id": True, "texts": "x"},
        {"id": 1, "texts": "\u202e\x07"},
        {"id": 1, "texts": {}},
        {"id": 1, "texts": "x", "priority": "Loud"},
        {"id": 1, "texts": "x", "state": "Happy"},
        {"id": 1, "texts": "x", "endDateTime": "soon"},
        {
            "id": 1,
            "texts": "x",
            "startDateTime": "2026-01-02T00:00:00Z",
            "endDateTime": "2026-01-01T00:00:00Z",
        },
    ],
)
def test_words_that_make_no_sense_are_rejected_with_the_reason(
    tmp_path: Path, content: dict[str, Any]
) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            word, why = await display(station, "Set", **content)
            assert (word, set(why)) == ("Rejected", {"reason"})
            assert param(station, "text") is None

    run_virtual(story())


def test_there_is_room_for_so_many_and_no_more(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            for number in range(MOST_ANNOUNCEMENTS):
                assert (await display(station, "Set", id=number, texts="x"))[0] == "Accepted"
            assert (await display(station, "Set", id=99, texts="x"))[0] == "Rejected"
            assert (await display(station, "Set", id=0, texts="y"))[0] == "Accepted"

    run_virtual(story())


@given(st.text(max_size=400))
def test_whatever_is_sent_is_one_bounded_line_of_readable_letters(text: str) -> None:
    shown = sanitised(text)
    assert len(shown) <= MOST_CHARS
    assert shown == shown.strip()
    assert shown.isprintable()
    assert sanitised(shown) == shown


# --- prices ---------------------------------------------------------------------------------------


def test_a_default_price_is_shown_in_its_language_and_offline_in_its_own_words(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            body = {"priceText": "0.15 EUR/kWh", "priceTextOffline": "Offline: free"}
            await station.sets("DefaultPrice", json.dumps(body))
            await asyncio.sleep(1)
            assert param(station, "text") == "0.15 EUR/kWh"
            spanish = {"priceText": "0,15 € el kWh"}
            await station.sets("DefaultPriceText,es", json.dumps(spanish))
            await asyncio.sleep(1)
            assert param(station, "text") == "0,15 € el kWh"
            station.central.is_up = False
            await station.central.drop()
            await asyncio.sleep(5)
            assert param(station, "text") == "Offline: free"
            await station.restart()
            assert param(station, "text") == "Offline: free"

    run_virtual(story())


@pytest.mark.parametrize("value", ["0.15", "[]", "{}", '{"priceText": 5}', "x"])
def test_a_default_price_of_another_shape_is_rejected(value: str) -> None:
    async def story() -> None:
        async with a_bench() as bench:
            change = {"key": "DefaultPrice", "value": value}
            answer = await bench.central.call("ChangeConfiguration", change)
            assert answer[2] == {"status": "Rejected"}

    run_virtual(story())


def running(station: LiveStation, **more: Any) -> dict[str, Any]:
    return {
        "transactionId": 1,
        "timestamp": station.clock.utc().isoformat(),
        "meterValue": int(station.sockets[1].energy_wh),  # type: ignore[index]  # by number
        "cost": 1.00,
        "state": "Charging",
        "chargingPrice": {"kWhPrice": 0.5},
        **more,
    }


def test_the_users_price_then_the_running_then_the_final_cost_are_shown(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            user = {"idToken": "TAG", "priceText": "$0.50/kWh"}
            assert await costs(station, "SetUserPrice", **user) == "Accepted"
            assert param(station, "text") is None  # of nobody who is here
            await station.remote_charge(100)
            assert param(station, "text") == "$0.50/kWh"
            assert await costs(station, "RunningCost", **running(station)) == "Accepted"
            await asyncio.sleep(1)
            assert param(station, "cost_minor") == 100
            await asyncio.sleep(1000)  # 1 kWh more
            assert param(station, "cost_minor") == 150
            await station.says("RemoteStopTransaction", transactionId=1)
            await asyncio.sleep(3)
            final = {"transactionId": 1, "cost": 1.66, "priceText": "TOTAL $1.66"}
            assert await costs(station, "FinalCost", **final) == "Accepted"
            assert param(station, "cost_minor") == 166
            assert param(station, "text") == "TOTAL $1.66"

    run_virtual(story())


def test_who_pays_here_sees_the_price_he_pays(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            await station.cash_charge(100)
            sent = running(station, cost=99.0)
            assert await costs(station, "RunningCost", **sent) == "Accepted"
            await asyncio.sleep(1)
            assert param(station, "cost_minor") < 10

    run_virtual(story())


def test_idle_time_costs_after_its_grace(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            await station.remote_charge(30)
            idle = {"graceMinutes": 10, "hourPrice": 6}
            sent = running(station, state="Idle", idlePrice=idle)
            assert await costs(station, "RunningCost", **sent) == "Accepted"
            await asyncio.sleep(595)
            assert param(station, "cost_minor") == 100
            await asyncio.sleep(600)
            assert 195 <= param(station, "cost_minor") <= 200

    run_virtual(story())


@pytest.mark.parametrize(
    "trigger",
    [{"atEnergykWh": 0.1}, {"atPowerkW": 1.0}, {"atCPStatus": ["SuspendedEV"]}],
)
def test_values_are_sent_when_the_central_system_wants_them(
    tmp_path: Path, trigger: dict[str, Any]
) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path, MeterValueSampleInterval="0") as station:
            await station.remote_charge(30)
            sent = running(station, triggerMeterValue=trigger)
            assert await costs(station, "RunningCost", **sent) == "Accepted"
            await asyncio.sleep(30)
            assert station.central.count("MeterValues") == 0
            await asyncio.sleep(60)
            await station.plug(pilot=Pilot.B)
            await asyncio.sleep(5)
            assert station.central.count("MeterValues") == 1

    run_virtual(story())


@pytest.mark.parametrize("name", ["RunningCost", "FinalCost", "SetUserPrice"])
@pytest.mark.parametrize(
    "content",
    [
        {},
        {"transactionId": 77, "cost": 1, "priceText": "x"},
        {"transactionId": 1, "cost": -1},
        {"transactionId": 1, "cost": "1"},
        {"transactionId": 1, "cost": 1e9, "timestamp": "x", "state": "Charging"},
        {"idToken": 5, "priceTextExtra": 5},
    ],
)
def test_costs_that_make_no_sense_are_rejected(
    tmp_path: Path, name: str, content: dict[str, Any]
) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            assert await costs(station, name, **content) == "Rejected"
            bad = {"vendorId": COST_VENDOR, "messageId": name, "data": "{" * 5000}
            assert await station.says("DataTransfer", **bad) == "Rejected"
            unknown = {"vendorId": COST_VENDOR, "messageId": "Cake"}
            assert await station.says("DataTransfer", **unknown) == "UnknownMessageId"

    run_virtual(story())


# --- what the station tells -----------------------------------------------------------------------


def transfers(station: LiveStation, message_id: str) -> list[dict[str, Any]]:
    sent = station.central.of("DataTransfer")
    return [each for each in sent if each["messageId"] == message_id]


def test_the_running_cost_is_told_where_that_is_wanted(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            station.central.answers["DataTransfer"] = {"status": "Accepted", "data": "{}"}
            await station.remote_charge(100)
            assert transfers(station, "Session.Cost") == []
            await station.sets("SessionCostInterval", "30")
            await asyncio.sleep(70)
            told = [json.loads(each["data"]) for each in transfers(station, "Session.Cost")]
            assert len(told) == 3
            assert {each["transactionId"] for each in told} == {1}
            assert told[-1]["cost"] == {"amount": 7, "currency": "EUR"}
            assert told[-1]["tariff"]["energyMilliPerKwh"] == 45_000

    run_virtual(story())


def test_a_central_system_without_ears_is_not_told_for_ever(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path, SessionCostInterval="10") as station:
            await station.remote_charge(200)
            assert len(transfers(station, "Session.Cost")) == 2

    run_virtual(story())


@pytest.mark.parametrize("wanted", ["true", "false"])
def test_the_plug_that_leaves_is_told_reliably_by_the_convention(
    tmp_path: Path, wanted: str
) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path, CustomIdleFeeAfterStop=wanted) as station:
            station.central.answers["DataTransfer"] = {"status": "Accepted"}
            await station.remote_charge(30)
            await station.says("RemoteStopTransaction", transactionId=1)
            await asyncio.sleep(5)
            station.central.is_up = False
            await station.central.drop()
            await station.unplug()  # unseen by any StatusNotification
            await station.restart()
            station.central.is_up = True
            await station.drained()
            told = transfers(station, "ConnectorUnplugged")
            assert len(told) == (wanted == "true")
            for each in told:
                assert each["vendorId"] == COST_VENDOR
                body = json.loads(each["data"])
                assert set(body) == {"transactionId", "timestamp"}
                assert body["transactionId"] == 1

    run_virtual(story())


def test_a_cable_left_behind_is_given_back_to_its_card(tmp_path: Path) -> None:
    async def story() -> None:
        keys = {"UnlockConnectorOnEVSideDisconnect": "false", "AllowOfflineTxForUnknownId": "true"}
        async with a_live_station(tmp_path, **keys) as station:
            station.central.is_up = False
            await station.central.drop()
            await station.card_charge(30)
            await station.unplug()
            await asyncio.sleep(5)
            socket = station.sockets[1]  # type: ignore[index]  # a connector by number
            assert socket.locked
            await station.card("7123450000000026")
            assert socket.locked
            await station.card()
            assert not socket.locked

    run_virtual(story())
