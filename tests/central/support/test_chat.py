"""Chat both ways: pages, streams, hours, brakes, and what must never get through."""

import asyncio
import json
from datetime import UTC, datetime

import pytest

from central.members.pages import Member
from central.support.chats import AGENT, VISITOR, Said, Visitor
from central.support.stream import Listener
from tests.support.browser import Browser
from tests.support.desk import WEEKDAYS, a_desk, sign_in
from tests.support.members import World

pytestmark = pytest.mark.usefixtures("both_databases")
MAITE = (1, "Maite")


def ask(browser: Browser, text: str, **fields: str) -> str:
    browser.open("/chat?lang=en")
    return browser.send("/chat", text=text, **fields).text


def test_visitor_and_agent_when_they_write_then_each_reads_the_other() -> None:
    world = a_desk()
    with world.browser() as visitor, world.browser() as agent:
        assert "Where is the plug?" in ask(visitor, "Where is the plug?")
        sign_in(agent)
        assert "Where is the plug?" in agent.page.text  # type: ignore[union-attr]
        assert "unread" in agent.page.text  # type: ignore[union-attr]
        page = agent.open("/desk/chat/1")
        assert "Where is the plug?" in page.text
        agent.send("/desk/chat/1", text="On the left side.")
        assert "On the left side." in visitor.open("/chat").text
        assert "Maite" in visitor.open("/chat").text
        assert "unread" not in agent.open("/desk").text


def test_canned_answer_when_read_then_in_the_readers_language_with_its_pictogram() -> None:
    world = a_desk()
    with world.browser() as visitor, world.browser() as agent:
        ask(visitor, "Kaixo")
        sign_in(agent)
        agent.open("/desk/chat/1")
        agent.send("/desk/chat/1", word="card")
        told = visitor.open("/chat?lang=eu").text
        assert "Hurbildu Green Card irakurgailura" in told
        assert "greencard.svg" in told
        assert "Hold the Green Card to the reader" in agent.open("/desk/chat/1").text
        assert agent.send("/desk/chat/1", word="drop table").status_code == 422


def test_html_when_written_then_shown_as_letters() -> None:
    world = a_desk()
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    with world.browser() as visitor, world.browser() as agent:
        for page in (ask(visitor, evil), sign_in(agent).open("/desk/chat/1").text):
            assert "<script>alert" not in page
            assert "<img src=x" not in page
            assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in agent.open("/desk").text


@pytest.mark.parametrize("text", ["", "   \n ", "x" * 1001, "\x00\x07"])
def test_message_when_empty_or_too_long_then_refused_and_nothing_kept(text: str) -> None:
    world = a_desk()
    with world.browser() as visitor:
        visitor.open("/chat")
        assert visitor.answer("/chat", text=text).status_code == 422
    assert world.web.support.chats.inbox() == []


def test_upload_when_sent_then_refused() -> None:
    world = a_desk()
    with world.browser() as visitor:
        visitor.open("/chat")
        answer = visitor.post("/chat", files={"text": ("a.png", b"\x89PNG", "image/png")})
        assert answer.status_code == 415
        assert visitor.post("/chat", data={"text": "no proof"}).status_code == 403
    assert world.web.support.chats.inbox() == []


def test_machine_when_it_writes_without_end_then_slowed() -> None:
    world = a_desk()
    with world.browser() as visitor:
        visitor.open("/chat")
        for _ in range(20):
            assert visitor.send("/chat", text="again").status_code == 200
        assert visitor.answer("/chat", text="again").status_code == 429
        world.clock.advance(seconds=10)
        visitor.open("/chat")
        assert visitor.send("/chat", text="again").status_code == 200


def test_new_chats_of_one_address_when_many_then_slowed() -> None:
    world = a_desk()
    for number in range(6):
        with world.browser() as visitor:
            visitor.open("/chat")
            status = visitor.answer("/chat", text="me again").status_code
            assert status == (303 if number < 5 else 429)


def test_stranger_when_guessing_then_sees_no_chat() -> None:
    world = a_desk()
    with world.browser() as visitor, world.browser() as stranger:
        ask(visitor, "My secret question")
        assert "secret question" not in stranger.open("/chat").text
        stranger.set_cookie("chat", "a" * 32)
        assert "secret question" not in stranger.open("/chat").text
        for path in ("/desk", "/desk/chat/1", "/desk/live", "/desk/chat/1/live"):
            answer = stranger.open(path)
            assert answer.headers["location"] == "/desk/sign-in", path
        assert stranger.open("/chat/live").status_code == 404


def test_member_when_on_two_devices_then_one_chat() -> None:
    world = a_desk()
    with world.browser() as phone:
        world.member(phone)
        ask(phone, "From my phone")
        assert "From my phone" in phone.open("/chat").text
    chats = world.web.support.chats
    assert [(each.name, each.is_member) for each in chats.inbox()] == [("Ane", True)]


def test_out_of_hours_then_kept_and_handed_to_the_telephone_once() -> None:
    world = a_desk(WEEKDAYS)  # the clock says Saturday
    with world.browser() as visitor:
        page = visitor.open("/chat?lang=en").text
        assert "Closed now. We open on 23 Nov 2026, 08:00" in page
        assert 'href="tel:+34900000000"' in page
        page = ask(visitor, "Anybody?")
        assert "The chat is closed until 23 Nov 2026, 08:00" in page
        assert "+34 900 000 000" in page
        ask(visitor, "Hello?")
    messages = world.web.support.chats.messages(1)
    assert [each.author for each in messages] == ["visitor", "system", "visitor"]
    assert world.web.support.chats.inbox()[0].is_unread


def test_within_hours_then_nobody_is_sent_to_the_telephone() -> None:
    world = a_desk(WEEKDAYS)
    world.clock.moment = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    with world.browser() as visitor:
        page = ask(visitor, "Hello")
        assert "Open now" in page
    assert len(world.web.support.chats.messages(1)) == 1


def test_closed_chat_when_the_visitor_writes_again_then_open_and_unread() -> None:
    world = a_desk()
    chats = world.web.support.chats
    with world.browser() as visitor, world.browser() as agent:
        ask(visitor, "One")
        sign_in(agent).open("/desk/chat/1")
        agent.send("/desk/chat/1/close")
        assert chats.inbox()[0].state == "closed"
        assert "We closed this conversation" in visitor.open("/chat").text
        ask(visitor, "Two")
        assert chats.inbox()[0].is_open
        assert chats.inbox()[0].is_unread


def test_read_marks_when_seen_then_never_go_back_nor_beyond() -> None:
    world = a_desk()
    chats = world.web.support.chats
    number = chats.ask(Visitor("en", secret="s"), "one")
    chats.answer(number, MAITE, Said("two"))
    chats.seen(number, 10_000, by_agent=False)
    found = chats.chat(number)
    assert found is not None
    assert found.seen_by_visitor == 2
    chats.seen(number, 1, by_agent=False)
    assert chats.chat(number) == found


def test_member_who_leaves_then_their_words_go_with_them() -> None:
    world = a_desk()
    with world.browser() as browser:
        world.member(browser)
        ask(browser, "My phone is 600 123 456")
        browser.open("/me/leave")
        browser.send("/me/leave", password="three green bicycles", sure="1", confirm="1")
    chat = world.web.support.chats.inbox()[0]
    assert not chat.is_member
    assert chat.name == ""
    assert "600" not in world.web.support.chats.messages(chat.id)[0].text


async def heard(stream: object) -> dict[str, object]:
    async with asyncio.timeout(5):
        event = await anext(stream)  # type: ignore[call-overload]
    told: dict[str, object] = json.loads(event.partition("data: ")[2])
    return told


def a_stream(world: World, side: str) -> object:
    async def is_welcome() -> bool:
        return True

    spoken = world.web.pages.speak("en")
    streams = world.web.support.streams
    return streams.of_chat(Listener(1, side, spoken, 0, is_welcome))


def test_streams_when_both_write_then_each_hears_the_other_and_what_was_read() -> None:
    world = a_desk()
    chats = world.web.support.chats

    async def conversation() -> None:
        visitor = Visitor("en", "Ane", Member(1, "Ane", "ane@example.eus"))
        chats.ask(visitor, "Is it <b>free</b>?")
        streams = [a_stream(world, VISITOR), a_stream(world, AGENT)]
        for stream in streams:
            await anext(stream)  # type: ignore[call-overload]
            first = await heard(stream)
            assert "Is it &lt;b&gt;free&lt;/b&gt;?" in str(first["said"])
        chats.answer(1, MAITE, Said("Yes."))
        for stream in streams:
            assert "Yes." in str((await heard(stream))["said"])
        chats.seen(1, 2, by_agent=False)
        told = await heard(streams[1])
        assert told["seen"] == 2
        assert told["said"] == []
        world.system.feed.close()
        for stream in streams:
            await stream.aclose()  # type: ignore[attr-defined]

    asyncio.run(conversation())


def test_stream_of_an_agent_who_left_then_ends() -> None:
    world = a_desk()
    chats = world.web.support.chats

    async def conversation() -> None:
        async def is_welcome() -> bool:
            return False

        chats.ask(Visitor("en", secret="s"), "one")
        spoken = world.web.pages.speak("en")
        stream = world.web.support.streams.of_chat(Listener(1, AGENT, spoken, 0, is_welcome))
        await anext(stream)
        await anext(stream)
        chats.ask(Visitor("en", secret="s"), "for agents only")
        assert [rest async for rest in stream] == []

    asyncio.run(conversation())
