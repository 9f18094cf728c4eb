"""Guards and actions of small mishaps (mishap_table.py): what is wrong, and the way on."""

from chargepoint.domain.dialogue import actions as action
from chargepoint.domain.dialogue import guards as guard
from chargepoint.domain.dialogue.bank_talk import release_hold
from chargepoint.domain.dialogue.change_talk import gives_change
from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.effects import CancelTimer, FreePlug, Sound, StartTimer, TellPoint
from chargepoint.domain.record import Incident

STEP_S = 60  # a decision (KIOSK §8: T)
PLUG_TRIES = 3
CHECK_S = 3  # a vehicle that complains does so within two polls of the board
COIN_SHOWN_S = 3
STUCK_S = 120
BEEP_EVERY_S = 2
BEEPS = 15  # half a minute; then the card is reported, and the terminal decides alone
ABANDONED_S = 220  # with the step and the question before it: five minutes


# --- the plug ------------------------------------------------------------------------------------


def is_shown_here(talk: Talk) -> bool:
    """A wrong plug elsewhere does not disturb who is about to pay."""
    return guard.about_focus(talk) or not guard.focus_is_plugged(talk)


def is_third_time(talk: Talk) -> bool:
    return is_shown_here(talk) and talk.data.plug_tries + 1 >= PLUG_TRIES


def about_focus_plugged(talk: Talk) -> bool:
    return guard.about_focus(talk) and talk.data.point.data.is_plugged


def ask_to_plug_again(talk: Talk) -> None:
    talk.set(focus=talk.about, plug_tries=talk.data.plug_tries + 1)
    talk.do(Sound("error"))
    talk.timer("t_idle", STEP_S)


def give_up_plug(talk: Talk) -> None:
    """The connector tells its fault now, and where else one can charge."""
    talk.set(plug_tries=0)
    action.show_plugged_out(talk)


def watch_plug(talk: Talk) -> None:
    talk.set(focus=talk.about)
    talk.timer("t_check", CHECK_S)


def wait_for_plug(talk: Talk) -> None:
    talk.timer("t_idle", STEP_S)


def forget_plug(talk: Talk) -> None:
    talk.set(plug_tries=0)


def leave_plug(talk: Talk) -> None:
    forget_plug(talk)
    action.clear_customer(talk)


def may_be_stuck(talk: Talk) -> bool:
    """The charge is over and the plug still in; a cable kept for its owner is not stuck."""
    data = talk.data.point.data
    is_over = talk.data.point.state.startswith("settling/")
    return is_over and data.is_plugged and not data.cable_of and not data.is_welded


def about_focus_done(talk: Talk) -> bool:
    return guard.about_focus(talk) and may_be_stuck(talk)


def show_stuck(talk: Talk) -> None:
    talk.timer("t_stuck", STUCK_S)


def free_plug(talk: Talk) -> None:
    """The lock is told to open once more; who wins is seen by the plug leaving."""
    talk.set(unlock_tries=talk.data.unlock_tries + 1)
    talk.do(TellPoint(talk.data.focus, FreePlug()), Sound("ok"))
    talk.timer("t_stuck", STUCK_S)


# --- money that does not go in, or a card that does not come out -----------------------------------


def has_no_change(talk: Talk) -> bool:
    """Where change is usually paid in coins, and cannot be now; nothing is inserted yet."""
    return talk.settings.hoppers_fitted and not gives_change(talk) and guard.no_credit(talk)


def show_refused(talk: Talk) -> None:
    talk.timer("t_bad", COIN_SHOWN_S)


def must_take_card(talk: Talk) -> bool:
    return talk.data.pay.prompt == "remove_card"


def ask_to_take_card(talk: Talk) -> None:
    talk.pay(beeps=0)
    beep(talk)


def still_beeps(talk: Talk) -> bool:
    return talk.data.pay.beeps < BEEPS


def beep(talk: Talk) -> None:
    talk.pay(beeps=talk.data.pay.beeps + 1)
    talk.do(Sound("attention"), StartTimer("t_beep", BEEP_EVERY_S, talk.mint()))


def stop_beeping(talk: Talk) -> None:
    talk.do(CancelTimer("t_beep"))


def report_card_left(talk: Talk) -> None:
    talk.draft.incidents.append(
        Incident("bank_terminal.card_left", "the card was not taken", "bank_terminal")
    )


# --- nobody there any more -----------------------------------------------------------------------


def nothing_has_started(talk: Talk) -> bool:
    """A start failed, and the screen says so until somebody chooses."""
    session = talk.data.point.session
    failed = session is not None and session.cause in guard.FAILED_STARTS
    return failed and guard.focus_is_plugged(talk)


def only_a_plug_is_left(talk: Talk) -> bool:
    """No answer to the question for more time, no money, and the vehicle still there."""
    started = guard.focus_is_running(talk) and not nothing_has_started(talk)
    return not started and guard.no_credit(talk) and guard.focus_is_plugged(talk)


def rest(talk: Talk) -> None:
    """Whoever it was has gone: what was reserved is released, the ways to pay stay on the screen."""
    if talk.data.pay.hold is not None:
        release_hold(talk)
    action.forget_customer(talk)
    talk.set(resting=True)
    talk.do(StartTimer("t_abandon", ABANDONED_S, talk.mint()))


def dim(talk: Talk) -> None:
    """One reminder for whoever sits in the vehicle; then less light for nobody."""
    talk.set(dimmed=True)
    talk.do(Sound("attention"))


def attend(talk: Talk, before: str, now: str, *, is_timed: bool) -> None:
    """After each event: a step that every way leads to has its time, and rest ends by itself.

    `is_timed`: the step's timer is running.
    """
    if now != "pay" and (talk.data.resting or talk.data.dimmed):
        talk.set(resting=False, dimmed=False)
        talk.do(CancelTimer("t_abandon"))
    is_new = before not in (now, "more_time")
    waits = now == "pay" and not talk.data.resting and (is_new or not is_timed)
    if waits or (now == "following" and nothing_has_started(talk) and not is_timed):
        talk.timer("t_idle", STEP_S)
    if now != "cable_stuck" and talk.data.unlock_tries:
        talk.set(unlock_tries=0)
