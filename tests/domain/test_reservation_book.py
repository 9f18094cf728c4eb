"""May one more reservation be made, and whom does each connector serve (OCPP 1.6 §5.13)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.domain.devices import Pilot
from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.reservations.reservation import (
    Calendar,
    Kept,
    Reservation,
    Verdict,
    Window,
    dump_calendar,
    dump_reservation,
    load_calendar,
    load_reservation,
)
from chargepoint.domain.reservations.reservation_book import Days, judge, kept, lost
from chargepoint.domain.units import ConnectorId, Wh

NOW = datetime(2026, 11, 21, 14, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
STATES = ("idle/free", "idle/plugged", "session/energised", "settling/billed", "booting")


def _seen(connector: int, state: str = "idle/free", **more: object) -> PointSeen:
    plugged = state not in ("idle/free", "booting")
    data = PointData(
        ConnectorId(connector),
        pilot=Pilot.B if plugged else Pilot.A,
        register=Wh(0),
        **more,  # type: ignore[arg-type]  # fields of PointData
    )
    return PointSeen(state, data)


def _points(*states: str) -> dict[ConnectorId, PointSeen]:
    return {ConnectorId(n): _seen(n, state) for n, state in enumerate(states, start=1)}


def _made(number: int, connector: int, tag: str = "T", **more: object) -> Reservation:
    fields: dict[str, object] = {"since": NOW, "expires": LATER, **more}
    return Reservation(number, ConnectorId(connector), tag, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "more", "expected"),
    [
        ("idle/free", {}, Verdict.ACCEPTED),
        ("idle/plugged", {}, Verdict.OCCUPIED),
        ("session/energised", {}, Verdict.OCCUPIED),
        ("settling/occupied", {}, Verdict.OCCUPIED),
        ("settling/billed", {}, Verdict.OCCUPIED),
        ("idle/awaiting_plug", {}, Verdict.OCCUPIED),
        ("idle/free", {"cable_of": "SOMEBODY"}, Verdict.OCCUPIED),
        ("booting", {}, Verdict.UNAVAILABLE),
        ("idle/free", {"operative": False}, Verdict.UNAVAILABLE),
        ("idle/free", {"faults": frozenset({"weld"})}, Verdict.FAULTED),
        ("idle/plugged", {"faults": frozenset({"diode"})}, Verdict.OCCUPIED),
    ],
)
def test_a_connector_answers_as_it_is(
    state: str, more: dict[str, object], expected: Verdict
) -> None:
    points = {ConnectorId(1): _seen(1, state, **more), ConnectorId(2): _seen(2)}
    assert judge((), _made(1, 1), points) is expected
    alone = {ConnectorId(1): points[ConnectorId(1)]}
    assert judge((), _made(1, 0), alone) is expected


@pytest.mark.parametrize(
    "wanted",
    [_made(1, 3), _made(1, -1), _made(1, 1, " "), _made(1, 1, expires=NOW)],
)
def test_what_makes_no_sense_is_rejected(wanted: Reservation) -> None:
    assert judge((), wanted, _points("idle/free", "idle/free")) is Verdict.REJECTED


def test_one_for_each_connector_and_the_same_id_replaces() -> None:
    points = _points("idle/free", "idle/free")
    book = (_made(1, 1),)
    assert judge(book, _made(2, 1), points) is Verdict.OCCUPIED
    assert judge(book, _made(1, 1, "U"), points) is Verdict.ACCEPTED
    assert judge(book, _made(1, 2), points) is Verdict.ACCEPTED
    assert judge((_made(1, 0),), _made(2, 0), points) is Verdict.OCCUPIED


def test_nothing_is_taken_from_whom_one_of_all_was_promised() -> None:
    points = _points("idle/free", "idle/free")
    assert judge((_made(1, 0),), _made(2, 1), points) is Verdict.ACCEPTED
    assert judge((_made(1, 0), _made(2, 1)), _made(3, 2), points) is Verdict.OCCUPIED
    assert judge((_made(1, 1), _made(2, 2)), _made(3, 0), points) is Verdict.OCCUPIED


def test_a_fault_or_an_order_ends_what_was_reserved_there() -> None:
    out = _seen(1, operative=False)
    book = (_made(1, 1), _made(2, 2), _made(3, 0))
    points = {ConnectorId(1): out, ConnectorId(2): _seen(2)}
    assert [each.id for each in lost(book, points)] == [1]
    both = {ConnectorId(1): out, ConnectorId(2): _seen(2, faults=frozenset({"weld"}))}
    assert [each.id for each in lost(book, both)] == [1, 2, 3]
    assert lost(book, _points("booting", "booting")) == ()


@given(
    st.lists(st.sampled_from(STATES), min_size=1, max_size=4),
    st.lists(st.integers(0, 4), max_size=3, unique=True),
)
def test_strangers_never_get_the_last_one_and_are_never_refused_without_need(
    states: list[str], reserved: list[int]
) -> None:
    points = _points(*states)
    book = tuple(_made(n, n, f"T{n}") for n in reserved if n == 0 or ConnectorId(n) in points)
    found = kept(book, Days({}), points, NOW)
    for connector, know in found.items():
        own = next((each for each in book if each.connector == connector), None)
        assert know.is_own == (own is not None)
        if own is not None:
            assert know.only
            assert know.usable_by(own.id_tag, None, NOW) == own
            assert know.usable_by("STRANGER", None, NOW) is None
    is_promised = any(each.connector == 0 for each in book)
    open_ones = [c for c, s in points.items() if s.is_open and s.state != "settling/billed"]
    strangers = [c for c in open_ones if not found[c].only]
    unreserved = [c for c in open_ones if not found[c].is_own]
    assert len(strangers) == (0 if is_promised and len(unreserved) == 1 else len(unreserved))


def test_the_group_of_a_token_may_use_its_reservation() -> None:
    found = _made(1, 1, "BOSS", parent_tag="FLEET")
    assert found.is_for("boss", None)
    assert found.is_for("DRIVER", "fleet")
    assert not found.is_for("DRIVER", None)
    assert not found.is_for("FLEET", None)
    assert not _made(1, 1, "BOSS").is_for("DRIVER", "FLEET")


def test_nothing_is_usable_once_it_is_over() -> None:
    know = Kept((_made(1, 1),), True, True, LATER)
    assert know.by_id(1, NOW) is not None
    assert know.by_id(1, LATER) is None
    assert know.usable_by("T", None, LATER) is None


def test_a_window_of_the_calendar_keeps_its_connector_and_nothing_before_it() -> None:
    window = Window(NOW + timedelta(minutes=30), LATER)
    days = Days({ConnectorId(1): Calendar(1, (window,))})
    points = _points("idle/free", "idle/free")
    before = kept((), days, points, NOW)[ConnectorId(1)]
    assert (before.only, before.next_window(NOW)) == (False, window)
    within = kept((), days, points, window.begin)[ConnectorId(1)]
    assert (within.only, within.is_own, within.until) == (True, False, LATER)
    after = kept((), days, points, LATER)[ConnectorId(1)]
    assert after == Kept()


def test_windows_neither_overlap_nor_end_before_they_begin() -> None:
    with pytest.raises(ValueError, match="window"):
        Window(LATER, NOW)
    first = Window(NOW, LATER)
    with pytest.raises(ValueError, match="overlap"):
        Calendar(1, (first, Window(NOW + timedelta(minutes=59), LATER + timedelta(hours=1))))


def test_what_is_saved_reads_back_the_same() -> None:
    made = _made(7, 1, parent_tag="P")
    assert load_reservation(dump_reservation(made)) == made
    calendar = Calendar(3, (Window(NOW, LATER),))
    assert load_calendar(dump_calendar(calendar)) == calendar
