"""Who gets how much of what several connectors share."""

from hypothesis import given
from hypothesis import strategies as st

from chargepoint.domain.supply.fair_shares import ALL_PHASES, SMALLEST_OFFER, Wish, shares
from chargepoint.domain.units import ConnectorId, MilliAmp

wishes = st.dictionaries(
    st.integers(1, 4).map(ConnectorId),
    st.builds(
        Wish,
        st.integers(0, 80_000).map(MilliAmp),
        st.integers(0, 40_000).map(MilliAmp),
    ),
)


def split(total: int, *most: int) -> list[int]:
    asked = {ConnectorId(n): Wish(MilliAmp(each)) for n, each in enumerate(most, start=1)}
    return [int(share) for _, share in sorted(shares(MilliAmp(total), asked).items())]


@given(st.integers(0, 200_000).map(MilliAmp), wishes)
def test_shares_never_pass_the_total_nor_a_wish(
    total: MilliAmp, asked: dict[ConnectorId, Wish]
) -> None:
    found = shares(total, asked)
    assert set(found) == set(asked)
    assert sum(found.values()) <= total
    assert all(found[c] <= wish.most for c, wish in asked.items())
    assert all(share == 0 or share >= SMALLEST_OFFER for share in found.values())


single_or_all = st.sampled_from([ALL_PHASES, *(frozenset({phase}) for phase in sorted(ALL_PHASES))])
wired = st.lists(
    st.builds(Wish, st.integers(6_000, 40_000).map(MilliAmp), phases=single_or_all),
    min_size=1,
    max_size=4,
)


@given(st.integers(0, 100_000), st.integers(0, 50_000), wired)
def test_more_for_all_is_never_less_for_anybody_who_would_not_wait(
    total: int, more: int, asked: list[Wish]
) -> None:
    """Where all are served; one who was served alone gives way to the next who fits."""
    wishes = {ConnectorId(n): wish for n, wish in enumerate(asked, start=1)}
    less_found = shares(MilliAmp(total), wishes)
    found = shares(MilliAmp(total + more), wishes)
    if all(less_found.values()):
        assert all(found[c] >= less_found[c] for c in wishes)


@given(st.integers(6_000, 100_000), wired)
def test_who_waits_would_not_find_room(total: int, asked: list[Wish]) -> None:
    wishes = {ConnectorId(n): wish for n, wish in enumerate(asked, start=1)}
    found = shares(MilliAmp(total), wishes)
    for c in [c for c, share in found.items() if not share]:
        needed = {
            phase: sum(w.needed for d, w in wishes.items() if found[d] and phase in w.phases)
            for phase in wishes[c].phases
        }
        assert max(needed.values()) + wishes[c].needed > total


def test_enough_for_all_gives_all_their_wish() -> None:
    assert split(64_000, 32_000, 32_000) == [32_000, 32_000]


def test_too_little_is_split_evenly_and_what_one_cannot_take_is_for_the_others() -> None:
    assert split(24_000, 32_000, 16_000) == [12_000, 12_000]
    assert split(24_000, 32_000, 8_000) == [16_000, 8_000]
    assert split(36_000, 32_000, 8_000, 20_000) == [14_000, 8_000, 14_000]


def test_what_is_too_little_for_two_is_enough_for_one() -> None:
    assert split(10_000, 32_000, 32_000) == [10_000, 0]


def test_too_little_for_anybody_is_for_nobody() -> None:
    assert split(5_900, 32_000, 32_000) == [0, 0]


def test_who_may_not_charge_takes_nothing_from_the_others() -> None:
    assert split(20_000, 0, 32_000) == [0, 20_000]


def test_nobody_waits_while_there_is_enough_for_what_all_need_at_least() -> None:
    assert split(20_000, 32_000, 8_000) == [12_000, 8_000]
    assert split(12_000, 32_000, 8_000) == [6_000, 6_000]
    assert split(11_999, 32_000, 8_000) == [11_999, 0]


def test_a_vehicle_below_its_minimum_waits() -> None:
    asked = {
        ConnectorId(1): Wish(MilliAmp(16_000)),
        ConnectorId(2): Wish(MilliAmp(16_000), MilliAmp(10_000)),
    }
    assert shares(MilliAmp(16_000), asked) == {1: 6_000, 2: 10_000}
    assert shares(MilliAmp(15_999), asked) == {1: 15_999, 2: 0}
