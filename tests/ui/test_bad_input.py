"""Rain, leaning hands, buttons that move, another panel, another version, no display: it goes on, and says what is wrong."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pygame
import pytest

from chargepoint import contract
from chargepoint.app.kiosk_watch import KioskWatch
from chargepoint.contract import Ability, Alive, Button, Intent, Snapshot
from chargepoint.domain.devices import DeviceIncident
from ui.app import Kiosk
from ui.input import Contact, Touch
from ui.link import Link
from ui.samples import SCREENS
from ui.window import size_found


def a_kiosk(name: str = "home", size: tuple[int, int] = (1024, 600)) -> Kiosk:
    kiosk = Kiosk(size)
    kiosk.show(SCREENS[name], 0.0)
    return kiosk


def ability(kiosk: Kiosk, name: str) -> Ability:
    return next(each for each in kiosk.abilities() if each.name == name)


def place(kiosk: Kiosk, button: str) -> tuple[int, int]:
    control = kiosk.view().control(button)
    assert control is not None
    return control.rect.middle


def test_rain_presses_nothing_and_the_first_finger_after_it_does() -> None:
    kiosk = a_kiosk()
    pressed: list[Intent] = []
    for drop in range(400):
        x, y = (drop * 97) % 1024, (drop * 61) % 600
        for contact in (Contact.DOWN, Contact.UP):
            for finger in (drop, drop + 1):
                moment = 1.0 + drop / 50
                intent = kiosk.touch(Touch(contact, finger, x + 9 * finger % 50, y), moment)
                pressed += [intent] if intent else []
    assert pressed == []
    assert kiosk.press("help", 20.0) is not None


def test_finger_held_for_a_minute_is_no_tap_is_told_and_spoils_nobody_elses() -> None:
    kiosk = a_kiosk()
    x, y = place(kiosk, "greencard")
    kiosk.touch(Touch(Contact.DOWN, 7, x, y), 1.0)
    kiosk.refresh(25.0)
    assert ability(kiosk, "touch").works
    kiosk.refresh(40.0)
    assert not ability(kiosk, "touch").works
    assert kiosk.press("help", 45.0) is not None
    assert kiosk.touch(Touch(Contact.UP, 7, x, y), 61.0) is None
    kiosk.refresh(62.0)
    assert ability(kiosk, "touch").works


def test_finger_that_leans_for_twenty_seconds_asks_for_nothing() -> None:
    kiosk = a_kiosk()
    assert kiosk.press("greencard", 1.0, held_s=20.0) is None
    assert kiosk.press("greencard", 30.0, held_s=1.0) is not None


def test_tap_on_a_button_that_has_moved_presses_neither() -> None:
    kiosk = a_kiosk("pay")
    x, y = place(kiosk, "pay_card")
    kiosk.touch(Touch(Contact.DOWN, 1, x, y), 1.0)
    moved = replace(SCREENS["receipt"], screen_seq=2, buttons=(Button("receipt_none"),))
    kiosk.show(moved, 1.1)
    assert kiosk.touch(Touch(Contact.UP, 1, x, y), 1.2) is None
    # And of the same screen in another order, seen under the old sequence by the core.
    kiosk.show(SCREENS["pay"], 2.0)
    intent = kiosk.press("pay_card", 3.0)
    assert intent is not None
    assert intent.screen_seq == SCREENS["pay"].screen_seq


@pytest.mark.parametrize("size", [(800, 480), (1280, 800), (1920, 1080), (480, 800)], ids=str)
def test_panel_of_another_size_is_drawn_on_and_told(size: tuple[int, int]) -> None:
    surface = pygame.Surface(size)
    found = size_found((1024, 600), surface)
    assert not found.works
    assert f"{size[0]}x{size[1]}" in found.detail
    assert size_found(size, surface).works
    for name in ("home", "pay", "stop_auth", "charging"):
        kiosk = a_kiosk(name, size)
        kiosk.note(found)
        kiosk.draw(surface)
        for control in kiosk.view().controls:
            assert kiosk.panel.rect.encloses(control.rect), f"{name} {control.id}"
        assert not ability(kiosk, "size").works


class Core:
    """The core's side of the socket, as a test plays it."""

    def __init__(self, path: Path) -> None:
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen()
        self._server.settimeout(5)
        self._client: socket.socket | None = None

    def says(self, line: bytes) -> None:
        if self._client is None:
            self._client, _ = self._server.accept()
            self._client.settimeout(5)
        self._client.sendall(line)

    def hears(self) -> list[contract.Message]:
        if self._client is None:
            self._client, _ = self._server.accept()
            self._client.settimeout(5)
        received = b""
        while chunk := self._client.recv(65_536):
            received += chunk
        return [contract.decode(line) for line in received.splitlines()]

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
        self._server.close()


def test_snapshot_of_another_version_is_on_the_screen_for_a_technician(tmp_path: Path) -> None:
    core, link = Core(tmp_path / "s"), Link(str(tmp_path / "s"))
    kiosk = Kiosk((1024, 600), watch_core=True)
    link.poll(0.0)
    newer = contract.encode(Snapshot(1, 1, "home")).replace(b'"v":1', b'"v":9')
    core.says(newer)
    assert link.poll(0.1).snapshot is None
    kiosk.misunderstands(link.trouble)
    tree = kiosk.tree()
    assert tree["id"] == "boot"
    assert any("another contract version" in text for text in tree["texts"])
    assert tree["buttons"] == []
    core.close()
    link.close()


def test_core_of_the_right_version_takes_the_trouble_off_the_screen(tmp_path: Path) -> None:
    core, link = Core(tmp_path / "s"), Link(str(tmp_path / "s"))
    link.poll(0.0)
    core.says(b"garbage\n")
    link.poll(0.1)
    assert link.trouble
    core.close()
    (tmp_path / "s").unlink()
    again = Core(tmp_path / "s")
    link.poll(1.0)
    again.says(contract.encode(Alive()))
    link.poll(1.1)
    assert link.trouble == ""
    again.close()
    link.close()


def test_machine_without_a_display_says_so_to_the_core_and_steps_aside(tmp_path: Path) -> None:
    core = Core(tmp_path / "s")
    kiosk = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "ui",
            "--socket",
            str(tmp_path / "s"),
            "--voice",
            "none",
            "--aside",
            "0",
        ],
        env={**os.environ, "SDL_VIDEODRIVER": "no such driver", "SDL_AUDIODRIVER": "dummy"},
        stderr=subprocess.PIPE,
        text=True,
    )
    heard = core.hears()
    _, errors = kiosk.communicate(timeout=20)
    core.close()
    assert kiosk.returncode == 3
    assert "no display" in errors
    told = [message for message in heard if isinstance(message, Ability)]
    assert [(each.name, each.works) for each in told] == [("display", False)]


def test_what_a_kiosk_cannot_do_is_an_incident_once_however_often_it_comes_back() -> None:
    emitted: list[object] = []
    voice: list[bool] = []
    watch = KioskWatch(emitted.append, voice.append)
    for _ in range(50):
        watch.told(Ability("voice", works=False, detail="espeak-ng is not installed"))
        watch.told(Ability("sound"))
        watch.told(Ability("anything", works=False))
    watch.told(Ability("voice"))
    assert voice == [False, True]
    (incident,) = emitted
    assert isinstance(incident, DeviceIncident)
    assert (incident.code, incident.detail) == ("display.no_voice", "espeak-ng is not installed")


def test_ability_that_is_no_ability_is_refused() -> None:
    for wrong in ({"name": "voice", "works": 1}, {"name": 5}, {"key": "ok", "extra": 1}):
        line = json.dumps({"v": 1, "kind": "ability", **wrong}).encode()
        with pytest.raises(contract.ContractViolated):
            contract.decode(line)
