"""What the central system and the kiosk are told is derived, legal and true."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant

from chargepoint import contract
from chargepoint.app import projection
from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.supply.derating import Derating
from chargepoint.domain.units import MilliAmp
from chargepoint.ocpp.status import on_the_way
from chargepoint.ports import PointStatus
from tests.support.points import ONE, at
from tests.support.stations import a_station
from tests.support.walk import Walk

pytestmark = pytest.mark.timeout(180)  # seconds; a busy machine is no failure

A, P, C, SEV, SEVSE, F, R, U, X = (
    PointStatus.AVAILABLE,
    PointStatus.PREPARING,
    PointStatus.CHARGING,
    PointStatus.SUSPENDED_EV,
    PointStatus.SUSPENDED_EVSE,
    PointStatus.FINISHING,
    PointStatus.RESERVED,
    PointStatus.UNAVAILABLE,
    PointStatus.FAULTED,
)
# OCPP 1.6 §4.9. Ways that are not in its table are told by way of another status (ocpp/status.py).
ALLOWED = {
    A: {P, C, SEV, SEVSE, R, U},
    P: {A, C, SEV, SEVSE, F},
    C: {A, SEV, SEVSE, F, U},
    SEV: {A, C, SEVSE, F, U},
    SEVSE: {A, C, SEV, F, U},
    F: {A, P, U},
    R: {A, P, U},
    U: {A, P, C, SEV, SEVSE},
}


class StatusWalk(Walk):
    """The reports that a central system would get, one after each outcome."""

    def __init__(self) -> None:
        super().__init__()
        self.last: dict[int, PointStatus] = {}

    def act(self, name: str, *arguments: object) -> None:
        if name == "restarted":
            self.last = {}  # a new life begins with whatever is true
        super().act(name, *arguments)

    @invariant()
    def every_change_is_allowed(self) -> None:
        news, self.station.seen = self.station.seen, []
        for connector, seen in news:
            if seen.state == "booting":
                continue  # not reported: the truth is not known yet
            word = projection.status(seen).status
            before = self.last.get(connector, word)
            if X not in (word, before):
                told = on_the_way(before, word) or word
                assert told in {before} | ALLOWED[before], (before, word)
            self.last[connector] = word


TestStatusWalk = StatusWalk.TestCase
TestStatusWalk.settings = settings(
    max_examples=10,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("idle/free", A),
        ("idle/plugged", P),
        ("idle/awaiting_plug", P),
        ("session/starting/locking", P),
        ("session/starting/waiting", P),
        ("session/energised", C),
        ("session/suspended/by_vehicle", SEV),
        ("session/suspended/by_station", SEVSE),
        ("session/stopping", F),
        ("settling/metering", F),
        ("settling/occupied", F),
        ("settling/billed", F),
        ("booting", U),
    ],
)
def test_status_of_a_state(state: str, word: PointStatus) -> None:
    report = projection.status(PointSeen(state, PointData(ONE)))
    assert (report.connector, report.status, report.error_code) == (1, word, "NoError")


@pytest.mark.parametrize(
    ("milli", "told"),
    [(70_000, ("HighTemperature", "CX003")), (None, ("InternalError", ""))],
)
def test_board_that_gives_less_says_whether_it_is_warm_or_cannot_know(
    milli: int | None, told: tuple[str, str]
) -> None:
    warm = PointData(ONE, temperature_milli=milli, derating=Derating(MilliAmp(6000)))
    report = projection.status(PointSeen("session/energised", warm))
    assert report.status is C
    assert (report.error_code, report.vendor_error_code) == told


def test_own_fault_outranks_everything_and_is_named() -> None:
    data = PointData(ONE, faults=frozenset({"overheat"}), operative=False)
    report = projection.status(PointSeen("idle/plugged", data))
    assert (report.status, report.error_code) == (X, "HighTemperature")
    assert (report.info, report.vendor_error_code) == ("overheat", "CX003")


@pytest.mark.parametrize(
    ("state", "word"), [("idle/plugged", P), ("session/energised", SEVSE), ("settling/billed", F)]
)
def test_vehicle_at_fault_is_no_fault_of_the_point(state: str, word: PointStatus) -> None:
    data = PointData(ONE, faults=frozenset({"diode"}))
    report = projection.status(PointSeen(state, data))
    assert (report.status, report.error_code) == (word, "EVCommunicationError")


def test_inoperative_point_is_unavailable_when_nobody_charges() -> None:
    station = a_station()
    data = PointData(ONE, operative=False)
    assert projection.status(PointSeen("idle/free", data)).status is U
    charged = station.plugged().coin().press("start").asks().point().data
    assert charged.session is not None
    still = PointData(ONE, operative=False, session=charged.session)
    assert projection.status(PointSeen("session/energised", still)).status is C


def test_snapshot_shows_the_conversation() -> None:
    station = a_station(2).plugged().coin()
    utc = datetime(2026, 7, 1, 18, 30, tzinfo=UTC)
    shown = projection.snapshot(
        station.dialogue,
        station.dialogue.params(at(0)),
        projection.Panel(contract.Station()),
        utc,
        "ok",
    )
    assert (shown.screen, shown.step, shown.clock, shown.theme) == ("cash_in", 2, "20:30", "night")
    assert (shown.earcon, shown.connector, shown.session) == ("ok", 1, "")
    assert [(t.connector, t.state, t.label) for t in shown.tabs] == [
        (1, "busy", "A"),
        (2, "free", "B"),
    ]
    assert [b.id for b in shown.buttons][:2] == ["start", "return_money"]
    assert contract.decode(contract.encode(shown)) == shown


def test_theme_follows_the_clock_unless_the_site_fixes_it() -> None:
    station = a_station()
    noon = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    for theme, expected in (("auto", "day"), ("night", "night")):
        panel = projection.Panel(contract.Station(), theme=theme)
        shown = projection.snapshot(station.dialogue, {}, panel, noon, "")
        assert shown.theme == expected


def test_brightness_follows_the_hour_whatever_the_theme_is() -> None:
    station = a_station()
    panel = projection.Panel(
        contract.Station(), theme="night", brightness_day=90, brightness_night=45
    )
    for hour, expected in ((12, 90), (19, 45), (3, 45)):  # UTC; two hours later on the wall
        utc = datetime(2026, 7, 1, hour, 0, tzinfo=UTC)
        assert projection.snapshot(station.dialogue, {}, panel, utc, "").brightness == expected


def test_tabs_say_what_each_connector_does() -> None:
    station = a_station(4).plugged(1).coin().press("start").asks(1)
    station.press("key_ok").meter_gone(2).plugged(3)
    panel = projection.Panel(contract.Station())
    noon = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)

    def tabs() -> list[str]:
        shown = projection.snapshot(station.dialogue, {}, panel, noon, "")
        return [tab.state for tab in shown.tabs]

    assert tabs() == ["charging", "out", "busy", "free"]
    station.pilot(1, "B")  # type: ignore[arg-type]
    assert tabs()[0] == "paused"
    station.press("connector_1").press("stop").enter(station.code())
    assert tabs()[0] == "finished"
