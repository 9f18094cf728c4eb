"""Which pieces are in no memory after a power cut: only those that no commit and no device has."""

from dataclasses import replace
from typing import Any

import pytest

from simulator.devices.kept import WRAP, Kept
from tests.crash.every_cut import Aftermath, Blow, looked_at
from tests.crash.honesty import wrongs
from tests.walk import station_walk
from tests.walk.station_walk import played

STALLS = "fault: {device: disk, kind: silent}"
DARK = ("power: cut", "wait: 10s", "power: restore", "clear: {device: disk}")
SEED = 200031


def _aftermath(monkeypatch: pytest.MonkeyPatch, *lines: str) -> Aftermath:
    seen: list[Aftermath] = []

    def seen_wrongs(after: Aftermath, blow: Blow) -> list[str]:
        seen.append(after)
        return wrongs(after, blow)

    monkeypatch.setattr(station_walk, "wrongs", seen_wrongs)
    assert played(SEED, [*lines]).found == []
    return seen[0]


def test_a_durable_coin_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    after = _aftermath(monkeypatch, "coin: 1.00", "wait: 1s", *DARK)
    assert (after.unread, after.unwritten) == ((), ())


def test_what_a_stalled_disk_has_not_taken_is(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ("coin: 2.00", "wait: 1s", STALLS, "coin: 1.00", "wait: 2s")
    after = _aftermath(monkeypatch, *lines, *DARK)
    assert (after.unread, after.unwritten) == ((), (100,))


def test_a_second_life_without_a_commit_is_forgotten_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ("coin: 2.00", "wait: 1s", STALLS, "coin: 1.00", "wait: 2s", "kill: core", "wait: 5s")
    after = _aftermath(monkeypatch, *lines, "power: cut", "wait: 5s", "power: restore", *DARK)
    assert after.unwritten == (100,)


def test_a_core_that_is_killed_while_the_disk_stalls_loses_no_coin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = (STALLS, "coin: 1.00", "wait: 2s", "kill: core", "wait: 1s", "clear: {device: disk}")
    after = _aftermath(monkeypatch, *lines)
    assert (after.unread, after.unwritten) == ((), ())


def test_a_coin_that_is_lost_otherwise_is_still_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_more(*args: Any, **named: Any) -> Aftermath:
        after = looked_at(*args, **named)
        return replace(after, inserted=(*after.inserted, 100))

    monkeypatch.setattr(station_walk, "looked_at", one_more)
    lines = [STALLS, "coin: 1.00", "wait: 2s", *DARK]
    assert any("booked of" in each for each in played(SEED, lines).found)


@pytest.mark.parametrize("before", [0, 1, 254, WRAP, WRAP + 1, 3 * WRAP])
def test_kept_counts_on_past_the_wrap(before: int) -> None:
    kept = Kept()
    for _ in range(before):
        kept.event()
    counter = (before - 1) % WRAP + 1 if before else 0
    kept.event()
    kept.piece(100)
    kept.event()
    kept.event()
    kept.piece(50)
    assert kept.since(counter) == [100, 50]
    assert kept.since((before + 1) % WRAP + 1) == [50]
