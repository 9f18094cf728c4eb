"""The tap on the page in a real browser, and what its service worker shows of a message.

The browser's own registration with its maker needs the maker's network; only that step is played:
`PushManager.subscribe` gives the keys of the telephone that the push service here knows.
"""

import asyncio
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from central.entropy import SystemEntropy
from central.greencard.records import StartKey
from central.system import CentralSystem
from central.web.app import Options
from central.web.serving import serve_page
from central.webpush.service import PushServices
from central.webpush.vapid import VapidKey
from tests.bench.chromium import Page, browsing, eventually, find_chromium
from tests.support.central import START, FixedClock, a_cost, a_system, euros
from tests.support.members import cheap_passwords
from tests.support.push_service import Service, UserAgent, reachable, serving
from tests.support.telephone import PAGE

CHROMIUM = find_chromium()
pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(90),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
]
KEY = VapidKey(ec.derive_private_key(7, ec.SECP256R1()), "mailto:charge@example.eus")
_PLAYED = """
window.asked = [];
Notification.requestPermission = async () => { window.asked.push("permission"); return "granted"; };
PushManager.prototype.subscribe = async (options) => {
  sessionStorage.pushKey = options.applicationServerKey;
  return { toJSON: () => (%s) };
};
"""


async def deliver(page: Page, message: bytes) -> None:
    """As the browser's push service would, once it is opened."""
    tools = await page.tab.context.new_cdp_session(page.tab)
    found: list[str] = []
    tools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.extend(each["registrationId"] for each in told["registrations"]),
    )
    await tools.send("ServiceWorker.enable")
    await eventually(lambda: bool(found))
    origin = await page.js("location.origin + '/'")
    told = {"origin": origin, "registrationId": found[0], "data": message.decode()}
    await tools.send("ServiceWorker.deliverPushMessage", told)


def a_charge_begins(system: CentralSystem) -> None:
    system.charges.start(StartKey("CP-1", 1, "CASH", START, 0))
    told = json.dumps(a_cost(page=PAGE, cost=euros(0), energyWh=0, seconds=0))
    system._office.desk.answer("CP-1", "es.citere", "Session.Cost", told)


def test_browser_when_tapped_then_asked_once_and_shows_what_only_it_can_read(
    tmp_path: Path,
) -> None:
    async def go() -> None:
        assert CHROMIUM is not None
        at, service, phone, clock = reachable(tmp_path), Service(), UserAgent(), FixedClock()
        system = a_system(clock=clock)
        a_charge_begins(system)
        push = PushServices(KEY, clock, SystemEntropy(), reach=at.reach, context=at.trusting)
        options = Options(push=push, passwords=cheap_passwords())
        async with (
            serving(service, at),
            serve_page(system, clock, "127.0.0.1", 0, options) as port,
            browsing(CHROMIUM) as page,
        ):
            await page.tab.context.grant_permissions(["notifications"])
            await page.tab.add_init_script(_PLAYED % phone.given())
            await page.open(f"http://127.0.0.1:{port}/r/{PAGE}/messages?lang=en", width=390)
            await page.until("navigator.serviceWorker.ready.then(() => true)")
            assert await page.js("window.asked") == []
            await page.click("#c-push")
            await page.click("form[data-push] button")
            await page.until("location.search.includes('told=messages')")
            assert await page.js("sessionStorage.pushKey") == KEY.public
            await eventually(lambda: bool(service.bodies), 10)
            await deliver(page, phone.opened(service.bodies[0]))
            shown = "(await (await navigator.serviceWorker.ready).getNotifications())"
            await page.until(f"(async () => {shown}.length === 1)()")
            notice = await page.js(
                f"(async () => {shown}.map(each => [each.title, each.body, each.data]))()"
            )
            ((title, _, link),) = notice
            assert title == "Your car is charging"
            assert link.endswith(f"/r/{PAGE}")
            assert page.complaints == []

    asyncio.run(go())


def test_browser_when_permission_is_refused_then_the_page_says_so(tmp_path: Path) -> None:
    async def go() -> None:
        assert CHROMIUM is not None
        clock = FixedClock()
        system = a_system(clock=clock)
        a_charge_begins(system)
        push = PushServices(KEY, clock, SystemEntropy())
        async with (
            serve_page(system, clock, "127.0.0.1", 0, Options(push=push)) as port,
            browsing(CHROMIUM) as page,
        ):
            await page.tab.add_init_script("Notification.requestPermission = async () => 'denied';")
            await page.open(f"http://127.0.0.1:{port}/r/{PAGE}/messages?lang=en", width=390)
            await page.click("#c-push")
            await page.click("form[data-push] button")
            await page.until("document.body.innerText.includes('gave no address')")

    asyncio.run(go())
