"""Find buses from the menu: free ports only, one by one, and not while anybody is served."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from chargepoint.commission.live_search import LiveSearch
from drivers.probe.found import Found, LineSetting, PortFound, PortState
from simulator.vtime import run_virtual

METER = Found("meter", ("sdm630",), LineSetting(9_600), 3, "21")
PORTS = {
    "own": PortFound("own", PortState.IN_USE),
    "foreign": PortFound("foreign", PortState.IN_USE),
    "new": PortFound("new", PortState.ANSWERED, (METER,)),
    "spare": PortFound("spare", PortState.SILENT),
}
EACH_S = 30.0


class Menu:
    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._tasks = tasks
        self.is_used = False
        self.asked: list[str] = []
        self.search = LiveSearch(
            self._ports,
            self._look,
            own=frozenset({"own"}),
            spawn=self._spawn,
            is_used=lambda: self.is_used,
        )

    async def _ports(self) -> tuple[str, ...]:
        return tuple(PORTS)

    async def _look(self, port: str) -> PortFound:
        self.asked.append(port)
        await asyncio.sleep(EACH_S)
        return PORTS[port]

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.create_task(work, name=name)

    def lines(self) -> list[tuple[str, str, str]]:
        return [(fact.label, fact.value, fact.mark) for fact in self.search.facts()]


def test_progress_and_what_each_port_came_to() -> None:
    async def story() -> None:
        async with asyncio.TaskGroup() as tasks:
            menu = Menu(tasks)
            assert menu.lines() == []
            assert await menu.search.begin() == (True, "search_begun")
            await asyncio.sleep(EACH_S + 1)
            assert menu.lines() == [
                ("commission.ports", "1/4", "warn"),
                ("raw|in use by this station: own", "", "ok"),
                ("raw|foreign …", "", ""),
            ]
            assert await menu.search.begin() == (True, "search_begun")  # the same goes on
            await asyncio.sleep(4 * EACH_S)
            assert menu.lines() == [
                ("commission.ports", "4/4", "ok"),
                ("raw|in use by this station: own", "", "ok"),
                ("raw|in use by another program: foreign", "", "bad"),
                ("raw|meter: sdm630, serial 21, address 3: new", "", "ok"),
                ("raw|nobody answers: spare", "", "warn"),
            ]
            assert menu.asked == list(PORTS)

    run_virtual(story())


def test_nobody_searches_while_somebody_is_served_and_it_ends_when_somebody_comes() -> None:
    async def story() -> None:
        async with asyncio.TaskGroup() as tasks:
            menu = Menu(tasks)
            menu.is_used = True
            assert await menu.search.begin() == (False, "not_while_used")
            menu.is_used = False
            await menu.search.begin()
            await asyncio.sleep(1)
            menu.is_used = True
            await asyncio.sleep(4 * EACH_S)
            assert menu.asked == ["own"]
            assert menu.lines()[0] == ("commission.ports", "1/4", "warn")

    run_virtual(story())
