"""Everything together: join, activate, top up at home; charge at the kiosk; look at home again.

A real browser, real pages, and the bench: a charge point of real processes with simulated devices.
"""

import asyncio

import pytest

from tests.bench.bench_process import Bench, running_bench
from tests.bench.chromium import Page, browsing, find_chromium
from tests.central.members.test_in_browser import fill, submit
from tests.support.members import EMAIL, PASSWORD

CHROMIUM = find_chromium()
pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(150),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
]
_LETTER = "[...document.querySelectorAll('tbody tr:first-child td')].map(cell => cell.innerText)"


async def join(page: Page, url: str) -> None:
    await page.open(f"{url}sign-up?lang=en", width=390, height=844)
    await fill(page, name="Ane", email=EMAIL, password=PASSWORD, password_again=PASSWORD)
    await submit(page)
    await page.open(f"{url}bench/post", width=390, height=844)
    name, number, code, _ = await page.js(_LETTER)
    assert name == "GC-1"
    await submit(page, ".mail a.button")
    await fill(page, password=PASSWORD)
    await submit(page)
    await fill(page, number=number, code=code)
    await submit(page)
    await page.open(f"{url}me/top-up", width=390, height=844)
    await submit(page)
    await submit(page, "button[value=pay]")
    assert await page.js("document.querySelector('h1').innerText") == "The money is on your card"


async def charge(bench: Bench) -> None:
    """A few seconds at 20 EUR/kWh, paid with the card, ended with the card."""
    car = {"soc": 20, "battery_kwh": 40, "max_a": 32, "phases": 3}
    steps = (
        {"plug": {"connector": 1, "ev": car}},
        {"expect": {"screen": "pay", "within": "10s"}},
        {"tap": "GC-1"},
        {"expect": {"screen": "gc_ok", "within": "12s"}},
        {"expect": {"says": "40", "within": "5s"}},
        {"touch": "start"},
        {"expect": {"contactor": {"1": "closed"}, "within": "20s"}},
        {"wait": "6s"},
        {"tap": "GC-1"},
        {"expect": {"contactor": {"1": "open"}, "lock": {"1": "unlocked"}, "within": "10s"}},
        {"unplug": {"connector": 1}},
        {"expect": {"connector": {"1": "Available"}, "within": "15s"}},
    )
    for step in steps:
        answer = await bench.do(**step)
        assert answer.get("held", True), (step, answer)


def test_member_when_charged_at_the_kiosk_then_receipt_and_points_are_at_home() -> None:
    async def go() -> None:
        assert CHROMIUM is not None
        prices = ("--set", "tariff.energy=20.00", "--set", "tariff.session=0")
        async with running_bench("--headless", *prices) as bench, browsing(CHROMIUM) as page:
            url = (await bench.state())["central"]["url"]
            await join(page, url)
            await page.open(f"{url}?lang=en", width=390, height=844)
            await page.until("document.querySelector('.place').dataset.state === 'free'")
            await page.until("document.querySelector('[data-live]').dataset.live === 'on'")
            await charge(bench)
            async with asyncio.timeout(30):
                while True:
                    await page.open(f"{url}me", width=390, height=844)
                    if await page.js("document.querySelector('.row a') !== null"):
                        break
                    await asyncio.sleep(0.3)
            balance = await page.js("document.querySelector('.balance b').innerText")
            assert 36 < float(balance.removeprefix("€")) < 40
            points = await page.js("document.querySelector('.tiles dd').innerText")
            assert int(points) > 500
            await submit(page, ".row a")
            assert "kWh" in await page.js("document.body.innerText")

    asyncio.run(go())
