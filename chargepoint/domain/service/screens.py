"""What a page of the menu shows: its buttons and its lines (docs/screens.md)."""

from chargepoint.domain.dialogue.context import Params, Talk
from chargepoint.domain.service import login
from chargepoint.domain.service.pages import PAGES
from chargepoint.domain.service.steps import CONSULTED, service
from chargepoint.domain.service.values import PIN_SHORTEST, Fact, Key, locked_s

_LINES = 12
_TOUCHED_LINES = 6  # a line that can be touched is as high as a finger
KEYPAD = (*(f"key_{n}" for n in range(1, 10)), "key_clear", "key_0", "key_ok")
_ROOTS = ("t_home", "service_busy")


def facts_of(talk: Talk) -> tuple[Fact, ...]:
    data = service(talk)
    told = data.sheet.facts if data.sheet is not None else ()
    return (*PAGES[data.page].facts(talk), *told)


def lines_per_page(talk: Talk) -> int:
    return _TOUCHED_LINES if any(fact.id for fact in facts_of(talk)) else _LINES


def buttons_of(talk: Talk) -> tuple[Key, ...]:
    data = service(talk)
    page = PAGES[data.page]
    keypad = _keypad(talk) if page.digits else ()
    facts, step = facts_of(talk), lines_per_page(talk)
    rows = tuple(
        Key(f"row_{number}", not data.waiting)
        for number, fact in enumerate(facts, start=1)
        if fact.id and data.first < number <= data.first + step
    )
    turn: tuple[Key, ...] = ()
    if len(facts) > step:
        turn = (
            Key("t_prev", data.first > 0),
            Key("t_next", data.first + step < len(facts)),
        )
    own = tuple(
        Key(key.id, key.enabled and not data.waiting, key.reason) for key in page.keys(talk)
    )
    back = () if data.page in _ROOTS else (Key("back"),)
    return (*keypad, *rows, *own, *turn, *back)


def _keypad(talk: Talk) -> tuple[Key, ...]:
    usable = not service(talk).waiting
    if service(talk).page == "t_login":
        usable = login.is_open(talk)
    return tuple(Key(key, usable) for key in KEYPAD)


def params_of(talk: Talk) -> Params:
    data = service(talk)
    page = PAGES[data.page]
    found: Params = {
        "who": data.person.name if data.person is not None else "",
        "role": str(data.person.role) if data.person is not None else "",
        "notice": data.notice,
        "is_good": data.is_good,
        "waiting": data.waiting or (data.page in CONSULTED and data.sheet is None),
    }
    if page.digits:
        return {**found, **_typed(talk, page.digits)}
    if data.page == "t_colours":
        return {**found, "colour": int(data.subject or 0)}
    if data.page == "t_touch":
        return {**found, "touched": len(data.touched)}
    return {**found, **_lines(talk)}


def _typed(talk: Talk, digits: int) -> Params:
    """A PIN is counted, never told; an amount is shown as it grows."""
    data = service(talk)
    if data.page == "t_login":
        return {
            "typed": len(data.typed),
            "length": max(PIN_SHORTEST, len(data.typed)),
            "wrong": data.wrong,
            "locked_s": locked_s(data, talk.now.utc),
        }
    return {
        "number": data.typed,
        "length": digits,
        "most_minor": data.amount if data.page == "t_refund" else 0,
        "subject": data.subject if data.page == "t_refill_count" else "",
    }


def _lines(talk: Talk) -> Params:
    data = service(talk)
    facts, step = facts_of(talk), lines_per_page(talk)
    shown = facts[data.first : data.first + step]
    return {
        "labels": [fact.label for fact in shown],
        "values": [fact.value for fact in shown],
        "kinds": [fact.kind for fact in shown],
        "marks": [fact.mark for fact in shown],
        "rows": [
            f"row_{number}" if fact.id else ""
            for number, fact in enumerate(shown, start=data.first + 1)
        ],
        "page": data.first // step + 1,
        "pages": max(1, -(-len(facts) // step)),
    }
