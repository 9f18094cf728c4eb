"""Guards of the conversation's table (dialogue/table.py): they answer and change nothing."""

from collections.abc import Callable

from chargepoint.domain.dialogue.context import UNASSIGNED, Talk
from chargepoint.domain.dialogue.reservation_fee import least
from chargepoint.domain.money.account import AccountState, TokenAnswer, TokenStatus
from chargepoint.domain.session import EndCause, Means
from chargepoint.domain.units import ConnectorId

CODE_LENGTH = 4
FAILED_STARTS = (EndCause.NOT_STARTED, EndCause.NO_ENERGY)


def has_credit(talk: Talk) -> bool:
    return talk.data.here > 0


def no_credit(talk: Talk) -> bool:
    return talk.data.here == 0


def focus_is_running(talk: Talk) -> bool:
    return talk.data.point.is_running or talk.data.point.state.startswith("settling/")


def focus_stays(talk: Talk) -> bool:
    """No other connector is better for whoever comes next (actions.focus_free)."""
    points = talk.data.points.values()
    return talk.data.point.is_usable or not any(seen.is_usable for seen in points)


def focus_is_plugged(talk: Talk) -> bool:
    return talk.data.point.data.is_plugged and talk.data.point.is_usable


def car_stands_in_focus(talk: Talk) -> bool:
    return talk.data.kiosk_alive and focus_is_plugged(talk)


def about_is_usable(talk: Talk) -> bool:
    return talk.data.points[talk.about].is_usable


def about_focus(talk: Talk) -> bool:
    return talk.about == talk.data.focus


def about_is_out(talk: Talk) -> bool:
    return talk.data.points[talk.about].is_out


def about_focus_unplugged(talk: Talk) -> bool:
    return about_focus(talk) and not talk.data.point.data.is_plugged


def out_while_nobody_pays(talk: Talk) -> bool:
    """A plug in a broken connector does not disturb who is about to pay at a good one."""
    return about_is_out(talk) and not focus_is_plugged(talk)


def credit_and_plug_are_usable(talk: Talk) -> bool:
    """Money that waits for a plug, or was left at the very connector of this one."""
    credit = talk.data.credit
    return about_is_usable(talk) and credit.get(UNASSIGNED, 0) + credit.get(talk.about, 0) > 0


def forgotten_credit(talk: Talk) -> ConnectorId | None:
    """Whose money lies in the machine while nobody is served; the focus comes first."""
    data = talk.data
    is_awake = {c: seen.state != "booting" for c, seen in data.points.items()}
    if data.here > 0 and is_awake[data.focus]:
        return data.focus
    found = (c for c in sorted(data.points) if data.credit.get(c, 0) > 0 and is_awake[c])
    return next(found, None)


def credit_is_forgotten(talk: Talk) -> bool:
    return talk.data.kiosk_alive and forgotten_credit(talk) is not None


def usable_plug_is_for_this_talk(talk: Talk) -> bool:
    return about_is_usable(talk) and plug_is_for_this_talk(talk)


def plug_is_for_this_talk(talk: Talk) -> bool:
    """The plug is ours, or we have none yet; one elsewhere does not disturb who is paying."""
    return about_focus(talk) or not talk.data.point.data.is_plugged


def can_start_cash(talk: Talk) -> bool:
    data = talk.data
    is_ready = data.point.is_usable and data.point.data.is_plugged
    return is_ready and data.here >= least(talk, talk.settings.tariff)


def can_start_card(talk: Talk) -> bool:
    return talk.data.point.is_usable and talk.data.point.data.is_plugged


def running_session_of_card(talk: Talk) -> ConnectorId | None:
    """The connector whose running session this card pays for: tapping it again stops it."""
    card = talk.data.card
    for connector, seen in talk.data.points.items():
        if seen.is_running and seen.session and card and seen.session.order.id_tag == card.id_tag:
            return connector
    return None


def card_owns_a_session(talk: Talk) -> bool:
    return running_session_of_card(talk) is not None


def running_session_of_group(talk: Talk) -> ConnectorId | None:
    """The connector whose running session a token of this answer's group may end."""
    parent = talk.data.answer.parent_tag if talk.data.answer else None
    for connector, seen in sorted(talk.data.points.items()):
        group = seen.session.group if seen.session and seen.is_running else None
        if parent and group and group.casefold() == parent.casefold():
            return connector
    return None


def may_be_of_a_group(talk: Talk) -> bool:
    """Nobody new can begin, but somebody charges whose group's other tokens may end it."""
    groups = [seen.session.group for seen in talk.data.points.values() if seen.session]
    return talk.data.kiosk_alive and any(groups)


def foreign_may_be_of_a_group(talk: Talk) -> bool:
    return talk.settings.uid_tokens and may_be_of_a_group(talk)


def answer_ends_a_session(talk: Talk) -> bool:
    """Where somebody new could begin, that is what a card is shown for."""
    return is_turned_away(talk) and running_session_of_group(talk) is not None


def is_turned_away(talk: Talk) -> bool:
    """A good token, and no connector for it."""
    return answer_is_active(talk) and not can_ask(talk)


def can_serve(talk: Talk) -> bool:
    """Somebody new can be served: a screen is alive and a connector is usable."""
    return talk.data.kiosk_alive and any(seen.is_usable for seen in talk.data.points.values())


def can_ask(talk: Talk) -> bool:
    """Somebody may be asked who they are: a connector is free, if perhaps for somebody only."""
    return talk.data.kiosk_alive and any(seen.is_open for seen in talk.data.points.values())


def foreign_may_ask(talk: Talk) -> bool:
    return talk.settings.uid_tokens and can_ask(talk)


def answer_is_active(talk: Talk) -> bool:
    answer = talk.data.answer
    return (
        answer is not None
        and answer.status is TokenStatus.ACCEPTED
        and not _account_is_closed(answer)
    )


def answer_is_low(talk: Talk) -> bool:
    answer = talk.data.answer
    if not answer_is_active(talk) or answer is None or answer.account is None:
        return False
    plan = answer.account.plan
    limited = plan.kind != "flatRate" or plan.wh_left == 0
    tariff = answer.account.tariff
    tag = talk.data.card.id_tag if talk.data.card else ""
    return limited and answer.account.spend_limit < least(talk, tariff, tag)


def answer_is_low_of_card(talk: Talk) -> bool:
    return talk.data.answer is not None and answer_is_low(talk)


def answer_is_blocked(talk: Talk) -> bool:
    answer = talk.data.answer
    assert answer is not None  # asked when one has come
    return answer.status in (TokenStatus.BLOCKED, TokenStatus.EXPIRED) or _account_is_closed(answer)


def _account_is_closed(answer: TokenAnswer) -> bool:
    return answer.account is not None and answer.account.state is not AccountState.ACTIVE


def cash_session_in_focus(talk: Talk) -> bool:
    session = talk.data.point.session
    return talk.data.point.is_running and session is not None and session.order.means is Means.CASH


def code_is_right(talk: Talk) -> bool:
    session = talk.data.point.session
    return session is not None and talk.data.typed == session.order.code != ""


def code_is_incomplete(talk: Talk) -> bool:
    return len(talk.data.typed) < CODE_LENGTH


def keypad_is_open(talk: Talk) -> bool:
    return talk.now.monotonic >= talk.data.locked_until


def is_owed(talk: Talk) -> bool:
    return talk.data.leaving is not None and talk.data.leaving.owed > 0


def has_receipt(talk: Talk) -> bool:
    return talk.data.leaving is not None and talk.data.leaving.energy > 0


def left_with_credit(talk: Talk) -> bool:
    return about_focus(talk) and has_credit(talk)


def left_with_change(talk: Talk) -> bool:
    return about_focus(talk) and is_owed(talk)


def left_with_receipt(talk: Talk) -> bool:
    return about_focus(talk) and has_receipt(talk)


def knows_card(talk: Talk) -> bool:
    return talk.data.card is not None


def lies_under(state: str) -> Callable[[Talk], bool]:
    def holds(talk: Talk) -> bool:
        return talk.data.under == state

    holds.__name__ = f"{state}_lies_under"
    return holds


def both(first: Callable[[Talk], bool], second: Callable[[Talk], bool]) -> Callable[[Talk], bool]:
    def holds(talk: Talk) -> bool:
        return first(talk) and second(talk)

    holds.__name__ = f"{first.__name__} and {second.__name__}"
    return holds


def gives_up_money(talk: Talk) -> bool:
    return talk.data.under == "cash_in" and has_credit(talk)
