"""The frame loop, the control port, the supervisor and the arguments, without a display."""

import base64
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pygame
import pytest

from chargepoint.contract import Alive, Intent, Message, Snapshot, decode, encode
from ui.__main__ import arguments
from ui.app import Kiosk
from ui.capture import main as capture_main
from ui.control import ControlPort
from ui.link import Link
from ui.notify import Supervisor
from ui.samples import SCREENS
from ui.window import FRAME_S, MOTION_S, TOUCH_S, Window, open_display


@dataclass
class Bench:
    window: Window
    kiosk: Kiosk
    control: ControlPort
    core: socket.socket
    bench: socket.socket
    notified: socket.socket
    surface: pygame.Surface

    def send(self, shot: Snapshot) -> None:
        self.core.sendall(encode(shot))

    def heard(self) -> list[Message]:
        return [decode(line) for line in self.core.recv(65_536).splitlines(keepends=True)]

    def ask(self, now_s: float, **request: object) -> dict[str, object]:
        self.bench.sendall(json.dumps(request).encode() + b"\n")
        self.window.frame(now_s)
        answer = b""
        while not answer.endswith(b"\n"):
            answer += self.bench.recv(1 << 20)
        return dict(json.loads(answer))

    def supervised(self) -> list[bytes]:
        words = []
        while True:
            try:
                words.append(self.notified.recv(100))
            except BlockingIOError:
                return words


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(tmp_path / "core"))
    server.listen()
    notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notified.bind(str(tmp_path / "notify"))
    notified.setblocking(False)
    kiosk = Kiosk((1024, 600), watch_core=True)
    link = Link(str(tmp_path / "core"))
    control = ControlPort(str(tmp_path / "control"), kiosk, link.send)
    supervisor = Supervisor(str(tmp_path / "notify"))
    surface = open_display(kiosk.panel, windowed=True)
    window = Window(surface, kiosk, link, supervisor, control)
    window.frame(0.0)
    core, _ = server.accept()
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.connect(str(tmp_path / "control"))
    core.settimeout(1)
    client.settimeout(1)
    yield Bench(window, kiosk, control, core, client, notified, surface)
    for closing in (link, control, supervisor):
        closing.close()
    for end in (core, client, notified, server):
        end.close()
    pygame.display.quit()


def _pixels(surface: pygame.Surface) -> bytes:
    return pygame.image.tobytes(surface, "RGB")


def test_frame_draws_a_new_snapshot_and_nothing_when_nothing_changed(bench: Bench) -> None:
    before = _pixels(bench.surface)
    bench.send(SCREENS["home"])
    bench.window.frame(0.1)
    after = _pixels(bench.surface)
    assert after != before
    bench.surface.fill((1, 2, 3))
    bench.window.frame(0.2)
    assert set(_pixels(bench.surface)) == {1, 2, 3}


def test_energy_moves_ten_times_a_second_in_its_own_place(bench: Bench) -> None:
    bench.send(SCREENS["charging"])
    bench.window.frame(0.1)
    bench.window.frame(0.2)
    first = _pixels(bench.surface)
    bench.window.frame(0.2 + MOTION_S / 2)
    assert _pixels(bench.surface) == first
    bench.window.frame(0.3 + MOTION_S)
    assert _pixels(bench.surface) != first
    scene = bench.kiosk.view().moving[0].rect
    bench.surface.fill((0, 0, 0), tuple(scene))
    bench.window.frame(9.9 - 8)
    assert bench.surface.get_at((scene.x + scene.w // 2, scene.y + 3))[:3] != (0, 0, 0)


def test_ready_after_the_first_frame_and_a_ping_each_second(bench: Bench) -> None:
    assert bench.supervised() == [b"READY=1", b"WATCHDOG=1"]
    bench.window.frame(0.5)
    assert bench.supervised() == []
    bench.window.frame(1.0)
    assert bench.supervised() == [b"WATCHDOG=1"]


def test_core_hears_that_frames_are_completed(bench: Bench) -> None:
    bench.window.frame(1.0)
    bench.window.frame(1.1)
    assert [m for m in bench.heard() if isinstance(m, Alive)]


def test_mouse_click_in_the_window_becomes_an_intent(bench: Bench) -> None:
    bench.send(SCREENS["home"])
    bench.window.frame(0.1)
    control = bench.kiosk.view().control("greencard")
    assert control is not None
    for kind in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
        pygame.event.post(pygame.event.Event(kind, pos=control.rect.middle, button=1, touch=False))
    bench.window.frame(1.0)
    bench.window.frame(1.1)
    assert Intent("greencard", 1, 1) in bench.heard()


def test_closing_the_window_ends_the_loop(bench: Bench) -> None:
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert bench.window.frame(0.1) is False


def test_control_reads_the_tree(bench: Bench) -> None:
    bench.send(SCREENS["home"])
    bench.window.frame(0.1)
    answer = bench.ask(1.0, do="tree")
    assert answer["ok"] is True
    assert answer["accepts_touch"] is True
    assert answer["screen"]["id"] == "home"


def test_control_presses_and_taps_like_a_finger(bench: Bench) -> None:
    bench.send(SCREENS["home"])
    bench.window.frame(0.1)
    assert bench.ask(1.0, do="press", id="greencard")["intent"] == "greencard"
    control = bench.kiosk.view().control("reservation")
    assert control is not None
    x, y = control.rect.middle
    assert bench.ask(1.1, do="tap", x=x, y=y)["intent"] == "reservation"
    assert bench.ask(1.2, do="tap", x=1, y=1) == {"ok": True, "intent": None, "sent": False}
    bench.window.frame(1.3)
    sent = [m.id for m in bench.heard() if isinstance(m, Intent)]
    assert sent == ["greencard", "reservation"]


def test_control_gives_a_picture(bench: Bench) -> None:
    answer = bench.ask(0.5, do="png")
    assert base64.b64decode(str(answer["png"])).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "line", [b"nonsense", b"[]", b"{}", b'{"do":"tap"}', b'{"do":"dance"}', b'{"do":"tap","x":[]}']
)
def test_control_answers_what_it_does_not_understand(bench: Bench, line: bytes) -> None:
    answer = bench.control.answer(line, 0.5)
    assert answer["ok"] is False
    assert answer["error"]


def test_control_survives_a_client_that_talks_without_end(bench: Bench) -> None:
    bench.bench.sendall(b"x" * 9_000)
    for now_s in (0.5, 0.6, 0.7):
        assert bench.window.frame(now_s)


def test_supervisor_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    nobody = Supervisor("")
    nobody.ready()
    gone = Supervisor(str(tmp_path / "gone"))
    gone.ping()
    gone.close()


def test_arguments_have_the_panel_of_the_design_by_default() -> None:
    asked = arguments(["--socket", "core.sock"])
    assert asked.size == (1024, 600)
    assert asked.panel_mm is None
    asked = arguments(["--socket", "s", "--size", "800x1280", "--panel-mm", "135.4x216.6"])
    assert asked.size == (800, 1280)
    assert asked.panel_mm == (135.4, 216.6)


@pytest.mark.parametrize("text", ["1024", "ax600", "x"])
def test_wrong_size_is_explained(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments(["--socket", "s", "--size", text])
    assert "is not WIDTHxHEIGHT" in capsys.readouterr().err


def test_gallery_holds_every_picture_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = [
        "--only",
        "home",
        "more_time",
        "--size",
        "landscape",
        "--theme",
        "day",
        "--language",
        "en",
        "es",
    ]
    monkeypatch.setattr("sys.argv", ["capture", "--out", str(tmp_path), *wanted])
    capture_main()
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    pictures = sorted(path.name for path in tmp_path.glob("*.png"))
    assert pictures == [
        f"{name}_landscape_day_{language}.png"
        for name in ("home", "more_time")
        for language in ("en", "es")
    ]
    assert all(name in page for name in pictures)


def test_pictures_of_the_readme_are_screens_that_exist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.capture.PICTURES", tmp_path)
    capture_main(["--shown"])
    made = {path.name for path in tmp_path.iterdir()}
    folder = Path(__file__).parents[2] / "docs" / "pictures"
    of_the_web = {"members_home.png", "members_me.png"}
    assert made | of_the_web == {path.name for path in folder.iterdir()}


def test_last_digit_of_a_stop_is_told_between_two_frames(bench: Bench) -> None:
    bench.send(SCREENS["stop_auth"])
    assert bench.window.turn(0.1)
    assert bench.window.rest_s(0.1) == pytest.approx(TOUCH_S)
    shown_s = 1.0
    assert bench.window.turn(shown_s)  # its dead time is over
    bench.heard()
    control = bench.kiosk.view().control("key_1")
    assert control is not None
    for kind in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
        place = control.rect.middle
        pygame.event.post(pygame.event.Event(kind, pos=place, button=1, touch=False))
    assert bench.window.turn(shown_s + 0.001)  # no frame is due
    assert [each.id for each in bench.heard() if isinstance(each, Intent)] == ["key_1"]


def test_other_screens_are_looked_at_once_a_frame(bench: Bench) -> None:
    bench.send(SCREENS["home"])
    assert bench.window.turn(1.0)
    assert bench.window.rest_s(1.0) == pytest.approx(FRAME_S)
