"""The pages of points, statements, the operator and the shops in a real browser: accessible, still, light."""

from collections.abc import Awaitable, Callable

import pytest

from central.greencard.blanks import Blanks, Made
from central.greencard.exchange import Pack
from central.greencard.promotions import Promotion
from central.system import CentralSystem
from tests.bench.chromium import Page
from tests.central.members.test_in_browser import (
    AXE,
    CHROMIUM,
    charge,
    examine,
    fill,
    join,
    submit,
    visit,
)
from tests.support.central import CARD, FixedClock
from tests.support.members import MARIA

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(120),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is missing: ./test installs it by npm"),
]
NEW = "9724000000000017"
PAGES = (
    "points",
    "points/CP-1",
    "cards",
    "sessions",
    "findings",
    "messages",
    "promotions",
    "packs",
    "books",
    "trail",
    "shops",
)
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
Look = Callable[[str], Awaitable[None]]


def prepared(system: CentralSystem) -> None:
    with system.store.change():
        system.store.programme.set_number("exchange_from", 1101)
        system.store.programme.set_number("exchange_until", 1130)
        system.store.programme.save(Promotion("Nights", 15, days=("Friday",), start_time="22:00"))
    system.exchange.save(Pack("Spa for two", "Warm water", 100, 5), by="maria")
    system.exchange.save(Pack("Cider house", "", 900, 3), by="maria")
    made = [Made(NEW, None, "hash", "48120934")]
    Blanks(system.store, FixedClock()).make("b", made, by="maria", expires_on="2034-11-30")


async def member_pages(page: Page, url: str, look: Look) -> None:
    await page.open(f"{url}/me/points?card=0005", **PHONE)
    await look("points")
    await submit(page, "button[name=pack]")
    await look("points taken")
    await page.open(f"{url}/me/statement?card=0005", **PHONE)
    await look("statement")


async def operator_pages(page: Page, url: str, look: Look) -> None:
    await page.open(f"{url}/operator/sign-in", **PHONE)
    await look("operator sign-in")
    await fill(page, login=MARIA.login, password=MARIA.password)
    await submit(page)
    for size in (DESK, PHONE):
        for name in PAGES:
            await page.open(f"{url}/operator/{name}", **size)
            await look(f"operator {name} {size['width']}")
        await page.open(f"{url}/operator/cards", **size)
        await fill(page, number=CARD)
        await submit(page)
        await look(f"operator card {size['width']}")
    await page.open(f"{url}/operator/promotions?name=Nights", **DESK)
    await submit(page, "button[value=preview]")
    await look("preview")


async def shop_pages(page: Page, url: str, look: Look) -> None:
    await page.open(f"{url}/operator/shops", **DESK)
    await fill(page, name="Kiosk", login="kiosk", password="seven blue kettles", limit="500")
    await submit(page, "button[value=make]")
    await look("operator shops, one")
    await page.open(f"{url}/shop/sign-in", **PHONE)
    await look("shop sign-in")
    await fill(page, login="kiosk", password="seven blue kettles")
    await submit(page)
    await fill(page, number=NEW, amount="20")
    await submit(page)
    assert await page.js("document.querySelector('.told') !== null")
    await look("shop")


def test_every_page_when_examined_then_nothing_is_wrong() -> None:
    async def walk(page: Page, url: str, system: CentralSystem) -> None:
        found: list[str] = []

        async def look(name: str) -> None:
            found.extend(await examine(page, name))

        async def pass_by(_: str) -> None:
            return

        prepared(system)
        await charge(system)
        await join(page, url, pass_by)
        await member_pages(page, url, look)
        await operator_pages(page, url, look)
        await shop_pages(page, url, look)
        assert found == []
        assert system.accounts.balance(NEW) == 2000

    visit(walk)
