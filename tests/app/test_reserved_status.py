"""When a connector says that it is reserved (OCPP 1.6 §4.9)."""

from datetime import UTC, datetime, timedelta

import pytest

from chargepoint.app.projection import status
from chargepoint.domain.devices import Pilot
from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.reservations.reservation import Kept, Reservation
from chargepoint.domain.units import ConnectorId, Wh

NOW = datetime(2026, 11, 21, 14, tzinfo=UTC)
MADE = Reservation(1, ConnectorId(1), "T", NOW, NOW + timedelta(hours=1))
OWN = Kept((MADE,), True, True, MADE.expires)
LAST_OF_ALL = Kept((MADE,), True, False, MADE.expires)


@pytest.mark.parametrize(
    ("state", "kept", "more", "expected"),
    [
        ("idle/free", OWN, {}, "Reserved"),
        ("idle/free", OWN, {"claimed": 1}, "Reserved"),
        ("idle/plugged", OWN, {}, "Reserved"),
        ("idle/plugged", OWN, {"claimed": 1}, "Preparing"),
        ("idle/awaiting_plug", OWN, {}, "Preparing"),
        ("idle/free", LAST_OF_ALL, {}, "Available"),
        ("idle/free", OWN, {"operative": False}, "Unavailable"),
        ("idle/free", OWN, {"faults": frozenset({"weld"})}, "Faulted"),
    ],
)
def test_reserved_is_said_until_whom_it_is_for_has_come(
    state: str, kept: Kept, more: dict[str, object], expected: str
) -> None:
    pilot = Pilot.B if state == "idle/plugged" else Pilot.A
    data = PointData(
        ConnectorId(1),
        pilot=pilot,
        register=Wh(0),
        kept=kept,
        **more,  # type: ignore[arg-type]  # fields of PointData
    )
    seen = PointSeen(state, data)
    assert status(seen).status.value == expected
