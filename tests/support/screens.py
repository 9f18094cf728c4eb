"""Every screen in every form it takes, and where on it each thing really lies."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from chargepoint.contract import Snapshot
from ui.catalogue import available
from ui.fonts import Fonts
from ui.layout import Panel, Rect, panel_of
from ui.samples import ALL, SCREENS, under_of
from ui.screens import describe
from ui.screens.easy import has_easy
from ui.text import Catalogues
from ui.theme import Role
from ui.view import Box, Glyph, Hexagon, Item, Pair, Picture, Runs, Scene, Shade, View, Words

PANELS = {"landscape": panel_of((1024, 600)), "portrait": panel_of((800, 1280))}

CATALOGUES = Catalogues()


@cache
def fonts() -> Fonts:
    import pygame

    pygame.font.init()
    return Fonts(most_kept=100_000)


_WITH_WORDS = {name: shot for name, shot in ALL.items() if name.endswith("_words")}


def snapshots() -> Iterator[tuple[str, Snapshot]]:
    """All samples in all languages; the catalogue's screens in easy mode too, and those with words."""
    for language in available():
        for name, shot in ALL.items():
            yield f"{name}-{language}", replace(shot, language=language)
        for name, shot in (SCREENS | _WITH_WORDS).items():
            if has_easy(shot.screen):
                yield f"{name}-{language}-easy", replace(shot, language=language, easy=True)


CASES = [
    (f"{name}-{size}", shot, panel) for name, shot in snapshots() for size, panel in PANELS.items()
]


_VIEWS: dict[tuple[int, Panel], View] = {}


def view_of(shot: Snapshot, panel: Panel) -> View:
    """Described once per test run: views are values."""
    key = id(shot), panel
    if key not in _VIEWS:
        text = CATALOGUES.text(shot.language)
        _VIEWS[key] = describe(shot, panel, text, under_of(shot))
    return _VIEWS[key]


def visible(view: View) -> tuple[Item, ...]:
    """What lies above the last shade; all of it when there is none."""
    shades = [place for place, item in enumerate(view.items) if isinstance(item, Shade)]
    return view.items[shades[-1] + 1 :] if shades else view.items


@cache
def words_in(item: Item) -> list[tuple[Rect, Role, str]]:
    """The text blocks of an item: where their capitals lie, their ink, what they say."""
    type_ = fonts()
    match item:
        case Words():
            return [(type_.block(item), item.ink, item.text)]
        case Runs():
            block = type_.line_block(item)
            return [(block, run.ink, run.text) for run in item.runs]
        case Pair():
            _, words = type_.pair_places(item)
            return [(type_.block(words), words.ink, words.text)]
        case _:
            return []


@cache
def signs_in(item: Item) -> list[Rect]:
    """Where pictures lie."""
    match item:
        case Picture() | Glyph():
            return [item.rect.square()]
        case Scene():
            return [item.rect]
        case Pair() if item.icon:
            return [fonts().pair_places(item)[0]]
        case _:
            return []


def ground_under(items: tuple[Item, ...], place: int, spot: tuple[int, int]) -> Role:
    """The colour role behind a point of item number `place`."""
    for item in reversed(items[:place]):
        if isinstance(item, Box | Hexagon) and item.fill is not None and item.rect.holds(*spot):
            return item.fill
    return Role.BACKGROUND
