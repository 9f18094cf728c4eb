"""The words of every screen for people who help: what a driver reads, and nothing that is theirs alone."""

import re

import pytest

from ui.app import Kiosk
from ui.catalogue import available
from ui.samples import ALL
from ui.speech.privacy import is_private, secrets_of
from ui.text import Catalogues


@pytest.mark.parametrize("name", ALL)
def test_no_screen_tells_a_code_a_balance_or_a_long_number(name: str) -> None:
    kiosk = Kiosk((1024, 600))
    kiosk.show(ALL[name], 0.0)
    shown = kiosk.shown()
    secrets = secrets_of(ALL[name], Catalogues().text(ALL[name].language))
    for words in (shown.title, *shown.texts.split("\n"), *shown.labels.split("\n")):
        assert not is_private(words, secrets), words
        assert not re.search(r"\d{5,}", words), words
    assert shown.title


def test_technicians_screens_tell_their_title_alone() -> None:
    names = [name for name in ALL if name.startswith("t_")]
    assert names
    for name in names:
        kiosk = Kiosk((1024, 600))
        kiosk.show(ALL[name], 0.0)
        assert (kiosk.shown().texts, kiosk.shown().labels) == ("", "")


def test_home_tells_its_title_and_every_button_by_its_words() -> None:
    kiosk = Kiosk((1024, 600))
    kiosk.show(ALL["home"], 0.0)
    shown = kiosk.shown()
    assert shown.title == "Conecte el cable a su coche"
    assert "greencard\tGreen Card" in shown.labels.split("\n")
    assert "es" in available()
