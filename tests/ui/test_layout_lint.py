"""Every screen, language, panel and mode against the design's rules (R-TGT-1, R-TEXT-1/2, R-CON-1).

One test per rule, each collecting all offenders, so that a change of layout shows all it broke.
"""

from dataclasses import replace
from itertools import combinations

import pytest

from tests.support.screens import (
    CASES,
    CATALOGUES,
    PANELS,
    fonts,
    ground_under,
    signs_in,
    view_of,
    visible,
    words_in,
)
from ui.layout import GAP_MM, TARGET_MM, Panel, Rect
from ui.samples import ALL, SCREENS
from ui.screens import SCREENS as COMPOSERS
from ui.screens import describe
from ui.theme import CONTRAST, DAY, EASY_CAP_MM, NIGHT, Role, contrast
from ui.view import Glyph, Pair, Runs, Words

MM_TOLERANCE = 0.06  # the tree rounds to 0.1 mm


def _gap_mm(one: Rect, other: Rect, panel: Panel) -> float:
    """Distance of two rectangles along the axis on which they are apart, in mm."""
    across = max(other.x - one.right, one.x - other.right)
    down = max(other.y - one.bottom, one.y - other.bottom)
    return max(across * panel.width_mm / panel.width, down * panel.height_mm / panel.height)


def test_every_target_is_a_finger_wide_and_high() -> None:
    small = [
        f"{name} {control.id} {control.rect_mm}"
        for name, shot, panel in CASES
        for control in view_of(shot, panel).controls
        if min(control.rect_mm[2:]) < TARGET_MM - MM_TOLERANCE
    ]
    assert not small, "\n".join(sorted(small))


def test_targets_neither_overlap_nor_crowd() -> None:
    crowded = [
        f"{name} {one.id} {other.id} {_gap_mm(one.rect, other.rect, panel):.2f}"
        for name, shot, panel in CASES
        for one, other in combinations(view_of(shot, panel).controls, 2)
        if _gap_mm(one.rect, other.rect, panel) < GAP_MM - MM_TOLERANCE
    ]
    assert not crowded, "\n".join(sorted(crowded))


def test_everything_lies_on_the_panel() -> None:
    outside = [
        f"{name} {item.rect}"
        for name, shot, panel in CASES
        for item in view_of(shot, panel).items
        if not isinstance(item, Pair) and not panel.rect.encloses(item.rect)
    ]
    assert not outside, "\n".join(sorted(outside))


def test_every_text_fits_at_its_floor() -> None:
    too_long: list[str] = []
    for name, shot, panel in CASES:
        for item in view_of(shot, panel).items:
            match item:
                case Words() if not fonts().fit(item).fits:
                    too_long.append(f"{name} {item.text!r} {item.rect}")
                case Pair():
                    indent = item.icon + item.gap if item.icon else 0
                    _, words = fonts().pair_places(item)
                    if not fonts().fit(words).fits or words.rect.w + indent > item.words.rect.w:
                        too_long.append(f"{name} pair {words.text!r} {item.words.rect}")
                case Runs():
                    size = fonts().fit_runs(item)
                    if size < item.floor or not fonts().runs_fit(item, size):
                        line = "".join(run.text for run in item.runs)
                        too_long.append(f"{name} {line!r} at {size} < {item.floor}")
                case _:
                    pass
    assert not too_long, "\n".join(sorted(too_long))


def test_texts_do_not_collide() -> None:
    collisions: list[str] = []
    for name, shot, panel in CASES:
        view = view_of(shot, panel)
        blocks = [(block, text) for item in visible(view) for block, _, text in words_in(item)[:1]]
        collisions += [
            f"{name} {one!r} {other!r}"
            for (a, one), (b, other) in combinations(blocks, 2)
            if a.overlaps(b)
        ]
    assert not collisions, "\n".join(sorted(collisions))


def test_texts_do_not_run_into_pictures() -> None:
    collisions: list[str] = []
    for name, shot, panel in CASES:
        items = visible(view_of(shot, panel))
        signs = [(place, sign) for place, item in enumerate(items) for sign in signs_in(item)]
        for place, item in enumerate(items):
            for block, _, text in words_in(item)[:1]:
                collisions += [
                    f"{name} {text!r} {block} {sign}"
                    for other, sign in signs
                    if other != place and block.overlaps(sign)
                ]
    assert not collisions, "\n".join(sorted(collisions))


@pytest.mark.parametrize("theme", [DAY, NIGHT, CONTRAST], ids=lambda theme: theme.name)
def test_texts_stand_out_from_their_ground(theme) -> None:
    faint: set[str] = set()
    for name, shot, panel in CASES:
        items = visible(view_of(shot, panel))
        for place, item in enumerate(items):
            for block, ink, text in words_in(item):
                ground = ground_under(items, place, block.middle)
                ratio = contrast(theme[ink], theme[ground])
                if ratio < 4.5:
                    faint.add(f"{name} {text!r} {ink} on {ground}: {ratio:.2f}")
    assert not faint, "\n".join(sorted(faint))


@pytest.mark.parametrize("theme", [DAY, NIGHT, CONTRAST], ids=lambda theme: theme.name)
def test_what_a_driver_must_read_stands_out_most(theme) -> None:
    for ink in (Role.TEXT, Role.SECONDARY):
        for ground in (Role.CARD, Role.BACKGROUND):
            assert contrast(theme[ink], theme[ground]) >= 7


@pytest.mark.parametrize("theme", [DAY, NIGHT, CONTRAST], ids=lambda theme: theme.name)
def test_signs_and_borders_stand_out_from_their_ground(theme) -> None:
    faint: set[str] = set()
    for name, shot, panel in CASES:
        items = visible(view_of(shot, panel))
        for place, item in enumerate(items):
            if isinstance(item, Glyph):
                ground = ground_under(items, place, item.rect.middle)
                if contrast(theme[item.ink], theme[ground]) < 3:
                    faint.add(f"{name} {item.name} {item.ink} on {ground}")
    assert not faint, "\n".join(sorted(faint))
    for border in (Role.CONTROL, Role.DO, Role.GO, Role.CASH, Role.STOP):
        assert contrast(theme[border], theme[Role.CARD]) >= 3
        assert contrast(theme[border], theme[Role.BACKGROUND]) >= 3


def test_easy_mode_has_capitals_of_seven_millimetres() -> None:
    small: list[str] = []
    for name, shot, panel in CASES:
        if not shot.easy:
            continue
        for item in view_of(shot, panel).items:
            words = item.words if isinstance(item, Pair) else item
            if isinstance(words, Words):
                cap_px = fonts().fit(words).size * words.face.cap_height
                if cap_px * panel.height_mm / panel.height < EASY_CAP_MM - MM_TOLERANCE:
                    small.append(f"{name} {words.text!r} {cap_px}")
    assert not small, "\n".join(sorted(small))


def test_every_screen_has_a_title_a_pictogram_and_a_way_out() -> None:
    waits = {
        "card_ok",
        "card_remove",
        "top_wait",
        "boot",
        "check",
        "cash_bad",
        "cash_back",
        "gc_wait",
        "stopping",
        "recover",
        "emergency",
    }
    moves_on = {"thanks", "finished", "unplug", "session_fault", "oos", "updating", "change"}
    for name, shot in SCREENS.items():
        view = view_of(shot, CASES[0][2])
        assert view.title, name
        assert view.picture, name
        utilities = {"language", "voice", "easy", "help"}
        own = [control for control in view.controls if control.id not in utilities]
        assert own or shot.screen in waits | moves_on, name


def test_titles_have_six_words_at_most() -> None:
    long = {
        view.title
        for _, shot, panel in CASES
        if len((view := view_of(shot, panel)).title.split()) > 7
    }
    assert not long, "\n".join(sorted(long))


def test_every_screen_of_the_catalogue_has_a_sample() -> None:
    assert {shot.screen for shot in SCREENS.values()} == {*COMPOSERS, "more_time"}
    assert set(SCREENS) <= set(ALL)


def test_every_offered_button_can_be_pressed_where_it_is_drawn() -> None:
    for name, shot, panel in CASES:
        view = view_of(shot, panel)
        shown = {control.id for control in view.controls}
        assert shown == {button.id for button in shot.buttons}, name
        for control in view.controls:
            hit = view.control_at(*control.rect.middle)
            assert hit is control, f"{name} {control.id}"


@pytest.mark.parametrize("easy", [False, True])
@pytest.mark.parametrize("name", [each for each in ALL if each.endswith("_words")])
def test_words_of_the_operator_are_told_on_every_screen_that_has_them(
    name: str, easy: bool
) -> None:
    shot = replace(ALL[name], easy=easy)
    for panel in PANELS.values():
        view = describe(shot, panel, CATALOGUES.text(shot.language))
        assert shot.params["text"] in " ".join(view.texts)
