"""How fast what people and points say is on the other page: chat both ways, and a point's state.

    python -m benchmarks.live_chat [--visitors 20] [--messages 6] [--pause 4] [--seconds 10] [--alone]

Two server processes on a PostgreSQL of this run's own: visitors write at the one, the agent answers at
the other; points are connected to the one, the live page is open at the other. `--alone`: one process,
SQLite, everybody at it. In each chat both say something every `--pause` seconds; without one the
figures are those of a full house. Each visitor has an address of its own, because one that writes as
fast as a machine is slowed.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2

from benchmarks import figures
from benchmarks.central_points import Crowd, a_crowd, listen
from benchmarks.central_points import Server as Points
from tests.support import postgres

TARGET = figures.Target(1.0)
LOGIN, PASSWORD = "maite", "seven quiet herons"
POINTS = 50
_PROOF = re.compile(r'name="proof" value="([0-9a-f]{64})"')
_LIMIT_S = 20.0


@contextmanager
def a_server(folder: Path, place: str) -> Iterator[Points]:
    cards = {
        "support": {"agents": [{"login": LOGIN, "name": "Maite", "password": PASSWORD}]},
        "points": {
            f"P-{n}": {"name": f"Point {n}", "latitude": 43, "longitude": -2} for n in range(POINTS)
        },
    }
    (folder / "cards.json").write_text(json.dumps(cards))
    words = ["-m", "central", "--port", "0", "--ocpp-port", "0", "--db", place]
    words += ["--cards", str(folder / "cards.json")]
    # Its warnings are about points that leave when the figures are taken.
    child = subprocess.Popen(
        [sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert child.stdout is not None
    try:
        lines = itertools.islice(child.stdout, 3)
        told = {line.split()[0]: line.split()[-1] for line in lines}
        port = int(told["page"].rpartition(":")[2].strip("/"))
        yield Points(child.pid, port, told["charge"].removesuffix("/<id>"))
    finally:
        child.terminate()
        child.wait(20)
        child.stdout.close()


@dataclass
class Side:
    """Somebody at a chat: how their words leave, and when those of the other side arrive."""

    client: httpx2.AsyncClient
    path: str
    proof: str = ""
    heard_at: dict[str, float] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> None:
        page = await self.client.get(self.path)
        found = _PROOF.search(page.text)
        assert found is not None, page.text
        self.proof = found[1]

    async def say(self, text: str) -> None:
        said = {"proof": self.proof, "text": text, "quiet": "1"}
        answer = await self.client.post(self.path, data=said)
        assert answer.status_code == 204, (answer.status_code, answer.text[:200])

    async def listen(self) -> None:
        async with self.client.stream("GET", f"{self.path}/live", timeout=None) as stream:
            async for line in stream.aiter_lines():
                for word in re.findall(r"word-\d+-[a-z]+-\d+", line):
                    self.heard_at.setdefault(word, time.perf_counter())
                self.news.set()

    async def heard(self, word: str) -> float:
        async with asyncio.timeout(_LIMIT_S):
            while word not in self.heard_at:
                self.news.clear()
                await self.news.wait()
        return self.heard_at[word]


@asynccontextmanager
async def clients(port: int, count: int) -> AsyncIterator[list[httpx2.AsyncClient]]:
    async with contextlib.AsyncExitStack() as life:
        yield [
            await life.enter_async_context(
                httpx2.AsyncClient(
                    base_url=f"http://127.0.0.1:{port}",
                    headers={"X-Forwarded-For": f"203.0.113.{number + 1}"},
                    follow_redirects=True,
                )
            )
            for number in range(count)
        ]


async def sign_in(client: httpx2.AsyncClient) -> None:
    desk = Side(client, "/desk/sign-in")
    await desk.open()
    form = {"proof": desk.proof, "login": LOGIN, "password": PASSWORD}
    page = await client.post("/desk/sign-in", data=form)
    assert page.url.path == "/desk", page.url


async def talk(
    number: int, pair: tuple[Side, Side], options: argparse.Namespace, took_s: list[list[float]]
) -> None:
    visitor, agent = pair
    await asyncio.sleep(options.pause * number / options.visitors)
    for turn in range(options.messages):
        began_s = time.perf_counter()
        for way, (one, other) in enumerate(((visitor, agent), (agent, visitor))):
            word = f"word-{number}-{'ab'[way]}-{turn}"
            said_s = time.perf_counter()
            await one.say(word)
            took_s[way].append(await other.heard(word) - said_s)
        await asyncio.sleep(max(0.0, began_s + options.pause - time.perf_counter()))


async def measure_chat(here: Points, there: Points, options: argparse.Namespace) -> None:
    took_s: list[list[float]] = [[], []]
    async with (
        clients(here.page_port, options.visitors) as browsers,
        clients(there.page_port, 1) as desks,
    ):
        await sign_in(desks[0])
        sides = []
        for number, client in enumerate(browsers, start=1):
            visitor, agent = Side(client, "/chat"), Side(desks[0], f"/desk/chat/{number}")
            await visitor.open()
            await visitor.say(f"word-{number}-first-0")
            await agent.open()
            sides.append((visitor, agent))
        async with asyncio.TaskGroup() as tasks:
            listening = [tasks.create_task(side.listen()) for pair in sides for side in pair]
            await asyncio.sleep(1)
            async with asyncio.TaskGroup() as talks:
                for number, pair in enumerate(sides, start=1):
                    talks.create_task(talk(number, pair, options, took_s))
            for each in listening:
                each.cancel()
    figures.heading(f"{options.visitors} chats, a word each way every {options.pause:g} s", "s")
    figures.row("visitor's word on the agent's page", took_s[0], TARGET)
    figures.row("agent's word on the visitor's page", took_s[1], TARGET)


async def measure_points(here: Points, there: Points, seconds: float) -> None:
    took_s: list[float] = []
    async with a_crowd(here, POINTS) as crowd:
        await told(crowd, there, seconds, took_s)
    figures.heading(f"{POINTS} points, 20 changes a second", "s")
    figures.row("point's frame on the live page", took_s, TARGET)


async def told(crowd: Crowd, there: Points, seconds: float, took_s: list[float]) -> None:
    async with asyncio.TaskGroup() as tasks:
        page = tasks.create_task(listen(there.page_port, crowd, took_s))
        await asyncio.sleep(2)
        crowd.told_at.clear()
        took_s.clear()
        await crowd.change(seconds)
        await asyncio.sleep(2)
        page.cancel()


@contextmanager
def servers(*, alone: bool) -> Iterator[tuple[Points, Points]]:
    """Where visitors and points are, and where the agent and the live page."""
    with contextlib.ExitStack() as life:
        folder = Path(life.enter_context(TemporaryDirectory(prefix="central-")))
        if alone:
            one = life.enter_context(a_server(folder, str(folder / "central.sqlite")))
            yield one, one
            return
        place = life.enter_context(life.enter_context(postgres.running()).fresh())
        yield (
            life.enter_context(a_server(folder, place)),
            life.enter_context(a_server(folder, place)),
        )


async def measure(options: argparse.Namespace, here: Points, there: Points) -> None:
    await measure_chat(here, there, options)
    await measure_points(here, there, options.seconds)


def main() -> None:
    parser = figures.parser(__doc__, runs=1)
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--messages", type=int, default=6, help="of each, each way")
    parser.add_argument("--pause", type=float, default=4.0, help="seconds between them")
    parser.add_argument("--seconds", type=float, default=10.0, help="of changes at points")
    parser.add_argument("--alone", action="store_true", help="one process, on SQLite")
    options = parser.parse_args()
    for _ in range(options.runs):
        with servers(alone=options.alone) as (here, there):
            asyncio.run(measure(options, here, there))


if __name__ == "__main__":
    main()
