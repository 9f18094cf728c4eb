"""The public home: points, prices, map; safe whatever a point is called; the app around it."""

import asyncio
import json
import re

import pytest

from central.fleet.registry import ConnectorState, Site, Socket
from central.system import CentralSystem
from central.web.app import MembersWeb, Options
from tests.support.browser import Browser
from tests.support.central import FixedClock, a_system


def a_network() -> CentralSystem:
    system = a_system()
    sockets = (Socket(1), Socket(2, "L", 50_000))
    system.registry.provision("CP-1", Site("Harbour", 43.32, -1.98, "Kaia 3", sockets), None)
    system.registry.provision("CP-2", Site("<script>alert(1)</script>", 43.31, -2.0), None)
    harbour = system.registry.point("CP-1")
    harbour.is_connected = True
    harbour.connectors = {1: ConnectorState("Available"), 2: ConnectorState("SuspendedEV")}
    return system


def a_web(system: CentralSystem | None = None) -> MembersWeb:
    system = system or a_network()
    clock = FixedClock()
    return MembersWeb(system, clock, Options())


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es", ("1 de 2 tomas libres", "0,41\u00a0€", "Ocupado", "Tipo 2", "CCS")),
        ("eu", ("2 hartunetik 1 libre", "0,41\u00a0€", "Hartuta")),
        ("en", ("1 of 2 sockets free", "€0.41", "In use", "Type 2")),
    ],
)
def test_home_when_opened_then_points_with_price_connector_and_state(
    language: str, words: tuple[str, ...]
) -> None:
    with Browser(a_web().app) as browser:
        page = browser.open("/", **{"Accept-Language": language})
        assert page.status_code == 200
        assert f'<html lang="{language}">' in page.text
        for word in ("Harbour", "Kaia 3", *words):
            assert word in page.text, word


def test_home_when_a_point_is_called_html_then_it_is_text() -> None:
    with Browser(a_web().app) as browser:
        page = browser.open("/")
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;" in page.text


def test_home_when_searched_then_only_what_fits_and_words_are_escaped() -> None:
    with Browser(a_web().app) as browser:
        assert "Kaia 3" in browser.open("/?q=harb&free=1").text
        assert "Kaia 3" not in browser.open("/?q=nowhere").text
        assert "<img src=x" not in browser.open("/?q=%22%3E%3Cimg%20src=x%3E").text


def test_home_when_only_looked_at_then_no_cookie_is_set() -> None:
    with Browser(a_web().app) as browser:
        assert "set-cookie" not in browser.open("/").headers


def test_language_when_chosen_then_it_stays() -> None:
    with Browser(a_web().app) as browser:
        browser.open("/?lang=eu")
        assert '<html lang="eu">' in browser.open("/", **{"Accept-Language": "en"}).text
        assert '<html lang="eu">' in browser.open("/?lang=xx").text


def test_page_when_sent_then_no_inline_script_and_strict_headers() -> None:
    with Browser(a_web().app) as browser:
        page = browser.open("/")
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert not re.search(r"<script(?! src=)|\son\w+=|\sstyle=", page.text)
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["cache-control"] == "no-store"


def test_page_when_missing_then_a_remedy_in_the_visitors_language() -> None:
    with Browser(a_web().app) as browser:
        page = browser.open("/nowhere", **{"Accept-Language": "eu"})
        assert page.status_code == 404
        assert "Orri hau ez dago" in page.text
        assert 'href="/"' in page.text


@pytest.mark.parametrize("path", ["/assets/..%2fapp.py", "/assets/none.svg", "/assets/members.py"])
def test_asset_when_it_is_none_then_404(path: str) -> None:
    with Browser(a_web().app) as browser:
        assert browser.open(path).status_code == 404


def test_app_when_installed_then_manifest_worker_and_offline_page() -> None:
    with Browser(a_web().app) as browser:
        manifest = json.loads(browser.open("/manifest.webmanifest").text)
        assert manifest["display"] == "standalone"
        assert browser.open(manifest["icons"][0]["src"]).status_code == 200
        worker = browser.open("/service-worker.js")
        assert worker.headers["content-type"].startswith("text/javascript")
        kept = json.loads(worker.text.partition(";")[0].removeprefix("const KEPT = "))
        assert "/offline" in kept
        for path in kept:
            assert browser.open(path).status_code == 200


def test_home_with_all_it_loads_is_light() -> None:
    system = a_network()
    for number in range(1000):
        site = Site(
            f"Point {number}", 43 + number / 3000, -2 + number / 5000, "Kalea 1", (Socket(1),)
        )
        system.registry.provision(f"P-{number}", site, None)
    with Browser(a_web(system).app) as browser:
        page = browser.open("/")
        files = set(re.findall(r'(?:src|href)="(/(?:assets|static)/[^"]+)"', page.text))
        weight = len(page.content) + sum(len(browser.open(file).content) for file in files)
        assert weight < 150_000


def test_operators_pages_when_nobody_signed_in_then_refused() -> None:
    with Browser(a_web().app, base="http://members.example") as browser:
        for path in ("/api/state", "/api/cards/6034440000000005", "/api/events"):
            assert browser.open(path).status_code == 401, path
        assert browser.open("/operator").headers["location"] == "/operator/sign-in"


def test_live_when_a_point_changes_then_told_once_in_each_language() -> None:
    async def conversation() -> None:
        system = a_network()
        web = a_web(system)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(web.live.run())
            await asyncio.sleep(0)
            stream = web.live.stream("eu", seen=web.live.moment)
            assert (await anext(stream)).startswith("retry:")
            heard = tasks.create_task(anext(stream))
            await asyncio.sleep(0)
            point = system.registry.point("CP-1")
            point.last_seen = "later"  # nothing a driver would see
            system.registry.changed(point)
            point.connectors[2] = ConnectorState("Available")
            system.registry.changed(point)
            event = json.loads((await heard).partition("data: ")[2])
            assert [place["id"] for place in event["places"]] == ["CP-1"]
            assert event["counts"] == "2 hartunetik 2 libre orain"
            assert "2/2" in event["places"][0]["html"]
            system.feed.close()
            assert [rest async for rest in stream] == []

    asyncio.run(conversation())


def test_live_when_a_browser_comes_back_then_it_hears_what_it_missed() -> None:
    async def conversation() -> None:
        system = a_network()
        web = a_web(system)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(web.live.run())
            await asyncio.sleep(0)
            stream = web.live.stream("en", seen=0)
            await anext(stream)
            event = json.loads((await anext(stream)).partition("data: ")[2])
            assert {place["id"] for place in event["places"]} == {"CP-1", "CP-2"}
            await stream.aclose()
            system.feed.close()

    asyncio.run(conversation())
