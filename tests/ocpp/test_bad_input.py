"""Late, repeated, misplaced: what a central system may send in earnest (docs/ocpp.md, Bad input)."""

import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

from chargepoint.ocpp.key_catalogue import LOCAL_LIST_TOKENS
from chargepoint.ocpp.websocket import Access, websocket_connect
from simulator.vtime import run_virtual
from tests.ocpp.test_documentation import rows
from tests.ocpp.test_smart_charging import TX, body
from tests.support.live_core import ONE, a_live_station
from tests.support.ocpp_peer import After, a_bench, a_start, until
from tests.support.on_sockets import a_server, a_site

HERE = Path(__file__).parent
ACCEPTED = {"idTagInfo": {"status": "Accepted"}}


def test_every_test_of_the_table_exists() -> None:
    named = [name for row in rows("Bad input") for name in re.findall(r"`([^`]+)`", row[3])]
    assert len(named) >= len(rows("Bad input"))
    for name in named:
        file, _, test = name.partition("::")
        assert f"def {test}(" in (HERE / file).read_text("utf-8"), name


def test_an_answer_that_comes_too_late_is_ignored_and_the_message_repeated() -> None:
    async def story() -> None:
        async with a_bench(overrides={"TransactionMessageRetryInterval": "1"}) as bench:
            late = After(50, {"transactionId": 5, **ACCEPTED})
            bench.central.answers["StartTransaction"] = [late, {"transactionId": 6, **ACCEPTED}]
            bench.add(a_start())
            await until(lambda: not bench.outbox.queued)
            await asyncio.sleep(60)
            ids = {each.id for each in bench.central.heard if each.action == "StartTransaction"}
            assert len(ids) == 2
            assert [remote for _, remote, _ in bench.news.confirmed] == [6]

    run_virtual(story())


def test_an_answer_that_comes_twice_counts_once() -> None:
    async def story() -> None:
        async with a_bench() as bench:
            bench.add(a_start())
            await until(lambda: not bench.outbox.queued)
            (start,) = [h for h in bench.central.heard if h.action == "StartTransaction"]
            for remote_id in (1, 99):
                answer = {"transactionId": remote_id, **ACCEPTED}
                await bench.central.send(json.dumps([3, start.id, answer]))
            await asyncio.sleep(5)
            assert [remote for _, remote, _ in bench.news.confirmed] == [1]
            assert bench.central.opened == 1

    run_virtual(story())


def test_answers_to_nothing_that_was_asked_change_nothing() -> None:
    async def story() -> None:
        async with a_bench() as bench:
            for frame in ('[3,"never",{}]', '[4,"never","GenericError","",{}]', '[3,"",{}]'):
                await bench.central.send(frame)
            bench.add(a_start())
            await until(lambda: not bench.outbox.queued)
            assert bench.central.count("StartTransaction") == 1
            assert (bench.central.opened, bench.news.incidents) == (1, [])

    run_virtual(story())


@pytest.mark.parametrize("is_plugged_between", [False, True])
def test_a_repeated_remote_start_starts_once_and_takes_the_newer_profile(
    is_plugged_between: bool, tmp_path: Path
) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            start: dict[str, Any] = {"idTag": "TAG", "connectorId": 1}
            for number, limit in ((1, 8), (2, 12)):
                profile = body((0, limit), **TX, chargingProfileId=number)
                answer = await station.says(
                    "RemoteStartTransaction", **start, chargingProfile=profile
                )
                assert answer == "Accepted"
                if is_plugged_between and number == 1:
                    await station.plug()
                    await asyncio.sleep(10)
            assert await station.says("RemoteStartTransaction", **start) == "Accepted"
            await station.plug()
            await asyncio.sleep(20)
            assert station.central.count("StartTransaction") == 1
            assert station.sockets[ONE].limit == 12_000
            await station.unplug()
            await asyncio.sleep(10)
            assert await station.says("ClearChargingProfile") == "Unknown", (
                "it ended with its charge"
            )

    run_virtual(story())


def test_a_list_of_ten_thousand_tokens_comes_in_one_frame() -> None:
    """Tokens of 20 letters, each with parent and expiry, over a real websocket."""
    answers: list[Any] = []
    answered = asyncio.Event()
    info = {"status": "Accepted", "parentIdTag": "P" * 20, "expiryDate": "2099-12-31T23:59:59.000Z"}
    entries = [{"idTag": f"T{n:019}", "idTagInfo": info} for n in range(LOCAL_LIST_TOKENS)]
    sent = {"listVersion": 1, "updateType": "Full", "localAuthorizationList": entries}

    async def sending(connection: ServerConnection) -> None:
        await connection.send(json.dumps([2, "list", "SendLocalList", sent], separators=(",", ":")))
        async for text in connection:
            frame = json.loads(text)
            if frame[1] == "list":
                answers.append(frame)
                answered.set()

    async def story() -> None:
        async with a_server(sending) as url, a_site(websocket_connect(Access(url, "CP-1"))):
            async with asyncio.timeout(20):
                await answered.wait()
        assert answers == [[3, "list", {"status": "Accepted"}]]

    asyncio.run(story())


@pytest.mark.parametrize("time", ["yesterday", "1970-01-01T00:00:00Z", "2026-13-01T00:00:00Z"])
def test_a_time_that_is_none_leaves_the_clock_alone(time: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            station.central.answers["Heartbeat"] = {"currentTime": time}
            ask = {"requestedMessage": "Heartbeat"}
            assert await station.says("TriggerMessage", **ask) == "Accepted"
            await asyncio.sleep(5)
            assert abs(station.clock.utc() - station.world_clock.utc()) < timedelta(seconds=2)
            known = station._journal.incidents_between(None, None, 100)
            assert "ocpp.time_unreadable" in [code for _, code, *_ in known]

    run_virtual(story())
