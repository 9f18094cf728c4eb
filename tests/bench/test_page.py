"""The bench page in a real browser, against a station that answers at once."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from simulator.bench.server import listen, serving
from tests.bench.chromium import Page, browsing, eventually, find_chromium
from tests.bench.fake_bench import FakeBench

CHROMIUM = find_chromium()
pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
]
LIT = "document.querySelectorAll('.act:nth-child({}) .proof .lit').length"


def _visit(look: Callable[[Page, FakeBench], Awaitable[None]]) -> None:
    async def visit() -> None:
        assert CHROMIUM is not None
        bench = FakeBench()
        async with serving(bench, listen(0)) as url, browsing(CHROMIUM) as page:
            await page.open(f"{url}/")
            await page.until("document.querySelectorAll('.car').length === 2")
            await look(page, bench)
            assert page.complaints == []

    asyncio.run(visit())


def test_first_charge_lights_what_each_act_set_in_motion() -> None:
    async def look(page: Page, bench: FakeBench) -> None:
        await page.click(".act:nth-child(1) .tap")
        await page.until(f"{LIT.format(1)} === 3")  # no money moves when a car is plugged
        await page.until("!document.querySelector('.act:nth-child(2) .tap').disabled")
        await page.click(".act:nth-child(2) .tap")
        await page.until(f"{LIT.format(2)} === 4")
        await page.until("!document.querySelector('.act:nth-child(3) .tap').disabled")
        await page.click(".act:nth-child(3) .tap")
        await page.until(f"{LIT.format(3)} === 4")
        await page.until("!document.querySelector('.act:nth-child(4) .tap').disabled")
        await page.click(".act:nth-child(4) .tap")
        await page.until(f"{LIT.format(4)} === 4")
        done = [next(iter(step.items())) for step in bench.done]
        assert [name for name, _ in done] == ["plug", *["coin"] * 3, "touch", "touch"]
        assert sum(float(value) for name, value in done if name == "coin") == 5
        # The fake knows no stop code; the page says what was refused.
        await page.until("document.querySelector('.note.bad')?.textContent.includes('enter_code')")
        page.complaints.clear()  # the browser logs the refusal too

    _visit(look)


def test_pulled_plug_ends_with_balanced_books() -> None:
    async def look(page: Page, bench: FakeBench) -> None:
        await bench.do({"plug": {"connector": 1}})
        await bench.do({"coin": "2.00"})
        await bench.do({"touch": "start"})
        await page.until("document.querySelector('.car.hot') !== null")
        await page.click(".act:nth-child(5) .tap")
        await page.until(f"{LIT.format(5)} === 4", limit_s=10)
        assert {"power": "cut"} in bench.done
        assert {"power": "restore"} in bench.done

    _visit(look)


def test_click_on_the_kiosk_touches_that_pixel() -> None:
    async def look(page: Page, bench: FakeBench) -> None:
        # Until everything is drawn the picture still moves under the finger.
        await page.until("document.querySelector('.target') !== null")
        await page.click(".glass img")
        await page.until("document.querySelector('.finger') !== null")
        (step,) = bench.done
        assert abs(step["touch"]["x"] - 512) <= 2
        assert abs(step["touch"]["y"] - 300) <= 2

    _visit(look)


def test_kiosk_buttons_work_from_the_keyboard() -> None:
    async def look(page: Page, bench: FakeBench) -> None:
        await page.until("document.querySelector('.target') !== null")
        label = await page.js("document.querySelector('.target').ariaLabel")
        await page.js("document.querySelector('.target').focus()")
        await page.key("Enter")
        await eventually(lambda: bool(bench.done))
        assert label == "Green Card"
        assert bench.done == [{"touch": "greencard"}]

    _visit(look)


def test_every_tool_of_the_desk_sends_its_step() -> None:
    async def look(page: Page, bench: FakeBench) -> None:
        for selector in (
            ".coin:nth-child(3)", ".bankcard:nth-child(1)", ".bankcard:nth-child(3)",
            ".bankcard:nth-child(4)", "#speed button:nth-child(3)",
            ".central button:nth-child(2)", ".picker .tap", ".faults li .tap",
            ".car:nth-child(2) .actions .tap", ".row .tap:nth-child(3)",
        ):  # fmt: skip
            count = len(bench.done)
            await page.until(f"document.querySelector({selector!r}) !== null")
            await page.click(selector)
            await eventually(lambda count=count: len(bench.done) > count)
        assert bench.done == [
            {"coin": "0.50"},
            {"tap": "GC-1"},
            {"tap": {"card": "GC-1", "clone": True}},
            {"tap": {"token": "DEADBEEF"}},
            {"speed": 60},
            {"central": "down"},
            {"fault": {"device": "evse", "connector": 1, "kind": "silent"}},
            {"clear": {"device": "evse", "kind": "silent"}},
            {"plug": {"connector": 2, "ev": {"soc": 20, "battery_kwh": 40, "max_a": 16, "phases": 1}}},
            {"kill": "ui"},
        ]  # fmt: skip

    _visit(look)


def test_keys_and_jack_are_pressed_and_what_is_said_can_be_read() -> None:
    async def look(page: Page, bench: FakeBench) -> None:
        await page.until("document.querySelector('.key') !== null")
        await page.click(".key:nth-child(3)")
        await page.until(
            "document.querySelector('.captions .speaker')?.innerText.includes('key ok')"
        )
        await page.click(".key.jack")
        await page.until("document.querySelector('.key.jack').ariaPressed === 'true'")
        await page.click(".key:nth-child(2)")
        await page.until(
            "document.querySelector('.captions .jack')?.innerText.includes('key next')"
        )
        assert bench.done == [{"key": "ok"}, {"jack": "in"}, {"key": "next"}]

    _visit(look)


@pytest.mark.parametrize("width", [1920, 1440, 1100, 800])
def test_page_fits_its_window(width: int) -> None:
    async def look(page: Page, bench: FakeBench) -> None:
        await bench.do({"plug": {"connector": 1}})
        await bench.do({"coin": "2.00"})
        await bench.do({"touch": "start"})
        await page.resize(width, 900)
        await page.until("document.querySelector('.account') !== null")
        assert await page.js("document.documentElement.scrollWidth <= innerWidth")
        # Nothing a reader needs is cut off at the side of its box.
        cut = await page.js(
            "[...document.querySelectorAll('.tap, .meters dd, h2, .tool')]"
            ".filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)"
        )
        assert cut == []

    _visit(look)


def test_everything_pressable_has_a_name() -> None:
    async def look(page: Page, _: FakeBench) -> None:
        nameless = await page.js(
            "[...document.querySelectorAll('button, a, input, select')]"
            ".filter(e => !(e.ariaLabel || e.textContent.trim() || e.labels?.length || e.title))"
            ".map(e => e.outerHTML)"
        )
        assert nameless == []

    _visit(look)


def test_night_follows_the_machine_until_somebody_chooses() -> None:
    async def look(page: Page, _: FakeBench) -> None:
        await page.prefer("dark")
        await page.until("document.documentElement.dataset.theme === 'night'")
        await page.click("#theme")
        await page.until("document.documentElement.dataset.theme === 'day'")

    _visit(look)
