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


MILLISECONDS = st.integers(86_400_000, 221_845_000_000_000)


@given(MILLISECONDS, st.timezones())
def test_a_time_comes_back_as_it_was(since_1970_ms: int, zone: ZoneInfo) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=since_1970_ms)
    at = at.astimezone(zone)
    assert from_timestamp(to_timestamp(at)) == at.astimezone(UTC)
