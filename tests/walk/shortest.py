"""The fewest of a walk's steps that still show what it found: halves first, then single lines."""

from collections.abc import Callable

from tests.walk.station_walk import Walked, played

MOST_PLAYS = 200


def shortest(walk: Walked, play: Callable[[int, list[str]], Walked] = played) -> Walked:
    """`play` does given lines on a fresh station. The same kind of finding counts as the same."""
    best, plays, size = walk, 0, max(1, len(walk.lines) // 2)
    while plays < MOST_PLAYS:
        at, is_shorter = 0, False
        while at < len(best.lines) and plays < MOST_PLAYS:
            fewer = [*best.lines[:at], *best.lines[at + size :]]
            found, plays = play(walk.seed, fewer), plays + 1
            if _kinds(found) & _kinds(walk):
                best, is_shorter = found, True
            else:
                at += size
        if size == 1 and not is_shorter:
            break
        size = max(1, size // 2)
    return best


def _kinds(walk: Walked) -> set[str]:
    """What a finding is about, without its figures."""
    return {found.partition(":")[0].rstrip("0123456789 ") for found in walk.found}
