"""Where a finished or cancelled step of the conversation leads: the truth of the connector in focus."""

from collections.abc import Callable

from chargepoint.domain.dialogue import actions as action
from chargepoint.domain.dialogue import guards as guard
from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.engine import Row

_PLACES: tuple[tuple[str, Callable[[Talk], bool] | None], ...] = (
    ("following", guard.focus_is_running),
    ("cash_in", guard.has_credit),
    ("pay", guard.focus_is_plugged),
    ("home", None),
)


def to_focus(
    trigger: str,
    source: str,
    then: Callable[[Talk], None] | None = None,
    when: Callable[[Talk], bool] | None = None,
) -> list[Row[Talk]]:
    """One row a place, the first that fits is taken. Once the customer is cleared, a free connector
    comes to the front: whatever goes on at the other one is not followed then.
    """
    places = dict(_PLACES)
    if then is action.clear_customer:
        places["following"] = guard.both(guard.focus_is_running, guard.focus_stays)
    return [
        Row(
            trigger,
            source,
            target,
            guard.both(when, place) if when and place else place or when,
            then,
        )
        for target, place in places.items()
    ]
