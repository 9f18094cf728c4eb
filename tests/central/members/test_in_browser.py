"""The members' web in a real browser: the whole journey, accessible, still, light and live."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from central.fleet.registry import ConnectorState, Site
from central.members.advice import FlatRate
from central.members.letters import LetterText
from central.support.options import SupportOptions
from central.system import CentralSystem
from central.web.app import Options
from central.web.serving import serve_page
from tests.bench.chromium import Page, browsing, find_chromium
from tests.support.central import (
    CARD,
    FixedClock,
    a_car_that_pauses,
    a_receipt,
    a_system,
    connected,
)
from tests.support.members import CODE, MARIA, PASSWORD, cheap_passwords
from tests.support.populated import a_coast

CHROMIUM = find_chromium()
AXE = Path(__file__).resolve().parents[2] / "interop/node_modules/axe-core/axe.min.js"
pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(120),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
]
RUNNING = "b" * 26
_SHIFT = """new Promise(done => { let sum = 0;
  new PerformanceObserver(list => { for (const e of list.getEntries()) sum += e.value; })
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 100); })"""
_WEIGHT = "[...performance.getEntries()].reduce((sum, e) => sum + (e.encodedBodySize || 0), 0)"
_AXE = """axe.run({resultTypes: ["violations"]}).then(found => found.violations.map(
  v => `${v.impact} ${v.id}: ${v.nodes.map(n => n.html.slice(0, 160)).join(" | ")}`))"""


def a_network() -> CentralSystem:
    system = a_system(clock=FixedClock())
    for name in a_coast(system, "Available", "Charging", "Reserved", "Faulted", ""):
        system.registry.point(name).connectors[2] = ConnectorState("Charging")
    system.accounts.create_card(CARD, balance_minor=2000, points=120)
    return system


@asynccontextmanager
async def a_site(system: CentralSystem) -> AsyncIterator[str]:
    letters = [LetterText(CARD, CODE, "48120933", "GC-1")]
    options = Options(
        letters=letters,
        flat_rate=FlatRate(100, None, 0),
        passwords=cheap_passwords(),
        support=SupportOptions(agents=(MARIA,)),
    )
    async with serve_page(system, FixedClock(), "127.0.0.1", 0, options) as port:
        yield f"http://127.0.0.1:{port}"


Walk = Callable[[Page, str, CentralSystem], Awaitable[None]]


def visit(walk: Walk) -> None:
    async def go() -> None:
        assert CHROMIUM is not None
        system = a_network()
        async with a_site(system) as url, browsing(CHROMIUM) as page:
            await walk(page, url, system)

    asyncio.run(go())


async def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        await page.js(f"document.querySelector('[name={name}]').value = {json.dumps(value)}")


async def submit(page: Page, button: str = "main form button[type=submit]") -> None:
    await page.js("window.isOld = true")
    await page.click(button)
    await page.until("!window.isOld && document.readyState === 'complete'")


async def examine(page: Page, name: str) -> list[str]:
    """What is wrong with the page as it is, by day and by night."""
    found: list[str] = []
    # First: with another scheme the browser resolves its fonts anew, which nobody waits for.
    if (shift := await page.js(_SHIFT)) > 0.02:
        found.append(f"{name}: moved by {shift}")
    await page.js(AXE.read_text("utf-8"))
    for scheme in ("light", "dark"):
        await page.prefer(scheme)
        violations: list[Any] = await page.js(_AXE)
        found += [f"{name} {scheme}: {violation}" for violation in violations]
    await page.prefer("light")
    if (weight := await page.js(_WEIGHT)) > 150_000:
        found.append(f"{name}: {weight} bytes")
    if await page.js("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"{name}: wider than the screen")
    return found


async def join(page: Page, url: str, look: Callable[[str], Awaitable[None]]) -> None:
    """From nobody to a member with a card and three questions."""
    await page.open(f"{url}/sign-up", width=390, height=844)
    await look("sign-up")
    await fill(page, name="Ane", email="ane@example.eus", password=PASSWORD)
    await fill(page, password_again=PASSWORD)
    await submit(page)
    await look("sent")
    await page.open(f"{url}/bench/post", width=390, height=844)
    await look("post")
    await submit(page, ".mail a.button")
    await look("confirm")
    await fill(page, password=PASSWORD)
    await submit(page)
    await fill(page, number="6034 4400 0000 0005", code="WRONGCODE")
    await submit(page)
    await look("activation refused")
    await fill(page, number="6034 4400 0000 0005", code=CODE)
    await submit(page)
    await look("questions")
    for n in (1, 2, 3):
        await fill(page, **{f"question_{n}": f"Question {n}?", f"answer_{n}": f"answer {n}"})
    await submit(page)


async def top_up(page: Page, url: str, look: Callable[[str], Awaitable[None]]) -> None:
    await page.open(f"{url}/me/top-up", width=390, height=844)
    await look("top-up")
    await submit(page)
    await look("bank")
    await submit(page, "button[value=twice]")
    await look("paid")


async def reserve(page: Page, url: str) -> list[str]:
    """One hour of the free ones; the pages around it."""
    check = "reserve/CP-1/check?begin=2026-11-21T13:00:00.000Z&minutes=60&letter=C"
    await page.open(f"{url}/{check}", width=390, height=844)
    await submit(page, "main form button.go")
    one = str(await page.js("location.pathname"))
    assert one.startswith("/me/reservations/")
    return ["reserve/CP-1", check, one.removeprefix("/"), "me/reservations"]


async def phone(page: Page, url: str, look: Callable[[str], Awaitable[None]]) -> None:
    """The pages of a charge that runs."""
    for path in (f"r/{RUNNING}", f"r/{RUNNING}/messages", f"r/{RUNNING}/problem", "receipts"):
        await page.open(f"{url}/{path}?lang=en", width=390, height=844)
        await look(path)
    await page.open(f"{url}/r/{RUNNING}", width=390, height=844)
    await fill(page, code="12")
    await page.js("document.querySelector('main form').noValidate = true")
    await submit(page)
    await look("stop refused")


async def run(system: CentralSystem) -> None:
    """A charge in the middle, as its point tells of it."""
    async with connected(system, "/ocpp/CP-2") as point:
        started = await point.start("CASH", connectorId=2)
        charge = {"transactionId": started["transactionId"], "connectorId": 2}
        await point.transfer("Session.Cost", a_car_that_pauses(RUNNING, **charge))


async def charge(system: CentralSystem) -> None:
    async with connected(system) as point:
        await point.start()
        await point.stop(1, 11_000)
        await point.transfer("Session.Receipt", a_receipt(page="a" * 26))


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is missing: ./test installs it by npm")
def test_every_page_when_examined_then_nothing_is_wrong() -> None:
    async def walk(page: Page, url: str, system: CentralSystem) -> None:
        found: list[str] = []

        async def look(name: str) -> None:
            found.extend(await examine(page, name))

        for path in ("", "sign-in", "password/forgotten", "offline", "nowhere", "goodbye", "me"):
            await page.open(f"{url}/{path}", width=390, height=844)
            await look(path or "home")
        await join(page, url, look)
        await look("me")
        await top_up(page, url, look)
        await charge(system)
        await page.open(f"{url}/r/{'a' * 26}/invoice", width=390, height=844)
        await look("invoice")
        await run(system)
        await phone(page, url, look)
        for path in (
            "me",
            "me/charges",
            "me/settings",
            "me/messages",
            "me/leave",
            "me/plan?card=0005",
        ):
            await page.open(f"{url}/{path}", width=390, height=844)
            await look(path)
        for path in await reserve(page, url):
            await page.open(f"{url}/{path}", width=390, height=844)
            await look(path)
        await page.open(f"{url}/me", width=1280, height=800)
        await look("me, wide")
        await submit(page, "button.stop")
        await look("blocked")
        assert found == []

    visit(walk)


def test_journey_when_walked_then_money_charge_and_receipt_are_on_the_profile() -> None:
    async def walk(page: Page, url: str, system: CentralSystem) -> None:
        async def pass_by(_: str) -> None: ...

        await join(page, url, pass_by)
        await top_up(page, url, pass_by)
        await charge(system)
        await page.open(f"{url}/me?lang=en", width=390, height=844)
        text = await page.js("document.querySelector('main').innerText")
        for word in ("€35.90", "10.00\u00a0kWh", "€4.10", "161"):
            assert word in text, word
        await submit(page, ".row a")
        assert await page.js("document.title.length > 0")
        assert await page.js("location.pathname") == "/r/" + "a" * 26

    visit(walk)


def test_home_when_a_point_changes_then_list_map_and_count_follow_without_a_reload() -> None:
    async def walk(page: Page, url: str, system: CentralSystem) -> None:
        await page.open(f"{url}/?lang=en")
        await page.until("document.querySelector('[data-live]').dataset.live === 'on'")
        await page.js("window.isOld = true")
        point = system.registry.point("CP-2")
        point.connectors[1] = ConnectorState("Available")
        system.registry.changed(point)
        await page.until("document.querySelector('[data-place=CP-2]').dataset.state === 'free'")
        await page.until("document.querySelector('[data-pin=CP-2]').dataset.state === 'free'")
        told = await page.js("document.querySelector('[data-counts]').textContent")
        assert told == "2 of 10 sockets free now"
        assert await page.js("window.isOld")
        assert page.complaints == []

    visit(walk)


def test_app_when_the_network_is_gone_then_says_so() -> None:
    async def go() -> None:
        assert CHROMIUM is not None
        async with browsing(CHROMIUM) as page:
            async with a_site(a_network()) as url:
                await page.open(f"{url}/?lang=en")
                await page.until("navigator.serviceWorker.controller !== null")
            await page.go(f"{url}/sign-in")
            await page.until("document.querySelector('h1')?.textContent === 'No network'")

    asyncio.run(go())


def test_app_when_the_network_is_gone_after_another_language_then_it_speaks_that_one() -> None:
    kept_in = "caches.match('/offline').then(kept => kept.text()).then(text => text.includes('lang=\"{}\"'))"

    async def go() -> None:
        assert CHROMIUM is not None
        async with browsing(CHROMIUM) as page:
            async with a_site(a_network()) as url:
                await page.open(f"{url}/?lang=en")
                await page.until("navigator.serviceWorker.controller !== null")
                await page.until(kept_in.format("en"))
                await page.open(f"{url}/?lang=eu")
                await page.until(kept_in.format("eu"))
            await page.go(f"{url}/sign-in")
            await page.until("document.querySelector('h1')?.textContent === 'Sarerik ez'")

    asyncio.run(go())


def test_home_when_a_new_point_appears_then_it_joins_the_list() -> None:
    async def walk(page: Page, url: str, system: CentralSystem) -> None:
        await page.open(f"{url}/?lang=en")
        await page.until("document.querySelector('[data-live]').dataset.live === 'on'")
        system.registry.provision("CP-9", Site("Muelle", None, None, "Kaia 9"), None)
        await page.until("document.querySelector('[data-place=CP-9]') !== null")

    visit(walk)
