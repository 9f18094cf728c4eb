"""One hand: every pictogram keeps to the grid, the palette, the strokes and the size of the set."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pygame
import pytest

from ui import contact_sheet, pictograms
from ui.theme import DAY, NIGHT, Role, contrast

FILES = sorted(pictograms.PICTOGRAM_DIR.glob("*.svg"))
GLYPHS = sorted(pictograms.GLYPH_DIR.glob("*.svg"))
PALETTE = frozenset(
    {
        *("#1976D2", "#0D4F9E", "#BFE0FF"),  # blue: do, vehicles, glass
        *("#159A4C", "#0B6B35", "#12813F", "#0F8F7A", "#0A6556", "#9FE8DA"),  # green: go, notes
        *("#D97706", "#9A5200", "#FFD54A", "#FFE2A8"),  # amber: money, energy
        "#DC3226",  # red: stop, no
        *("#566C80", "#6B8196", "#FFFFFF", "#1B1B1B", "#08131E"),  # things
    }
)
ATTRIBUTES = frozenset(
    {
        *("x", "y", "width", "height", "rx", "ry", "cx", "cy", "r", "d", "viewBox"),
        *("fill", "fill-rule", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin"),
        "stroke-dasharray",
        "transform",
    }
)
SHAPES = frozenset({"svg", "g", "path", "rect", "circle", "ellipse"})
STROKES = (1.7, 12.0)
MOST_BYTES = 1_200
SHARE_THAT_STANDS_OUT = 0.55  # of the silhouette; what does not has a neighbour that does


def _elements(path: Path) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(path.read_text("utf-8")).iter())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_pictogram_is_drawn_as_the_others(path: Path) -> None:
    root = _elements(path)[0]
    assert (root.get("viewBox"), root.get("width"), root.get("height")) == ("0 0 96 96", "96", "96")
    assert path.stat().st_size <= MOST_BYTES
    for element in _elements(path):
        assert element.tag.rpartition("}")[2] in SHAPES
        assert set(element.attrib) <= ATTRIBUTES
        for name in ("fill", "stroke"):
            assert element.get(name, "none") in PALETTE | {"none"}
        width = float(element.get("stroke-width", STROKES[0]))
        assert STROKES[0] <= width <= STROKES[1]
        for value in element.attrib.values():
            assert not re.search(r"\.\d{3}", value), "more precise than anybody sees"


@pytest.mark.parametrize("path", GLYPHS, ids=lambda path: path.stem)
def test_glyph_has_one_ink(path: Path) -> None:
    inks = {e.get(name, "none") for e in _elements(path) for name in ("fill", "stroke")}
    assert inks <= {"#000000", "none"}
    assert _elements(path)[0].get("viewBox") in ("0 0 24 24", "0 0 96 96")


@pytest.mark.parametrize("theme", [DAY, NIGHT], ids=lambda theme: theme.name)
def test_silhouette_stands_out_in_both_themes(theme) -> None:
    shelf, ground = pictograms.Pictograms(), theme[Role.CARD]
    faint = {}
    for name in pictograms.names():
        edge = _edge(shelf.picture(name, "", 96, ground))
        clear = sum(contrast(colour, ground) >= 3 for colour in edge)
        if clear < SHARE_THAT_STANDS_OUT * len(edge):
            faint[name] = round(clear / len(edge), 2)
    # The stop hand has a white rim for the night: by day its red begins inside of that.
    assert set(faint) <= ({"hand"} if theme is DAY else set()), faint


def _edge(image: pygame.Surface) -> list[tuple[int, int, int]]:
    """Colours two pixels inside the outline, from the left of each line."""
    found = []
    for y in range(image.get_height()):
        was_clear = True
        for x in range(image.get_width() - 2):
            is_solid = image.get_at((x, y))[3] > 200
            inner = image.get_at((x + 2, y))
            if is_solid and was_clear and inner[3] > 200:
                found.append((inner[0], inner[1], inner[2]))
            was_clear = image.get_at((x, y))[3] < 50 or (was_clear and not is_solid)
    return found


def test_set_is_as_large_as_the_design_asks() -> None:
    assert len(FILES) >= 45


def test_contact_sheet_shows_them_all() -> None:
    sheet = contact_sheet.sheet()
    rows = -(-len(FILES) // 10)
    assert sheet.get_size() == (1280, 2 * rows * 142)
