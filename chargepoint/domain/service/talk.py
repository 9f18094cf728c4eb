"""The service menu's part of the conversation: entered, pressed, answered, left.

Nothing of it may touch a running charge, and nobody new is served while somebody is inside.
"""

from chargepoint.domain.devices import (
    CardNotAuthentic,
    DoorMoved,
    ForeignCardRead,
    GreenCardRead,
)
from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.dialogue.events import DialogueEvent, Pressed
from chargepoint.domain.service import login, screens
from chargepoint.domain.service import replace_trial as trial
from chargepoint.domain.service.orders import Consulted, Performed, PinChecked
from chargepoint.domain.service.pages import PAGES, leave, leave_or_wait
from chargepoint.domain.service.steps import ask, go, note, say, service
from chargepoint.domain.service.values import HOLD_S, IDLE_S


def is_asked_for(talk: Talk, event: DialogueEvent) -> bool:
    """The brand mark held, a service card, or the cabinet's door opened."""
    match event:
        case Pressed(button="service", held_s=held_s):
            return held_s >= HOLD_S
        case GreenCardRead(number=number):
            return number in talk.settings.service_cards
        case DoorMoved(is_open=is_open):
            return is_open
        case _:
            return False


def enter(talk: Talk) -> None:
    go(talk, "t_login")
    talk.timer("t_service", IDLE_S)


def is_left(talk: Talk) -> bool:
    return not service(talk).page


def idle(talk: Talk) -> None:
    """Five minutes without a touch: whoever was inside is gone."""
    if service(talk).person is not None:
        note(talk, "logout", "idle")
        talk.serve(person=None)
    leave_or_wait(talk)


def press(talk: Talk, button: str, held_s: float = 0.0) -> None:
    """A key that is on the page and enabled."""
    talk.timer("t_service", IDLE_S)
    talk.serve(held_s=held_s)
    page = PAGES[service(talk).page]
    if button == "back":
        page.back(talk)
    elif button in ("t_prev", "t_next"):
        step = screens.lines_per_page(talk)
        first = service(talk).first + (step if button == "t_next" else -step)
        talk.serve(first=max(0, first))
    elif button.startswith("row_"):
        _choose(talk, int(button.removeprefix("row_")))
    elif button.startswith("key_") and page.digits:
        _type(talk, button.removeprefix("key_"))
    else:
        page.pressed(talk, button)


def _choose(talk: Talk, number: int) -> None:
    page = PAGES[service(talk).page]
    subject = screens.facts_of(talk)[number - 1].id
    if page.chosen is not None:
        page.chosen(talk, subject)
    elif page.opens:
        go(talk, page.opens, subject)


def _type(talk: Talk, key: str) -> None:
    data = service(talk)
    page = PAGES[data.page]
    if key == "ok":
        page.entered(talk)
    elif key == "clear":
        talk.serve(typed="", notice="")
    elif len(data.typed) < page.digits:
        talk.serve(typed=data.typed + key, notice="")


def hear(talk: Talk, event: DialogueEvent) -> bool:
    """True when it was for the menu and nobody else."""
    match event:
        case PinChecked():
            login.checked(talk, event)
        case Consulted(request=request, sheet=sheet):
            if request == service(talk).request:
                talk.serve(sheet=sheet)
        case Performed():
            _performed(talk, event)
        case GreenCardRead() | ForeignCardRead() | CardNotAuthentic():
            return _card(talk, event)
        case DoorMoved(is_open=is_open):
            talk.serve(door_open=is_open)
            if not is_open and service(talk).page == "service_busy":
                leave(talk)
        case _:
            return False
    return True


def _performed(talk: Talk, event: Performed) -> None:
    """The audit has how it ended, whoever is inside by then."""
    note(talk, f"{event.deed} {event.subject}".strip(), event.outcome)
    trial.performed(talk, event)
    if event.request != service(talk).request:
        return
    talk.serve(waiting=False)
    say(talk, event.outcome, is_good=event.is_done)
    ask(talk)


def _card(talk: Talk, event: GreenCardRead | ForeignCardRead | CardNotAuthentic) -> bool:
    """A reader's trial; and on the list of charges a card finds its own."""
    is_authentic: bool | None
    match event:
        case GreenCardRead(number=number):
            tag, is_authentic = number, True
        case ForeignCardRead(uid=uid):
            tag, is_authentic = uid, None
        case _:
            tag, is_authentic = "", False
    if trial.card_read(talk, is_authentic=is_authentic):
        return True
    if not tag or service(talk).page not in ("t_sessions", "t_find", "t_find_card"):
        return False
    go(talk, "t_sessions", f"card:{tag}")
    return True
