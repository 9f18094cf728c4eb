"""Limits at any moment of a charge: nothing unexpected, nothing closed that may not be, nothing under a pause."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.domain.devices import Pilot
from chargepoint.domain.effects import Start, Stop
from chargepoint.domain.point import states
from chargepoint.domain.session import EndCause
from chargepoint.domain.units import SessionId
from tests.support.points import card_order
from tests.support.stations import StationUnderTest, a_station

limits = st.sampled_from([0, 5_999, 6_000, 32_000]).map(lambda limit: ("limited", 1, limit))
pilots = st.sampled_from([Pilot.A, Pilot.B, Pilot.C]).map(lambda pilot: ("pilot", 1, pilot))
orders = st.sampled_from(["start", "stop"])
steps = st.lists(st.one_of(limits, pilots, orders.map(lambda order: (order,))), max_size=25)


def played(script: list[tuple[object, ...]]) -> StationUnderTest:
    station = a_station()
    station.plugged()
    for number, (name, *arguments) in enumerate(script):
        if name == "start":
            order = replace(card_order(), session=SessionId(f"S{number}"))
            station.hear(1, Start(order))
        elif name == "stop":
            station.hear(1, Stop(EndCause.CUSTOMER))
        else:
            getattr(station, str(name))(*arguments)
        socket, point = next(iter(station.sockets.values())), station.point()
        assert not socket.is_wanted_closed or point.state.startswith(states.MAY_BE_CLOSED)
        assert not (socket.contactor_closed and point.data.is_paused)
    return station


@settings(max_examples=150, deadline=None)
@given(steps)
def test_limits_at_any_moment_surprise_nobody(script: list[tuple[object, ...]]) -> None:
    surprises = [i for i in played(script).incidents if i.code == "machine.unexpected"]
    assert not surprises
