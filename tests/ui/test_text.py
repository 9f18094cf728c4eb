"""Numbers and words as a driver reads them."""

from itertools import pairwise

import pytest

from ui.layout import Rect, panel_of
from ui.text import Catalogues, countdown, duration
from ui.theme import contrast

ES = Catalogues().text("es")
EN = Catalogues().text("en")


@pytest.mark.parametrize(
    ("minor", "spanish", "english"),
    [
        (0, "0,00\u00a0€", "€0.00"),
        (612, "6,12\u00a0€", "€6.12"),
        (123_456, "1.234,56\u00a0€", "€1,234.56"),
    ],
)
def test_money_has_the_form_of_the_language(minor: int, spanish: str, english: str) -> None:
    assert ES.money(minor, "EUR") == spanish
    assert EN.money(minor, "EUR") == english


def test_hold_is_told_without_needless_decimals() -> None:
    assert ES.money_short(4_000, "EUR") == "40\u00a0€"
    assert EN.money_short(4_000, "EUR") == "€40"
    assert ES.money_short(4_050, "EUR") == "40,50\u00a0€"


def test_rate_keeps_fractions_of_a_cent() -> None:
    assert ES.price(45_000, "EUR") == "0,45\u00a0€"
    assert ES.price(45_500, "EUR") == "0,455\u00a0€"
    assert EN.price(41_000, "EUR") == "€0.41"


def test_coins_carry_what_is_stamped_on_them() -> None:
    assert [ES.coin(value, "EUR") for value in (10, 50, 100, 500)] == ["0,10", "0,50", "1", "5"]


def test_energy_and_power_are_shown_in_thousands() -> None:
    assert ES.kilo(12_480) == "12,48"
    assert EN.kilo(21_600, 1) == "21.6"
    assert ES.kilo_short(22_000) == "22"
    assert ES.kilo_short(7_400) == "7,4"


def test_times_are_hours_and_minutes_or_a_countdown() -> None:
    assert duration(2_100) == "0:35"
    assert duration(90_000) == "25:00"
    assert countdown(95) == "1:35"
    assert countdown(-5) == "0:00"


def test_missing_key_is_shown_as_it_is() -> None:
    assert ES("no.such.key") == "no.such.key"


def test_no_narrow_space_and_no_direction_mark_reaches_a_font() -> None:
    for language in ("es", "en"):
        text = Catalogues().text(language)
        for shown in (text.money(123_456_789, "EUR"), text.number(1_234_567)):
            assert not {"\u202f", "\u200e", "\u200f"} & set(shown)


def test_panel_of_ten_inches_has_square_pixels_by_default() -> None:
    panel = panel_of((1280, 800))
    assert panel.width_mm / panel.width == pytest.approx(panel.height_mm / panel.height)


def test_panel_without_a_size_is_refused() -> None:
    with pytest.raises(ValueError, match="no usable panel"):
        panel_of((0, 0), (100.0, 100.0))


def test_columns_fill_their_room_to_the_last_pixel() -> None:
    columns = Rect(0, 0, 101, 10).columns([1, 1, 1], 7)
    assert columns[0].x == 0
    assert columns[-1].right == 101
    assert all(b.x - a.right == 7 for a, b in pairwise(columns))


def test_contrast_is_that_of_wcag() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)
