"""Members, agents and points on different processes of one PostgreSQL meet each other all the same."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from central.feed import masked
from central.members.mail import Mail
from central.support.agents import Agent
from central.support.chats import AGENT, VISITOR, Said, Visitor
from central.support.holds import Holds
from central.support.point_desk import PointDesk
from central.support.stream import Listener
from tests.support.central import FixedClock, connected
from tests.support.network import LIMIT_S, Process, two_processes, until

MAITE = Agent(1, "maite", "Maite", "agent")
NOTICE = {"connectorId": 1, "errorCode": "NoError", "status": "Charging"}
Script = Callable[[Process, Process], Awaitable[None]]


def converse(place: str, script: Script) -> None:
    async def go() -> None:
        async with two_processes(place) as (one, two):
            await script(one, two)

    asyncio.run(go())


async def heard(stream: AsyncIterator[str], part: str) -> str:
    """The next event with this in it."""
    async with asyncio.timeout(LIMIT_S):
        while part not in (event := await anext(stream)):
            pass
    return event


def listener(process: Process, chat_id: int, side: str) -> AsyncIterator[str]:
    async def is_welcome() -> bool:
        return True

    spoken = process.web.pages.speak_or_default("en")
    streams = process.web.support.streams
    return streams.of_chat(Listener(chat_id, side, spoken, 0, is_welcome))


def test_chat_when_member_and_agent_are_on_two_processes_then_both_ways(
    postgres_place: str,
) -> None:
    async def script(one: Process, two: Process) -> None:
        run = one.system.store.run
        visitor = Visitor("en", "Ane", secret="a cookie of hers")
        chat_id = await run(one.web.support.chats.ask, visitor, "My cable is stuck")
        at_the_desk, at_home = listener(two, chat_id, AGENT), listener(one, chat_id, VISITOR)
        assert "My cable is stuck" in await heard(at_the_desk, "stuck")
        await heard(at_home, "stuck")
        answered = two.web.support.chats.answer
        assert await two.system.store.run(answered, chat_id, (1, "Maite"), Said("Pull gently"))
        assert "Pull gently" in await heard(at_home, "gently")
        await run(one.web.support.chats.ask, visitor, "It is out")
        assert "It is out" in await heard(at_the_desk, "is out")

    converse(postgres_place, script)


def test_inbox_when_somebody_writes_on_another_process_then_it_is_there(
    postgres_place: str,
) -> None:
    async def script(one: Process, two: Process) -> None:
        async def is_welcome() -> bool:
            return True

        spoken = two.web.pages.speak_or_default("en")
        inbox = two.web.support.streams.of_inbox(spoken, is_welcome)
        await heard(inbox, '"unread": 0')
        visitor = Visitor("en", "Ane", secret="a cookie of hers")
        await one.system.store.run(one.web.support.chats.ask, visitor, "Hello?")
        assert "Ane" in await heard(inbox, '"unread": 1')

    converse(postgres_place, script)


SCREEN = {
    "screen": "plug_err",
    "connectorId": 1,
    "language": "eu",
    "kiosk": True,
    "title": "Kablea ez da ondo sartu",
    "texts": ["Atera eta sartu berriro"],
    "buttons": [{"id": "help", "label": "Laguntza", "enabled": True}],
    "reference": "07-1A2B",
}


def test_desk_when_another_process_holds_the_point_then_its_screen_is_seen(
    postgres_place: str,
) -> None:
    async def script(one: Process, two: Process) -> None:
        async with connected(one.system) as point:
            await until(lambda: two.system.registry.known("CP-1"))
            store, register = two.system.store, two.system.reservations.register
            holds = Holds(store, FixedClock(), register)
            desk = PointDesk(two.system, holds, two.web.support.audit)
            async with asyncio.TaskGroup() as tasks:
                looking = tasks.create_task(desk.look(MAITE, "CP-1"))
                _, unique_id, action, payload = await point.next()
                assert (action, payload["messageId"]) == ("DataTransfer", "Point.Screen")
                told = {"status": "Accepted", "data": json.dumps(SCREEN)}
                await point.socket.send(json.dumps([3, unique_id, told]))
            looked = looking.result()
            assert looked is not None
            assert looked.screen is not None
            assert (looked.screen.title, looked.screen.reference) == (SCREEN["title"], "07-1A2B")
        await until(lambda: not two.system.registry.point("CP-1").is_connected)
        gone = await desk.look(MAITE, "CP-1")
        assert gone is not None
        assert (gone.screen, gone.why) == (None, "away")

    converse(postgres_place, script)


def test_page_when_a_point_of_another_process_changes_then_it_is_told(
    postgres_place: str,
) -> None:
    async def script(one: Process, two: Process) -> None:
        page = two.web.live.stream("en", 9_999_999_999_999)
        await anext(page)
        async with connected(one.system) as point, asyncio.TaskGroup() as tasks:
            told = tasks.create_task(heard(page, '"state": "taken"'))
            await point.result("StatusNotification", NOTICE)
            assert "CP-1" in await told

    converse(postgres_place, script)


def test_log_when_points_are_on_both_then_every_process_shows_one_log(
    postgres_place: str,
) -> None:
    async def script(one: Process, two: Process) -> None:
        def said(process: Process) -> list[tuple[str, str]]:
            frames = process.system.frames.since(0, 1000)
            assert [f.sequence for f in frames] == sorted({f.sequence for f in frames})
            return [(frame.point, frame.direction) for frame in frames]

        async with connected(one.system) as near, connected(two.system, "/ocpp/CP-2") as far:
            for point in (near, far, near):
                await point.result("Heartbeat", {})
            await until(lambda: len(said(one)) == 6)
            await until(lambda: len(said(two)) == 6)
        assert said(one) == said(two)
        assert sorted(set(said(one))) == [
            ("CP-1", "in"),
            ("CP-1", "out"),
            ("CP-2", "in"),
            ("CP-2", "out"),
        ]

    converse(postgres_place, script)
    converse(postgres_place, later)


async def later(one: Process, two: Process) -> None:
    """Processes that begin anew know what was."""
    assert len(one.system.frames.since(0)) == 6
    assert one.system.frames.since(0) == two.system.frames.since(0)


@pytest.mark.parametrize(
    ("frame", "kept"),
    [
        (
            '[2,"1","Authorize",{"idTag":"6034440000000005"}]',
            '[2,"1","Authorize",{"idTag":"••••0005"}]',
        ),
        (
            json.dumps([2, "1", "DataTransfer", {"data": json.dumps({"proof": "a1" * 32})}]),
            json.dumps([2, "1", "DataTransfer", {"data": json.dumps({"proof": "@"})}]).replace(
                "@", "••••"
            ),
        ),
        (
            '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"s3\\"cret"}]',
            '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"••••"}]',
        ),
        (
            '[2,"1","ChangeConfiguration",{"value": "s3cret", "key": "AuthorizationKey"}]',
            '[2,"1","ChangeConfiguration",{"value": "••••", "key": "AuthorizationKey"}]',
        ),
        ('[2,"1","ChangeConfiguration",{"key":"HeartbeatInterval","value":"300"}]',) * 2,
    ],
)
def test_frame_when_logged_then_secrets_are_masked(frame: str, kept: str) -> None:
    assert masked(frame) == kept


def test_point_when_its_link_ends_while_the_database_is_away_then_it_is_nobodys(
    postgres_place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def script(one: Process, two: Process) -> None:
        def away(point: str, process: str) -> None:
            raise OperationalError("UPDATE", None, Exception("connection is bad"))

        point = two.system.registry.point("CP-1")
        async with connected(one.system):
            await until(lambda: point.is_connected)
            monkeypatch.setattr(one.network._rows, "release", away)
        await until(lambda: not one.system.registry.point("CP-1").is_connected)
        assert point.is_connected
        with psycopg.connect(postgres_place, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await until(lambda: not point.is_connected)

    converse(postgres_place, script)


def test_tries_when_they_go_to_two_processes_then_they_are_counted_together(
    postgres_place: str,
) -> None:
    async def script(one: Process, two: Process) -> None:
        waits = [await each.system.brakes.tried("sign-in:a@b.eus") for each in (one, two) * 3]
        assert [wait_s > 0 for wait_s in waits] == [False] * 4 + [True] * 2

    converse(postgres_place, script)


def test_mail_when_both_processes_have_couriers_then_it_leaves_once(postgres_place: str) -> None:
    async def script(one: Process, two: Process) -> None:
        def sent() -> list[Mail]:
            return [*one.web.outbox.mails, *two.web.outbox.mails]

        for number in range(20):
            process = (one, two)[number % 2]
            await process.web.services.postman.post(Mail("a@b.eus", str(number), ""))
        await until(lambda: len(sent()) >= 20)
        assert sorted(int(mail.subject) for mail in sent()) == list(range(20))

    converse(postgres_place, script)
