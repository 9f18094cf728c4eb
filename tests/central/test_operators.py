"""The operator's pages: for whom, and what a day was worth."""

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from central.clock import utc_text
from central.fleet.registry import ConnectorState, Site
from central.greencard.records import StartKey
from central.greencard.takings import Day, Takings
from central.system import CentralSystem
from central.web.operator import OperatorPage
from tests.support.central import CARD, FixedClock, a_receipt, a_system, euros

HERE, ELSEWHERE = ("127.0.0.1", 50_000), ("192.0.2.9", 50_000)
PATHS = (
    "/operator",
    "/operator/days",
    "/operator/reservations",
    "/api/reservations",
    "/api/state",
    "/api/points",
    "/api/cards/1",
)


def asked(
    operators: OperatorPage, *paths: str, peer: tuple[str, int] = HERE, **headers: str
) -> list[httpx2.Response]:
    async def ask() -> list[httpx2.Response]:
        transport = httpx2.ASGITransport(operators.app, client=peer)
        base = "http://127.0.0.1:8081"
        async with httpx2.AsyncClient(transport=transport, base_url=base) as client:
            return [await client.get(path, headers=headers) for path in paths]

    return asyncio.run(ask())


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"maria:{password}".encode()).decode()


def test_pages_without_a_password_are_for_this_machine_only() -> None:
    pages = OperatorPage(a_system(), FixedClock())
    assert {each.status_code for each in asked(pages, *PATHS[:4])} == {200}
    assert {each.status_code for each in asked(pages, *PATHS, peer=ELSEWHERE)} == {403}


@pytest.mark.parametrize("peer", [HERE, ELSEWHERE])
def test_pages_with_a_password_open_to_whoever_knows_it(peer: tuple[str, int]) -> None:
    pages = OperatorPage(a_system(), FixedClock(), "horse battery")
    right = {"authorization": basic("horse battery")}
    assert {each.status_code for each in asked(pages, *PATHS[:4], peer=peer, **right)} == {200}
    for wrong in ({}, {"authorization": basic("horse")}, {"authorization": "Basic !"}):
        (refused,) = asked(pages, "/operator", peer=peer, **wrong)
        assert refused.status_code == 401
        assert "operator" in refused.headers["www-authenticate"]
    foreign = {**right, "sec-fetch-site": "cross-site"}
    assert asked(pages, "/api/state", peer=peer, **foreign)[0].status_code == 403


def test_password_when_guessed_then_slowed_and_elsewhere_not() -> None:
    clock = FixedClock()
    pages = OperatorPage(a_system(clock=clock), clock, "right")
    wrong = {"authorization": basic("wrong")}
    told = [asked(pages, "/operator", peer=ELSEWHERE, **wrong)[0] for _ in range(5)]
    assert [each.status_code for each in told] == [401, 401, 401, 401, 429]
    right = {"authorization": basic("right")}
    assert asked(pages, "/operator", peer=ELSEWHERE, **right)[0].status_code == 429
    assert asked(pages, "/operator", **right)[0].status_code == 200
    clock.advance(seconds=int(told[4].headers["retry-after"]))
    assert asked(pages, "/operator", peer=ELSEWHERE, **right)[0].status_code == 200


# --- days -----------------------------------------------------------------------------------------


def sell(system: CentralSystem, number: str, total: int) -> None:
    content: dict[str, Any] = a_receipt(
        receiptNumber=number, transactionId=None, total=euros(total), lines=[]
    )
    system._office.desk.answer("CP-1", "es.citere", "Session.Receipt", json.dumps(content))


@pytest.mark.usefixtures("both_databases")
def test_day_is_the_local_one_and_what_was_given_back_is_off() -> None:
    clock = FixedClock()  # 2026-11-21 09:00 in Madrid
    system = a_system(clock=clock)
    system.accounts.create_card(CARD, balance_minor=9000)
    sell(system, "R-1", 400)
    clock.advance(hours=14, minutes=59)  # 23:59
    sell(system, "R-2", 100)
    clock.advance(minutes=1)
    sell(system, "R-3", 50)
    refund = {
        "reference": "B-1",
        "receiptNumber": "R-1",
        "idTag": CARD,
        "means": "greencard",
        "amount": euros(150),
    }
    system._office.desk.answer("CP-1", "es.citere", "Session.Refund", json.dumps(refund))
    days = Takings(system.store.database, clock).days(3, "Europe/Madrid")
    assert days == [Day("2026-11-22", -100), Day("2026-11-21", 500), Day("2026-11-20")]
    assert sum(day.sales_minor for day in days) == system.store.balance("sales")


@pytest.mark.usefixtures("both_databases")
def test_day_counts_charges_that_ended_and_their_energy() -> None:
    clock = FixedClock()
    system = a_system(clock=clock)
    for number, energy_wh in enumerate((10_000, 2_500)):
        at = utc_text(clock.utc() + timedelta(minutes=number))
        started = system.charges.start(StartKey("CP-1", 1, "CASH", at, 0))
        system.charges.stop("CP-1", started.id, energy_wh, at, "Local")
    (day,) = Takings(system.store.database, clock).days(1, "Europe/Madrid")
    assert (day.charges, day.energy_wh) == (2, 12_500)


def test_days_page_shows_sums_and_faults_and_no_markup_of_others() -> None:
    system = a_system()
    system.accounts.create_card(CARD, balance_minor=2000)
    sell(system, "R-1", 410)
    system.registry.provision("CP-1", Site("<b>Harbour</b>"), None)
    point = system.registry.point("CP-1")
    point.is_connected = True
    point.connectors[1] = ConnectorState("Faulted", "GroundFailure", "<script>", "2026")
    pages = OperatorPage(system, FixedClock())
    for language, sales, word in (("en", "4.10 EUR", "Sales"), ("es", "4,10 EUR", "Ventas")):
        (shown,) = asked(pages, f"/operator/days?lang={language}")
        assert sales in shown.text
        assert word in shown.text
        assert "GroundFailure" in shown.text
        assert "<script" not in shown.text
        assert "<b>Harbour" not in shown.text
