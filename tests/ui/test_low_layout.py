"""Whoever cannot reach high: everything that is pressed moves down, nothing is lost."""

from dataclasses import replace

import pytest

from chargepoint.contract import Access
from tests.support.screens import CATALOGUES, PANELS
from ui.samples import ALL
from ui.screens import describe
from ui.view import View

LOW = Access(low=True)
PORTRAIT = PANELS["portrait"]


def shown(name: str, access: Access, size: str = "portrait") -> View:
    shot = replace(ALL[name], access=access)
    return describe(shot, PANELS[size], CATALOGUES.text("es"))


@pytest.mark.parametrize("size", PANELS)
@pytest.mark.parametrize("name", [name for name in ALL if not name.startswith("t_")])
def test_no_button_lies_higher_than_before_and_none_is_missing(name: str, size: str) -> None:
    usual, low = shown(name, Access(), size), shown(name, LOW, size)
    assert {each.id for each in low.controls} == {each.id for each in usual.controls}
    if usual.controls:
        highest = min(each.rect.y for each in usual.controls)
        assert min(each.rect.y for each in low.controls) >= highest


@pytest.mark.parametrize("size", PANELS)
def test_tabs_of_the_connectors_lie_at_the_foot_of_the_panel(size: str) -> None:
    view = shown("home_two", LOW, size)
    tab = view.control("connector_2")
    assert tab is not None
    assert tab.rect.bottom == PANELS[size].height


def test_choices_on_a_tall_panel_lie_in_its_lower_half() -> None:
    for name in ("access", "home_two", "charging_two", "receipt"):
        view = shown(name, LOW)
        highest = min(each.rect.middle[1] for each in view.controls)
        assert highest > PORTRAIT.height // 2, name
