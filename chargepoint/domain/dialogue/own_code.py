"""A stop code of the customer's own choice, in place of the one that was drawn.

Whoever cannot read the screen and wears no headphone need not have the drawn one said aloud: they
type four digits that they know. The point keeps it with its session, so it is as durable as the
first; until that is so the screen shows neither.
"""

from itertools import pairwise

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.dialogue.guards import CODE_LENGTH
from chargepoint.domain.effects import Sound, TakeCode, TellPoint

_CHOOSE_S, _SHOWN_S = 45, 15


def may_choose(talk: Talk) -> bool:
    """The session is in the books, and one that is stopped by a code."""
    session = talk.data.point.session
    return session is not None and not session.ended and session.order.code != ""


def ask(talk: Talk) -> None:
    talk.set(typed="", reason="")
    talk.timer("t_auth", _CHOOSE_S)


def type_digit(talk: Talk) -> None:
    talk.set(typed=(talk.data.typed + str(talk.event)[-1])[:CODE_LENGTH], reason="")
    talk.timer("t_auth", _CHOOSE_S)


def is_plain(talk: Talk) -> bool:
    """One digit four times, or four in a row: what a stranger would try first."""
    steps = {int(after) - int(before) for before, after in pairwise(talk.data.typed)}
    return len(steps) == 1 and steps <= {-1, 0, 1}


def refuse(talk: Talk) -> None:
    talk.set(typed="", reason="plain_code")
    talk.do(Sound("error"))


def take(talk: Talk) -> None:
    session = talk.data.point.session
    assert session is not None  # may_choose; an ended one has left this screen
    talk.set(own_code=(session.id, talk.data.typed), typed="")
    talk.do(TellPoint(talk.data.focus, TakeCode(talk.data.own_code[1])), Sound("ok"))
    show(talk)


def show(talk: Talk) -> None:
    """The code that holds, once more."""
    talk.set(typed="", reason="")
    talk.timer("t_code", _SHOWN_S)


def code_shown(talk: Talk) -> str:
    """Empty while the chosen one is not durable yet."""
    session = talk.data.point.session
    if session is None:
        return ""
    owner, chosen = talk.data.own_code
    return session.order.code if owner != session.id or chosen == session.order.code else ""
