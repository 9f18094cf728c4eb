"""Any other amount of a top-up by bank card: typed in whole units, within what one top-up is worth.

Coins and notes need no such number: there what is inserted is the amount.
"""

from dataclasses import replace

from chargepoint.domain.dialogue import bank_talk, topup_talk
from chargepoint.domain.dialogue.context import DialogueSettings, Talk
from chargepoint.domain.effects import Sound
from chargepoint.domain.units import Minor

_MINOR = 100
_IDLE_S = 60
BELOW, ABOVE = "below", "above"


def typed_amount(talk: Talk) -> Minor:
    return Minor(int(talk.data.typed or 0) * _MINOR)


# --- guards --------------------------------------------------------------------------------------


def may_be_typed(talk: Talk) -> bool:
    """None is chosen yet, the terminal is free, and some whole amount lies within the limits."""
    topup = talk.data.pay.topup
    is_open = topup is not None and topup.wanted == 0 and topup_talk.nothing_inserted(talk)
    return is_open and _has_whole_amount(talk.settings) and bank_talk.bank_is_ready(talk)


def can_be_sold(talk: Talk) -> bool:
    is_good = topup_talk.is_within_limits(typed_amount(talk), talk.settings)
    return is_good and bank_talk.bank_is_ready(talk)


def _has_whole_amount(settings: DialogueSettings) -> bool:
    return -(-settings.topup_min // _MINOR) <= settings.topup_max // _MINOR


# --- actions -------------------------------------------------------------------------------------


def begin(talk: Talk) -> None:
    talk.set(typed="", reason="")
    talk.timer("t_idle", _IDLE_S)


def type_digit(talk: Talk) -> None:
    """As many digits as the highest amount has; zeros do not lead."""
    length = len(str(talk.settings.topup_max // _MINOR))
    typed = (talk.data.typed + str(talk.event)[-1]).lstrip("0")
    talk.set(typed=typed[:length], reason="")
    talk.timer("t_idle", _IDLE_S)


def clear(talk: Talk) -> None:
    begin(talk)


def sell(talk: Talk) -> None:
    topup = talk.data.pay.topup
    assert topup is not None  # may_be_typed
    talk.pay(topup=replace(topup, wanted=typed_amount(talk)))
    talk.set(typed="")
    bank_talk.sell_topup(talk)


def refuse(talk: Talk) -> None:
    """What is wrong with it, and a free keypad for the next."""
    talk.set(typed="", reason=_why(talk))
    talk.do(Sound("error"))
    talk.timer("t_idle", _IDLE_S)


def _why(talk: Talk) -> str:
    amount = typed_amount(talk)
    if amount < talk.settings.topup_min:
        return BELOW
    if amount > talk.settings.topup_max:
        return ABOVE
    return bank_talk.why_not_ready(talk)
