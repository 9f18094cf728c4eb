"""Two processes of one system in one event loop: what they share is the database and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from central.network.network import Network
from central.storage.store import Store
from central.system import CentralSystem
from central.web.app import MembersWeb, Options
from tests.support.central import FixedClock, a_system
from tests.support.members import URL, CountedEntropy, cheap_passwords

LIMIT_S = 10


@dataclass
class Process:
    system: CentralSystem
    web: MembersWeb
    network: Network


@asynccontextmanager
async def a_process(place: str, name: str, clock: FixedClock) -> AsyncIterator[Process]:
    store = Store(place)
    system = a_system(store, clock=clock)
    network = Network(system, clock, name=name, call_timeout_s=5.0)
    system.network = network
    entropy = CountedEntropy(0 if name == "one" else 1_000_000)
    options = Options(public_url=URL, entropy=entropy, passwords=cheap_passwords())
    web = MembersWeb(system, clock, options)
    try:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(network.run())
            serving = tasks.create_task(web.run())
            async with asyncio.timeout(LIMIT_S):
                await network.joined.wait()
            yield Process(system, web, network)
            system.feed.close()
            await serving
            running.cancel()
    finally:
        store.close()


@asynccontextmanager
async def two_processes(place: str) -> AsyncIterator[tuple[Process, Process]]:
    clock = FixedClock()
    async with a_process(place, "one", clock) as one, a_process(place, "two", clock) as two:
        yield one, two


async def until(holds: Callable[[], Any]) -> None:
    """What another process does is looked at again and again."""
    async with asyncio.timeout(LIMIT_S):
        while not holds():  # noqa: ASYNC110 - the other side is behind a database
            await asyncio.sleep(0.01)
