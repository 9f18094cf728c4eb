"""The event counter: which events are new, across wrap, loss, reset and restarts of the host."""

from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from chargepoint.domain.devices import (
    CoinCursor,
    CoinCursorMoved,
    CoinRefused,
    CoinSeen,
    DeviceIncident,
)
from chargepoint.domain.units import Minor
from drivers.cctalk.booking import Booker, closed_epoch, from_cursor, to_cursor
from drivers.cctalk.events import (
    News,
    Past,
    Reading,
    Result,
    baseline,
    compare,
    delta,
    is_ambiguous,
    pack_results,
    parse_reading,
    parse_results,
)

BLANK = Result(0, 0)


def results(*coins: int) -> tuple[Result, ...]:
    """The newest five events, newest first: coins by position, then blanks."""
    return tuple(Result(coin, 0) for coin in coins) + (BLANK,) * (5 - len(coins))


def past(counter: int, *coins: int, epoch: int = 1, sequence: int = 100) -> Past:
    return Past(epoch, sequence, counter, results(*coins))


def coins(news: News) -> list[int]:
    return [event.result.kind for event in news.events]


# --- the arithmetic -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counter", "last", "new"),
    [(23, 23, 0), (104, 102, 2), (1, 255, 1), (3, 253, 5), (54, 48, 6), (1, 0, 1), (255, 1, 254)],
)
def test_delta_counts_over_the_wrap_that_skips_zero(counter: int, last: int, new: int) -> None:
    assert delta(counter, last) == new


def test_a_device_never_seen_is_a_baseline_and_credits_nothing() -> None:
    reading = Reading(67, results(1, 2, 3, 4, 5))
    assert baseline(reading) == Past(1, 0, 67, reading.results)
    assert compare(baseline(reading), reading).events == ()


def test_new_events_come_oldest_first_each_with_its_own_past() -> None:
    news = compare(past(102, 9, 8, 7, 6, 5), Reading(104, results(2, 1, 9, 8, 7)))
    assert coins(news) == [1, 2]
    first, second = (event.after for event in news.events)
    assert first == Past(1, 101, 103, results(1, 9, 8, 7, 6))
    assert second == Past(1, 102, 104, results(2, 1, 9, 8, 7)) == news.past
    assert (news.lost, news.was_reset) == (0, False)


def test_resuming_from_the_middle_of_the_news_gives_the_rest() -> None:
    reading = Reading(2, results(4, 3, 2, 1, 9))
    news = compare(past(253, 9, 8, 7, 6, 5), reading)
    for done, event in enumerate(news.events, start=1):
        assert coins(compare(event.after, reading)) == [1, 2, 3, 4][done:]


def test_more_events_than_the_buffer_holds_are_counted_as_lost() -> None:
    news = compare(past(48, 9, 9, 9, 9, 9), Reading(54, results(5, 4, 3, 2, 1)))
    assert coins(news) == [1, 2, 3, 4, 5]
    assert (news.lost, news.was_reset) == (1, False)
    assert [event.after.sequence for event in news.events] == [102, 103, 104, 105, 106]
    assert [event.after.counter for event in news.events] == [50, 51, 52, 53, 54]
    assert news.start == Past(1, 101, 49, ())
    # The buffer as it was after the first of them holds what nobody has seen.
    assert news.events[0].after.results == (Result(1, 0),)
    assert coins(compare(news.events[0].after, Reading(54, results(5, 4, 3, 2, 1)))) == [2, 3, 4, 5]


def test_counter_zero_after_events_is_a_reset_and_credits_nothing() -> None:
    news = compare(past(67, 1, 2, 3, 4, 5), Reading(0, results()))
    assert news.was_reset
    assert news.events == ()
    assert news.past == news.start == Past(2, 0, 0, results())


def test_counter_zero_twice_is_idle() -> None:
    news = compare(past(0), Reading(0, results()))
    assert (news.was_reset, news.events) == (False, ())


@pytest.mark.parametrize(
    ("before", "reading", "new"),
    [
        # Few events with blanks behind them: the device was reset, whatever the counter says.
        (past(67, 1, 2, 3, 4, 5), Reading(2, results(8, 7)), [7, 8]),
        (past(253, 1, 2, 3, 4, 5), Reading(3, results(9, 8, 7)), [7, 8, 9]),
        # The same or a higher counter with another history.
        (past(3, 3, 2, 1), Reading(3, results(6, 5, 4)), [4, 5, 6]),
        (past(1, 1), Reading(2, results(6, 5)), [5, 6]),
        (past(20, 1, 2, 3, 4, 5), Reading(22, results(9, 9, 9, 9, 9)), [9] * 5),
    ],
)
def test_a_history_that_does_not_continue_proves_a_reset(
    before: Past, reading: Reading, new: list[int]
) -> None:
    news = compare(before, reading)
    assert news.was_reset
    assert coins(news) == new
    assert news.past.epoch == before.epoch + 1
    assert news.past.sequence == reading.counter


def test_five_events_after_the_wrap_are_no_reset() -> None:
    news = compare(past(253, 1, 1, 1, 1, 1), Reading(3, results(6, 5, 4, 3, 2)))
    assert not news.was_reset
    assert coins(news) == [2, 3, 4, 5, 6]


def test_lost_events_and_a_reset_look_alike_until_the_masks_tell() -> None:
    before, reading = past(100, 1, 1, 1, 1, 1), Reading(20, results(6, 5, 4, 3, 2))
    assert is_ambiguous(before, reading)
    lost = compare(before, reading)
    reset = compare(before, reading, reset_seen=True)
    assert coins(lost) == coins(reset) == [2, 3, 4, 5, 6]
    assert (lost.lost, lost.was_reset) == (170, False)
    assert (reset.lost, reset.was_reset) == (15, True)


def test_evidence_of_a_reset_never_credits_what_is_already_credited() -> None:
    before, reading = past(2, 2, 1), Reading(3, results(3, 2, 1))
    assert coins(compare(before, reading, reset_seen=True)) == [3]


def test_a_reading_has_eleven_bytes() -> None:
    reading = parse_reading(bytes.fromhex("04 00 01 05 05 01 05 01 05 00 00"))
    assert reading.counter == 4
    assert reading.results[:3] == (Result(0, 1), Result(5, 5), Result(1, 5))
    with pytest.raises(ValueError, match="10 bytes"):
        parse_reading(bytes(10))
    with pytest.raises(ValueError, match="4 results"):
        Reading(0, (BLANK,) * 4)


@given(st.binary(min_size=10, max_size=10))
def test_results_pack_into_the_bytes_they_came_from(octets: bytes) -> None:
    assert pack_results(parse_results(octets)) == octets


# --- what it means to the core ------------------------------------------------------------------

BOOKER = Booker("12345678", {1: Minor(10), 2: Minor(200)})


def facts_of(*pairs: tuple[int, int]) -> list[object]:
    reading = Reading(
        len(pairs), tuple(Result(*pair) for pair in pairs[::-1]) + (BLANK,) * (5 - len(pairs))
    )
    return list(BOOKER.facts(compare(past(0), reading)))


def test_every_event_moves_the_cursor_once() -> None:
    facts = facts_of((1, 0), (0, 1), (0, 0), (2, 5), (0, 254))
    assert [type(fact) for fact in facts] == [
        CoinSeen,
        CoinRefused,
        CoinCursorMoved,
        CoinSeen,
        CoinCursorMoved,
    ]
    assert [fact.cursor.sequence for fact in facts] == [101, 102, 103, 104, 105]  # type: ignore[attr-defined]
    assert [fact.value for fact in facts if isinstance(fact, CoinSeen)] == [10, 200]


@pytest.mark.parametrize(
    ("pair", "code"),
    [((7, 0), "unknown_coin"), ((0, 20), "fraud"), ((0, 36), "event")],
)
def test_a_surprising_event_is_an_incident_and_moves_the_cursor(
    pair: tuple[int, int], code: str
) -> None:
    incident, moved = facts_of(pair)
    assert isinstance(incident, DeviceIncident)
    assert incident.code == f"coin_acceptor.{code}"
    assert isinstance(moved, CoinCursorMoved)


def test_a_reset_is_an_incident_and_starts_an_epoch_before_its_coins() -> None:
    facts = list(BOOKER.facts(compare(past(67, 1, 1, 1, 1, 1), Reading(1, results(2)))))
    assert [type(fact) for fact in facts] == [DeviceIncident, CoinCursorMoved, CoinSeen]
    moved, coin = facts[1], facts[2]
    assert isinstance(moved, CoinCursorMoved)
    assert isinstance(coin, CoinSeen)
    assert (moved.cursor.epoch, moved.cursor.sequence) == (2, 0)
    assert (coin.cursor.epoch, coin.cursor.sequence) == (2, 1)


def test_lost_events_are_reported_once_before_the_coins_that_are_left() -> None:
    reading = Reading(58, results(1, 1, 1, 1, 1))
    facts = list(BOOKER.facts(compare(past(50, 2, 2, 2, 2, 2), reading)))
    assert isinstance(facts[0], CoinCursorMoved)
    assert facts[0].possibly_lost == 3
    assert len(facts) == 6


@given(st.lists(st.integers(1, 16), max_size=5))
def test_a_cursor_is_the_past_it_was_made_of(kept: list[int]) -> None:
    before = past(len(kept), *kept)
    assert from_cursor(to_cursor("1", before)) == before


# --- a device and a host that both may die at any time ------------------------------------------


class CoinsAcrossRestarts(RuleBasedStateMachine):
    """Coins in the box = coins credited, whatever reply is lost and whoever restarts.

    The host stores a fact and its cursor together, one after the other; it may die between any
    two. A reset that comes before its coins were read takes them with it: those are counted out.
    After it no coin enters before the host, fully awake, has set the masks again.
    """

    def __init__(self) -> None:
        super().__init__()
        self.counter = 0
        self.buffer: deque[Result] = deque([BLANK] * 5, maxlen=5)
        self.unread: list[int] = []  # coins in the device that no stored cursor covers
        self.events_unread = 0
        self.has_masks = True
        self.boxed: list[int] = []
        self.gone: list[int] = []
        self.credited: dict[tuple[int, int], int] = {}
        self.stored = to_cursor("1", baseline(self.reading()))

    def reading(self) -> Reading:
        return Reading(self.counter, tuple(self.buffer))

    def event(self, result: Result) -> None:
        self.counter = self.counter % 255 + 1
        self.buffer.appendleft(result)
        self.events_unread += 1

    @rule(position=st.integers(1, 3))
    def coin(self, position: int) -> None:
        if self.events_unread < 5 and self.has_masks:
            self.boxed.append(position)
            self.unread.append(position)
            self.event(Result(position, 0))

    @rule(code=st.sampled_from([1, 2, 0]))
    def no_coin(self, code: int) -> None:
        if self.events_unread < 5:
            self.event(Result(0, code))

    @rule(many=st.integers(1, 80))
    def busy_day(self, many: int) -> None:
        for number in range(many):
            self.coin(1 + number % 3)
            self.poll(stored=5)

    @rule(stored=st.integers(0, 5))
    def poll(self, stored: int) -> None:
        """The host reads and stores that many facts; with fewer than all it dies and restarts.

        A lost reply changes nothing in the device, so it is a poll of which nothing is stored.
        """
        news = compare(from_cursor(self.stored), self.reading())
        if news.was_reset and stored:
            self.stored = to_cursor("1", news.start)
        for event in news.events[:stored]:
            key = (event.after.epoch, event.after.sequence)
            assert key not in self.credited
            if event.result.kind:
                self.credited[key] = event.result.kind
                assert self.unread.pop(0) == event.result.kind
            self.stored = to_cursor("1", event.after)
        self.events_unread = max(0, len(news.events) - stored)
        self.has_masks |= stored == 5

    @rule()
    def reset(self) -> None:
        """Power lost and back: everything but the coins is forgotten."""
        self.gone += self.unread
        self.unread = []
        self.counter = 0
        self.buffer.extend([BLANK] * 5)
        self.events_unread = 0
        self.has_masks = False

    @invariant()
    def no_coin_is_lost_and_none_is_doubled(self) -> None:
        assert len(self.credited) + len(self.unread) + len(self.gone) == len(self.boxed)
        assert sum(self.credited.values()) == sum(self.boxed) - sum(self.unread) - sum(self.gone)


CoinsAcrossRestarts.TestCase.settings = settings(
    max_examples=50, stateful_step_count=30, deadline=None
)
TestCoinsAcrossRestarts = CoinsAcrossRestarts.TestCase


def test_closed_epoch_when_the_device_is_back_then_the_next_one_begins() -> None:
    cursor = CoinCursor("7", 3, 12, 12, is_closed=True)
    assert closed_epoch(cursor, None) == 3
    assert closed_epoch(cursor, Past(3, 12, 12, ())) == 3
    assert closed_epoch(cursor, Past(4, 0, 5, ())) == 0
    assert closed_epoch(CoinCursor("7", 3, 12, 12), None) == 0
