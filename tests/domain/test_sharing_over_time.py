"""Sharing over time: at every moment within the limit, nobody waits for ever, nothing hunts."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chargepoint.domain.supply.fair_shares import ALL_PHASES, SMALLEST_OFFER, Wish, shares
from chargepoint.domain.supply.sharing import SETTLE_S, TURN_S, Sharing
from chargepoint.domain.units import ConnectorId, MilliAmp

CONNECTORS = [ConnectorId(n) for n in range(1, 5)]
phases = st.sampled_from([ALL_PHASES, frozenset({"L1"}), frozenset({"L2"}), frozenset({"L3"})])
wish = st.builds(
    Wish,
    st.integers(0, 40_000).map(MilliAmp),
    st.integers(0, 16_000).map(MilliAmp),
    phases,
)
wishes = st.dictionaries(st.sampled_from(CONNECTORS), wish)
totals = st.integers(0, 100_000).map(MilliAmp)


def load(told: Mapping[ConnectorId, int], of: Mapping[ConnectorId, Wish]) -> int:
    """Of the phase that carries most."""
    return max(sum(ma for c, ma in told.items() if phase in of[c].phases) for phase in ALL_PHASES)


@given(totals, wishes)
def test_no_phase_carries_more_than_the_limit(
    total: MilliAmp, asked: dict[ConnectorId, Wish]
) -> None:
    found = shares(total, asked)
    assert load(found, asked) <= total
    for c, each in asked.items():
        least = min(max(each.least, SMALLEST_OFFER), each.most)
        assert found[c] == 0 or least <= found[c] <= each.most


@given(st.integers(6_000, 100_000).map(MilliAmp), wishes)
def test_somebody_is_served_when_there_is_enough_for_one(
    total: MilliAmp, asked: dict[ConnectorId, Wish]
) -> None:
    able = [w for w in asked.values() if w.most >= SMALLEST_OFFER and w.least <= total]
    alike = {c: Wish(w.most, phases=w.phases) for c, w in asked.items()}
    if able:
        assert any(shares(total, alike).values())


def test_phases_that_nobody_else_loads_are_full() -> None:
    one, two = (
        Wish(MilliAmp(32_000), phases=frozenset({"L1"})),
        Wish(MilliAmp(32_000), phases=frozenset({"L2"})),
    )
    assert shares(MilliAmp(32_000), {CONNECTORS[0]: one, CONNECTORS[1]: two}) == {
        1: 32_000,
        2: 32_000,
    }


def both(most: int = 32_000) -> dict[ConnectorId, Wish]:
    return {c: Wish(MilliAmp(most)) for c in CONNECTORS[:2]}


def test_newcomer_waits_until_the_other_has_followed() -> None:
    alone = Sharing().after(0, MilliAmp(32_000), {CONNECTORS[0]: Wish(MilliAmp(32_000))})
    assert alone.told == {1: 32_000}
    joined = alone.after(100, MilliAmp(32_000), both())
    assert joined.told == {1: 16_000, 2: 0}
    assert joined.wake_at == 100 + SETTLE_S
    assert joined.after(100 + SETTLE_S, MilliAmp(32_000), both()).told == {1: 16_000, 2: 16_000}


def test_turns_pass_when_it_is_enough_for_one_only() -> None:
    sharing, now = Sharing(), 0.0
    charged: dict[int, float] = {1: 0.0, 2: 0.0}
    for _ in range(60):
        sharing = sharing.after(now, MilliAmp(10_000), both())
        step = 300.0 if sharing.wake_at is None else min(300.0, sharing.wake_at - now)
        for c, ma in sharing.told.items():
            charged[c] += step * (ma > 0)
        now += step
    assert min(charged.values()) > 0.4 * now
    assert sum(charged.values()) <= now


@given(totals, wishes, st.lists(st.floats(0.5, 120), max_size=40))
def test_what_does_not_change_is_decided_once_a_turn(
    total: MilliAmp, asked: dict[ConnectorId, Wish], pauses: list[float]
) -> None:
    sharing, now, changes = Sharing(), 0.0, 0
    for pause in pauses:
        following = sharing.after(now, total, asked)
        changes += following.told != sharing.told
        sharing, now = following, now + pause
    turns = now // TURN_S
    assert changes <= 2 + 3 * turns


WIRED: dict[ConnectorId, frozenset[str]] = {
    CONNECTORS[0]: ALL_PHASES,
    CONNECTORS[1]: frozenset({"L1"}),
    CONNECTORS[2]: frozenset({"L2"}),
    CONNECTORS[3]: ALL_PHASES,
}


class Walk(RuleBasedStateMachine):
    """Sessions come and go and the limit moves; what may flow is what was told in the last 15 s."""

    @initialize(total=totals)
    def begin(self, total: MilliAmp) -> None:
        self.now, self.total, self.sharing = 0.0, total, Sharing()
        self.asked: dict[ConnectorId, Wish] = {}
        self.limits = [(0.0, total)]
        self.history: list[tuple[float, ConnectorId, int, frozenset[str]]] = []
        self.look()

    def look(self) -> None:
        before = self.sharing.told
        self.sharing = self.sharing.after(self.now, self.total, self.asked)
        for c, was in before.items():
            if was > self.sharing.told.get(c, was):
                self.history.append((self.now + SETTLE_S, c, was, WIRED[c]))

    @rule(c=st.sampled_from(CONNECTORS), most=st.integers(0, 40_000))
    def wishes_for(self, c: ConnectorId, most: int) -> None:
        self.asked = {**self.asked, c: Wish(MilliAmp(most), phases=WIRED[c])}
        self.look()

    @rule(c=st.sampled_from(CONNECTORS))
    def leaves(self, c: ConnectorId) -> None:
        """Its contactor is open."""
        self.asked = {d: w for d, w in self.asked.items() if d != c}
        self.history = [each for each in self.history if each[1] != c]
        self.look()

    @rule(total=totals)
    def limited(self, total: MilliAmp) -> None:
        self.total = total
        self.limits.append((self.now, total))
        self.look()

    @rule(pause=st.floats(0.1, 1200))
    def waits(self, pause: float) -> None:
        self.now += pause
        self.look()

    @invariant()
    def told_is_within_the_limit(self) -> None:
        assert load(self.sharing.told, self.asked) <= self.total

    @invariant()
    def what_may_flow_is_within_the_limits_of_the_time(self) -> None:
        recent = [
            total
            for i, (since, total) in enumerate(self.limits)
            if i + 1 == len(self.limits) or self.limits[i + 1][0] > self.now - SETTLE_S
        ]
        for phase in ALL_PHASES:
            flowing: dict[ConnectorId, int] = {
                c: ma for c, ma in self.sharing.told.items() if phase in WIRED[c]
            }
            for until, c, was, wired in self.history:
                if until > self.now and phase in wired:
                    flowing[c] = max(was, flowing.get(c, 0))
            assert sum(flowing.values()) <= max(recent)


TestWalk = Walk.TestCase
