"""The kiosk's socket against a real Unix socket: order, reconnection, and words it must refuse."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chargepoint.contract import Alive, Hello, Intent, Message, Snapshot, decode, encode
from ui.link import RETRY_S, Link


class Core:
    """The core's end: one listening socket, one client at a time."""

    def __init__(self, path: Path) -> None:
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._server.bind(str(path))
        self._server.listen(2)
        self._server.settimeout(1)
        self._client: socket.socket | None = None

    def accept(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client, _ = self._server.accept()
        self._client.settimeout(1)

    def send(self, *messages: Message) -> None:
        self.send_bytes(b"".join(encode(message) for message in messages))

    def send_bytes(self, data: bytes) -> None:
        assert self._client is not None
        self._client.sendall(data)

    def received(self) -> list[Message]:
        assert self._client is not None
        return [decode(line) for line in self._client.recv(65_536).splitlines(keepends=True)]

    def hang_up(self) -> None:
        assert self._client is not None
        self._client.close()

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
        self._server.close()


@contextmanager
def _connected(path: Path) -> Iterator[tuple[Core, Link]]:
    core, link = Core(path), Link(str(path))
    try:
        link.poll(0.0)
        core.accept()
        yield core, link
    finally:
        link.close()
        core.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ui.sock"


def _shot(sequence: int) -> Snapshot:
    return Snapshot(sequence=sequence, screen_seq=1, screen="home")


def test_says_hello_with_the_contract_version(path: Path) -> None:
    with _connected(path) as (core, link):
        link.poll(0.0)
        (hello,) = core.received()
        assert isinstance(hello, Hello)
        assert hello.version == 1
        assert hello.pid > 0


def test_newest_of_many_snapshots_wins(path: Path) -> None:
    with _connected(path) as (core, link):
        core.send(_shot(1), _shot(2), Alive(), _shot(3))
        assert link.poll(0.1).snapshot == _shot(3)
        assert link.poll(0.2).snapshot is None


def test_snapshot_split_over_two_reads_is_put_together(path: Path) -> None:
    line = encode(_shot(1))
    with _connected(path) as (core, link):
        core.send_bytes(line[:30])
        assert link.poll(0.1).snapshot is None
        core.send_bytes(line[30:])
        assert link.poll(0.2).snapshot == _shot(1)


def test_alive_is_heard_without_a_snapshot(path: Path) -> None:
    with _connected(path) as (core, link):
        core.send(Alive())
        news = link.poll(0.1)
        assert news.alive
        assert news.snapshot is None


def test_intents_and_beats_reach_the_core(path: Path) -> None:
    intent = Intent("start", 4, 1, "S-1", 0.2)
    with _connected(path) as (core, link):
        assert link.send(intent)
        link.beat(30)
        link.poll(0.1)
        assert core.received()[1:] == [intent, Alive(30)]


def test_tap_without_a_core_is_not_kept_for_later(path: Path) -> None:
    link = Link(str(path))
    assert not link.poll(0.0).alive
    assert not link.send(Intent("start", 1, 1))


def test_reconnects_after_the_core_went_away(path: Path) -> None:
    with _connected(path) as (core, link):
        core.hang_up()
        link.poll(1.0)
        assert not link.connected
        link.poll(1.0 + RETRY_S)
        core.accept()
        core.send(_shot(9))
        assert link.poll(1.1 + RETRY_S).snapshot == _shot(9)


def test_does_not_hammer_a_core_that_is_away(path: Path) -> None:
    link = Link(str(path))
    link.poll(0.0)
    core = Core(path)
    link.poll(RETRY_S / 2)
    assert not link.connected
    link.poll(RETRY_S)
    assert link.connected
    link.close()
    core.close()


def test_other_contract_version_ends_the_connection(path: Path) -> None:
    body = json.loads(encode(_shot(1)))
    body["v"] = 2
    with _connected(path) as (core, link):
        core.send_bytes(json.dumps(body).encode() + b"\n")
        assert link.poll(0.1).snapshot is None
        assert not link.connected


def test_snapshot_with_a_field_we_do_not_know_ends_the_connection(path: Path) -> None:
    body = json.loads(encode(_shot(1)))
    body["colour"] = "red"
    with _connected(path) as (core, link):
        core.send_bytes(json.dumps(body).encode() + b"\n")
        assert link.poll(0.1).snapshot is None
        assert not link.connected


@pytest.mark.parametrize("noise", [b"\n", b"{}\n", b"[1]\n", b"\xff\xfe\n", b"x" * 70_000])
def test_noise_ends_the_connection_and_nothing_else(path: Path, noise: bytes) -> None:
    with _connected(path) as (core, link):
        core.send_bytes(noise)
        assert link.poll(0.1).snapshot is None
        assert not link.connected
        link.poll(0.1 + RETRY_S)
        core.accept()
        assert link.connected


def test_snapshot_before_the_noise_still_counts(path: Path) -> None:
    with _connected(path) as (core, link):
        core.send_bytes(encode(_shot(5)) + b"noise\n")
        assert link.poll(0.1).snapshot == _shot(5)


def test_core_that_does_not_read_costs_no_memory(path: Path) -> None:
    with _connected(path) as (_, link):
        for frame in range(5_000):
            link.beat(frame)
        link.poll(0.1)
        assert not link.send(Intent("start", 1, 1)) or link.connected
