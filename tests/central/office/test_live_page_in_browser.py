"""The operator's live page with many points: searched, turned over, in three languages."""

import pytest

from central.fleet.registry import ConnectorState, Site
from central.system import CentralSystem
from tests.bench.chromium import Page
from tests.central.members.test_in_browser import CHROMIUM, fill, submit, visit
from tests.support.members import MARIA

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(120),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
]
_CARDS = "document.querySelectorAll('.point').length"
_COUNT = "document.querySelector('#shown-points').innerText"
_KEYS = "Object.values(WORDS).map(words => Object.keys(words).sort().join())"


async def type_into(page: Page, name: str, text: str) -> None:
    await page.js(
        f"(() => {{ const field = document.querySelector('#{name}'); field.value = '{text}';"
        " field.dispatchEvent(new Event('input')); })()"
    )


def test_points_when_many_then_a_page_of_those_that_are_looked_for_and_still_live() -> None:
    async def walk(page: Page, url: str, system: CentralSystem) -> None:
        for number in range(100):
            system.registry.provision(f"P-{number:03}", Site(f"Etxe {number}"), None)
            system.registry.point(f"P-{number:03}").is_connected = True
        await page.open(f"{url}/operator/sign-in")
        await fill(page, login=MARIA.login, password=MARIA.password)
        await submit(page)
        await page.until(f"{_CARDS} === 12")
        assert await page.js(_COUNT) == "1\N{EN DASH}12 / 105"
        await page.click("#after")
        assert await page.js(_COUNT) == "13\N{EN DASH}24 / 105"
        await type_into(page, "sought", "etxe 99")
        assert await page.js(_CARDS) == 1
        changed = system.registry.point("P-099")
        changed.connectors[1] = ConnectorState("Faulted", "GroundFailure")
        system.registry.changed(changed)
        await page.until("document.querySelector('.points').innerText.includes('GroundFailure')")
        await type_into(page, "wanted", "fault")
        assert await page.js(_CARDS) == 1
        await type_into(page, "sought", "nothing like it")
        assert await page.js(_CARDS) == 0
        keys = await page.js(_KEYS)
        assert len(keys) == 3
        assert len(set(keys)) == 1
        assert page.complaints == []

    visit(walk)
