"""What holds for each route of the pages, those that will be added tomorrow included."""

import asyncio
import re
from html.parser import HTMLParser
from urllib.parse import quote

import httpx2
import pytest
from starlette.routing import Route

from tests.support.browser import HERE
from tests.support.members import URL
from tests.support.populated import Populated, populated

UNPROVED = {
    "/pay/notice",  # a provider's, with its signature
    "/messaging/notice",  # the same
    "/no-more/{secret}",  # RFC 8058: a mail program's one click
    "/api/points/{point_id}/call",  # JSON, which no foreign form can send
}
PUBLIC = re.compile(
    r"/(live|offline|goodbye|manifest.webmanifest|service-worker.js|assets/\{file\}|sign-.*|help|chat.*"
    r"|password/.*|pay/.*|complaint.*|messaging/.*|bench/.*|reserve/\{point\}(/check)?|r/.*|no-more/.*"
    r"|receipts|desk/sign-in|operator/sign-in|shop/sign-in)?"
)
ENDING = re.compile(r".*/sign-out|/me/(leave|sessions)")  # where they end the sessions of this test
STREAMS = ("/live", "/api/events")
EVIL = (
    "\x00",
    "'\";--<script>alert(1)</script>{{7*7}}",
    "9" * 40,
    "-1",
    "\ud7ff\u202e%s%n",
    "../../etc/passwd",
)


def is_stream(route: Route) -> bool:
    return route.path.endswith(STREAMS)


def reading(site: Populated) -> list[Route]:
    return [each for each in site.routes() if "GET" in (each.methods or ()) and not is_stream(each)]


def posting(site: Populated) -> list[Route]:
    return [each for each in site.routes() if "POST" in (each.methods or ())]


def test_form_of_each_route_when_not_proved_to_be_ours_then_refused() -> None:
    site = populated()
    with site.browser as browser:
        right = _proof_of(site)
        for route in posting(site):
            if route.path in UNPROVED:
                continue
            at = site.address(route)
            foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
            answers = [
                browser.post(at, data={"name": "x"}),
                browser.post(at, data={"proof": "0" * 64}),
                browser.post(at, data={"proof": right}, headers={"Origin": foreign["Origin"]}),
                browser.post(at, data={"proof": right}, headers={"Origin": "null"}),
                browser.post(at, data={"proof": right}, headers={"Sec-Fetch-Site": "cross-site"}),
                browser.post(at, files={"proof": ("x", right.encode())}),
                browser.post(at, json={"proof": right}),
            ]
            assert [each.status_code for each in answers] == [403] * 5 + [415] * 2, route.path


def test_order_to_a_point_when_not_json_of_our_own_page_then_refused() -> None:
    site = populated()
    at = "/api/points/CP-1/call"
    order = b'{"action": "Reset", "payload": {"type": "Hard"}}'
    with site.browser as browser:
        for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
            answer = browser.post(at, content=order, headers={"Content-Type": content_type})
            assert answer.status_code == 400
        foreign = {"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"}
        assert browser.post(at, content=order, headers=foreign).status_code == 403


def test_each_route_that_is_not_public_when_nobody_signed_in_then_shut() -> None:
    site = populated()
    with site.world.browser() as stranger:
        for route in site.routes():
            if PUBLIC.fullmatch(route.path):
                continue
            at = site.address(route)
            told = {"proof": "0" * 64}
            methods = route.methods or set()
            answer = stranger.open(at) if "GET" in methods else stranger.post(at, data=told)
            assert answer.status_code in (303, 401, 403), (route.path, answer.status_code)
            if answer.status_code == 303:
                assert "sign-in" in answer.headers["location"], route.path


def test_each_page_when_served_then_nobody_may_frame_keep_or_guess_it() -> None:
    site = populated()
    with site.browser as browser:
        for route in reading(site):
            headers = browser.open(site.address(route)).headers
            assert headers.get("x-content-type-options") == "nosniff", route.path
            if route.path != "/assets/{file}":
                assert headers.get("cache-control") == "no-store", route.path
            if headers.get("content-type", "").startswith("text/html"):
                policy = headers["content-security-policy"]
                assert "frame-ancestors 'none'" in policy, route.path
                assert "default-src" in policy, route.path
                assert "unsafe" not in policy, route.path
                assert headers["referrer-policy"] in ("same-origin", "no-referrer"), route.path


def test_each_page_when_served_by_tls_then_only_by_tls_from_there_on() -> None:
    site = populated()
    with site.world.browser(base="https://127.0.0.1") as browser:
        for path in ("/", "/sign-in", "/r/" + "a" * 26, "/operator", "/api/state", "/nowhere"):
            headers = browser.open(path).headers
            assert "max-age=31536000" in headers.get("strict-transport-security", ""), path


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("both_databases")
def test_each_route_when_asked_with_nonsense_then_never_broken() -> None:
    """In each part of the path, in parameters, and in every field that its page has."""
    site = populated()
    site.browser.open("/me/settings")
    proof = site.browser.proof()
    broken = asyncio.run(_fuzzed(site, proof))
    assert broken == []


async def _fuzzed(site: Populated, proof: str) -> list[tuple[str, str]]:
    transport = httpx2.ASGITransport(site.world.web.app, client=HERE, raise_app_exceptions=False)
    cookies = site.browser._client.cookies
    broken = []
    async with httpx2.AsyncClient(transport=transport, base_url=URL, cookies=cookies) as client:
        for route in site.routes():
            if not is_stream(route) and not ENDING.fullmatch(route.path):
                broken += [("GET", at) for at in await _read(client, site, route)]
                broken += [("POST", at) for at in await _sent(client, site, route, proof)]
    return broken


async def _read(client: httpx2.AsyncClient, site: Populated, route: Route) -> list[str]:
    if "GET" not in (route.methods or ()):
        return []
    paths = [path for evil in EVIL for path in _with(route, evil, site.address(route))]
    return [path for path in paths if (await client.get(path)).status_code == 500]


async def _sent(client: httpx2.AsyncClient, site: Populated, route: Route, proof: str) -> list[str]:
    if "POST" not in (route.methods or ()):
        return []
    at = site.address(route)
    fields = _fields((await client.get(at)).text)
    told = [(evil, dict.fromkeys(names, evil)) for evil in EVIL for names in (fields, ())]
    broken = []
    for evil, form in told:
        site.world.clock.advance(minutes=2)
        answer = await client.post(at, data=form | {"proof": proof})
        broken += [f"{at} {evil!r}"] if answer.status_code == 500 else []
    return broken


def _with(route: Route, evil: str, at: str) -> list[str]:
    """The address with nonsense in place of each part that varies, and as each parameter."""
    text = quote(evil, safe="")
    found = [re.sub(r"\{[^}]+\}", text, route.path)] if "{" in route.path else []
    names = ("card", "month", "q", "after", "begin", "minutes", "letter", "day", "lang", "next", "order",
             "link", "point", "state", "name", "pack", "said", "told", "number", "before", "page", "free")  # fmt: skip
    base = at.partition("?")[0]
    return [*found, base + "?" + "&".join(f"{each}={text}" for each in names)]


class _Names(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = dict(attrs).get("name")
        if tag in ("input", "select", "textarea", "button") and name and name != "proof":
            self.found.add(name)


def _fields(text: str) -> set[str]:
    names = _Names()
    names.feed(text)
    return names.found


def _proof_of(site: Populated) -> str:
    site.browser.open("/me/settings")
    return site.browser.proof()
