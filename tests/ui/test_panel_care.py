"""The panel lasts and forgives: the picture wanders, a finger beside a button still meets it."""

from dataclasses import replace
from itertools import pairwise

import pygame
import pytest

from tests.support.screens import CASES, view_of
from ui.app import Kiosk
from ui.burn_in import shift_at
from ui.samples import SCREENS


def test_picture_wanders_one_step_every_five_minutes_and_comes_back() -> None:
    places = [shift_at(300.0 * step + 1) for step in range(5)]
    assert places[0] == places[4] == (0, 0)
    assert len(set(places)) == 4
    steps = [abs(a - c) + abs(b - d) for (a, b), (c, d) in pairwise(places)]
    assert steps == [2, 2, 2, 2]
    assert shift_at(1.0) == shift_at(299.0)


@pytest.mark.parametrize("place", range(0, len(CASES), 97))
def test_finger_just_beside_a_button_meets_it_and_no_other(place: int) -> None:
    _, shot, panel = CASES[place]
    view = view_of(shot, panel)
    for control in view.controls:
        rect = control.rect
        for x, y in ((rect.x - 2, rect.middle[1]), (rect.right + 2, rect.middle[1])):
            assert view.control_at(x, y) is control
            assert sum(each.reach.holds(x, y) for each in view.controls) == 1


def test_dim_screen_is_darker_and_keeps_its_buttons() -> None:
    shot = SCREENS["pay"]
    bright, dim = Kiosk((1024, 600)), Kiosk((1024, 600))
    bright.show(shot, 0.0)
    dim.show(replace(shot, params={**shot.params, "dim": True}), 0.0)
    one, other = pygame.Surface((1024, 600)), pygame.Surface((1024, 600))
    bright.draw(one)
    dim.draw(other)
    light, less = (sum(pygame.transform.average_color(each)[:3]) for each in (one, other))
    assert less < light / 2
    assert dim.tree()["buttons"] == bright.tree()["buttons"]
