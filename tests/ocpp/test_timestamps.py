"""Times on the wire, from any peer: read, and with room for a time zone and for arithmetic."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.ocpp.translate import from_timestamp, to_timestamp

FAR = ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00")


@pytest.mark.parametrize("text", FAR)
def test_a_time_at_the_end_of_the_calendar_has_room_for_zone_and_arithmetic(text: str) -> None:
    moment = from_timestamp(text)
    assert moment is not None
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
        assert moment.astimezone(ZoneInfo(zone)) == moment
    assert moment - timedelta(days=365) < moment < moment + timedelta(days=365)


@pytest.mark.parametrize("text", ["", "now", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "1"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert from_timestamp(text) is None


@given(
    st.datetimes(datetime(1970, 1, 2), datetime(8999, 12, 30), timezones=st.timezones()).map(
        lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
    )
)
def test_a_time_comes_back_as_it_was(at: datetime) -> None:
    assert from_timestamp(to_timestamp(at)) == at.astimezone(UTC)
