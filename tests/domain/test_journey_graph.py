"""The conversation as a graph: every screen is reached, none is a dead end, each wait has its end.

Guards are taken as open here: that they agree often enough is what the walks prove
(test_stateful.py); that money never times out into nothing, too.
"""

import re
from pathlib import Path

import pytest

from chargepoint.app.projection import STEPS
from chargepoint.domain.dialogue import actions as action
from chargepoint.domain.dialogue import change_talk, screen_buttons, table
from tests.domain.matrix.journeys import ENDLESS, of_point, render

ROOT = Path(__file__).parents[2]
MONEY = ("cash_in", "cash_back", "change", "gc_load", "top_wait", "code", "voucher_in")
TOLD = (
    "more_time",
    "cash_iou",
    "top_done",
    "following",
)  # where its owner hears what becomes of it


def edges() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {state: set() for state in table.TREE}
    for row in table.ROWS:
        if row.target is not None:
            found[row.source].add(row.target)
    return found


def reached(start: str, ways: dict[str, set[str]]) -> set[str]:
    seen, front = {start}, [start]
    while front:
        for following in ways[front.pop()] - seen:
            seen.add(following)
            front.append(following)
    return seen


def triggers_out_of(state: str) -> set[str]:
    return {row.trigger for row in table.ROWS if row.source == state and row.target != state}


def test_every_state_is_reached_from_the_first_one() -> None:
    assert reached(table.INITIAL, edges()) == set(table.TREE)


def test_no_state_is_a_dead_end() -> None:
    for state in table.TREE:
        assert table.INITIAL in reached(state, edges()), state


@pytest.mark.parametrize("state", [s for s in table.TREE if s not in ENDLESS])
def test_every_wait_ends_by_itself(state: str) -> None:
    """A step without its own time would hold the screen against everybody else."""
    timers = {trigger for trigger in triggers_out_of(state) if trigger.startswith("t_")}
    assert timers, state


def test_a_step_that_has_a_time_does_something_when_it_is_over() -> None:
    for state, (timer, _) in action.STEP_TIMES.items():
        assert timer in triggers_out_of(state), (state, timer)


@pytest.mark.parametrize("state", MONEY)
def test_time_never_takes_money_off_the_screen_without_a_word(state: str) -> None:
    """Of a state with money, time leads to a question, to the debt, or to the charge."""
    for row in table.ROWS:
        if row.source == state and row.trigger.startswith("t_") and row.target is not None:
            assert row.target in TOLD, row


def test_debt_that_nobody_looks_at_becomes_a_voucher_before_the_screen_is_free() -> None:
    first = next(row for row in table.ROWS if (row.source, row.trigger) == ("cash_iou", "t_iou"))
    assert (first.target, first.action) == (None, change_talk.issue_voucher)


def test_money_that_nobody_claims_is_paid_or_owed_before_the_screen_is_free() -> None:
    """Under the question for more time the rows for money are asked before all others."""
    for trigger in ("b_cancel", "t_more"):
        rows = [row for row in table.ROWS if (row.source, row.trigger) == ("more_time", trigger)]
        targets = [row.target for row in rows]
        assert targets[:3] == ["top_wait", "cash_back", "cash_iou"]


def test_whoever_stands_there_can_leave_every_screen_or_is_freed_by_an_event() -> None:
    for state in table.TREE:
        assert triggers_out_of(state), state


# --- the screens -----------------------------------------------------------------------------------


def shown() -> set[str]:
    """Every screen the core can ask for, but those of the service menu."""
    by_state = set(table.TREE) - {"following", "service"}
    of_nobody = {"boot", "recover", "home_reserved", "oos", "updating", "emergency"}
    return by_state | of_point() | of_nobody


def documented() -> set[str]:
    text = (ROOT / "docs" / "screens.md").read_text("utf-8").partition("## Service menu")[0]
    rows = re.findall(r"^\| ([a-z_ /,]+) \|", text, re.MULTILINE)
    return {name for row in rows for name in re.split(r"[ /,]+", row)} - {"id", "screens", ""}


def test_documented_screens_are_those_that_exist() -> None:
    assert documented() == shown()


def test_every_screen_of_a_customer_shows_the_step() -> None:
    without = {"boot", "recover", "oos", "updating", "emergency"}
    without |= {"lang", "access", "help", "more_time"}
    assert shown() - set(STEPS) == without


def test_every_button_of_a_screen_is_known_to_the_table() -> None:
    offered = set(screen_buttons.BUTTONS)
    assert offered <= shown() | {"home_reserved"}


def test_the_map_of_journeys_is_the_one_in_the_documents() -> None:
    kept = (ROOT / "docs" / "journeys.md").read_text("utf-8")
    assert kept == render(), "wanted? python -m tests.domain.matrix"
