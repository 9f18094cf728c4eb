"""The customer's telephone: news of the charge, and the code that stops it from afar."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from chargepoint.domain.devices import Pilot
from chargepoint.domain.money.invoice import page_token
from config.schema import Config, Prices, Receipt
from simulator.vtime import run_virtual
from tests.support.live_core import ONE, LiveStation, a_live_station

LINK = "https://charge.example"
PRICES = Prices(energy=Decimal("0.45"), idle_minute=Decimal("0.10"), idle_grace=60)
WITH_PAGES = Config(receipt=Receipt(link=LINK), tariff=PRICES)


@asynccontextmanager
async def a_station(folder: Path) -> AsyncIterator[LiveStation]:
    """Its central system has pages for customers."""
    async with a_live_station(folder, config=WITH_PAGES) as station:
        station.central.answers["DataTransfer"] = {"status": "Accepted", "data": "{}"}
        yield station


def running(station: LiveStation) -> Any:
    return station.core.station.points[ONE].seen.session


def told(station: LiveStation) -> list[dict[str, Any]]:
    sent = station.central.of("DataTransfer")
    return [json.loads(each["data"]) for each in sent if each["messageId"] == "Session.Cost"]


def param(station: LiveStation, name: str) -> Any:
    return station.core.station.feed.newest.params.get(name)


async def watch(station: LiveStation, transaction: int = 1) -> str:
    return await station.says(
        "DataTransfer",
        vendorId="es.citere",
        messageId="Session.Watch",
        data=json.dumps({"transactionId": transaction}),
    )


async def stop(station: LiveStation, code: str, transaction: int = 1) -> tuple[str, str]:
    session = running(station)
    page = page_token(session.id) if session else ""
    proof = hashlib.sha256(f"{page} {code}".encode()).hexdigest()
    return await give(station, proof, transaction)


async def give(station: LiveStation, proof: object, transaction: int = 1) -> tuple[str, str]:
    answer = await station.asks(
        "DataTransfer",
        vendorId="es.citere",
        messageId="Session.Stop",
        data=json.dumps({"transactionId": transaction, "proof": proof}),
    )
    return answer["status"], json.loads(answer.get("data", "{}")).get("reason", "")


# --- news -----------------------------------------------------------------------------------------


def test_page_when_a_charge_runs_then_each_stage_is_told_once(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_station(tmp_path) as station:
            await station.cash_charge(30)
            session = running(station).id
            assert param(station, "qr") == f"{LINK}/r/{page_token(session)}"
            assert [each["stage"] for each in told(station)] == ["starting", "charging"]
            first = told(station)[0]
            assert first["page"] == page_token(session)
            assert first["transactionId"] == 1
            assert first["hasCode"] is True
            assert first["most"] == {"amount": 200, "currency": "EUR"}
            await station.plug(pilot=Pilot.B)
            await asyncio.sleep(20)
            assert told(station)[-1]["stage"] == "carPaused"
            assert "idleFeeAt" in told(station)[-1]
            await stop(station, running(station).order.code)
            await asyncio.sleep(5)
            assert told(station)[-1]["stage"] == "finished"
            assert "idleFeeAt" in told(station)[-1]

    run_virtual(story())


def test_page_when_somebody_looks_then_news_come_every_few_seconds(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_station(tmp_path) as station:
            await station.cash_charge(30)
            before = len(told(station))
            await asyncio.sleep(60)
            assert len(told(station)) == before
            assert await watch(station) == "Accepted"
            await asyncio.sleep(20)
            assert 8 <= len(told(station)) - before <= 12
            await asyncio.sleep(60)
            settled = len(told(station))
            await asyncio.sleep(60)
            assert len(told(station)) == settled
            assert await watch(station, 77) == "Rejected"

    run_virtual(story())


def test_page_when_the_central_system_has_none_then_there_is_no_code_on_the_screen(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            await station.cash_charge(20)
            assert param(station, "qr") == ""
            assert told(station) == []

    run_virtual(story())


def test_page_when_nobody_there_knows_it_then_the_next_charge_asks_again(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path, config=WITH_PAGES) as station:
            station.central.answers["DataTransfer"] = {"status": "UnknownVendorId"}
            await station.remote_charge(20)
            await station.unplug()
            await asyncio.sleep(20)
            assert len(told(station)) == 2
            station.central.answers["DataTransfer"] = {"status": "Accepted", "data": "{}"}
            await station.remote_charge(20)
            assert [each["stage"] for each in told(station)[2:]] == ["starting", "charging"]

    run_virtual(story())


# --- stop with the code ---------------------------------------------------------------------------


def test_stop_when_the_code_is_right_then_the_charge_ends_and_the_change_waits(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        async with a_station(tmp_path) as station:
            await station.cash_charge(30)
            code = running(station).order.code
            assert await stop(station, code) == ("Accepted", "")
            await asyncio.sleep(5)
            assert station.central.of("StopTransaction")[0]["reason"] == "Remote"
            assert await stop(station, code) == ("Rejected", "notRunning")

    run_virtual(story())


def test_stop_when_codes_are_wrong_then_they_are_counted_and_locked(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_station(tmp_path) as station:
            await station.cash_charge(10)
            code = running(station).order.code
            wrong = "0000" if code != "0000" else "1111"
            assert await stop(station, wrong) == ("Rejected", "wrong")
            assert await give(station, None) == ("Rejected", "wrong")
            assert await give(station, "ñandú") == ("Rejected", "locked")
            assert await stop(station, code) == ("Rejected", "locked")
            await asyncio.sleep(61)
            assert await stop(station, code) == ("Accepted", "")

    run_virtual(story())


def test_stop_when_a_card_pays_then_no_code_ends_it(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_station(tmp_path) as station:
            await station.remote_charge(20)
            assert await stop(station, "1234") == ("Rejected", "noCode")
            assert await stop(station, "1234", transaction=99) == ("Rejected", "notRunning")
            assert station.central.of("StopTransaction") == []

    run_virtual(story())
