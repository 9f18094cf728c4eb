"""T_TEST: what can be tried, and what is in the way of it. Nothing that anybody is using is touched."""

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.effects import Sound
from chargepoint.domain.money import ledger
from chargepoint.domain.service.orders import Deed
from chargepoint.domain.service.steps import go, note, perform, say, service
from chargepoint.domain.service.values import Fact, Key
from chargepoint.domain.units import ConnectorId, Minor

GRID = tuple(f"grid_{number}" for number in range(1, 13))
COLOURS = 7  # plain screens and bars: dead pixels are seen on one of them
_HELD_S = 2.9  # seconds; three, less what a clock rounds
# What is tried on a page of its own, and what that page begins with.
_PAGE_OF = {
    "touch": ("t_touch", ""),
    "colours": ("t_colours", "0"),
    "speech": ("t_speech", ""),
    "brightness": ("t_bright", ""),
}
_OF_CASH = ("coin", "note_return", "note_stack")


def chosen(talk: Talk, subject: str) -> None:
    kind, _, which = subject.partition(":")
    why = hindrance(talk, kind, which)
    if why:
        note(talk, f"test {subject}", f"refused: {why}")
        say(talk, why, is_good=False)
        return
    if kind in _PAGE_OF:
        go(talk, *_PAGE_OF[kind])
        return
    match kind:
        case "beep":
            talk.do(Sound("attention"))
            note(talk, "test_beep", "done")
        case "contactor":
            go(talk, "t_contactor", which)
        case "note_return" | "note_stack":
            go(talk, "t_note", kind)
        case _:
            _order(talk, kind, which)


def _order(talk: Talk, kind: str, which: str) -> None:
    deeds = {
        "lock": Deed.TEST_LOCK,
        "coin": Deed.TEST_COIN,
        "central": Deed.TEST_CENTRAL,
        "lamp": Deed.TEST_LAMP,
        "beeper": Deed.TEST_BEEPER,
    }
    perform(talk, deeds.get(kind, Deed.TEST_PRINT), which)


def hindrance(talk: Talk, kind: str, which: str) -> str:
    """Text key of the reason; empty: go on."""
    data = service(talk)
    if kind in ("lock", "contactor"):
        seen = talk.data.points[ConnectorId(int(which))]
        if seen.session is not None or seen.data.is_plugged or seen.data.pending is not None:
            return "not_while_used"
        return "not_with_fault" if kind == "contactor" and seen.data.faults else ""
    if kind not in _OF_CASH:
        return ""
    if data.collection is not None:
        return "replace_collect"
    if data.replacement is not None:
        return "replace_other"
    return "not_while_owed" if talk.data.leaving is not None and talk.data.leaving.owed else ""


# --- touch and colours ----------------------------------------------------------------------------


def grid_keys(talk: Talk) -> tuple[Key, ...]:
    return tuple(Key(name, name not in service(talk).touched) for name in GRID)


def grid_touched(talk: Talk, button: str) -> None:
    touched = service(talk).touched | {button}
    talk.serve(touched=touched)
    if touched == frozenset(GRID):
        note(talk, "test_touch", "done")
        go(talk, "t_test", notice="touch_is_good")


def next_colour(talk: Talk, _button: str) -> None:
    shown = int(service(talk).subject or 0) + 1
    if shown < COLOURS:
        go(talk, "t_colours", str(shown))
        return
    note(talk, "test_colours", "done")
    go(talk, "t_test", notice="colours_shown")


# --- the contactor --------------------------------------------------------------------------------


def contactor_facts(talk: Talk) -> tuple[Fact, ...]:
    place = chr(ord("A") + int(service(talk).subject or 1) - 1)
    return (Fact(f"connector|{place}"), Fact("test.contactor_why"))


def contactor_pressed(talk: Talk, _button: str) -> None:
    """Looked at again: a car may have come since the page was opened."""
    which = service(talk).subject
    why = hindrance(talk, "contactor", which)
    if why or service(talk).held_s < _HELD_S:
        note(talk, f"test contactor:{which}", f"refused: {why or 'not held'}")
        say(talk, why or "hold_three", is_good=False)
        return
    perform(talk, Deed.TEST_CONTACTOR, which)


# --- a note ---------------------------------------------------------------------------------------


def tries_note(talk: Talk) -> bool:
    return service(talk).page == "t_note"


def keeps_note(talk: Talk) -> bool:
    return tries_note(talk) and service(talk).subject == "note_stack"


def note_facts(talk: Talk) -> tuple[Fact, ...]:
    return (Fact(f"test.{service(talk).subject or 'note_return'}_how"),)


def note_came_back(talk: Talk) -> None:
    note(talk, "test note", "returned")
    good = service(talk).subject == "note_return"
    go(talk, "t_test", notice="note_returned", is_good=good)


def book_test_note(talk: Talk, key: str, value: Minor) -> None:
    """In the stacker, and a surplus in the books until the box is emptied."""
    talk.draft.postings.append(
        ledger.transfer(key, value, debit=ledger.CASH_BOX, credit=ledger.SURPLUS)
    )
    note(talk, f"test note {value}", "stacked")
    go(talk, "t_test", notice="note_stacked", is_good=service(talk).subject == "note_stack")
