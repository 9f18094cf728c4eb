"""Guards and actions of the conversation with somebody who has reserved (reservation_table.py).

A card proves it by its number or its group, as the central system judged it; without a card the
token of the reservation itself is typed when it is a number of six digits.
"""

from chargepoint.domain.dialogue import guards as guard
from chargepoint.domain.dialogue.actions import KEYPAD_LOCK_S, WRONG_CODES, focus_free
from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.effects import CancelTimer, Claim, Sound, TellPoint
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.record import Incident
from chargepoint.domain.reservations.reservation import ANY_CONNECTOR, Reservation
from chargepoint.domain.units import ConnectorId

CODE_LENGTH = 6
OK_SHOWN_S = 5
KEPT_SHOWN_S = 30

Found = tuple[ConnectorId, Reservation]


def _reserved(talk: Talk) -> list[Found]:
    """Reservations that could be used now, each with the connector it would be used at."""
    points, focus = talk.data.points, talk.data.focus
    places = sorted(points, key=lambda connector: (connector != focus, connector))
    return [
        (connector, each)
        for connector in places
        if points[connector].is_open
        for each in points[connector].data.kept.usable
        if talk.now.utc < each.expires
    ]


def _of_card(talk: Talk) -> Found | None:
    card, answer = talk.data.card, talk.data.answer
    if card is None or not guard.answer_is_active(talk):
        return None
    parent = answer.parent_tag if answer else None
    return next((f for f in _reserved(talk) if f[1].is_for(card.id_tag, parent)), None)


def _of_code(talk: Talk) -> Found | None:
    return next((f for f in _reserved(talk) if f[1].id_tag == talk.data.typed), None)


# --- guards ---


def somebody_has_reserved(talk: Talk) -> bool:
    return bool(_reserved(talk))


def card_has_reserved(talk: Talk) -> bool:
    return _of_card(talk) is not None


def card_finds_nothing(talk: Talk) -> bool:
    """All that is free is kept for others."""
    if not guard.answer_is_active(talk) or card_has_reserved(talk):
        return False
    return not guard.can_serve(talk)


def code_is_short(talk: Talk) -> bool:
    return len(talk.data.typed) < CODE_LENGTH


def code_has_reserved(talk: Talk) -> bool:
    return _of_code(talk) is not None


def about_is_kept(talk: Talk) -> bool:
    return _is_shown_as_kept(talk.data.points[talk.about])


def kept_while_nobody_pays(talk: Talk) -> bool:
    """A plug where somebody else is expected does not disturb who is about to pay elsewhere."""
    return about_is_kept(talk) and not guard.focus_is_plugged(talk)


def focus_was_not_plugged(talk: Talk) -> bool:
    return guard.about_focus_unplugged(talk)


def focus_is_kept(talk: Talk) -> bool:
    """Nobody stands there with a plug, and another connector may be free now."""
    point = talk.data.point
    return point.is_kept and not point.data.is_plugged


def _is_shown_as_kept(seen: PointSeen) -> bool:
    return seen.is_open and seen.is_kept


# --- actions ---


def ask_who(talk: Talk) -> None:
    talk.set(typed="")
    talk.timer("t_idle", 60)


def type_digit(talk: Talk) -> None:
    digit = str(talk.event)[-1]
    talk.set(typed=(talk.data.typed + digit)[:CODE_LENGTH])
    talk.timer("t_idle", 60)


def accept_card(talk: Talk) -> None:
    found = _of_card(talk)
    assert found is not None  # card_has_reserved
    talk.do(CancelTimer("t_answer"))
    talk.set(request=None)
    _accept(talk, found)


def accept_code(talk: Talk) -> None:
    found = _of_code(talk)
    assert found is not None  # code_has_reserved
    talk.set(typed="", wrong=0, card=None, answer=None, request=None)
    _accept(talk, found)


def _accept(talk: Talk, found: Found) -> None:
    connector, reservation = found
    if reservation.connector == ANY_CONNECTOR and talk.data.point.is_usable:
        connector = talk.data.focus
    talk.set(focus=connector)
    talk.do(TellPoint(connector, Claim(reservation.id)), Sound("ok"))
    talk.timer("t_res", OK_SHOWN_S)


def find_nothing(talk: Talk) -> None:
    talk.do(CancelTimer("t_answer"), Sound("error"))
    talk.set(request=None)
    talk.timer("t_idle", KEPT_SHOWN_S)


def reject_code(talk: Talk) -> None:
    """Three wrong codes lock the keypad for a minute, as they do for a stop code."""
    wrong = talk.data.wrong + 1
    talk.set(typed="", wrong=wrong)
    if wrong >= WRONG_CODES:
        talk.set(wrong=0, locked_until=talk.now.monotonic + KEYPAD_LOCK_S)
        detail = f"connector {talk.data.focus}: three wrong reservation codes"
        talk.draft.incidents.append(Incident("code.locked", detail))
    talk.do(Sound("error"))
    talk.timer("t_idle", KEPT_SHOWN_S)


def show_kept(talk: Talk) -> None:
    """Somebody plugged in where somebody else is expected."""
    talk.set(focus=talk.about)
    talk.do(Sound("error"))
    talk.timer("t_idle", KEPT_SHOWN_S)


def leave_kept(talk: Talk) -> None:
    focus_free(talk)
