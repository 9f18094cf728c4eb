"""The charge on a telephone without an account: its live page, what points tell of it, its stop."""

import asyncio
import hashlib
from datetime import timedelta
from typing import Any

import pytest

from central.clock import utc_text
from tests.support.central import CARD, START, euros
from tests.support.telephone import PAGE, POINT, a_charge, news, rejected, say, settle, tell

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
