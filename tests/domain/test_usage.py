"""Who leaves its share unused lends it to the others, and has it back as soon as it wants it."""

from hypothesis import given
from hypothesis import strategies as st

from chargepoint.domain.supply.fair_shares import Wish
from chargepoint.domain.supply.sharing import SETTLE_S, TURN_S, Sharing
from chargepoint.domain.supply.usage import WATCHED_S, Usage
from chargepoint.domain.units import ConnectorId, MilliAmp

ONE, TWO = ConnectorId(1), ConnectorId(2)


def watched(offered: int, taken: int, for_s: int = 61, usage: Usage | None = None) -> Usage:
    usage = usage or Usage()
    for second in range(for_s):
        usage = usage.after(float(second), MilliAmp(offered), MilliAmp(taken))
    return usage


def test_car_that_takes_what_it_is_offered_is_left_alone() -> None:
    assert watched(16_000, 16_000) == Usage()
    assert watched(16_000, 15_100) == Usage()


def test_car_that_takes_clearly_less_for_a_minute_keeps_that_and_some_room() -> None:
    assert watched(16_000, 7_300, 60).enough is None
    assert watched(16_000, 7_300).enough == 10_000
    assert not watched(16_000, 7_300).rests


def test_car_that_is_full_keeps_the_least_and_rests() -> None:
    usage = watched(16_000, 0)
    assert (usage.enough, usage.rests) == (6_000, True)
    assert watched(6_000, 0, usage=usage).enough == 6_000


def test_car_that_takes_all_of_its_lower_offer_may_have_everything_again() -> None:
    assert watched(10_000, 9_800, 1, watched(16_000, 7_300)) == Usage()
    assert watched(6_000, 5_500, 1, watched(16_000, 0)) == Usage()


def test_peak_of_the_minute_counts_not_its_end() -> None:
    usage = Usage()
    for second in range(61):
        taken = 9_000 if second == 30 else 0
        usage = usage.after(float(second), MilliAmp(16_000), MilliAmp(taken))
    assert (usage.enough, usage.rests) == (11_000, False)


@given(st.integers(6_000, 32_000), st.integers(0, 32_000))
def test_steady_car_is_judged_once_and_never_hunts(offered: int, wish: int) -> None:
    """Its share follows its use at once; use follows the share at once."""
    usage, now, told = Usage(), 0.0, [offered]
    for _ in range(30):
        for _ in range(int(WATCHED_S) + 1):
            now += 1.0
            usage = usage.after(now, MilliAmp(told[-1]), MilliAmp(min(wish, told[-1])))
        share = offered if usage.enough is None else min(offered, usage.enough)
        told.append(share)
    assert len(set(told[2:])) == 1


def wishes(**of_two: object) -> dict[ConnectorId, Wish]:
    return {ONE: Wish(MilliAmp(32_000)), TWO: Wish(MilliAmp(32_000), **of_two)}  # type: ignore[arg-type]  # by name


def told_after(story: list[dict[ConnectorId, Wish]], total: int = 20_000) -> dict[ConnectorId, int]:
    sharing, now = Sharing(), 0.0
    for each in story:
        for _ in range(3):
            sharing = sharing.after(now, MilliAmp(total), each)
            now += SETTLE_S + 1
    return dict(sharing.told)


def test_what_one_does_not_use_is_for_the_other_and_comes_back() -> None:
    full = wishes(enough=MilliAmp(6_000), rests=True)
    assert told_after([wishes()]) == {ONE: 10_000, TWO: 10_000}
    assert told_after([wishes(), full]) == {ONE: 14_000, TWO: 6_000}
    assert told_after([wishes(), full, wishes()]) == {ONE: 10_000, TWO: 10_000}


def test_nobody_is_held_back_while_there_is_enough_for_all() -> None:
    full = wishes(enough=MilliAmp(6_000), rests=True)
    assert told_after([full], total=64_000) == {ONE: 32_000, TWO: 32_000}


def test_who_rests_waits_first_and_has_its_turn_all_the_same() -> None:
    full = {ONE: Wish(MilliAmp(32_000), enough=MilliAmp(6_000), rests=True), TWO: wishes()[TWO]}
    sharing = Sharing().after(0.0, MilliAmp(10_000), full)
    assert sharing.told == {ONE: 0, TWO: 10_000}
    paused = wishes()  # nothing is known of a car that is offered nothing
    sharing = sharing.after(1.0, MilliAmp(10_000), paused)
    assert sharing.told == {ONE: 0, TWO: 10_000}
    sharing = sharing.after(TURN_S + 1, MilliAmp(10_000), paused)
    assert sharing.told == {ONE: 0, TWO: 0}
    assert sharing.after(TURN_S + 1 + SETTLE_S, MilliAmp(10_000), paused).told[ONE] == 10_000
