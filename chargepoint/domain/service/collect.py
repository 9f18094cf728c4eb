"""T_CASH's wizard: the cash box is emptied, counted and sealed.

    freeze -> report -> open -> count -> difference -> seal -> new period, acceptors open again

Each step is a commit, and the acceptors stay shut from the first to the last: after a power cut, or
a technician who went away, the wizard goes on where it was. The seal, the end of the freeze and the
audit are one commit.
"""

import json
from dataclasses import replace

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.service.login import COLLECTION
from chargepoint.domain.service.orders import BoxSealed
from chargepoint.domain.service.steps import go, note, service
from chargepoint.domain.service.values import Collection, Fact, Key
from chargepoint.domain.units import Minor

REASONS = ("miscounted", "jam", "foreign", "broken_open", "unknown")
_PAGES = {
    "report": "t_collect_report",
    "open": "t_collect_open",
    "count": "t_collect_count",
    "difference": "t_collect_difference",
    "seal": "t_collect_seal",
}


def begin(talk: Talk) -> None:
    """Go on with the collection under way, or ask whether to begin one."""
    under_way = service(talk).collection
    go(talk, "t_collect" if under_way is None else _PAGES[under_way.step])


def freeze(talk: Talk) -> None:
    note(talk, "collection", "begun")
    _step(talk, Collection())


def give_up(talk: Talk) -> None:
    """Nothing was taken out: the acceptors open again, the period goes on."""
    note(talk, "collection", "given up")
    _save(talk, None)
    go(talk, "t_cash", notice="collection_given_up")


def take_report(talk: Talk) -> None:
    sheet = service(talk).sheet
    if sheet is not None:
        _advance(talk, step="open", booked=sheet.amount)


def opened(talk: Talk) -> None:
    _advance(talk, step="count")


def counted(talk: Talk) -> None:
    typed = service(talk).typed
    if typed:
        _advance(talk, step="difference", counted=Minor(int(typed)))


def explained(talk: Talk, reason: str) -> None:
    _advance(talk, step="seal", reason=reason)


def agrees(talk: Talk) -> None:
    if difference(talk) == 0:
        _advance(talk, step="seal", reason="")


def sealed(talk: Talk) -> None:
    """The last step: everything in one commit."""
    data = service(talk)
    under_way, person = data.collection, data.person
    if not data.typed or under_way is None or person is None:
        return
    talk.draft.seals.append(
        BoxSealed(under_way.counted, person.name, str(person.role), under_way.reason, data.typed)
    )
    note(talk, f"collection sealed {data.typed}", "done")
    _save(talk, None)
    go(talk, "t_collect_done")


def back(talk: Talk) -> None:
    """One step back; from the report to the page before, with the acceptors still shut."""
    under_way = service(talk).collection
    assert under_way is not None  # its pages show nothing else
    before = {"open": "report", "count": "open", "difference": "count", "seal": "difference"}
    step = before.get(under_way.step)
    if step is None:
        go(talk, "t_cash")
    else:
        _advance(talk, step=step)


def difference(talk: Talk) -> int:
    under_way = service(talk).collection
    return 0 if under_way is None else under_way.counted - under_way.booked


def difference_facts(talk: Talk) -> tuple[Fact, ...]:
    under_way = service(talk).collection
    if under_way is None:
        return ()
    gap = difference(talk)
    return (
        Fact("collect.booked", str(under_way.booked), "money"),
        Fact("collect.counted", str(under_way.counted), "money"),
        Fact("collect.difference", str(gap), "money", "warn" if gap else "ok"),
        *(Fact(f"collect.why.{reason}", id=reason) for reason in REASONS if gap),
    )


def difference_keys(talk: Talk) -> tuple[Key, ...]:
    return () if difference(talk) else (Key("key_ok"),)


def _advance(talk: Talk, **changes: object) -> None:
    under_way = service(talk).collection
    assert under_way is not None  # its pages show nothing else
    _step(talk, replace(under_way, **changes))  # type: ignore[arg-type]  # named above


def _step(talk: Talk, collection: Collection) -> None:
    _save(talk, collection)
    go(talk, _PAGES[collection.step])


def _save(talk: Talk, collection: Collection | None) -> None:
    talk.serve(collection=collection)
    text = "" if collection is None else json.dumps(collection.saved())
    talk.draft.settings.append((COLLECTION, text))
