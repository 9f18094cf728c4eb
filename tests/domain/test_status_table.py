"""The wire status of whatever may happen, against the table of OCPP 1.6 §4.9 (errata included).

A fault is an overlay: it may come over any status, and under it the hidden one keeps to the table.
"""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant
from typing_extensions import override

from chargepoint.app import projection
from chargepoint.domain.devices import BoardFault, Pilot
from chargepoint.domain.faults import standing as faults
from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.units import ConnectorId
from chargepoint.ocpp.status import on_the_way
from chargepoint.ports import PointStatus, StatusReport
from tests.support.walk import Walk

pytestmark = pytest.mark.timeout(180)  # seconds; a busy machine is no failure

A, B, C = PointStatus.AVAILABLE, PointStatus.PREPARING, PointStatus.CHARGING
D, E, F = PointStatus.SUSPENDED_EV, PointStatus.SUSPENDED_EVSE, PointStatus.FINISHING
G, H, FAULTED = PointStatus.RESERVED, PointStatus.UNAVAILABLE, PointStatus.FAULTED

ALLOWED = {
    A: {B, C, D, E, G, H},
    B: {A, C, D, E, F},
    C: {A, D, E, F, H},
    D: {A, C, E, F, H},
    E: {A, C, D, F, H},
    F: {A, B, H},
    G: {A, B, H},
    H: {A, B, C, D, E},
}
CODES = {fault.ocpp_code for fault in faults.FAULTS.values()} | {"NoError"}


class StatusWalk(Walk):
    """Follows what the backend is told, as it is told on a link that stands."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = 0
        self.hidden: dict[ConnectorId, PointStatus] = {}
        self.newest: dict[ConnectorId, PointSeen] = {}

    @invariant()
    def every_status_follows_from_the_one_before(self) -> None:
        fresh, self.taken = self.station.seen[self.taken :], len(self.station.seen)
        for connector, seen in fresh:
            if seen.state == "booting":
                self.hidden.pop(connector, None)  # told anew after a boot
                continue
            self.newest[connector] = seen
            report = projection.status(seen)
            self.agrees_with_its_faults(seen, report)
            self.follow(connector, status_under_a_fault(seen, report))

    def follow(self, connector: ConnectorId, status: PointStatus) -> None:
        before = self.hidden.get(connector)
        self.hidden[connector] = status
        if before is None or before is status:
            return
        between = on_the_way(before, status)
        path = [before, *([between] if between else []), status]
        for one, next_one in itertools.pairwise(path):
            assert next_one in ALLOWED[one], (
                f"{one} -> {next_one} in {self.newest[connector].state}"
            )

    @staticmethod
    def agrees_with_its_faults(seen: PointSeen, report: StatusReport) -> None:
        worst = faults.worst(seen.data.faults)
        assert report.error_code in CODES
        if worst is None:
            told = (report.error_code, report.info, report.vendor_error_code)
            assert told == beside_a_status_that_goes_on(seen)
            assert report.status is not FAULTED
            return
        assert report.error_code == worst.ocpp_code
        assert (report.info, report.vendor_error_code) == (worst.key, worst.mrec)
        assert (report.status is FAULTED) is not worst.of_vehicle

    @invariant()
    def connector_0_knows_three_words(self) -> None:
        if len(self.newest) < len(self.station.sockets):
            return
        words = frozenset(projection.status(seen).status for seen in self.newest.values())
        report = projection.common_status(words)
        assert report.connector == 0
        assert report.status in {A, H, FAULTED}
        assert (report.status is FAULTED) is (words == {FAULTED})
        assert (report.status is H) is (words == {H})

    @override
    def teardown(self) -> None:
        pass


def status_under_a_fault(seen: PointSeen, report: StatusReport) -> PointStatus:
    """What happens meanwhile happens unseen, and is where it goes on."""
    if report.status is not FAULTED:
        return report.status
    return projection.status(replace(seen, data=replace(seen.data, faults=frozenset()))).status


def beside_a_status_that_goes_on(seen: PointSeen) -> tuple[str, str, str]:
    """A board that is warm, or whose thermometer is silent, gives less and goes on."""
    if seen.data.derating.limit is None:
        return ("NoError", "", "")
    if seen.data.temperature_milli is None:
        return ("InternalError", "thermometer_silent", "")
    return ("HighTemperature", "derated", "CX003")


def _trusted(**more: Any) -> settings:
    return settings(
        max_examples=40,
        stateful_step_count=50,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
        **more,
    )


TestStatusWalk = StatusWalk.TestCase
TestStatusWalk.settings = _trusted()


@pytest.mark.parametrize("before", list(PointStatus))
@pytest.mark.parametrize("after", list(PointStatus))
def test_what_is_told_on_the_way_is_allowed_itself(before: PointStatus, after: PointStatus) -> None:
    between = on_the_way(before, after)
    if between is not None:
        assert after not in ALLOWED[before]
        assert between in ALLOWED[before]
        assert after in ALLOWED[between]


@pytest.mark.parametrize("present", [frozenset[str](), frozenset({BoardFault.DIODE})])
def test_out_of_service_stays_unavailable_whatever_the_vehicle_does(
    present: frozenset[str],
) -> None:
    seen = PointSeen(
        "idle/plugged",
        PointData(ConnectorId(1), pilot=Pilot.C, operative=False, waited_out=True, faults=present),
    )
    assert projection.status(seen).status is H
