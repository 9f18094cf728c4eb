"""T_LOGIN: a PIN of six digits and more; five wrong ones lock for a quarter of an hour."""

import json
from collections.abc import Callable
from datetime import datetime

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.record import Incident
from chargepoint.domain.service.orders import CheckPin, PinChecked
from chargepoint.domain.service.steps import go, next_request, note, service
from chargepoint.domain.service.values import (
    LOCK,
    PIN_SHORTEST,
    WRONG_MOST,
    Collection,
    Replacement,
    ServiceData,
    locked_s,
)

# Keys of the journal's settings: what must survive a restart.
WRONG = "service.wrong"
LOCKED_UNTIL = "service.locked_until"
COLLECTION = "service.collection"
REPLACEMENT = "service.replacement"


def saved(read: Callable[[str], str | None]) -> ServiceData:
    """What an earlier life left: wrong PINs, the lock, work under way."""
    until = read(LOCKED_UNTIL)
    collection, replacement = read(COLLECTION), read(REPLACEMENT)
    return ServiceData(
        wrong=int(read(WRONG) or 0),
        locked_until=datetime.fromisoformat(until) if until else None,
        collection=Collection(**json.loads(collection)) if collection else None,
        replacement=Replacement(**json.loads(replacement)) if replacement else None,
    )


def is_open(talk: Talk) -> bool:
    """A PIN is taken now."""
    data = service(talk)
    return not data.waiting and locked_s(data, talk.now.utc) == 0


def entered(talk: Talk) -> None:
    """OK on the keypad. Too short is no attempt: nobody's PIN is that short."""
    data = service(talk)
    if len(data.typed) < PIN_SHORTEST or not is_open(talk):
        return
    request = next_request(talk)
    talk.serve(typed="", waiting=True)
    talk.do(CheckPin(request, data.typed))


def checked(talk: Talk, answer: PinChecked) -> None:
    if answer.request != service(talk).request:
        return
    talk.serve(waiting=False)
    if answer.person is None:
        _refuse(talk)
        return
    _remember(talk, 0, "")
    talk.serve(person=answer.person, wrong=0, locked_until=None)
    note(talk, "login", "done")
    go(talk, "t_home")


def _refuse(talk: Talk) -> None:
    wrong = service(talk).wrong + 1
    note(talk, "login", "refused")
    if wrong < WRONG_MOST:
        _remember(talk, wrong, "")
        talk.serve(wrong=wrong, notice="wrong_pin", is_good=False)
        return
    until = talk.now.utc + LOCK
    _remember(talk, 0, until.isoformat())
    talk.serve(wrong=0, locked_until=until, notice="", is_good=False)
    talk.draft.incidents.append(Incident("code.service_locked", f"{wrong} wrong PINs", "kiosk"))


def _remember(talk: Talk, wrong: int, until: str) -> None:
    talk.draft.settings.extend(((WRONG, str(wrong)), (LOCKED_UNTIL, until)))
