"""Chat both ways in two real browsers, live, and every page of it examined."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from central.support.options import SupportOptions
from central.web.app import Options
from central.web.serving import serve_page
from tests.bench.chromium import Page, browsing, find_chromium
from tests.central.members.test_in_browser import AXE, a_network, examine, fill, submit
from tests.support.central import FixedClock
from tests.support.desk import AGENT_PASSWORD, AGENTS
from tests.support.members import cheap_passwords

CHROMIUM = find_chromium()
pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(120),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
]
_IS_LIVE = "document.querySelector('[data-live]').dataset.live === 'on'"
_WORDS = "[...document.querySelectorAll('.said .words')].map(e => e.innerText)"
Walk = Callable[[Page, Page, str], Awaitable[None]]


def visit(walk: Walk) -> None:
    async def go() -> None:
        assert CHROMIUM is not None
        options = Options(passwords=cheap_passwords(), support=SupportOptions(agents=AGENTS))
        clock = FixedClock()
        clock.advance(hours=50)  # Monday morning
        async with (
            serve_page(a_network(), clock, "127.0.0.1", 0, options) as port,
            browsing(CHROMIUM) as visitor,
            browsing(CHROMIUM) as agent,
        ):
            await walk(visitor, agent, f"http://127.0.0.1:{port}")

    asyncio.run(go())


async def begin(visitor: Page, agent: Page, url: str) -> None:
    """A question is asked and opened at the desk; both pages are live."""
    await agent.open(f"{url}/desk/sign-in?lang=en")
    await fill(agent, login="maite", password=AGENT_PASSWORD)
    await submit(agent)
    await agent.until(_IS_LIVE)
    await visitor.open(f"{url}/chat?lang=eu", width=390, height=844)
    await fill(visitor, text="Nola ordaintzen da?")
    await submit(visitor, ".write button")
    await visitor.until(_IS_LIVE)
    await agent.until("document.querySelector('.chat-row.unread') !== null")
    await submit(agent, ".chat-row a")
    await agent.until(_IS_LIVE)


def test_chat_when_both_are_on_the_page_then_each_word_arrives_without_a_reload() -> None:
    async def walk(visitor: Page, agent: Page, url: str) -> None:
        await begin(visitor, agent, url)
        for page in (visitor, agent):
            await page.js("window.isOld = true")
        await agent.click("button[value=bank]")
        await visitor.until(f"{_WORDS}.length === 2")
        assert (await visitor.js(_WORDS))[1].startswith("Banku-txartelarekin")
        assert (await agent.js(_WORDS))[1].startswith("You can pay with a bank card")
        await fill(visitor, text="Eskerrik asko <b>!</b>")
        await visitor.click(".write button")
        await agent.until(f"{_WORDS}.length === 3")
        assert (await agent.js(_WORDS))[2] == "Eskerrik asko <b>!</b>"
        await agent.until("!document.querySelector('.said.mine [data-read]').hidden")
        await visitor.until(
            "![...document.querySelectorAll('.said.mine [data-read]')].pop().hidden"
        )
        for page in (visitor, agent):
            assert await page.js("window.isOld")
            assert page.complaints == []

    visit(walk)


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is missing: ./test installs it by npm")
def test_every_page_of_the_chat_when_examined_then_nothing_is_wrong() -> None:
    async def walk(visitor: Page, agent: Page, url: str) -> None:
        found: list[str] = []
        for path in ("chat", "desk/sign-in", "bench/phone"):
            await visitor.open(f"{url}/{path}", width=390, height=844)
            found += await examine(visitor, path)
        await begin(visitor, agent, url)
        await agent.click("button[value=bank]")
        await visitor.until(f"{_WORDS}.length === 2")
        await visitor.open(f"{url}/chat", width=390, height=844)
        found += await examine(visitor, "a chat")
        for width in (390, 1280):
            for path in ("desk", "desk/chat/1"):
                await agent.open(f"{url}/{path}", width=width, height=844)
                found += await examine(agent, f"{path} {width}")
        assert found == []

    visit(walk)
