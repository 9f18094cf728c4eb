"""The power fails at each commit of a replacement: no cent is lost, and none is made out of nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from chargepoint.store import audit
from simulator.powercut import Cut
from simulator.scenario_file import load
from simulator.virtual_station import JOURNAL
from tests.crash.every_cut import Blow, survive

SCENARIOS = Path(__file__).parent.parent / "scenario" / "virtual"
BLOWS = [(mode, is_power) for mode in Cut for is_power in (True, False)]
FOREIGN = 7  # coins in the new acceptor's memory, from elsewhere


def wrongs(journal: Path) -> list[str]:
    """Postings of the new acceptor begin at its baseline, and the old one's end where it was closed."""
    with closing(sqlite3.connect(journal)) as connection:
        settings = dict(connection.execute("SELECT key, value FROM setting").fetchall())
        cursors = {
            serial: (epoch, sequence)
            for serial, epoch, sequence in connection.execute(
                "SELECT serial, epoch, sequence FROM device_cursor"
            )
        }
        coins = [
            key
            for (key,) in connection.execute("SELECT key FROM posting WHERE key LIKE 'coin:9120:%'")
            if not key.endswith(":taken")
        ]
    found = []
    if len(coins) >= FOREIGN:
        found.append(f"coins from elsewhere were booked: {coins}")
    if "9120" in cursors and not settings.get("device.closed.12345678"):
        found.append("another counts, and the old one's epoch is open")
    return found


@pytest.mark.timeout(200)
@pytest.mark.parametrize(
    "story", ["service_coin_acceptor_is_replaced", "service_note_validator_and_hopper_replaced"]
)
def test_replacement_when_cut_at_each_commit_then_the_books_are_whole(
    story: str, tmp_path: Path
) -> None:
    scenario = load(SCENARIOS / f"{story}.yaml")
    found: list[str] = []
    cuts = 0
    for number in range(1, 200):
        mode, is_power = BLOWS[number % len(BLOWS)]
        folder = tmp_path / str(number)
        folder.mkdir()
        after = survive(scenario, Blow(mode, number, is_power), folder)
        journal = folder / JOURNAL
        # A cut just before a coin's commit takes the coin with it, and no other: a known gap.
        booked = after.coins_kept - sum(after.unread)
        if after.accounts.get("cash_box", 0) != booked or len(after.unread) > is_power:
            found.append(f"{number} {mode}: {after.coins_kept} in the box, {after.accounts} booked")
        found += [f"{number} {mode}: {wrong}" for wrong in wrongs(journal)]
        with closing(audit.open_read_only(journal)) as connection:
            found += [f"{number} {mode}: {wrong}" for wrong in audit.audit(connection).wrongs]
        if not after.was_struck:
            break
        cuts = number
    assert found == []
    assert cuts > 20
