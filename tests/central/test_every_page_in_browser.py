"""Each page there is, on a small telephone: accessible by day and by night, still, light, within the screen.

The list is made from the routes, so that a page of tomorrow is looked at without being named here.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from playwright.async_api import Route as Request
from starlette.applications import Starlette

from central.web.serving import _PageServer
from tests.bench.chromium import Page, browsing, find_chromium
from tests.central.members.test_in_browser import AXE, examine
from tests.central.test_every_route import reading
from tests.support.populated import Populated, populated

CHROMIUM = find_chromium()
pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(300),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is missing: ./test installs it by npm"),
]
_SIGNED_OUT = ("/sign-in", "/sign-up", "/desk/sign-in", "/operator/sign-in", "/shop/sign-in", "/")
_OUTSIDE = """[...document.querySelectorAll(".menu a, .languages a, header a, header button")].filter(e => {
  const b = e.getBoundingClientRect();
  return b.width > 0 && (b.left < -1 || b.right > innerWidth + 1); }).map(e => e.innerText)"""


def test_each_page_when_examined_on_a_small_telephone_then_nothing_is_wrong() -> None:
    async def go() -> None:
        assert CHROMIUM is not None
        async with serving(site.world.web.app) as url, browsing(CHROMIUM) as page:
            await keep_open_connections_out(page)
            for path in _SIGNED_OUT:
                await look(page, url, path)
            await bring_sessions(page, url, site)
            for path in pages:
                await look(page, url, path)

    async def look(page: Page, url: str, path: str) -> None:
        await page.open(url + path, width=360, height=640)
        assert await page.js("document.title.length > 0"), path
        wrong = await examine(page, path)
        if any("moved by" in each for each in wrong):  # a busy machine draws a page in pieces
            await page.open(url + path, width=360, height=640)
            wrong = await examine(page, path)
        found.extend(wrong)
        if outside := await page.js(_OUTSIDE):
            found.append(f"{path}: not within the screen: {outside}")

    found: list[str] = []
    site = populated()
    pages = _html_pages(site)
    assert len(pages) > 40
    asyncio.run(go())
    assert found == []


def _html_pages(site: Populated) -> list[str]:
    """In Basque, whose words are the longest."""
    found = []
    for route in reading(site):
        answer = site.browser.open(site.address(route))
        is_page = answer.headers.get("content-type", "").startswith("text/html")
        if is_page and answer.status_code != 303:
            at = site.address(route)
            found.append(at + ("&" if "?" in at else "?") + "lang=eu")
    return found


async def bring_sessions(page: Page, url: str, site: Populated) -> None:
    jar = site.browser._client.cookies.jar
    kept = [{"name": each.name, "value": each.value or "", "url": url} for each in jar]
    await page.tab.context.add_cookies(kept)


async def keep_open_connections_out(page: Page) -> None:
    """Streams would be six connections of one tab; what they bring is another test's."""

    async def refuse(request: Request) -> None:
        await request.abort()

    for stream in ("**/live*", "**/api/events"):
        await page.tab.route(stream, refuse)


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = _PageServer(uvicorn.Config(app, log_config=None, lifespan="off"))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve(sockets=[listening]))
            try:
                yield f"http://127.0.0.1:{listening.getsockname()[1]}"
            finally:
                server.should_exit = True
