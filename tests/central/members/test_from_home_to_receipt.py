"""Everything together: join, activate, top up, reserve at home; charge at the kiosk; follow it; look again.

A real browser, real pages, and the bench: a charge point of real processes with simulated devices.
"""

import asyncio
from typing import Any

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


async def reserve(page: Page, url: str) -> None:
    """The next half hour of the only point."""
    await page.open(f"{url}?lang=en", width=390, height=844)
    point = await page.js("document.querySelector('[data-place]').dataset.place")
    await page.open(f"{url}reserve/{point}/check?minutes=30&letter=C", width=390, height=844)
    await submit(page)
    assert "/me/reservations" in page.tab.url


async def do(bench: Bench, *steps: dict[str, Any]) -> None:
    for step in steps:
        answer = await bench.do(**step)
        assert answer.get("held", True), (step, answer)


async def charge(bench: Bench, page: Page) -> None:
    """A few seconds at 20 EUR/kWh, paid with the card, ended with the card."""
    car = {"soc": 20, "battery_kwh": 40, "max_a": 32, "phases": 3}
    await do(
        bench,
        {"expect": {"connector": {"1": "Reserved"}, "within": "15s"}},
        {"tap": "GC-1"},
        {"expect": {"screen": "res_ok", "within": "12s"}},
        {"plug": {"connector": 1, "ev": car}},
        {"expect": {"screen": "gc_ok", "within": "12s"}},
        {"expect": {"says": "40", "within": "5s"}},
        {"touch": "start"},
        {"expect": {"contactor": {"1": "closed"}, "within": "20s"}},
        {"expect": {"screen": "charging", "within": "5s"}},
    )
    await follow(bench, page)
    await do(
        bench,
        {"tap": "GC-1"},
        {"expect": {"contactor": {"1": "open"}, "lock": {"1": "unlocked"}, "within": "10s"}},
        {"unplug": {"connector": 1}},
        {"expect": {"connector": {"1": "Available"}, "within": "15s"}},
    )


async def follow(bench: Bench, page: Page) -> None:
    """The QR code beside the charge, in somebody's hand: it counts while they look."""
    address = (await bench.state())["screen"]["qr"]
    await page.open(f"{address}?lang=en", width=390, height=844)
    assert await page.js("document.querySelector('h1').innerText") == "Your car is charging"
    await page.js("window.before = document.querySelector('.now .tiles').innerText")
    await page.until("document.querySelector('.now .tiles').innerText !== window.before", 15)


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
            await reserve(page, url)
            await charge(bench, page)
            async with asyncio.timeout(30):
                while True:
                    await page.open(f"{url}me", width=390, height=844)
                    if await page.js("document.querySelector('.row a') !== null"):
                        break
                    await asyncio.sleep(0.3)
            balance = await page.js("document.querySelector('.balance b').innerText")
            assert 36 < float(balance.removeprefix("€")) < 40
            points = await page.js("document.querySelector('.tiles dd').innerText")
            assert int(points.split()[0]) > 500
            await submit(page, ".row a")
            assert "kWh" in await page.js("document.body.innerText")

    asyncio.run(go())
