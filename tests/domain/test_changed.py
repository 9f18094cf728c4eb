"""A value with some fields changed: what `dataclasses.replace` gives, or a refusal."""

from dataclasses import dataclass, fields, replace

import pytest

from chargepoint.domain.changed import changed
from chargepoint.domain.devices import Pilot
from chargepoint.domain.point.point import PointData
from chargepoint.domain.units import ConnectorId, Wh


def test_changed_gives_what_replace_gives_and_leaves_the_old_one() -> None:
    old = PointData(ConnectorId(1), pilot=Pilot.B)
    new = changed(old, register=Wh(7), faults=frozenset({"overheat"}))
    assert new == replace(old, register=Wh(7), faults=frozenset({"overheat"}))
    assert old == PointData(ConnectorId(1), pilot=Pilot.B)
    assert all(hasattr(new, field.name) for field in fields(new))


def test_changed_when_a_field_is_not_there_then_refused() -> None:
    with pytest.raises(TypeError, match="no field regster"):
        changed(PointData(ConnectorId(1)), regster=7)


@dataclass(frozen=True, slots=True)
class _Checked:
    low: int = 0
    high: int = 1

    def __post_init__(self) -> None:
        assert self.low < self.high


@dataclass(frozen=True)
class _WithoutSlots:
    low: int
    high: int


@pytest.mark.parametrize("value", [_Checked(), _WithoutSlots(0, 1)], ids=["checked", "no slots"])
def test_changed_when_a_class_checks_its_values_or_has_no_slots_then_refused(value: object) -> None:
    with pytest.raises(TypeError):
        changed(value, low=2)
