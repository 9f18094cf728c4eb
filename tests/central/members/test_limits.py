"""Brakes: an address has a purse of tries, an account waits longer after each wrong one."""

from hypothesis import given
from hypothesis import strategies as st

from central.limits import AccountBrake, AddressBrake, Purse
from central.members.services import neighbourhood


def test_address_when_purse_is_spent_then_waits_and_may_again() -> None:
    brake = AddressBrake(Purse(3, every_s=10))
    assert [brake.wait_s("a", 0) for _ in range(3)] == [0, 0, 0]
    assert brake.wait_s("a", 0) == 10
    assert brake.wait_s("b", 0) == 0
    assert brake.wait_s("a", 10) == 0
    assert brake.wait_s("a", 10) > 0


@given(st.lists(st.floats(0, 60), max_size=60))
def test_address_never_gets_more_than_its_purse_and_what_time_brings(gaps: list[float]) -> None:
    brake, now, allowed = AddressBrake(Purse(3, every_s=10)), 0.0, 0
    for gap in gaps:
        now += gap
        allowed += brake.wait_s("a", now) == 0
    assert allowed <= 3 + now / 10 + 1e-6


def test_account_when_failing_again_then_waits_twice_as_long() -> None:
    brake = AccountBrake()
    waits = []
    for _ in range(16):
        brake.failed("a", 0)
        waits.append(brake.wait_s("a", 0))
    assert waits[:6] == [0, 0, 0, 2, 4, 8]
    assert waits[-1] == 900
    assert brake.wait_s("a", 899) == 1
    assert brake.wait_s("a", 900) == 0
    assert brake.wait_s("a", 90_000) == 0
    brake.succeeded("a")
    brake.failed("a", 0)
    assert brake.wait_s("a", 0) == 0


def test_address_of_one_network_is_one_customer() -> None:
    assert neighbourhood("2001:db8::1") == neighbourhood("2001:db8::ffff:2")
    assert neighbourhood("2001:db8::1") != neighbourhood("2001:db8:0:1::1")
    assert neighbourhood("192.0.2.1") != neighbourhood("192.0.2.2")
    assert neighbourhood("testclient") == "testclient"
