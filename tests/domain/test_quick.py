"""Values that are made every second: made faster, and otherwise as dataclasses make them."""

from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest

from chargepoint.quick import quickly_made


@quickly_made
@dataclass(frozen=True, slots=True)
class Quick:
    kind: str
    twin: int = 7
    self_made: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Usual:
    kind: str
    twin: int = 7
    self_made: list[int] = field(default_factory=list)


def test_fields_given_by_place_or_name_stand_where_they_belong() -> None:
    made = Quick("a", self_made=[1])
    assert (made.kind, made.twin, made.self_made) == ("a", 7, [1])
    assert type(made) is Quick


def test_a_default_is_made_anew_for_each() -> None:
    assert Quick("a").self_made == []
    assert Quick("a").self_made is not Quick("a").self_made


def test_it_shows_and_compares_as_any_dataclass() -> None:
    assert repr(Quick("a")) == repr(Usual("a")).replace("Usual", "Quick")
    assert Quick("a") == Quick("a", 7)
    assert Quick("a") != Quick("b")


def test_it_is_frozen_when_it_is_made() -> None:
    with pytest.raises(FrozenInstanceError):
        Quick("a").twin = 8  # type: ignore[misc]  # that is what is tested


def test_replace_makes_another() -> None:
    assert replace(Quick("a"), twin=9) == Quick("a", 9)


def test_what_is_missing_or_unknown_is_refused() -> None:
    with pytest.raises(TypeError):
        Quick()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Quick("a", other=1)  # type: ignore[call-arg]


def test_a_class_that_checks_its_values_is_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class Checked:
        kind: str

        def __post_init__(self) -> None:
            assert self.kind

    with pytest.raises(TypeError):
        quickly_made(Checked)
