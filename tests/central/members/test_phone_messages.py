"""Messages to a telephone without an account: each once, until it is enough."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from central.clock import utc_text
from central.storage.tables.phones import SESSION_WISH
from tests.support.browser import Browser
from tests.support.telephone import PAGE, a_charge, tell


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
