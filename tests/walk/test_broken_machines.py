"""Each promise of a walk can be broken: machines that were spoiled on purpose are found out.

A walk that never fails proves something only when it would have failed.
"""

from collections.abc import Callable

import pytest

from chargepoint.domain.effects import SetLock
from chargepoint.domain.engine import Table
from chargepoint.domain.point import endings, machine, offer, states
from chargepoint.domain.point.context import Point
from chargepoint.domain.session import Session
from tests.walk import machine_walk

STEPS = 1_500
SEEDS = range(1, 9)  # one walk may miss it, as one night may
Spoil = Callable[[pytest.MonkeyPatch], None]


def entering_stopping(patch: pytest.MonkeyPatch, action: Callable[[Point], None]) -> None:
    """A table of its own: the sound one is compiled once and kept."""
    enter = {**states.ENTER, "session/stopping": action}
    table = Table(states.TREE, states.ROWS, states.IGNORED, enter, states.INITIAL)
    patch.setattr(states, "TABLE", table)


def keep_the_contactor(patch: pytest.MonkeyPatch) -> None:
    """After a stop it stays as it is."""
    entering_stopping(patch, lambda _point: None)


def charge_beyond_the_money(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Session, "will_overspend", lambda _session, _power: False)


def ignore_faults(patch: pytest.MonkeyPatch) -> None:
    """None ends a charge, not even that of the meter."""
    sound = machine._triggers

    def deaf(*facts: object) -> list[str]:
        return [each for each in sound(*facts) if each != "faulted"]  # type: ignore[arg-type]  # as it came

    patch.setattr(machine, "_triggers", deaf)


def keep_the_offer(patch: pytest.MonkeyPatch) -> None:
    """What profiles and warmth allow is noted, and not told."""
    patch.setattr(offer, "offer_anew", lambda _point: None)


def let_go_first(patch: pytest.MonkeyPatch) -> None:
    def hasty(point: Point) -> None:
        point.do(SetLock(point.data.connector, locked=False))
        endings.open_contactor(point)

    entering_stopping(patch, hasty)


SPOILED: dict[Spoil, str] = {
    keep_the_contactor: "contactor_is_wanted_closed_in_a_charge_only",
    charge_beyond_the_money: "power_is_wanted_only_while_a_session_pays_for_it",
    ignore_faults: "power_is_wanted_only_while_a_meter_is_believed",
    keep_the_offer: "offer_is_within_rating_profile_and_warmth",
    let_go_first: "lock_lets_go_of_open_contacts_only",
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("spoil", SPOILED, ids=lambda spoil: spoil.__name__)
def test_machine_that_was_spoiled_breaks_the_promise_it_was_spoiled_for(
    spoil: Spoil, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch)
    outcomes = (machine_walk.walked(seed, STEPS, shrinks=False) for seed in SEEDS)
    broken = f"state.{SPOILED[spoil]}()\nstate.teardown()"
    assert any(broken in outcome.replay for outcome in outcomes)
