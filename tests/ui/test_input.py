"""Fingers, rain and mice: what becomes a tap and what does not (design: KIOSK §5)."""

import pygame

from chargepoint.contract import Intent
from ui.app import Kiosk
from ui.input import DEAD_TIME_S, Contact, TapRecogniser, Touch
from ui.layout import Rect
from ui.samples import SCREENS
from ui.view import Control, View
from ui.window import touch_of


def _control(name: str, rect: Rect, *, enabled: bool = True) -> Control:
    return Control(name, name, enabled, rect, rect, (0.0, 0.0, 20.0, 20.0))


A = _control("a", Rect(0, 0, 100, 100))
B = _control("b", Rect(110, 0, 100, 100))
OFF = _control("off", Rect(220, 0, 100, 100), enabled=False)
VIEW = View("home", "es", "day", "t", "p", (), (A, B, OFF), ())


def _play(*touches: Touch, awake: bool = True) -> list[str]:
    recogniser = TapRecogniser()
    taps = [
        recogniser.feed(touch, VIEW, float(now), awake=awake) for now, touch in enumerate(touches)
    ]
    return [tap.button for tap in taps if tap is not None]


def down(x: float, finger: int = 0) -> Touch:
    return Touch(Contact.DOWN, finger, x, 50)


def move(x: float, finger: int = 0) -> Touch:
    return Touch(Contact.MOVE, finger, x, 50)


def up(x: float, finger: int = 0) -> Touch:
    return Touch(Contact.UP, finger, x, 50)


def test_down_and_up_in_one_button_is_one_tap() -> None:
    assert _play(down(50), up(60)) == ["a"]


def test_nothing_happens_before_the_finger_leaves() -> None:
    assert _play(down(50)) == []


def test_sliding_to_another_button_taps_neither() -> None:
    assert _play(down(50), move(150), up(150)) == []
    assert _play(down(50), up(150)) == []


def test_sliding_out_and_back_cancels() -> None:
    assert _play(down(50), move(105), move(50), up(50)) == []


def test_two_fingers_tap_nothing_and_the_next_finger_taps_again() -> None:
    rain = (down(50, 1), down(150, 2), up(50, 1), up(150, 2))
    assert _play(*rain) == []
    assert _play(*rain, down(50, 3), up(50, 3)) == ["a"]


def test_disabled_button_and_bare_ground_take_no_tap() -> None:
    assert _play(down(250), up(250)) == []
    assert _play(down(400), up(400)) == []


def test_finger_that_went_down_in_the_dead_time_is_ignored() -> None:
    assert _play(down(50), up(50), awake=False) == []


def test_finger_that_was_down_when_the_screen_changed_is_ignored() -> None:
    recogniser = TapRecogniser()
    assert recogniser.feed(down(50), VIEW, 0.0, awake=True) is None
    recogniser.screen_changed()
    assert recogniser.feed(up(50), VIEW, 1.0, awake=True) is None
    assert recogniser.feed(down(50), VIEW, 2.0, awake=True) is None
    assert recogniser.feed(up(50), VIEW, 2.1, awake=True) is not None


def test_button_shows_pressed_only_under_the_finger() -> None:
    recogniser = TapRecogniser()
    recogniser.feed(down(50), VIEW, 0.0, awake=True)
    assert recogniser.pressed == "a"
    recogniser.feed(move(150), VIEW, 0.1, awake=True)
    assert recogniser.pressed == ""


def test_kiosk_takes_no_touch_for_300_ms_after_a_change() -> None:
    kiosk = Kiosk((1024, 600))
    kiosk.show(SCREENS["home"], 10.0)
    assert not kiosk.accepts_touch(10.29)
    assert kiosk.press("greencard", 10.29) is None
    assert kiosk.accepts_touch(10.0 + DEAD_TIME_S)
    assert kiosk.press("greencard", 10.4) == Intent("greencard", 1, 1)


def test_mouse_made_by_sdl_from_a_finger_is_dropped() -> None:
    panel = Kiosk((1024, 600)).panel
    event = pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(5, 6), button=1, touch=True)
    assert touch_of(event, panel) is None
    event = pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(5, 6), button=1, touch=False)
    assert touch_of(event, panel) == Touch(Contact.DOWN, 0, 5.0, 6.0)


def test_only_the_left_mouse_button_touches() -> None:
    panel = Kiosk((1024, 600)).panel
    event = pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(5, 6), button=3, touch=False)
    assert touch_of(event, panel) is None


def test_finger_coordinates_are_shares_of_the_panel() -> None:
    panel = Kiosk((1024, 600)).panel
    event = pygame.event.Event(pygame.FINGERUP, x=0.5, y=0.25, finger_id=7, touch_id=1)
    assert touch_of(event, panel) == Touch(Contact.UP, 8, 512.0, 150.0)
