"""A headless browser, for looking at pages as a person: Playwright with the Chromium of the machine.

Playwright brings its protocol and its waiting; no browser is downloaded.
"""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import ConsoleMessage, async_playwright
from playwright.async_api import Error as BrowserError
from playwright.async_api import Page as Tab

CALL_LIMIT_S = 10
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")


def find_chromium() -> str | None:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    return None


async def eventually(holds: Callable[[], bool], limit_s: float = 3) -> None:
    async with asyncio.timeout(limit_s):
        while not holds():  # noqa: ASYNC110 - another process can only be polled
            await asyncio.sleep(0.01)


class Page:
    """One tab, in the few words that these tests use."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.complaints: list[str] = []
        tab.set_default_timeout(CALL_LIMIT_S * 1000)
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        tab.on("console", self._note)

    def _note(self, message: ConsoleMessage) -> None:
        """What the browser complains about: errors of scripts, refused or missing files."""
        if message.type == "error":
            self.complaints.append(f"{message.text} {message.location.get('url', '')}")

    async def open(self, url: str, *, width: int = 1440, height: int = 900) -> None:
        await self.resize(width, height)
        await self.tab.goto(url, wait_until="load")

    async def go(self, url: str) -> None:
        """Without waiting for what else the page loads."""
        await self.tab.goto(url, wait_until="commit")

    async def resize(self, width: int, height: int) -> None:
        await self.tab.set_viewport_size({"width": width, "height": height})

    async def prefer(self, scheme: str) -> None:
        """`light` or `dark`."""
        await self.tab.emulate_media(color_scheme="dark" if scheme == "dark" else "light")

    async def js(self, expression: str) -> Any:
        return await self.tab.evaluate(expression)

    async def until(self, expression: str, limit_s: float = 5) -> None:
        """Through a change of page, too."""
        async with asyncio.timeout(limit_s):
            while not await self._holds(expression):  # noqa: ASYNC110 - it is another process
                await asyncio.sleep(0.03)

    async def _holds(self, expression: str) -> bool:
        try:
            return bool(await self.tab.evaluate(expression))
        except BrowserError as error:
            if "context was destroyed" in str(error) or "navigation" in str(error):
                return False
            raise

    async def click(self, selector: str) -> None:
        """Press the mouse in the middle of the first match, whatever covers it: as a hand would."""
        where = await self.js(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center', behavior: 'instant'});"
            " const b = e.getBoundingClientRect();"
            " return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        await self.click_at(*where)

    async def click_at(self, x: float, y: float) -> None:
        await self.tab.mouse.click(x, y)

    async def key(self, key: str) -> None:
        await self.tab.keyboard.press(key)

    async def picture(self, path: Path, *, whole: bool = False) -> None:
        await self.tab.screenshot(path=path, full_page=whole)


@asynccontextmanager
async def browsing(chromium: str) -> AsyncIterator[Page]:
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium, args=list(FLAGS))
        try:
            yield Page(await browser.new_page())
        finally:
            await browser.close()
