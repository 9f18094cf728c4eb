"""T_FIND: what is typed becomes a search; a day of the place is a day, also when the clocks change."""

from datetime import UTC, datetime, timedelta

import pytest

from chargepoint.domain.service.finding import KINDS, span
from chargepoint.domain.service.orders import Consult
from chargepoint.domain.service.senses import brightness_wanted, voice_wanted
from chargepoint.domain.service.values import ServiceData
from tests.domain.test_service import Site

MADRID = "Europe/Madrid"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("digits", "begin", "length"),
    [
        ("2111", datetime(2026, 11, 20, 23, tzinfo=UTC), timedelta(hours=24)),
        ("211114", datetime(2026, 11, 21, 13, tzinfo=UTC), timedelta(hours=1)),
        ("2411", datetime(2025, 11, 23, 23, tzinfo=UTC), timedelta(hours=24)),  # not yet: last year
        ("2902", datetime(2024, 2, 28, 23, tzinfo=UTC), timedelta(hours=24)),
        ("2510", datetime(2026, 10, 24, 22, tzinfo=UTC), timedelta(hours=25)),  # winter begins
        ("2903", datetime(2026, 3, 28, 23, tzinfo=UTC), timedelta(hours=23)),  # summer begins
    ],
)
def test_span_is_the_newest_of_that_name(digits: str, begin: datetime, length: timedelta) -> None:
    assert span(digits, NOW, MADRID) == (begin, begin + length)


@pytest.mark.parametrize("digits", ["3102", "0000", "2113", "211124", "211", "21112026"])
def test_no_such_day(digits: str) -> None:
    assert span(digits, NOW, MADRID) is None


def typed(kind: str, digits: str) -> Site:
    site = (
        Site().inside().press("t_sessions").told().press("t_find", f"row_{KINDS.index(kind) + 1}")
    )
    assert site.screen == f"t_find_{kind}"
    return site.press(*(f"key_{digit}" for digit in digits), "key_ok")


@pytest.mark.parametrize(
    ("kind", "digits"), [("card", "8074"), ("receipt", "42"), ("amount", "612")]
)
def test_what_is_typed_is_looked_for(kind: str, digits: str) -> None:
    assert typed(kind, digits).station.sent(Consult)[-1].subject == f"{kind}:{digits}"


def test_three_digits_of_a_card_are_too_few_and_a_wrong_day_is_told() -> None:
    assert typed("card", "807").screen == "t_find_card"
    site = typed("time", "3102")
    assert (site.screen, site.station.param("notice")) == ("t_find_time", "no_such_day")


def test_nobody_logged_in_changes_neither_voice_nor_panel() -> None:
    assert not voice_wanted(ServiceData(page="t_speech"))
    assert brightness_wanted(ServiceData(page="t_bright", subject="40")) is None
