"""Brakes: a purse has tries that fill up again, an account waits longer after each wrong one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.limits import Account, Purse, Tries
from central.members.services import neighbourhood

PURSE = Purse("test", 3, every_s=10)


def spent(known: Tries, now_s: float) -> tuple[Tries, float]:
    now_ms = int(now_s * 1000)
    wait_s = PURSE.wait_s(known, now_ms)
    return (known, wait_s) if wait_s else (PURSE.spent(known, now_ms), 0.0)


def test_purse_when_spent_then_waits_and_may_again() -> None:
    known = Tries()
    for _ in range(3):
        known, wait_s = spent(known, 0)
        assert wait_s == 0
    assert spent(known, 0)[1] == 10
    assert spent(known, 10)[1] == 0
    assert spent(spent(known, 10)[0], 10)[1] > 0


@given(st.lists(st.floats(0, 60), max_size=60))
def test_purse_never_gives_more_than_it_holds_and_what_time_brings(gaps: list[float]) -> None:
    known, now_s, allowed = Tries(), 0.0, 0
    for gap in gaps:
        now_s += gap
        known, wait_s = spent(known, now_s)
        allowed += wait_s == 0
        assert 0 <= known.milli <= 3000
    assert allowed <= 3 + now_s / 10 + 1e-6


@given(st.integers(0, 3000), st.integers(0, 10**6))
def test_purse_when_it_was_forgotten_then_it_was_full(milli: int, at_ms: int) -> None:
    known = Tries(milli, at_ms)
    assert PURSE.spent(known, PURSE.forgotten_ms(known)).milli <= 1000


@pytest.mark.parametrize("back_ms", [1, 3_600_000])
def test_clock_when_it_goes_back_then_nobody_waits_longer_than_ever(back_ms: int) -> None:
    known = Tries(3000, 10**9)
    assert PURSE.wait_s(known, 10**9 - back_ms) == 10
    assert Account.wait_s(Tries(64_000, 10**9), 10**9 - back_ms) <= 900


def test_account_when_failing_again_then_waits_twice_as_long() -> None:
    known, waits = Tries(), []
    for _ in range(80):
        known = Account.failed(known, 0)
        waits.append(Account.wait_s(known, 0))
    assert waits[:6] == [0, 0, 0, 2, 4, 8]
    assert waits[-1] == 900
    assert Account.wait_s(known, 899_000) == 1
    assert Account.wait_s(known, 900_000) == 0
    assert Account.wait_s(known, 90_000_000) == 0
    assert Account.failed(known, 90_000_000).milli == 1000
    assert Account.withdrawn(Account.failed(Tries(), 0)).milli == 0


def test_address_of_one_network_is_one_customer() -> None:
    assert neighbourhood("2001:db8::1") == neighbourhood("2001:db8::ffff:2")
    assert neighbourhood("2001:db8::1") != neighbourhood("2001:db8:0:1::1")
    assert neighbourhood("192.0.2.1") != neighbourhood("192.0.2.2")
    assert neighbourhood("testclient") == "testclient"
