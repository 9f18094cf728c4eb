"""The words of the ten languages: complete, fillable, all of them used, none missing."""

import ast
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from config.schema import Station
from tests.support.screens import CASES, view_of
from ui import catalogue
from ui.catalogue import FALLBACK, PARTS, available, fields_of, merged, read_catalogue
from ui.text import AUTONYMS, Catalogues

ROOT = Path(catalogue.__file__).parents[1]
MOST_TITLE_WORDS = 7


@cache
def _literals() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Every string of the sources, and what each string with fields can become."""
    plain: set[str] = set()
    patterns: set[str] = set()
    for folder in ("ui", "chargepoint"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    plain.add(node.value)
                elif isinstance(node, ast.JoinedStr):
                    patterns.add("".join(_part(value) for value in node.values))
    return frozenset(plain), tuple(re.compile(pattern) for pattern in patterns if "\\." in pattern)


def _part(value: ast.expr) -> str:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return re.escape(value.value)
    return "[a-z0-9_.]+"


def _asked_for() -> set[str]:
    """Keys that the kiosk's sources ask for by name."""
    found: set[str] = set()
    for path in sorted((ROOT / "ui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _is_text(node.func):
                found |= {
                    value.value
                    for argument in node.args
                    for value in ast.walk(argument)
                    if isinstance(value, ast.Constant) and isinstance(value.value, str)
                }
    return {key for key in found if re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+", key)}


def _is_text(called: ast.expr) -> bool:
    name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
    return name in {"text", "or_else", "counted"}


def _english() -> dict[str, str]:
    return {key: words for part in PARTS for key, words in read_catalogue(FALLBACK, part).items()}


def test_there_is_a_catalogue_for_every_language_offered() -> None:
    assert set(available()) == set(AUTONYMS)
    assert Station().languages == tuple(AUTONYMS)


@pytest.mark.parametrize("language", sorted(AUTONYMS))
def test_catalogue_has_every_key_with_the_same_fields(language: str) -> None:
    for part in PARTS:
        assert set(read_catalogue(language, part)) == set(read_catalogue(FALLBACK, part)), part
    assert merged(language)[1] == ()


def test_every_key_that_is_asked_for_is_there() -> None:
    assert _asked_for() - set(_english()) == set()


def test_every_key_there_is_asked_for() -> None:
    plain, patterns = _literals()
    orphans = [
        key
        for key in _english()
        if key not in plain
        and key.removesuffix("_one") not in plain
        and not _is_part_of_service(key, plain)
        and not any(pattern.fullmatch(key) for pattern in patterns)
    ]
    assert not orphans


def _is_part_of_service(key: str, plain: frozenset[str]) -> bool:
    """The core names the technician's lines without `svc.`, and puts `|` behind those with more."""
    name = key.removeprefix("svc.")
    return name in plain or any(word.startswith(f"{name}|") for word in plain)


def test_no_screen_asks_for_words_that_are_nowhere() -> None:
    texts = Catalogues()
    for _, shot, panel in CASES:
        texts.text(shot.language)
        view_of(shot, panel)
    assert texts.troubles() == ()


def test_no_message_speaks_of_one_and_many_alike() -> None:
    many = {key.removesuffix("_one") for key in _english() if key.endswith("_one")}
    assert many <= set(_english())
    for language in available():
        words = merged(language)[0]
        for key in many:
            assert "count" in (fields_of(words[key]) or ()), f"{language} {key}"
            assert fields_of(words[key]) == fields_of(words[f"{key}_one"]), f"{language} {key}"


def test_titles_are_short_in_every_language() -> None:
    long = {
        f"{language} {words}"
        for language in available()
        for key, words in read_catalogue(language).items()
        if key.endswith((".title", "_title")) and len(words.split()) > MOST_TITLE_WORDS
    }
    assert not long


def test_catalan_writes_its_double_l_with_the_dot_of_the_fonts() -> None:
    for part in PARTS:
        for words in read_catalogue("ca", part).values():
            assert not {"\u013f", "\u0140"} & set(words)


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The catalogues where a test may break them."""
    folder = tmp_path / "locale"
    shutil.copytree(catalogue.LOCALE_DIR, folder)
    monkeypatch.setattr(catalogue, "LOCALE_DIR", folder)
    merged.cache_clear()
    yield folder
    merged.cache_clear()


def _changed(folder: Path, language: str, old: str, new: str) -> None:
    path = folder / language / "kiosk.po"
    words = path.read_text(encoding="utf-8")
    assert old in words
    path.write_text(words.replace(old, new), encoding="utf-8")


def test_missing_message_is_shown_in_english_and_told(copied: Path) -> None:
    _changed(copied, "de", 'msgid "pay.title"', 'msgid "pay.other"')
    texts = Catalogues()
    assert texts.text("de")("pay.title") == "How do you want to pay?"
    assert texts.troubles() == ("de: 1 missing: pay.title",)


def test_message_with_a_wrong_field_is_shown_in_english_and_told(copied: Path) -> None:
    _changed(copied, "de", "Noch {amount} bis zum Start", "Noch {betrag} bis zum Start")
    texts = Catalogues()
    assert texts.text("de")("cash_in.missing", amount="1") == "1 more to start"
    assert texts.troubles() == ("de: 1 fields differ: cash_in.missing",)


def test_message_with_a_lonely_brace_is_shown_in_english(copied: Path) -> None:
    _changed(copied, "de", "Noch {amount} bis zum Start", "Noch {amount bis zum Start")
    assert Catalogues().text("de")("cash_in.missing", amount="1") == "1 more to start"


@pytest.mark.parametrize("broken", [b"\xff\xfe", b'msgid "a\n', b""])
def test_broken_catalogue_is_english_and_told(copied: Path, broken: bytes) -> None:
    (copied / "de" / "kiosk.po").write_bytes(broken)
    texts = Catalogues()
    assert texts.text("de")("pay.title") == "How do you want to pay?"
    assert texts.troubles()


def test_unknown_language_is_english_and_told() -> None:
    texts = Catalogues()
    assert texts.text("xx")("pay.title") == "How do you want to pay?"
    assert texts.troubles() == ("no catalogue: xx",)


def test_unknown_key_is_shown_as_it_is_and_told_once() -> None:
    texts = Catalogues()
    assert [texts.text("es")("no.such") for _ in range(3)] == ["no.such"] * 3
    assert texts.troubles() == ("text unknown: no.such",)


@pytest.mark.parametrize(
    ("language", "one", "many", "day", "money"),
    [
        ("es", "1 punto", "1.500 puntos", "21/11/2027", "1.234,50\u00a0€"),
        ("en", "1 point", "1,500 points", "21/11/2027", "€1,234.50"),
        ("de", "1 Punkt", "1.500 Punkte", "21.11.2027", "1.234,50\u00a0€"),
        ("fr", "1 point", "1\u00a0500 points", "21/11/2027", "1\u00a0234,50\u00a0€"),
        ("nl", "1 punt", "1.500 punten", "21-11-2027", "€\u00a01.234,50"),
        ("eu", "Puntu 1", "1.500 puntu", "2027/11/21", "1.234,50\u00a0€"),
        ("pt", "1 ponto", "1\u00a0500 pontos", "21/11/2027", "1\u00a0234,50\u00a0€"),
    ],
)
def test_counts_days_and_money_have_the_form_of_the_language(
    language: str, one: str, many: str, day: str, money: str
) -> None:
    text = Catalogues().text(language)
    assert text.counted("gc_ok.points", 1) == one
    assert text.counted("gc_ok.points", 1500) == many
    assert text.day("2027-11-21") == day
    assert text.day("soon") == "soon"
    assert text.money(123_450, "EUR") == money
