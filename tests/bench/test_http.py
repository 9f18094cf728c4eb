import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from simulator.bench.app import MAX_BODY_BYTES, create_app
from simulator.bench.hub import EventHub
from tests.bench.fake_bench import FakeBench

OWN = {"host": "127.0.0.1:8080"}


@pytest.fixture
def bench() -> FakeBench:
    return FakeBench()


@pytest.fixture
def hub() -> EventHub:
    return EventHub()


@pytest.fixture
def client(bench: FakeBench, hub: EventHub) -> Iterator[TestClient]:
    with TestClient(create_app(bench, hub), headers=OWN) as client:
        yield client


def _plug(client: TestClient, **fields: Any) -> Any:
    return client.post("/api/do", json={"plug": {"connector": 1, **fields}})


def test_do_carries_out_one_step(client: TestClient, bench: FakeBench) -> None:
    answer = _plug(client)
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert bench.done == [{"plug": {"connector": 1}}]


def test_do_refuses_a_step_that_does_not_fit_with_its_reason(client: TestClient) -> None:
    _plug(client)
    answer = _plug(client)
    assert answer.status_code == 400
    assert "already" in answer.json()["error"]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"plug", b'{"a":1,"b":2}', b"[" * 40_000, b"\xff\xfe", b'{"nap":1}']
)
def test_do_answers_400_to_what_is_no_step(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/do", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_do_refuses_a_body_beyond_its_bound(client: TestClient, bench: FakeBench) -> None:
    answer = client.post("/api/do", content=b" " * (MAX_BODY_BYTES + 1))
    assert answer.status_code == 413
    assert not bench.done


def test_expectation_is_answered_with_whether_it_held(client: TestClient) -> None:
    held = client.post("/api/do", json={"expect": {"screen": "home"}})
    missed = client.post("/api/do", json={"expect": {"screen": "charging"}})
    assert held.json() == {"ok": True, "held": True}
    assert missed.status_code == 200
    assert missed.json()["ok"] is False
    assert missed.json()["was"] == "screen home"


def test_state_and_picture_are_what_the_station_shows(client: TestClient) -> None:
    assert client.get("/api/state").json()["screen"]["id"] == "home"
    picture = client.get("/api/screen.png")
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")


def test_ready_and_picture_are_503_until_the_screen_is_drawn(
    client: TestClient, bench: FakeBench
) -> None:
    assert client.get("/api/ready").status_code == 200
    bench.is_ready = False
    assert client.get("/api/ready").status_code == 503
    assert client.get("/api/screen.png").status_code == 503


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "192.0.2.1", "", "[::1"])
def test_another_host_name_is_refused(client: TestClient, bench: FakeBench, host: str) -> None:
    answer = client.post("/api/do", json={"plug": {"connector": 1}}, headers={"host": host})
    assert answer.status_code == 403
    assert not bench.done


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://127.0.0.1:9999", "null", "http://[bad"]
)
def test_page_of_another_origin_is_refused(
    client: TestClient, bench: FakeBench, origin: str
) -> None:
    answer = client.post("/api/do", json={"coin": "2.00"}, headers={"origin": origin})
    assert answer.status_code == 403
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        client.websocket_connect("/api/events", headers={"origin": origin}),
    ):
        pass
    assert closed.value.code == 1008
    assert not bench.done


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "[::1]:8080"])
def test_own_page_may_drive_the_bench(client: TestClient, host: str) -> None:
    headers = {"host": host, "origin": f"http://{host}"}
    assert client.post("/api/do", json={"coin": "2.00"}, headers=headers).status_code == 200


def test_events_begin_with_the_state_and_what_was_missed(client: TestClient, hub: EventHub) -> None:
    hub.publish({"kind": "wire", "t": 1.0, "bus": "meter:1"})
    hub.publish({"kind": "screen", "t": 1.1, "id": "home", "version": 2})
    with client.websocket_connect("/api/events") as socket:
        assert socket.receive_json()["state"]["power"] is True
        assert socket.receive_json()["bus"] == "meter:1"
        _plug(client)
        done = socket.receive_json()
    assert (done["kind"], done["ok"], done["step"]) == ("done", True, {"plug": {"connector": 1}})


def test_refused_step_is_told_to_every_page(client: TestClient) -> None:
    with client.websocket_connect("/api/events") as socket:
        socket.receive_json()
        client.post("/api/do", json={"unplug": {"connector": 1}})
        done = socket.receive_json()
    assert (done["ok"], done["error"]) == (False, "no car at connector 1")


def test_scenario_holds_what_was_done_and_what_came_of_it(client: TestClient) -> None:
    _plug(client)
    client.post("/api/do", json={"coin": "2.00"})
    client.post("/api/do", json={"touch": {"x": 700, "y": 400}})
    client.post("/api/do", json={"nap": 1})
    answer = client.get("/api/scenario.yaml")
    assert "attachment" in answer.headers["content-disposition"]
    steps = yaml.safe_load(answer.text)["steps"]
    acts = [step for step in steps if not {"wait", "expect"} & step.keys()]
    assert acts == [{"plug": {"connector": 1}}, {"coin": "2.00"}, {"touch": "start"}]
    assert {"expect": {"screen": "charging", "within": "30s"}} in steps
    assert {"expect": {"ledger": "balanced"}} in steps
    client.delete("/api/scenario.yaml")
    again = yaml.safe_load(client.get("/api/scenario.yaml").text)["steps"]
    assert all("expect" in step for step in again)


def test_page_loads_only_from_its_own_server(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    for name in ("bench.css", "bench.js"):
        part = client.get(f"/page/{name}")
        assert part.status_code == 200, name
        assert "http://" not in part.text.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in part.text


def test_nothing_outside_the_page_is_served(client: TestClient) -> None:
    for path in ("/page/../app.py", "/page/%2e%2e/app.py", "/assets/../app.py", "/etc/passwd"):
        assert client.get(path).status_code == 404, path


def test_events_are_plain_json(client: TestClient) -> None:
    with client.websocket_connect("/api/events") as socket:
        assert json.loads(socket.receive_text())["kind"] == "state"


def test_text_is_drawn_as_a_qr_code(client: TestClient) -> None:
    answer = client.get("/api/qr.svg", params={"text": "http://127.0.0.1:9000/r/abc"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert b"<path" in answer.content
    for wrong in ("", "x" * 601):
        assert client.get("/api/qr.svg", params={"text": wrong}).status_code == 400
