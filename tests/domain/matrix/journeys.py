"""The map of journeys for people: docs/journeys.md, generated from the conversation's table."""

from collections import defaultdict

from chargepoint.domain.dialogue import actions as action
from chargepoint.domain.dialogue import screens, table

# What may stay for ever: nobody waits there, or the point, a device (which always
# answers, if only that it is gone) or a technician ends it.
ENDLESS = frozenset({"home", "following", "cash_back", "card_wait", "service"})

_HEAD = """\
# Journeys: which screen leads where

Generated from `chargepoint/domain/dialogue/table.py` by `python -m tests.domain.matrix`; a test
compares. *Touch* names buttons, *by itself* what people and devices do (a coin, a card, a plug) and
timers (`t_`) with their seconds. `following` is no screen: there the connector decides what is
shown ({point}). Language, easy mode and help lie over every screen and lead back to it; the
question for more time comes before a step gives up, and money goes before everything: out of the
slots as coins, else as a voucher, never nowhere.

| from | touch | by itself |
|---|---|---|
"""
_OVERLAID = ("lang", "access", "help")


def of_point() -> set[str]:
    """What `following` shows."""
    shown = set(screens.SCREEN_OF_STATE.values()) - {"recover"}
    return shown | {"start_fail", "session_fault", "unplug", "finished"}


def render() -> str:
    lines = [_cells(state) for state in table.TREE if state not in _OVERLAID]
    return _HEAD.format(point=", ".join(sorted(of_point()))) + "\n".join(lines) + "\n"


def _cells(state: str) -> str:
    touch: dict[str, set[str]] = defaultdict(set)
    itself: dict[str, set[str]] = defaultdict(set)
    for row in table.ROWS:
        if row.source != state or row.target in (None, state, *_OVERLAID, "service"):
            continue
        assert row.target is not None
        if row.trigger.startswith("b_connector"):
            continue
        side = touch if row.trigger.startswith("b_") else itself
        side[_named(state, row.trigger)].add(row.target)
    return f"| {state} | {_told(touch)} | {_told(itself)} |"


def _named(state: str, trigger: str) -> str:
    timer, seconds = action.STEP_TIMES.get(state, ("", 0))
    return f"{trigger} {seconds} s" if trigger == timer else trigger.removeprefix("b_")


def _told(ways: dict[str, set[str]]) -> str:
    together: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for trigger, targets in ways.items():
        together[tuple(sorted(targets))].append(trigger)
    told = (f"{', '.join(sorted(t))} → {' / '.join(to)}" for to, t in sorted(together.items()))
    return "<br>".join(told)
