"""The trail of looks: only added to; what was changed, lost or slipped in shows."""

import pytest
from sqlalchemy import delete, update

from central.storage.tables.support import SUPPORT_AUDIT
from central.support.audit import Audit, Look
from tests.support.central import FixedClock, a_system

pytestmark = pytest.mark.usefixtures("both_databases")


def an_audit() -> Audit:
    store = a_system().store
    audit = Audit(store, FixedClock())
    for number in range(5):
        audit.add(Look("maite", "card.look", f"card-{number}", "shown"))
    return audit


def test_trail_when_nobody_touched_it_then_whole() -> None:
    audit = an_audit()
    assert audit.first_broken() is None
    assert [each.look.subject for each in audit.entries(limit=2)] == ["card-4", "card-3"]
    assert len(audit.entries("card-3")) == 1


@pytest.mark.parametrize("how", ["changed", "lost", "sealed again"])
def test_trail_when_tampered_with_then_shows_where(how: str) -> None:
    store = a_system().store
    audit = Audit(store, FixedClock())
    for number in range(5):
        audit.add(Look("maite", "card.look", f"card-{number}", "shown"))
    third = SUPPORT_AUDIT.c.subject == "card-2"
    with store.change():
        if how == "changed":
            store.database.write(update(SUPPORT_AUDIT).where(third).values(agent="jon"))
        elif how == "lost":
            store.database.write(delete(SUPPORT_AUDIT).where(third))
        else:
            store.database.write(update(SUPPORT_AUDIT).where(third).values(seal="0" * 64))
    assert audit.first_broken() == (4 if how == "lost" else 3)
