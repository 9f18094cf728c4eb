"""The desk of the bench: an agent looks at the kiosk of real processes, and answers a chat there."""

import asyncio

import pytest

from tests.bench.bench_process import running_bench
from tests.bench.chromium import browsing, find_chromium
from tests.central.members.test_in_browser import fill, submit

CHROMIUM = find_chromium()
pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(150),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
]
_AGENT = "[...document.querySelectorAll('#agents li:first-child code')].map(e => e.innerText)"
_TITLE = "document.querySelector('.kiosk-title')?.innerText"


def test_screen_of_the_kiosk_when_looked_at_then_the_words_that_the_driver_reads() -> None:
    async def go() -> None:
        assert CHROMIUM is not None
        async with running_bench("--headless") as bench, browsing(CHROMIUM) as page:
            url = (await bench.state())["central"]["url"]
            await page.open(f"{url}bench/post", width=1280, height=800)
            login, password = await page.js(_AGENT)
            await page.open(f"{url}desk/sign-in?lang=en", width=1280, height=800)
            await fill(page, login=login, password=password)
            await submit(page)
            await page.open(f"{url}desk/points?said=07", width=1280, height=800)
            assert "/desk/points/" in await page.js("location.pathname")
            await page.until(f"{_TITLE} === 'Conecte el cable a su coche'")
            await fill(page, reason="the caller asked")
            await submit(page, "button[value=stay]")
            told = await page.js("document.querySelector('.told').innerText")
            assert told == "Done: the point accepted."

    asyncio.run(go())
