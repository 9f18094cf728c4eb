"""Core and kiosk over a real Unix socket: snapshots out, intents in, and who is there."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from chargepoint import contract
from chargepoint.app.feed import Feed
from chargepoint.contract import Ability, Alive, Hello, Intent, Message, Shown, Snapshot
from chargepoint.uilink.presence import Presence
from chargepoint.uilink.server import UiServer, _listening

HOME = Snapshot(0, 1, "home")


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def receive(self) -> Message:
        async with asyncio.timeout(5):
            return contract.decode(await self._reader.readline())

    async def is_closed(self) -> bool:
        async with asyncio.timeout(5):
            while await self._reader.readline():
                pass
        return True

    def say(self, message: Message) -> None:
        self.writer.write(contract.encode(message))


class Link:
    def __init__(self, path: str) -> None:
        self.path = path
        self.feed = Feed()
        self.intents: list[Intent] = []
        self.presence_log: list[bool] = []
        self.presence = Presence(self.presence_log.append)
        self.abilities: list[Ability] = []
        self.shown: list[Shown] = []
        self.server = UiServer(
            path,
            self.feed.subscribe,
            self.intents.append,
            self.presence,
            listen=self.feed.listen,
            on_ability=self.abilities.append,
            on_shown=self.shown.append,
        )
        self._clients: list[Client] = []

    async def client(self) -> Client:
        client = Client(*await asyncio.open_unix_connection(self.path))
        self._clients.append(client)
        return client

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not holds():  # noqa: ASYNC110 - what it waits for has no event to wait on
                await asyncio.sleep(0.001)

    def leave(self) -> None:
        for client in self._clients:
            client.writer.close()


def linked(story: Callable[[Link], Awaitable[None]]) -> None:
    async def play(path: str) -> None:
        link = Link(path)
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(link.server.run())
            await link.until(Path(path).is_socket)
            await story(link)
            link.leave()
            await asyncio.sleep(0.01)
            serving.cancel()

    with tempfile.TemporaryDirectory(prefix="cp") as folder:  # a short path: sockets need one
        asyncio.run(play(f"{folder}/kiosk.socket"))


def test_client_gets_the_newest_snapshot_and_then_each_change() -> None:
    async def story(link: Link) -> None:
        link.feed.publish(HOME)
        client = await link.client()
        first = await client.receive()
        assert isinstance(first, Snapshot)
        assert first.screen == "home"
        link.feed.publish(replace(HOME, screen="pay"))
        second = await client.receive()
        assert isinstance(second, Snapshot)
        assert (second.screen, second.sequence) == ("pay", first.sequence + 1)

    linked(story)


def test_intents_arrive_in_order() -> None:
    async def story(link: Link) -> None:
        client = await link.client()
        client.say(Hello())
        for number in range(3):
            client.say(Intent("start", 1, number))
        await link.until(lambda: len(link.intents) == 3)
        assert [intent.number for intent in link.intents] == [0, 1, 2]
        assert link.presence.alive

    linked(story)


def test_words_of_the_screen_arrive() -> None:
    async def story(link: Link) -> None:
        client = await link.client()
        shown = Shown(3, "es", "Conecte el cable", "uno\ndos", "home\tInicio")
        client.say(shown)
        await link.until(lambda: link.shown == [shown])

    linked(story)


def test_killed_kiosk_is_noticed_at_once() -> None:
    async def story(link: Link) -> None:
        client = await link.client()
        client.say(Hello())
        await link.until(lambda: link.presence.alive)
        client.writer.transport.abort()
        await link.until(lambda: not link.presence.alive)
        again = await link.client()
        again.say(Hello())
        await link.until(lambda: link.presence.alive)
        assert link.presence_log == [True, False, True]

    linked(story)


def test_kiosk_that_hangs_is_missed_after_three_seconds() -> None:
    log: list[bool] = []
    presence = Presence(log.append)
    presence.check(0.0)
    presence.beat(1.0)
    presence.check(3.9)
    assert presence.alive
    presence.check(4.1)
    assert not presence.alive
    presence.beat(5.0)
    presence.gone()
    assert log == [True, False, True, False]


def test_second_client_keeps_the_presence() -> None:
    async def story(link: Link) -> None:
        first, second = await link.client(), await link.client()
        first.say(Hello())
        second.say(Hello())
        await link.until(lambda: link.presence.alive)
        first.writer.close()
        await asyncio.sleep(0.02)
        assert link.presence.alive

    linked(story)


def test_line_that_is_no_message_closes_that_client_only() -> None:
    async def story(link: Link) -> None:
        good, bad = await link.client(), await link.client()
        bad.writer.write(b"garbage\n")
        assert await bad.is_closed()
        good.say(Intent("start", 1, 1))
        await link.until(lambda: len(link.intents) == 1)

    linked(story)


def test_endless_line_closes_the_client() -> None:
    async def story(link: Link) -> None:
        client = await link.client()
        client.writer.write(b"x" * 200_000)
        assert await client.is_closed()

    linked(story)


def test_kiosk_of_another_version_is_refused() -> None:
    async def story(link: Link) -> None:
        client = await link.client()
        client.writer.write(contract.encode(Hello()).replace(b'"v":1', b'"v":2'))
        assert await client.is_closed()
        assert not link.presence.alive

    linked(story)


def test_client_that_sends_snapshots_is_refused() -> None:
    async def story(link: Link) -> None:
        client = await link.client()
        client.say(HOME)
        assert await client.is_closed()

    linked(story)


def test_fifth_client_is_turned_away_until_one_leaves() -> None:
    async def story(link: Link) -> None:
        clients = [await link.client() for _ in range(4)]
        for number, client in enumerate(clients):
            client.say(Intent("start", 1, number))
        await link.until(lambda: len(link.intents) == 4)
        fifth = await link.client()
        assert await fifth.is_closed()
        clients[0].writer.close()
        await asyncio.sleep(0.02)
        sixth = await link.client()
        sixth.say(Intent("start", 1, 6))
        await link.until(lambda: link.intents[-1].number == 6)

    linked(story)


def test_heartbeat_comes_when_nothing_changes() -> None:
    async def story(link: Link) -> None:
        client = await link.client()
        assert await client.receive() == Alive()

    linked(story)


def test_slow_client_gets_the_newest_and_not_all() -> None:
    async def story(link: Link) -> None:
        client = await link.client()
        client.say(Hello())
        await link.until(lambda: link.presence.alive)
        link.feed.publish(HOME)
        for number in range(2, 40):
            link.feed.publish(replace(HOME, screen_seq=number))
        shown = [await client.receive(), await client.receive()]
        assert [s.screen_seq for s in shown if isinstance(s, Snapshot)] == [1, 39]

    linked(story)


def test_socket_left_behind_is_replaced_and_closed_to_others() -> None:
    with tempfile.TemporaryDirectory(prefix="cp") as folder:
        path = Path(folder) / "kiosk.socket"
        path.write_text("left behind by a killed core")
        _listening(str(path)).close()
        assert path.is_socket()
        assert path.stat().st_mode & 0o777 == 0o660
