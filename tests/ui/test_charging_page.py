"""A running charge: the code for the telephone in every language, and the cost beside its limit."""

from dataclasses import replace

import pytest

from tests.support.screens import CATALOGUES, PANELS
from ui.catalogue import available
from ui.samples import ALL
from ui.samples.parts import WORDS
from ui.screens import describe
from ui.view import Code, Runs, View


def shown(name: str, language: str, size: str, **params: object) -> View:
    sample = ALL[name]
    shot = replace(sample, language=language, params={**sample.params, **params})
    return describe(shot, PANELS[size], CATALOGUES.text(language))


@pytest.mark.parametrize("size", PANELS)
@pytest.mark.parametrize("language", available())
def test_code_for_the_telephone_is_there_however_long_the_title_is(
    language: str, size: str
) -> None:
    view = shown("charging_phone", language, size)
    (code,) = [item for item in view.items if isinstance(item, Code)]
    assert code.content == ALL["charging_phone"].params["qr"]
    assert CATALOGUES.text(language)("charging.phone") in view.texts


@pytest.mark.parametrize("size", ["landscape", "portrait"])
@pytest.mark.parametrize("language", available())
def test_code_says_what_it_is_for(language: str, size: str) -> None:
    view = shown("charging_phone", language, size)
    assert CATALOGUES.text(language)("charging.on_phone") in view.texts


def test_code_that_has_no_room_is_not_spoken_of() -> None:
    view = shown("charging_phone", "es", "landscape", text=WORDS)
    assert not [item for item in view.items if isinstance(item, Code)]
    assert CATALOGUES.text("es")("charging.phone") not in view.texts


@pytest.mark.parametrize("size", PANELS)
def test_limit_of_the_cost_is_said_in_words(size: str) -> None:
    assert "6,12\u00a0€ de 40\u00a0€ máx." in shown("charging", "es", size).texts


@pytest.mark.parametrize("language", available())
def test_on_a_tall_panel_a_sign_leaves_the_room_to_the_cost(language: str) -> None:
    view = shown("charging", language, "portrait")
    (cost,) = [item for item in view.items if isinstance(item, Runs) and "/" in item.runs[-1].text]
    assert cost.runs[-1].said
    assert cost.runs[-1].said not in "".join(run.text for run in cost.runs)
