"""Whole charges as a person makes them on the page, against the whole station: note and bank card."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx2
import pytest

from tests.bench.bench_process import running_bench
from tests.bench.chromium import Page, browsing, find_chromium

CHROMIUM = find_chromium()
pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(120),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
]
LIMIT_S = 40.0
PRICE = "--set", "tariff.energy=5.00"


class Customer:
    """Eyes and hands on the page. The kiosk's buttons are reached as a keyboard reaches them."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def sees(self, screen: str) -> None:
        shown = f"document.querySelector('.kiosk footer strong').textContent === '{screen}'"
        await self.page.until(shown, LIMIT_S)

    async def touches(self, button: str) -> None:
        """In one go, for the page draws its targets anew when the screen changes."""
        there = f"document.querySelector('.target[title={button}]:not(:disabled)')"
        await self.page.until(f"(({there})?.click(), {there} !== null)", LIMIT_S)

    async def clicks(self, selector: str) -> None:
        await self.page.until(f"document.querySelector('{selector}:not(:disabled)') !== null", 20)
        await self.page.click(selector)

    async def reads(self, selector: str, words: str) -> None:
        found = f"document.querySelector('{selector}')?.textContent.includes('{words}')"
        await self.page.until(found, LIMIT_S)


def _charging(visit: Callable[[Customer], Awaitable[None]]) -> None:
    async def main() -> None:
        assert CHROMIUM is not None
        arguments = ("--inside", "--headless", *PRICE, "--set", "station.language=en")
        async with running_bench(*arguments) as bench, browsing(CHROMIUM) as page:
            await bench.do(expect={"device": {"note_validator": "online"}, "within": "60s"})
            await page.open(bench.url)
            await page.until("document.querySelectorAll('.hopper').length === 5", LIMIT_S)
            await page.click("#speed button:nth-child(2)")
            await visit(Customer(page))
            assert (await bench.do(expect={"ledger": "balanced"}))["held"]
            assert page.complaints == []

    asyncio.run(main())


async def _charge_and_leave(customer: Customer) -> None:
    await customer.sees("code")
    await customer.touches("key_ok")
    await customer.page.until("document.querySelector('.car.hot') !== null", LIMIT_S)
    await customer.page.until(
        "parseFloat([...document.querySelectorAll('.car .meters div')]"
        ".find(e => e.textContent.startsWith('Energy')).querySelector('dd').textContent) >= 0.02",
        LIMIT_S,
    )
    # Ten times as fast, a step's ten seconds of patience are too short for a busy machine.
    await customer.clicks("#speed button:nth-child(1)")
    await customer.touches("stop")
    await customer.sees("stop_auth")
    await customer.clicks(".slip")  # the stop code, written down
    await customer.page.until("document.querySelector('.car.hot') === null", LIMIT_S)
    await customer.clicks(".car:nth-child(1) .actions .tap")
    await customer.page.until("document.querySelector('.scene.plugged') === null", LIMIT_S)
    await customer.clicks("#speed button:nth-child(2)")


async def _opens_the_receipt(customer: Customer) -> str:
    await customer.sees("receipt")
    await customer.touches("receipt_qr")
    await customer.page.until("!document.querySelector('.phone').hidden", LIMIT_S)
    address = await customer.page.js("document.querySelector('.receipt-link').href")
    async with httpx2.AsyncClient() as phone:
        answer = await phone.get(str(address))
    assert answer.status_code == 200, address
    return answer.text


def test_charge_paid_by_note_ends_with_change_in_the_tray_and_a_receipt() -> None:
    async def visit(customer: Customer) -> None:
        await customer.clicks(".car:nth-child(1) .actions .tap")
        await customer.sees("pay")
        await customer.clicks(".banknote:nth-child(1)")
        await customer.sees("cash_in")
        await customer.touches("start")
        await _charge_and_leave(customer)
        await customer.page.until("document.querySelectorAll('.fallen i').length > 2", LIMIT_S)
        await customer.sees("receipt")
        await customer.touches("receipt_print")
        await customer.reads(".sheet pre", "Inserted")
        await customer.clicks(".bowl .take")
        await customer.reads(".bowl b", "0.00")
        assert "1 note, 5.00" in await customer.page.js(
            "document.querySelector('.cabinet').textContent"
        )

    _charging(visit)


def test_charge_paid_by_bank_card_is_captured_and_its_receipt_opens() -> None:
    async def visit(customer: Customer) -> None:
        await customer.clicks(".car:nth-child(1) .actions .tap")
        await customer.touches("pay_card")
        await customer.sees("card_tap")
        await customer.reads(".verdict .pill", "waits for a card")
        await customer.clicks(".paycard:nth-child(1)")
        await _charge_and_leave(customer)
        page = await _opens_the_receipt(customer)
        assert "454817" in page.replace(" ", "") or "1881" in page
        assert "UTC" not in page

    _charging(visit)


def test_money_that_is_not_taken_comes_back_and_faults_are_seen() -> None:
    async def visit(customer: Customer) -> None:
        await customer.clicks(".banknote:nth-child(5)")  # pounds
        await customer.reads("#notes", "The note came back")
        await customer.clicks(".hopper:nth-child(2) .acts-small .tap:nth-child(2)")
        await customer.reads(".hopper:nth-child(2) b", "0")
        await customer.clicks(".hopper:nth-child(1) .acts-small .tap:nth-child(3)")
        await customer.reads(".faults ul", "Hopper 2 €: stuck")
        await customer.clicks(".cabinet .box:last-child .tap.warn")
        await customer.reads(".faults ul", "Bank terminal: off")
        await customer.clicks(".faults li .tap")
        await customer.clicks(".cabinet .box:last-child .tap:first-child")

    _charging(visit)
