"""The part of the conversation that is about how it is held: voice, volume, contrast, time.

Whatever a driver has chosen ends two minutes after the last touch on a screen where nobody is being
served, and the volume with it (EN 301 549 5.1.3.13).
"""

from dataclasses import replace
from functools import lru_cache

from chargepoint.domain.devices import JackMoved, KeyPressed
from chargepoint.domain.dialogue import actions as action
from chargepoint.domain.dialogue.access import LOUDEST, Access
from chargepoint.domain.dialogue.context import CUSTOMERS, Talk
from chargepoint.domain.dialogue.events import Pressed, VoiceChanged
from chargepoint.domain.dialogue.recalled import give_back
from chargepoint.domain.effects import CancelTimer, StartTimer

FORGET_S = 120
_CHOICES_KEPT = 64
_NOBODY_SERVED = frozenset({"home", "following"})


def hear(talk: Talk, event: object) -> None:
    match event:
        case KeyPressed():
            _give_time(talk)
        case JackMoved(is_in=is_in):
            _move_jack(talk, is_in=is_in)
        case VoiceChanged(works=works):
            access = talk.data.access
            speaks = works and (access.voice or access.jack)
            _change(talk, can_speak=works, voice=speaks, by_jack=speaks and access.jack)
        case _:
            pass  # CardRemoved: the reader re-arms itself


def _give_time(talk: Talk) -> None:
    """Who is moving about with the keys has not gone: the step begins anew."""
    name, delay_s = action.STEP_TIMES.get(talk.state, ("", 0))
    if name in CUSTOMERS:
        talk.timer(name, delay_s)


def _move_jack(talk: Talk, *, is_in: bool) -> None:
    access = talk.data.access
    if is_in:
        begins = access.can_speak and not access.voice
        _change(talk, jack=True, voice=access.can_speak, by_jack=access.by_jack or begins)
    else:
        _change(talk, jack=False, voice=access.voice and not access.by_jack, by_jack=False)


def toggle_voice(talk: Talk) -> None:
    _change(talk, voice=not talk.data.access.voice, by_jack=False)
    _give_time(talk)


def toggle_contrast(talk: Talk) -> None:
    _change(talk, contrast=not talk.data.access.contrast)


def toggle_slow(talk: Talk) -> None:
    _change(talk, slow=not talk.data.access.slow)


def toggle_low(talk: Talk) -> None:
    _change(talk, low=not talk.data.access.low)


def turn_volume(talk: Talk) -> None:
    """Louder, and after the loudest the softest again: one key is enough."""
    _change(talk, volume=talk.data.access.volume % LOUDEST + 1)


def forget(talk: Talk) -> None:
    """The next driver starts from the usual."""
    talk.set(access=talk.data.access.of_nobody(), easy=False)
    give_back(talk)


def attend(talk: Talk, state: str) -> None:
    """Once after each event: whether somebody may have left with a choice still made."""
    access = talk.data.access
    is_recalled = bool(talk.data.lent_from)
    chosen = not _is_usual(access) or talk.data.easy or is_recalled
    if not chosen or state not in _NOBODY_SERVED:
        if access.is_waiting:
            _change(talk, is_waiting=False)
            talk.do(CancelTimer("t_access"))
        return
    if not access.is_waiting or isinstance(talk.event, Pressed | KeyPressed | JackMoved | str):
        _change(talk, is_waiting=True)
        talk.do(StartTimer("t_access", FORGET_S, talk.mint()))


@lru_cache(_CHOICES_KEPT)
def _is_usual(access: Access) -> bool:
    return replace(access, is_waiting=False) == access.of_nobody()


def _change(talk: Talk, **changes: bool | int) -> None:
    talk.set(access=replace(talk.data.access, **changes))  # type: ignore[arg-type]  # checked by callers' names
