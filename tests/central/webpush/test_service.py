"""Messages to a push service that opens them itself, and what its answers mean."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from central.entropy import SystemEntropy
from central.phone.push import Push, PushGone, PushLost, PushRefused, WrongSubscription
from central.webpush import service as pushing
from central.webpush.service import PushServices
from central.webpush.vapid import VapidKey
from tests.support.central import FixedClock
from tests.support.push_service import HOST, Service, UserAgent, claims, reachable, serving

CONTACT = "mailto:charge@example.eus"
KEY = VapidKey(ec.derive_private_key(7, ec.SECP256R1()), CONTACT)
CLOCK = FixedClock()


def a_push(browser: UserAgent, **changes: object) -> Push:
    told = {"title": "Ñ", "text": "Your car is full", "link": "https://x/r/a", "ttl_s": 600}
    return Push(browser.given(), **(told | changes))  # type: ignore[arg-type]


def pushed(
    service: Service, folder: Path, *messages: Push, name: str = HOST, port: int | None = None
) -> None:
    at = reachable(folder, name)

    async def reach(host: str) -> tuple[str, int]:
        address, its_port = await at.reach(host)
        return address, port or its_port

    async def go() -> None:
        services = PushServices(KEY, CLOCK, SystemEntropy(), reach=reach, context=at.trusting)
        async with serving(service, at):
            for message in messages:
                await services.push(message)

    asyncio.run(go())


def test_push_when_it_arrives_then_its_browser_reads_it_and_the_service_knows_us(
    tmp_path: Path,
) -> None:
    service, browser = Service(), UserAgent()
    pushed(service, tmp_path, a_push(browser), a_push(browser, is_urgent=True, ttl_s=0))
    told = [json.loads(browser.opened(body)) for body in service.bodies]
    assert told == [{"title": "Ñ", "text": "Your car is full", "link": "https://x/r/a"}] * 2
    assert service.bodies[0] != service.bodies[1]
    first, second = service.headers
    assert service.paths == ["/send/one"] * 2
    assert first["host"] == HOST
    assert (first["ttl"], first["urgency"]) == ("600", "normal")
    assert (second["ttl"], second["urgency"]) == ("0", "high")
    assert first["content-encoding"] == "aes128gcm"
    said, key = claims(first["authorization"])
    assert key == KEY.public
    assert said["aud"] == f"https://{HOST}"
    assert said["sub"] == CONTACT
    assert 0 < said["exp"] - CLOCK.utc().timestamp() <= 24 * 3600
    assert b"car" not in service.bodies[0]


@pytest.mark.parametrize("status", [404, 410])
def test_push_when_the_browser_is_gone_then_said(tmp_path: Path, status: int) -> None:
    with pytest.raises(PushGone):
        pushed(Service([(status, {})]), tmp_path, a_push(UserAgent()))


@pytest.mark.parametrize(
    ("status", "retry_after", "after_s"),
    [
        (429, "120", 120),
        (503, "", 0),
        (500, "soon", 0),
        (502, "-5", 0),
        (429, "Sat, 21 Nov 2026 08:05:00 GMT", 300),
        (429, "Sat, 21 Nov 2020 08:05:00 GMT", 0),
        (429, "99999999999", 0),
    ],
)
def test_push_when_the_service_is_busy_then_later(
    tmp_path: Path, status: int, retry_after: str, after_s: int
) -> None:
    headers = {"Retry-After": retry_after} if retry_after else {}
    with pytest.raises(PushLost) as lost:
        pushed(Service([(status, headers)]), tmp_path, a_push(UserAgent()))
    assert lost.value.after == timedelta(seconds=after_s)


@pytest.mark.parametrize("status", [400, 401, 403, 413, 301, 307])
def test_push_when_the_service_wants_none_of_it_then_refused(tmp_path: Path, status: int) -> None:
    elsewhere = {"Location": "https://10.0.0.1/"}
    service = Service([(status, elsewhere)])
    with pytest.raises(PushRefused):
        pushed(service, tmp_path, a_push(UserAgent()))
    assert len(service.bodies) == 1


def test_push_when_another_has_the_name_then_nothing_is_said(tmp_path: Path) -> None:
    service = Service()
    with pytest.raises(PushLost):
        pushed(service, tmp_path, a_push(UserAgent()), name="other.example.org")
    assert service.headers == []


def test_push_when_nobody_listens_then_later(tmp_path: Path) -> None:
    with pytest.raises(PushLost):
        pushed(Service(), tmp_path, a_push(UserAgent()), port=1)


def test_push_when_the_service_never_answers_then_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "_LIMIT_S", 0.3)
    with pytest.raises(PushLost):
        pushed(Service(is_deaf=True), tmp_path, a_push(UserAgent()))


def test_push_when_what_is_kept_is_no_subscription_then_nobody_is_there(tmp_path: Path) -> None:
    with pytest.raises(PushGone):
        pushed(Service(), tmp_path, Push("bench:1234", "a", "b", "c"))


def test_address_when_a_browser_gives_it_then_looked_at() -> None:
    services = PushServices(KEY, CLOCK, SystemEntropy())
    assert services.key == KEY.public
    kept = services.accept(UserAgent().given())
    assert services.accept(kept) == kept
    for wrong in ("-", UserAgent().given(endpoint="http://push.example.org/x")):
        with pytest.raises(WrongSubscription):
            services.accept(wrong)
