"""The telephone desk in a real browser: right, wrong and locked answers, the trail; its pages examined."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from central.members.letters import LetterText
from central.support.options import SupportOptions
from central.system import CentralSystem
from central.web.app import Options
from central.web.serving import serve_page
from tests.bench.chromium import Page, browsing, find_chromium
from tests.central.members.test_in_browser import (
    AXE,
    a_network,
    charge,
    examine,
    fill,
    join,
    submit,
)
from tests.support.central import CARD, FixedClock
from tests.support.desk import AGENT_PASSWORD, AGENTS
from tests.support.members import CODE, cheap_passwords

CHROMIUM = find_chromium()
pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(120),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
]
_TITLE = "document.querySelector('h1').innerText"
Walk = Callable[[Page, str, CentralSystem], Awaitable[None]]


def visit(walk: Walk) -> None:
    async def go() -> None:
        assert CHROMIUM is not None
        system = a_network()
        options = Options(
            letters=[LetterText(CARD, CODE, "48120933", "GC-1")],
            passwords=cheap_passwords(),
            support=SupportOptions(agents=AGENTS),
        )
        async with (
            serve_page(system, FixedClock(), "127.0.0.1", 0, options) as port,
            browsing(CHROMIUM) as page,
        ):
            await walk(page, f"http://127.0.0.1:{port}", system)

    asyncio.run(go())


async def pass_by(_: str) -> None: ...


async def at_the_desk(page: Page, url: str) -> None:
    await page.open(f"{url}/desk/sign-in?lang=en", width=390, height=844)
    await fill(page, login="jon", password=AGENT_PASSWORD)
    await submit(page)


async def call(page: Page, url: str, *answers: str) -> str:
    """The title of the page that follows the answers, or of the lock."""
    await page.open(f"{url}/desk/phone", width=390, height=844)
    await fill(page, support="4812 0933")
    await submit(page)
    if await page.js("document.querySelector('q') === null"):
        return str(await page.js(_TITLE))
    await fill(page, **{f"answer_{n}": text for n, text in enumerate(answers, start=1)})
    await submit(page)
    return str(await page.js(_TITLE))


def test_caller_when_wrong_right_and_locked_then_only_right_answers_open_the_card() -> None:
    async def walk(page: Page, url: str, system: CentralSystem) -> None:
        await join(page, url, pass_by)
        await charge(system)
        await at_the_desk(page, url)
        assert await call(page, url, "answer 1", "answer 2", "no") == "It does not match"
        assert await call(page, url, "ANSWER 1", "answer  2", "Answer, 3") == "Green Card …0005"
        assert "Kaia 1" in await page.js("document.querySelector('.tiles').innerText")
        await submit(page, ".choosing button.stop")
        assert "The card is blocked" in await page.js("document.querySelector('.told').innerText")
        assert system.charges.authorise(CARD) == "Blocked"
        for _ in range(3):
            assert await call(page, url, "x1", "x2", "x3") == "It does not match"
        assert await call(page, url) == "Locked after wrong answers"
        await page.open(f"{url}/desk/audit", width=1280, height=800)
        trail = await page.js("document.querySelector('tbody').innerText")
        for word in ("wrong", "right", "locked", "blocked", "…0005"):
            assert word in trail, word

    visit(walk)


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is missing: ./test installs it by npm")
def test_every_page_of_the_desk_when_examined_then_nothing_is_wrong() -> None:
    async def walk(page: Page, url: str, system: CentralSystem) -> None:
        found: list[str] = []
        await join(page, url, pass_by)
        await charge(system)
        await page.open(f"{url}/complaint?lang=en", width=390, height=844)
        found += await examine(page, "complaint")
        await fill(page, name="Ane", email="ane@example.eus", happened_on="2026-11-20")
        await fill(page, facts="It kept my five euros.")
        await submit(page)
        found += await examine(page, "complaint made")
        await at_the_desk(page, url)
        await call(page, url, "answer 1", "answer 2", "no")
        found += await examine(page, "refused")
        await call(page, url, "answer 1", "answer 2", "answer 3")
        found += await examine(page, "card")
        for path in (
            *("help", "desk/phone", "desk/points", "desk/points/CP-1", "desk/complaints"),
            *("desk/complaints/R-2026-000001", "desk/problems", "desk/audit"),
        ):
            for width in (390, 1280):
                await page.open(f"{url}/{path}", width=width, height=844)
                found += await examine(page, f"{path} {width}")
        assert found == []

    visit(walk)
