"""The charge on a telephone without an account: live page, stop, messages, invoice, problem, lost receipts."""

import asyncio
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from central.clock import utc_text
from central.errors import PointAway
from central.greencard.records import StartKey
from central.phone.nif import tax_number
from central.storage.tables.phones import SESSION_WISH
from tests.support.browser import Browser
from tests.support.central import CARD, START, a_receipt, euros
from tests.support.members import World, a_world

PAGE = "abcdefghijklmnopqrstuvwxyz"
POINT = "CP-1"


@dataclass
class Points:
    """In place of the network: what points were asked, and what they answer."""

    answer: dict[str, Any] | None = None
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def claim(self, point: str) -> None: ...

    async def release(self, point: str) -> bool:
        return False

    async def call(self, point: str, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        assert (point, action) == (POINT, "DataTransfer")
        self.asked.append((payload["messageId"], json.loads(payload["data"])))
        if self.answer is None:
            raise PointAway(point)
        return self.answer


def rejected(reason: str) -> dict[str, Any]:
    return {"status": "Rejected", "data": json.dumps({"reason": reason})}


def news(**changes: Any) -> dict[str, Any]:
    """`Session.Cost` of a charge that runs."""
    told = {
        "transactionId": 1,
        "connectorId": 1,
        "cost": euros(205),
        "energyWh": 5000,
        "seconds": 1500,
        "page": PAGE,
        "stage": "charging",
        "hasCode": True,
        "most": euros(1000),
    }
    return told | changes


def tell(world: World, **changes: Any) -> Any:
    return say(world, "Session.Cost", news(**changes))


def say(world: World, message_id: str, content: dict[str, Any], point: str = POINT) -> Any:
    desk = world.system._office.desk
    return desk.answer(point, "es.citere", message_id, json.dumps(content))


@contextmanager
def a_charge(**changes: Any) -> Iterator[tuple[World, Browser, Points]]:
    world = a_world()
    points = Points({"status": "Accepted"})
    world.system.network = points
    world.system.charges.start(StartKey(POINT, 1, CARD, START, 1000))
    assert tell(world, **changes)[0] == "Accepted"
    with world.browser() as browser:
        yield world, browser, points


def settle(world: World, **changes: Any) -> None:
    world.system.charges.stop(POINT, 1, 11_000, START, "Local")
    assert say(world, "Session.Receipt", a_receipt(page=PAGE, **changes))[0] == "Accepted"


# --- looking ---------------------------------------------------------------------------------------


def test_page_when_the_charge_runs_then_numbers_are_there() -> None:
    with a_charge() as (_, browser, _):
        page = browser.open(f"/r/{PAGE}?lang=en")
        assert page.status_code == 200
        assert "Your car is charging" in page.text
        assert "5.00\u00a0kWh" in page.text
        assert "€2.05" in page.text
        assert "At most €10.00" in page.text
        assert page.headers["x-robots-tag"] == "noindex"
        assert CARD not in page.text


def test_page_when_the_idle_fee_comes_nearer_then_the_minutes_are_there() -> None:
    with a_charge() as (world, browser, _):
        at = utc_text(world.clock.utc() + timedelta(minutes=12, seconds=30))
        tell(world, stage="carPaused", idleFeeAt=at)
        page = browser.open(f"/r/{PAGE}?lang=en")
        assert "12 min left" in page.text


def test_page_when_the_receipt_is_there_then_it_takes_the_page() -> None:
    with a_charge() as (world, browser, _):
        world.system.charges.stop(POINT, 1, 11_000, START, "Local")
        assert "Charging finished" in browser.open(f"/r/{PAGE}?lang=en").text
        settle(world)
        page = browser.open(f"/r/{PAGE}?lang=en")
        assert "EUR 4.10" in page.text
        assert f"/r/{PAGE}/invoice" in page.text


@pytest.mark.parametrize("name", ["a" * 26, "short", "A" * 26, "../../etc", "%00" * 26])
def test_page_when_nobody_knows_it_then_it_is_missing(name: str) -> None:
    with a_charge() as (_, browser, _):
        assert browser.open(f"/r/{name}").status_code == 404
        for what in ("stop", "messages", "invoice", "problem"):
            assert browser.open(f"/r/{name}/{what}").status_code in (404, 405)


def test_stream_when_there_is_news_then_the_page_has_it_and_ends_with_the_receipt() -> None:
    with a_charge() as (world, _, points):

        async def look() -> list[str]:
            told = []
            async with asyncio.TaskGroup() as tasks:
                running = tasks.create_task(world.web.followers.run())
                await asyncio.sleep(0)
                async for now in world.web.followers.changes(PAGE):
                    told.append(f"{now.stage} {now.cost_minor}")
                    if len(told) == 1:
                        tell(world, cost=euros(206))
                    else:
                        settle(world)
                world.system.feed.close()
                await running
            return told

        told = asyncio.run(look())
        assert told == ["charging 205", "charging 206", "ended 206"]
        assert points.asked[0] == ("Session.Watch", {"transactionId": 1})


# --- what points tell -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"page": "tooshort"},
        {"page": 7},
        {"stage": "flying"},
        {"transactionId": 99},
        {"transactionId": True},
        {"cost": {"amount": -1}},
        {"cost": 5},
        {"energyWh": "5"},
        {"seconds": 2**60},
        {"idleFeeAt": "soon"},
        {"idleFeeAt": 5},
        {"page": "b" * 26},
    ],
)
def test_news_when_they_do_not_fit_then_nothing_changes(changes: dict[str, Any]) -> None:
    with a_charge() as (world, browser, _):
        status, said = tell(world, **({"cost": euros(999)} | changes))
        assert status == "Rejected"
        assert said["reason"]
        assert "€2.05" in browser.open(f"/r/{PAGE}?lang=en").text


def test_news_when_another_point_tells_them_then_nothing_changes() -> None:
    with a_charge() as (world, browser, _):
        assert say(world, "Session.Cost", news(cost=euros(9)), "CP-2")[0] == "Rejected"
        assert "€2.05" in browser.open(f"/r/{PAGE}?lang=en").text


def test_news_when_they_name_no_page_then_they_are_taken_as_ever() -> None:
    with a_charge() as (world, _, _):
        plain = {k: v for k, v in news().items() if k not in ("page", "stage")}
        assert say(world, "Session.Cost", plain) == ("Accepted", {})


# --- stopping --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("both_databases")
def test_stop_when_the_code_is_given_then_the_point_gets_a_proof_and_nobody_the_code() -> None:
    with a_charge() as (world, browser, points):
        browser.open(f"/r/{PAGE}?lang=en")
        page = browser.send(f"/r/{PAGE}/stop", code="4827")
        assert "being stopped" in page.text
        proof = hashlib.sha256(f"{PAGE} 4827".encode()).hexdigest()
        assert points.asked == [("Session.Stop", {"transactionId": 1, "proof": proof})]
        assert not any('"4827"' in frame.text for frame in world.system.frames.since(0))


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (rejected("wrong"), 422, "not the code"),
        (rejected("locked"), 422, "Too many"),
        (rejected("noCode"), 422, "has no code"),
        (rejected("notRunning"), 422, "cannot be reached"),
        ({"status": "UnknownMessageId"}, 422, "cannot be reached"),
        (None, 503, "cannot be reached"),
    ],
)
def test_stop_when_the_point_refuses_then_the_page_says_why(
    answer: dict[str, Any] | None, status: int, words: str
) -> None:
    with a_charge() as (_, browser, points):
        points.answer = answer
        browser.open(f"/r/{PAGE}?lang=en")
        page = browser.send(f"/r/{PAGE}/stop", code="8351")
        assert page.status_code == status
        assert words in page.text
        assert "8351" not in page.text


def test_stop_when_codes_are_tried_then_it_is_slowed_before_the_point_is_asked() -> None:
    with a_charge() as (_, browser, points):
        points.answer = rejected("wrong")
        browser.open(f"/r/{PAGE}")
        statuses = [browser.send(f"/r/{PAGE}/stop", code=f"{n:04}").status_code for n in range(3)]
        browser.open(f"/r/{PAGE}")
        statuses.append(browser.send(f"/r/{PAGE}/stop", code="1111").status_code)
        browser.open(f"/r/{PAGE}")
        statuses.append(browser.send(f"/r/{PAGE}/stop", code="1111").status_code)
        assert statuses == [422, 422, 422, 422, 429]
        assert len(points.asked) == 4


def test_stop_when_the_form_is_foreign_then_it_is_refused() -> None:
    with a_charge() as (_, browser, points):
        assert browser.post(f"/r/{PAGE}/stop", data={"code": "4827"}).status_code == 403
        assert points.asked == []


# --- messages --------------------------------------------------------------------------------------


def subscribe(browser: Browser, **changes: str) -> int:
    browser.open(f"/r/{PAGE}/messages?lang=en")
    fields = {"channel": "mail", "email": "jon@example.eus", "consent": "yes"} | changes
    return browser.send(f"/r/{PAGE}/messages", **fields).status_code


@pytest.mark.usefixtures("both_databases")
def test_messages_when_asked_for_then_each_comes_once_with_its_way_out() -> None:
    with a_charge() as (world, browser, _):
        assert subscribe(browser) == 200
        for stage in ("charging", "carPaused", "charging", "carPaused", "interrupted"):
            tell(world, stage=stage)
            asyncio.run(world.web.messenger.tell(PAGE))
        subjects = [mail.subject for mail in world.mails()]
        assert subjects == [
            "Your charge broke off",
            "Your car takes no more energy",
            "Your car is charging",
        ]
        mail = world.mails()[0]
        assert f"/r/{PAGE}" in mail.text
        message = mail.message("from@example.eus")
        assert message["List-Unsubscribe"] == f"<{mail.unsubscribe}>"
        path = mail.unsubscribe.removeprefix("http://127.0.0.1")
        assert "End the messages?" in browser.open(f"{path}?lang=en").text
        answer = browser.post(path, data={"List-Unsubscribe": "One-Click"})
        assert "Nothing more will be sent" in answer.text
        assert subscribe(browser, email="other@example.eus") == 200


def test_messages_when_ended_then_nothing_more_comes() -> None:
    with a_charge(stage="starting") as (world, browser, _):
        subscribe(browser)
        assert world.mails() == []
        wish = world.web.wishes.add(PAGE, "mail", "jon@example.eus", "en")
        assert wish is not None
        browser.post(f"/no-more/{wish.secret}")
        tell(world)
        asyncio.run(world.web.messenger.tell(PAGE))
        assert world.mails() == []
        assert browser.open("/no-more/unknown").status_code == 200


def test_messages_when_the_idle_fee_is_ten_minutes_away_then_one_says_so() -> None:
    with a_charge() as (world, browser, _):
        subscribe(browser)
        at = utc_text(world.clock.utc() + timedelta(minutes=30))
        tell(world, stage="finished", idleFeeAt=at)
        for _ in range(3):
            asyncio.run(world.web.messenger.tell_soon())
            world.clock.advance(minutes=8)
        asyncio.run(world.web.messenger.tell_soon())
        asyncio.run(world.web.messenger.tell_soon())
        soon = [m for m in world.mails() if m.subject == "The idle fee begins in ten minutes"]
        assert len(soon) == 1


@pytest.mark.usefixtures("both_databases")
def test_messages_when_nobody_passed_the_news_on_then_the_next_look_does() -> None:
    with a_charge(stage="starting") as (world, browser, _):
        subscribe(browser)
        tell(world, stage="interrupted")
        for _ in range(2):
            asyncio.run(world.web.messenger.tell_soon())
            world.clock.advance(minutes=1)
        assert [mail.subject for mail in world.mails()] == ["Your charge broke off"]


def test_messages_when_the_news_is_old_then_nobody_is_told() -> None:
    with a_charge(stage="starting") as (world, browser, _):
        subscribe(browser)
        tell(world, stage="interrupted")
        world.clock.advance(hours=2)
        asyncio.run(world.web.messenger.tell_soon())
        assert world.mails() == []


def test_messages_when_a_month_has_passed_then_nobodys_address_is_kept() -> None:
    with a_charge() as (world, browser, _):
        subscribe(browser)
        rows = world.system.store.database
        for passed_days, kept in ((29, 1), (2, 0)):
            world.clock.advance(days=passed_days)
            world.web.wishes.forget()
            assert len(rows.rows(select(SESSION_WISH))) == kept


@pytest.mark.parametrize(
    "changes",
    [{"consent": ""}, {"email": "nobody"}, {"channel": "pigeon"}, {"email": "a@b.es\nBcc: c@d.es"}],
)
def test_messages_when_the_form_is_wrong_then_nobody_is_written_to(changes: dict[str, str]) -> None:
    with a_charge() as (world, browser, _):
        assert subscribe(browser, **changes) == 422
        assert world.mails() == []


def test_messages_when_many_ask_then_there_is_an_end() -> None:
    with a_charge() as (_, browser, _):
        statuses = [subscribe(browser, email=f"a{n}@example.eus") for n in range(7)]
        assert statuses == [200] * 5 + [429] * 2


def test_messages_to_the_browser_when_simulated_then_the_bench_shows_them() -> None:
    with a_charge() as (world, browser, _):
        assert subscribe(browser, channel="push", email="") == 200
        assert [push.title for push in world.pushes()] == ["Your car is charging"]
        assert "Your car is charging" in browser.open("/bench/post").text


# --- invoice ---------------------------------------------------------------------------------------


CUSTOMER = {"nif": "b-12345674", "name": "Talleres <Ñ> & Cía", "address": "Kale Nagusia 1, Irun"}


def ask(browser: Browser, **changes: str) -> Any:
    browser.open(f"/r/{PAGE}/invoice?lang=en")
    return browser.send(f"/r/{PAGE}/invoice", **(CUSTOMER | changes))


@pytest.mark.usefixtures("both_databases")
def test_invoice_when_the_central_system_invoices_then_it_is_issued_once() -> None:
    with a_charge() as (world, browser, _):
        settle(world, invoicing={"nif": "B12345674", "issuer": "Citere"})
        page = ask(browser)
        assert "CF-000001" in page.text
        assert "CS-000001" in page.text
        assert "Talleres &lt;Ñ&gt; &amp; Cía" in page.text
        again = browser.open(f"/r/{PAGE}/invoice")
        assert "CF-000001" in again.text
        assert "EUR 4.10" in browser.open(f"/r/{PAGE}/invoice?lang=en").text


def test_invoice_when_the_point_invoices_then_it_is_kept_for_the_operator() -> None:
    with a_charge() as (world, browser, _):
        settle(world, invoice="07-000123", issuer="Citere", nif="B12345674")
        assert "We have your request" in ask(browser).text
        assert "B12345674" in browser.open(f"/r/{PAGE}/invoice").text
        assert [f.code for f in world.system.store.findings()].count("invoice.asked") == 1


@pytest.mark.parametrize(
    "changes",
    [{"nif": "B12345675"}, {"nif": ""}, {"name": ""}, {"address": "x"}, {"address": "a\x00bcd"}],
)
def test_invoice_when_the_customer_is_incomplete_then_none_is_made(changes: dict[str, str]) -> None:
    with a_charge() as (world, browser, _):
        settle(world, invoicing={"nif": "B12345674", "issuer": "Citere"})
        assert ask(browser, **changes).status_code == 422
        assert "CF-000001" in ask(browser).text


def test_invoice_when_a_provider_bills_then_there_is_none() -> None:
    with a_charge() as (world, browser, _):
        settle(world, means="token")
        assert browser.open(f"/r/{PAGE}/invoice").status_code == 404


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12345678Z", "12345678Z"),
        (" es-12.345.678-z ", "12345678Z"),
        ("X1234567L", "X1234567L"),
        ("Y1234567X", "Y1234567X"),
        ("B12345674", "B12345674"),
        ("Q2826000H", "Q2826000H"),
        ("12345678A", None),
        ("B12345675", None),
        ("Q28260008", None),
        ("", None),
        ("\uff11\uff12345678Z", None),
        ("B1234567", None),
    ],
)
def test_tax_number_when_read_then_its_check_counts(text: str, number: str | None) -> None:
    assert tax_number(text) == number


# --- problem ---------------------------------------------------------------------------------------


def test_problem_when_told_then_it_has_a_number_and_the_operator_knows() -> None:
    with a_charge() as (world, browser, _):
        browser.open(f"/r/{PAGE}/problem?lang=en")
        page = browser.send(
            f"/r/{PAGE}/problem", words="<b>Stuck</b>\ncable", contact="600 000 000"
        )
        assert "P-000001" in page.text
        number, _, problem = world.system.phone.problems.all()[0]
        assert (number, problem.words, problem.page) == ("P-000001", "<b>Stuck</b>\ncable", PAGE)
        assert world.system.store.findings()[0].code == "problem.told"


def test_problem_when_nothing_is_written_then_it_is_asked_for() -> None:
    with a_charge() as (world, browser, _):
        browser.open(f"/r/{PAGE}/problem")
        assert browser.send(f"/r/{PAGE}/problem", words=" ", contact="").status_code == 422
        assert world.system.phone.problems.all() == []


# --- lost receipts ---------------------------------------------------------------------------------


def search(browser: Browser, **changes: str) -> Any:
    browser.open("/receipts?lang=en")
    fields = {"day": "2026-11-21", "amount": "4,10", "last_four": CARD[-4:]} | changes
    return browser.send("/receipts", **fields)


@pytest.mark.usefixtures("both_databases")
def test_search_when_all_three_fit_then_the_receipt_is_found() -> None:
    with a_charge() as (world, browser, _):
        settle(world)
        page = search(browser)
        assert f'href="/r/{PAGE}"' in page.text


@pytest.mark.parametrize(
    "changes", [{"day": "2026-11-20"}, {"amount": "4.11"}, {"last_four": "1234"}]
)
def test_search_when_one_does_not_fit_then_nothing_is_found(changes: dict[str, str]) -> None:
    with a_charge() as (world, browser, _):
        settle(world)
        page = search(browser, **changes)
        assert page.status_code == 404
        assert PAGE not in page.text


@pytest.mark.parametrize(
    "changes",
    [{"day": "yesterday"}, {"day": "1999-01-01"}, {"amount": "-1"}, {"last_four": "' OR 1=1"}],
)
def test_search_when_a_field_is_wrong_then_it_is_named(changes: dict[str, str]) -> None:
    with a_charge() as (world, browser, _):
        settle(world)
        assert search(browser, **changes).status_code == 422


def test_search_when_endings_are_tried_then_addresses_and_sums_are_slowed() -> None:
    with a_charge() as (world, browser, _):
        settle(world)
        first = [search(browser, last_four=f"{n:04}").status_code for n in range(4)]
        assert first == [404, 404, 404, 404]
        other = Browser(world.web.app, peer=("198.51.100.7", 5000))
        assert search(other).status_code == 429
        with other:
            pass
