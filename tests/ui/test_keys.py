"""Keys, focus and the semantic tree: everything can be reached without a finger."""

from dataclasses import replace

import pygame
import pytest

from chargepoint.contract import Access, Button
from ui.app import Kiosk
from ui.layout import panel_of
from ui.paint import focus_ring
from ui.samples import ALL, SCREENS, under_of
from ui.screens import describe
from ui.speech.voice import Captions
from ui.text import Catalogues
from ui.theme import THEMES, Role, contrast

SPOKEN = Access(voice=True)
PANELS = [(1024, 600), (800, 1280)]


def a_kiosk(name: str, **changes: object) -> Kiosk:
    kiosk = Kiosk((1024, 600))
    kiosk.show(replace(ALL[name], **changes), 0.0)
    return kiosk


def focused(kiosk: Kiosk) -> str:
    return kiosk.tree()["focus"]


@pytest.mark.parametrize("name", ALL)
def test_next_visits_every_button_in_the_order_of_the_tree_and_comes_round(name: str) -> None:
    kiosk = a_kiosk(name)
    order = [button["id"] for button in kiosk.tree()["buttons"]]
    visited = []
    for _ in order:
        assert kiosk.key("next", 1.0) is None
        visited.append(focused(kiosk))
    assert visited == order
    kiosk.key("next", 1.0)
    assert focused(kiosk) == ""
    kiosk.key("prev", 1.0)
    assert focused(kiosk) == (order[-1] if order else "")


@pytest.mark.parametrize("name", ALL)
def test_ok_asks_for_what_has_the_focus_as_a_finger_would(name: str) -> None:
    for button in ALL[name].buttons:
        kiosk = a_kiosk(name, session="S-1")
        while focused(kiosk) != button.id:
            kiosk.key("next", 1.0)
        intent = kiosk.key("ok", 1.0)
        assert (intent is not None) is button.enabled, button.id
        if intent is not None:
            assert (intent.id, intent.screen_seq, intent.session) == (button.id, 1, "S-1")


def test_ok_in_the_dead_time_does_nothing_and_moving_needs_not_to_wait() -> None:
    kiosk = a_kiosk("home")
    kiosk.key("next", 0.1)
    assert focused(kiosk) == "greencard"
    assert kiosk.key("ok", 0.1) is None
    assert kiosk.key("ok", 0.5) is not None


def test_another_screen_puts_the_focus_on_its_title_and_numbers_leave_it() -> None:
    kiosk = a_kiosk("stop_auth")
    kiosk.key("next", 1.0)
    kiosk.show(replace(ALL["stop_auth"], sequence=2), 1.1)
    assert focused(kiosk) == "key_1"
    kiosk.show(replace(ALL["home"], screen_seq=2), 1.2)
    assert focused(kiosk) == ""


def test_a_finger_takes_the_focus_away() -> None:
    kiosk = a_kiosk("home")
    kiosk.key("next", 1.0)
    kiosk.tap_at(1, 1, 1.0)
    assert focused(kiosk) == ""


def test_button_that_is_gone_has_no_focus() -> None:
    kiosk = a_kiosk("home")
    kiosk.key("next", 1.0)
    kiosk.show(replace(SCREENS["home"], buttons=(Button("help"),)), 1.1)
    assert kiosk.key("ok", 2.0) is None


@pytest.mark.parametrize(("name", "way"), [("gc_tap", "back"), ("pay", "cancel")])
def test_cancel_is_the_way_back(name: str, way: str) -> None:
    intent = a_kiosk(name).key("cancel", 1.0)
    assert intent is not None
    assert intent.id == way


@pytest.mark.parametrize("key", ["ok", "cancel"])
def test_the_same_key_twice_where_it_has_nothing_to_do_begins_voice(key: str) -> None:
    kiosk = a_kiosk("home")
    assert kiosk.key(key, 1.0) is None
    intent = kiosk.key(key, 1.8)
    assert intent is not None
    assert intent.id == "voice"
    slow = a_kiosk("home")
    assert slow.key(key, 1.0) is None
    assert slow.key(key, 2.5) is None


def test_voice_that_does_not_work_is_refused_with_the_reason_and_the_error_tone() -> None:
    voice = Captions()
    kiosk = Kiosk((1024, 600), voice=voice)
    buttons = tuple(
        Button(each.id, each.id != "voice", "no_voice" if each.id == "voice" else "")
        for each in SCREENS["home"].buttons
    )
    kiosk.show(replace(SCREENS["home"], buttons=buttons), 0.0)
    kiosk.key("ok", 1.0)
    assert kiosk.key("ok", 1.2) is None
    assert list(voice.tones) == ["error"]
    assert voice.said[-1].text == "La voz no funciona ahora"


def test_unknown_key_is_nothing() -> None:
    assert a_kiosk("home").key("menu", 1.0) is None


@pytest.mark.parametrize("size", PANELS, ids=str)
def test_ring_of_the_focus_keeps_off_the_neighbours_and_on_the_panel(size: tuple[int, int]) -> None:
    panel = panel_of(size)
    wrong = []
    for name, shot in ALL.items():
        view = describe(shot, panel, Catalogues().text("es"), under_of(shot))
        for control in view.controls:
            ring = focus_ring(control.face)
            others = [each for each in view.controls if each is not control]
            if any(ring.overlaps(each.face) for each in others) or not panel.rect.encloses(ring):
                wrong.append(f"{name} {control.id}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_ring_of_the_focus_stands_out_from_everything_it_lies_on(theme) -> None:
    for ground in (Role.BACKGROUND, Role.CARD, Role.IDLE_FILL, Role.DO_TINT, Role.GO_TINT):
        assert contrast(theme[Role.TEXT], theme[ground]) >= 3


def test_focus_is_drawn() -> None:
    kiosk = a_kiosk("home")
    pygame.font.init()
    plain, ringed = pygame.Surface((1024, 600)), pygame.Surface((1024, 600))
    kiosk.draw(plain)
    assert not kiosk.refresh(1.0)
    kiosk.key("next", 1.0)
    assert kiosk.refresh(1.0)
    kiosk.draw(ringed)
    control = kiosk.view().controls[0]
    x, y = focus_ring(control.face).x + 2, control.face.middle[1]
    assert ringed.get_at((x, y)) != plain.get_at((x, y))


def test_tree_tells_order_reason_and_both_rectangles_of_each_button() -> None:
    tree = a_kiosk("access_mute").tree()
    assert [button["order"] for button in tree["buttons"]] == list(range(1, 8))
    voice = next(button for button in tree["buttons"] if button["id"] == "voice")
    assert (voice["enabled"], voice["reason"]) == (False, "La voz no funciona ahora")
    assert min(voice["mm"][2:]) >= 20
    assert tree["picture"] == "access"
