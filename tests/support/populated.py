"""A members' web where something of every kind is there, and an address for each of its pages.

One browser holds the sessions of a member, of an operator and of a shop at once.
"""

from dataclasses import dataclass

from starlette.routing import Mount, Route

from central.fleet.registry import ConnectorState, Site, Socket
from central.greencard.blanks import Blanks, Made
from central.greencard.exchange import Pack
from central.greencard.promotions import Promotion
from central.greencard.records import StartKey
from central.members.advice import FlatRate
from central.system import CentralSystem
from tests.support.browser import Browser
from tests.support.central import CARD, START, a_car_that_pauses, a_receipt
from tests.support.members import Given, World, a_world

POINT = "CP-1"
RUNNING, SETTLED = "b" * 26, "a" * 26
BLANK = "9724000000000017"
SUPPORT_NUMBER = "48120933"
SHOP_PASSWORD = "seven blue kettles"
_BEGIN = "2026-11-21T10:00:00.000Z"


@dataclass
class Populated:
    world: World
    browser: Browser
    addresses: dict[str, str]  # by the path of a route with parameters

    def routes(self) -> list[Route]:
        """All but the folder of files."""
        found = [each for each in self.world.web.app.routes if not isinstance(each, Mount)]
        assert all(isinstance(each, Route) for each in found)
        return [each for each in found if isinstance(each, Route)]

    def address(self, route: Route) -> str:
        """Where one such page is; a new kind of page is to be given one here."""
        if "{" not in route.path:
            return self.addresses.get(route.path, route.path)
        assert route.path in self.addresses, (
            f"{route.path}: no such page in tests/support/populated.py"
        )
        return self.addresses[route.path]


def a_coast(system: CentralSystem, *states: str) -> list[str]:
    """Points along it, their first sockets in these states, their second ones free; "": away."""
    sockets = (Socket(1), Socket(2, "L", 50_000))
    names = [f"CP-{number}" for number in range(1, len(states) + 1)]
    for number, (name, state) in enumerate(zip(names, states, strict=True), start=1):
        site = Site(f"Kaia {number}", 43.3 + number / 100, -2 + number / 50, "Kalea 3", sockets)
        system.registry.provision(name, site, None)
        point = system.registry.point(name)
        if state:
            point.is_connected, point.boot_status = True, "Accepted"
        point.connectors = {1: ConnectorState(state), 2: ConnectorState("Available")}
    return names


def populated() -> Populated:
    world = a_world(Given(flat_rate=FlatRate(100, None, 0)))
    _network(world)
    browser = world.operator()
    world.member_with_card(browser)
    _questions(browser)
    _charges(world)
    call, complaint = _desk(browser)
    _shop(world, browser)
    browser.open(f"/reserve/{POINT}/check?begin={_BEGIN}&minutes=60&letter=C")
    browser.send(f"/reserve/{POINT}/confirm", begin=_BEGIN, minutes="60", letter="C")
    browser.open("/me/top-up")
    browser.answer("/me/top-up", amount="20", number=CARD)
    assert browser.page is not None
    bank = browser.page.headers["location"]
    addresses = {
        "/bench/bank": bank,
        "/pay/return": bank.replace("/bench/bank", "/pay/return"),
        "/assets/{file}": "/assets/ok.svg",
        "/desk/chat/{chat_id:int}": "/desk/chat/1",
        "/desk/phone/{secret}": call,
        "/desk/points/{point_id}": f"/desk/points/{POINT}",
        "/operator/shops/{shop:int}/statement": "/operator/shops/1/statement",
        "/operator/points/{point_id}": f"/operator/points/{POINT}",
        "/complaint/{secret}": complaint,
        "/desk/complaints/{number}": "/desk/complaints/R-2026-000001",
        "/reserve/{point}": f"/reserve/{POINT}",
        "/reserve/{point}/check": f"/reserve/{POINT}/check?begin={_BEGIN}&minutes=60&letter=C",
        "/me/reservations/{number:int}": "/me/reservations/1",
        "/me/waiting/{number:int}/leave": "/me/waiting/1/leave",
        "/r/{page}": f"/r/{SETTLED}",
        "/r/{page}/invoice": f"/r/{SETTLED}/invoice",
        "/no-more/{secret}": "/no-more/abc",
        "/api/cards/{number}": f"/api/cards/{CARD}",
        "/api/points/{point_id}/call": f"/api/points/{POINT}/call",
    }
    for part, at in (("seen", ""), ("close", ""), ("live", "")):
        addresses[f"/desk/chat/{{chat_id:int}}/{part}"] = f"/desk/chat/1/{part}{at}"
    for part in ("block", "replace", "close"):
        addresses[f"/desk/phone/{{secret}}/{part}"] = f"{call}/{part}"
    for part in ("confirm", "wait"):
        addresses[f"/reserve/{{point}}/{part}"] = f"/reserve/{POINT}/{part}"
    for part in (".ics", "/cancel", "/accept"):
        addresses[f"/me/reservations/{{number:int}}{part}"] = f"/me/reservations/1{part}"
    for part in ("live", "stop", "messages", "problem"):
        addresses[f"/r/{{page}}/{part}"] = f"/r/{RUNNING}/{part}"
    return Populated(world, browser, addresses)


def _network(world: World) -> None:
    a_coast(world.system, "Available", "Charging", "Reserved", "Faulted")
    store = world.system.store
    with store.change():
        store.programme.set_number("exchange_from", 1101)
        store.programme.set_number("exchange_until", 1130)
        store.programme.save(Promotion("Nights", 15, days=("Friday",), start_time="22:00"))
    world.system.exchange.save(Pack("Spa for two", "Warm water", 30, 5), by="maria")
    made = [Made(BLANK, None, "hash", "48120934")]
    Blanks(store, world.clock).make("b", made, by="maria", expires_on="2034-11-30")


def _questions(browser: Browser) -> None:
    asked = {f"question_{n}": f"Question {n}?" for n in (1, 2, 3)}
    browser.send(
        "/me/card/questions?card=0005", **asked, **{f"answer_{n}": f"answer {n}" for n in (1, 2, 3)}
    )


def _charges(world: World) -> None:
    """One that is paid, and one that runs."""
    import json

    charges, desk = world.system.charges, world.system._office.desk
    first = charges.start(StartKey(POINT, 1, CARD, START, 1000))
    charges.stop(POINT, first.id, 11_000, START, "Local")
    receipt = a_receipt(transactionId=first.id, page=SETTLED)
    assert desk.answer(POINT, "es.citere", "Session.Receipt", json.dumps(receipt))[0] == "Accepted"
    second = charges.start(StartKey("CP-2", 1, "CASH", START, 0))
    cost = a_car_that_pauses(RUNNING, transactionId=second.id)
    assert desk.answer("CP-2", "es.citere", "Session.Cost", json.dumps(cost))[0] == "Accepted"


def _desk(browser: Browser) -> tuple[str, str]:
    """A chat, a complaint, a problem, and a call whose three answers were right."""
    browser.open("/chat")
    browser.send("/chat", text="Where is the <b>cable</b>?")
    browser.open("/complaint")
    complaint = browser.send(
        "/complaint",
        name="Ane",
        email="ane@example.eus",
        happened_on="2026-11-20",
        facts="It kept my five euros.",
    ).url.path
    browser.open(f"/r/{RUNNING}/problem")
    browser.send(f"/r/{RUNNING}/problem", words="The cable is stuck.", contact="")
    browser.open("/desk/phone")
    call = browser.send("/desk/phone", support=SUPPORT_NUMBER).url.path
    browser.send(call, **{f"answer_{n}": f"answer {n}" for n in (1, 2, 3)})
    return call, complaint


def _shop(world: World, browser: Browser) -> None:
    browser.open("/operator/shops")
    browser.send(
        "/operator/shops",
        do="make",
        name="Kiosk",
        login="kiosk",
        password=SHOP_PASSWORD,
        limit="500",
    )
    browser.open("/shop/sign-in")
    browser.send("/shop/sign-in", login="kiosk", password=SHOP_PASSWORD)
