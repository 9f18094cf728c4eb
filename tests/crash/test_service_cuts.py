"""The power fails at each commit of a collection: the box is sealed once or not at all, never half."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from chargepoint.store import audit, cash_box
from simulator.powercut import Cut
from simulator.scenario_file import load
from simulator.virtual_station import JOURNAL
from tests.crash.every_cut import Blow, survive

SCENARIO = Path(__file__).parent.parent / "scenario" / "service_collection.yaml"
INSERTED, COUNTED = 200, 150
BLOWS = [(mode, is_power) for mode in Cut for is_power in (True, False)]


def wrongs(journal: Path, accounts: dict[str, int]) -> list[str]:
    with closing(sqlite3.connect(journal)) as connection:
        periods = cash_box.periods(connection)
        broken = cash_box.broken_seals(connection)
        row = connection.execute(
            "SELECT value FROM setting WHERE key = 'service.collection'"
        ).fetchone()
    under_way = json.loads(row[0]) if row and row[0] else None
    inside, taken = accounts.get("cash_box", 0), accounts.get("collected", 0)
    if periods:
        notes = [json.loads(period.note)["sealNumber"] for period in periods]
        claims = {
            f"sealed {len(periods)} times": len(periods) != 1,
            f"still under way after the seal: {under_way}": under_way is not None,
            f"box {inside}, taken {taken}": (inside, taken) != (0, COUNTED),
            f"seal numbers {notes}": notes != ["4711"],
        }
    else:
        claims = {f"box {inside}, taken {taken}": inside not in (0, INSERTED) or taken != 0}
    return [*broken, *(claim for claim, is_wrong in claims.items() if is_wrong)]


@pytest.mark.timeout(150)
def test_collection_when_cut_at_each_commit_then_sealed_once_or_still_under_way(
    tmp_path: Path,
) -> None:
    scenario = load(SCENARIO)
    found: list[str] = []
    sealed = unsealed = 0
    for number in range(1, 200):
        mode, is_power = BLOWS[number % len(BLOWS)]
        folder = tmp_path / str(number)
        folder.mkdir()
        after = survive(scenario, Blow(mode, number, is_power), folder)
        journal = folder / JOURNAL
        found += [f"{number} {mode}: {wrong}" for wrong in wrongs(journal, after.accounts)]
        with closing(audit.open_read_only(journal)) as connection:
            assert audit.audit(connection).wrongs == []
            is_sealed = bool(cash_box.periods(connection))
        sealed, unsealed = sealed + is_sealed, unsealed + (not is_sealed)
        if not after.was_struck:
            break
    assert found == []
    assert sealed > 1, "some cuts come after the seal"
    assert unsealed > 5
