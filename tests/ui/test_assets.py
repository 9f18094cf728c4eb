"""Files of the kiosk: drawings SDL can draw, glyphs for every text, complete catalogues, licences."""

import re
import shutil
import string
from itertools import product
from pathlib import Path
from xml.etree import ElementTree

import pygame
import pytest

from tests.support.screens import CASES, view_of
from ui import pictograms
from ui.app import Kiosk
from ui.buttons import STYLES
from ui.catalogue import FALLBACK, LOCALE_DIR, available, read_catalogue
from ui.fonts import FONT_DIR, Fonts
from ui.header import STATES, STEPS
from ui.scene_art import art_of
from ui.screens import SCREENS
from ui.theme import Face
from ui.view import Glyph, Pair, Picture, Runs, Words

# Measured on SDL_image's SVG loader; the others are dropped or drawn wrong without an error.
ALLOWED_TAGS = {"svg", "g", "path", "rect", "circle", "ellipse", "defs", "linearGradient", "stop"}
FORBIDDEN = re.compile(
    r"currentColor|clip-path|mask|filter|<use|<text|objectBoundingBox", re.IGNORECASE
)
SCENES = ("connect", "connected", "charging", "paused", "stopping", "finished", "unplug", "goodbye")


def _drawings() -> list[tuple[str, str]]:
    folders = (pictograms.PICTOGRAM_DIR, pictograms.GLYPH_DIR)
    files = [path for folder in folders for path in sorted(folder.glob("*.svg"))]
    drawings = [(path.name, path.read_text(encoding="utf-8")) for path in files]
    for kind, night in product((*SCENES, "tap", "tap_bank"), (False, True)):
        drawings.append((f"scene {kind}", art_of(kind, 560, 220, night=night)))
    return drawings


@pytest.mark.parametrize(("name", "svg"), _drawings(), ids=lambda value: str(value)[:24])
def test_drawing_keeps_to_what_sdl_draws(name: str, svg: str) -> None:
    assert not FORBIDDEN.search(svg), name
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        assert element.tag.rpartition("}")[2] in ALLOWED_TAGS, f"{name}: {element.tag}"
        for value in element.attrib.values():
            assert not re.fullmatch(r"#[0-9A-Fa-f]{8}", value), f"{name}: eight digits of colour"
        if element.tag.endswith("linearGradient"):
            assert element.get("gradientUnits") == "userSpaceOnUse", name


def test_drawings_leave_something_on_the_surface() -> None:
    shelf = pictograms.Pictograms()
    for name in pictograms.names():
        image = shelf.picture(name, "", 64, (255, 255, 255))
        assert pygame.mask.from_surface(image).count() > 300, name
    for name in pictograms.glyph_names():
        image = shelf.glyph(name, 64, (255, 0, 0))
        assert pygame.mask.from_surface(image).count() > 200, name


def test_every_picture_named_by_a_screen_exists() -> None:
    pictures = {screen.picture for screen in SCREENS.values()}
    pictures |= {style.picture for style in STYLES.values()}
    pictures |= {picture for _, picture in STEPS}
    glyphs = {style.glyph for style in STYLES.values()} | {sign.glyph for sign in STATES.values()}
    for _, shot, panel in CASES:
        for item in view_of(shot, panel).items:
            match item:
                case Picture():
                    pictures |= {item.name, item.badge}
                case Pair():
                    pictures.add(item.picture)
                    glyphs.add(item.glyph)
                case Glyph():
                    glyphs.add(item.name)
                case _:
                    pass
    assert pictures - {""} <= pictograms.names()
    assert glyphs - {""} <= pictograms.glyph_names()


def _texts_by_face() -> dict[Face, set[str]]:
    texts: dict[Face, set[str]] = {face: set() for face in Face}
    for _, shot, panel in CASES:
        for item in view_of(shot, panel).items:
            match item:
                case Words():
                    texts[item.face].add(item.text)
                case Pair():
                    texts[item.words.face].add(item.words.text)
                case Runs():
                    for run in item.runs:
                        texts[run.face].add(run.text)
                case _:
                    pass
    return texts


def test_every_character_has_a_glyph_in_its_face() -> None:
    pygame.font.init()
    fonts = Fonts()
    missing = {
        (face.value, letter)
        for face, texts in _texts_by_face().items()
        for letter in set("".join(texts))
        if fonts.font(face, 20).metrics(letter)[0] is None
    }
    assert not missing


def test_words_cover_the_letters_of_the_ten_languages() -> None:
    pygame.font.init()
    fonts = Fonts()
    letters = string.ascii_letters + "áéíóúüñçàèòïâêîôûäößœëãõìùÁÉÍÓÚÜÑÇÀÈÒÏÄÖ·€≈…¿¡"
    for face in (Face.PLAIN, Face.BOLD):
        without = [c for c in letters if fonts.font(face, 20).metrics(c)[0] is None]
        assert not without


def test_catalogues_are_read_as_text_and_have_no_compiled_twin() -> None:
    assert {"es", "en"} <= set(available())
    assert not list(LOCALE_DIR.rglob("*.mo"))


def test_no_screen_shows_a_bare_key() -> None:
    keys = set(read_catalogue(FALLBACK))
    prefixes = {key.partition(".")[0] + "." for key in keys if "." in key}
    for name, shot, panel in CASES:
        view = view_of(shot, panel)
        for text in (view.title, *view.texts, *(control.label for control in view.controls)):
            bare = any(text.startswith(prefix) for prefix in prefixes) and " " not in text
            assert not bare, f"{name}: {text}"


def test_brand_is_never_translated() -> None:
    for language in available():
        for key, words in read_catalogue(language).items():
            assert "tarjeta verde" not in words.lower(), f"{language} {key}"


def test_every_font_has_its_licence_beside_it() -> None:
    families = {path.stem.partition("-")[0] for path in FONT_DIR.glob("*.ttf")}
    licences = {path.stem.partition("-")[2] for path in FONT_DIR.glob("OFL-*.txt")}
    assert families == licences
    assert {face.value for face in Face} == {path.stem for path in FONT_DIR.glob("*.ttf")}


def test_missing_font_is_told_and_another_of_ours_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pygame.font.init()
    for face in (Face.PLAIN, Face.BOLD):
        shutil.copy(FONT_DIR / f"{face}.ttf", tmp_path)
    (tmp_path / f"{Face.DIGITS}.ttf").write_bytes(b"no font")
    monkeypatch.setattr("ui.fonts.FONT_DIR", tmp_path)
    fonts = Fonts()
    assert fonts.measure(Face.DIGITS, "12,48", 40) > 0
    assert fonts.troubles() == (f"font missing: {Face.DIGITS}",)


def test_without_any_font_there_are_still_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.fonts.FONT_DIR", tmp_path)
    kiosk = Kiosk((1024, 600))
    assert kiosk.png()
    words = next(each for each in kiosk.abilities() if each.name == "words")
    assert not words.works
    assert "font missing" in words.detail


def test_words_are_atkinson_and_numbers_are_noto() -> None:
    assert {face: face.value.partition("-")[0] for face in Face} == {
        Face.PLAIN: "AtkinsonHyperlegibleNext",
        Face.BOLD: "AtkinsonHyperlegibleNext",
        Face.DIGITS: "NotoSans",
    }
    amounts = [
        run
        for _, shot, panel in CASES
        for item in view_of(shot, panel).items
        if isinstance(item, Runs)
        for run in item.runs
        if re.fullmatch(r"[+≈= ]*[€\d.,\u00a0]+", run.text) and any(map(str.isdigit, run.text))
    ]
    assert amounts
    assert {run.face for run in amounts} == {Face.DIGITS}
