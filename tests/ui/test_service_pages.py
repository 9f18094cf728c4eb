"""A technician's pages of facts: what a value says is there to its end, in every language."""

from dataclasses import replace

import pytest

from tests.support.screens import CATALOGUES, PANELS
from ui.catalogue import available
from ui.samples import ALL
from ui.screens import describe
from ui.screens.service import SERVICE
from ui.view import Picture, View, Words

SHEETS = [name for name, shot in ALL.items() if name.startswith("t_") and "values" in shot.params]
SENTENCES = ("t_speech", "t_note")


def shown(name: str, language: str, size: str) -> View:
    shot = replace(ALL[name], language=language)
    return describe(shot, PANELS[size], CATALOGUES.text(language))


@pytest.mark.parametrize("size", PANELS)
@pytest.mark.parametrize("language", available())
def test_no_value_is_cut(language: str, size: str) -> None:
    cut = [
        (name, item.text)
        for name in SHEETS
        for item in shown(name, language, size).items
        if isinstance(item, Words) and item.align == "right" and item.text.endswith("…")
    ]
    assert cut == []


@pytest.mark.parametrize("size", PANELS)
@pytest.mark.parametrize("name", SENTENCES)
def test_one_sentence_has_the_page_and_the_sign_of_its_screen(name: str, size: str) -> None:
    view = shown(name, "en", size)
    sign = SERVICE[ALL[name].screen].picture
    assert [item for item in view.items if isinstance(item, Picture) and item.name == sign]
