"""Messages to a browser: from the tap on the page to the text that only this browser can read."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from central.clock import utc_text
from central.greencard.records import StartKey
from central.phone.browsers import BROWSERS_MOST
from central.webpush.service import PushServices
from central.webpush.vapid import VapidKey
from tests.support.browser import Browser
from tests.support.central import CARD, START, FixedClock, a_cost
from tests.support.members import CountedEntropy, Given, World, a_world
from tests.support.push_service import Service, UserAgent, reachable, serving
from tests.support.telephone import PAGE, say

KEY = VapidKey(ec.derive_private_key(7, ec.SECP256R1()), "mailto:charge@example.eus")


@dataclass
class Net:
    """A members' web, the push service of a maker, and one telephone with that maker's browser."""

    world: World
    service: Service
    deliver: Callable[[], None]
    phone: UserAgent = field(default_factory=UserAgent)

    def told(self) -> list[str]:
        self.deliver()
        return [json.loads(self.phone.opened(body))["title"] for body in self.service.bodies]

    def tell(self, **changes: Any) -> None:
        """`Session.Cost` of the charge."""
        assert say(self.world, "Session.Cost", a_cost(page=PAGE) | changes)[0] == "Accepted"
        asyncio.run(self.world.web.messenger.tell(PAGE))


@pytest.fixture
def net(tmp_path: Path) -> Net:
    at, service = reachable(tmp_path), Service()
    clock = FixedClock()
    push = PushServices(KEY, clock, CountedEntropy(), reach=at.reach, context=at.trusting)
    world = a_world(Given(push=push))
    world.system.charges.start(StartKey("CP-1", 1, CARD, START, 1000))

    def deliver() -> None:
        async def go() -> None:
            async with serving(service, at):
                await world.web.push_post.courier.round()

        asyncio.run(go())

    return Net(world, service, deliver)


def subscribe(browser: Browser, subscription: str) -> int:
    page = browser.open(f"/r/{PAGE}/messages?lang=en")
    assert f'data-push="{KEY.public}"' in page.text
    fields = {"channel": "push", "subscription": subscription, "consent": "yes"}
    return browser.send(f"/r/{PAGE}/messages", **fields).status_code


@pytest.mark.usefixtures("both_databases")
def test_charge_when_a_telephone_asks_then_each_message_reaches_it_once(net: Net) -> None:
    net.tell(stage="starting")
    with net.world.browser() as browser:
        assert subscribe(browser, net.phone.given()) == 200
    soon = utc_text(net.world.clock.utc() + timedelta(minutes=9))
    for stage in ("charging", "carPaused", "charging", "carPaused"):
        net.tell(stage=stage)
    net.tell(stage="carPaused", idleFeeAt=soon)
    for _ in range(2):
        asyncio.run(net.world.web.messenger.tell_soon())
    net.tell(stage="interrupted")
    assert sorted(net.told()) == sorted(
        [
            "Your car is charging",
            "Your car takes no more energy",
            "The idle fee begins in ten minutes",
            "Your charge broke off",
        ]
    )
    assert len(net.told()) == 4
    urgent = [head["urgency"] for head in net.service.headers]
    assert sorted(urgent) == ["high", "normal", "normal", "normal"]
    at_most_s = {head["urgency"]: int(head["ttl"]) for head in net.service.headers}
    assert at_most_s == {"high": 600, "normal": 3600}
    link = json.loads(net.phone.opened(net.service.bodies[0]))["link"]
    assert link == f"http://127.0.0.1/r/{PAGE}"


@pytest.mark.parametrize("status", [404, 410])
def test_browser_when_it_is_gone_then_nobody_writes_to_it_again(net: Net, status: int) -> None:
    net.tell()
    with net.world.browser() as browser:
        subscribe(browser, net.phone.given())
    net.tell(stage="carPaused")
    net.service.answers = [(status, {})]
    net.deliver()
    net.tell(stage="interrupted")
    net.deliver()
    assert len(net.service.bodies) <= 2
    assert net.world.system.outgoing.waiting() == []
    assert net.world.system.store.findings() == []


def test_service_when_it_is_busy_then_the_message_comes_later(net: Net) -> None:
    net.tell()
    with net.world.browser() as browser:
        subscribe(browser, net.phone.given())
    net.service.answers = [(429, {"Retry-After": "120"}), (503, {})]
    for passed_s, tries in ((0, 1), (60, 1), (60, 2), (15, 2), (15, 3), (600, 3)):
        net.world.clock.advance(seconds=passed_s)
        net.deliver()
        assert len(net.service.bodies) == tries
    assert net.world.system.store.findings() == []


def test_service_when_it_takes_nothing_then_the_operator_hears_of_it(net: Net) -> None:
    net.tell()
    with net.world.browser() as browser:
        subscribe(browser, net.phone.given())
    net.service.answers = [(403, {})] * 9
    for _ in range(9):
        net.deliver()
        net.world.clock.advance(minutes=5)
    assert len(net.service.bodies) == 3
    (finding,) = net.world.system.store.findings()
    assert finding.code == "push.given_up"
    assert "push.example.org: 403" in finding.detail
    assert net.phone.path not in finding.detail


@pytest.mark.parametrize(
    "subscription",
    [
        "",
        "-",
        "{}",
        UserAgent().given(endpoint="http://push.example.org/x"),
        UserAgent().given(endpoint="https://127.0.0.1/x"),
        UserAgent().given(endpoint="https://db.internal/x"),
        UserAgent().given(endpoint="https://push.example.org:8081/x"),
    ],
)
def test_form_when_the_address_is_none_of_a_push_service_then_refused(
    net: Net, subscription: str
) -> None:
    net.tell()
    with net.world.browser() as browser:
        assert subscribe(browser, subscription) == 422
    assert net.told() == []


# --- the profile -----------------------------------------------------------------------------------


def join(net: Net, browser: Browser, *phones: UserAgent) -> list[int]:
    net.world.member_with_card(browser)
    codes = []
    for phone in phones:
        browser.open("/me/messages?lang=en")
        codes.append(browser.send("/me/messages", subscription=phone.given()).status_code)
    return codes


def test_member_when_a_browser_is_told_then_every_charge_of_the_card_tells_it(net: Net) -> None:
    with net.world.browser() as browser:
        assert join(net, browser, net.phone) == [200]
        assert "Browsers that are told: 1" in browser.open("/me/messages?lang=en").text
        assert "/me/messages" in browser.open("/me/settings").text
        net.tell()
        net.tell(stage="carPaused")
        assert net.told() == ["Your car is charging", "Your car takes no more energy"]
        other = StartKey("CP-1", 2, "CASH", START, 0)
        net.world.system.charges.start(other)
        net.tell(transactionId=2, connectorId=2, page="b" * 26)
        asyncio.run(net.world.web.messenger.tell("b" * 26))
        assert len(net.told()) == 2
        page = browser.send("/me/messages/end")
        assert "No browser is told any more" in page.text
        net.tell(stage="interrupted")
        assert len(net.told()) == 2


def test_member_when_there_are_many_browsers_then_there_is_an_end(net: Net) -> None:
    phones = [UserAgent(path=f"/send/{n}") for n in range(BROWSERS_MOST + 1)]
    with net.world.browser() as browser:
        codes = join(net, browser, phones[0], *phones)
        assert codes == [200] * (BROWSERS_MOST + 1) + [409]


def test_member_when_they_leave_then_no_browser_of_theirs_is_known(net: Net) -> None:
    with net.world.browser() as browser:
        join(net, browser, net.phone)
        net.world.system.charges.stop("CP-1", 1, 1000, START, "Local")
        number = net.world.web.browsers.count(1)
        assert number == 1
        browser.open("/me/leave")
        browser.send("/me/leave", password="three green bicycles")
    assert net.world.web.browsers.count(1) == 0


def test_member_when_it_is_simulated_then_the_browser_is_the_visitor() -> None:
    world = a_world()
    with world.browser() as browser:
        world.member(browser)
        assert browser.open("/me/messages").status_code == 200  # simulated on the bench
        browser.send("/me/messages")
        assert world.web.browsers.count(1) == 1
