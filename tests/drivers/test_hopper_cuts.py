"""A payout that is cut at every exchange, in every way: no coin is ever paid twice, none forgotten."""

import asyncio

import pytest

from chargepoint.domain.payments import UNCERTAIN, HopperMark
from chargepoint.ports import DeviceUnavailable
from simulator.line_faults import LineFault
from tests.support.cut_port import Loss
from tests.support.hopper_bowl import Bowl, play

COINS = 3
EXCHANGES = 22  # of a payout of three coins, with a margin

REQUEST, REPLY = "request lost", "reply lost"
UNPLUGGED, HOPPER_CUT, CORE_KILLED, ALL_CUT = "unplugged", "hopper cut", "core killed", "all cut"
WAYS = (REQUEST, REPLY, UNPLUGGED, HOPPER_CUT, CORE_KILLED, ALL_CUT)
LOSSES = {REQUEST: Loss.REQUEST, REPLY: Loss.REPLY}


class Customer:
    """A core that journals marks before it pays, and asks what became of them after a death."""

    def __init__(self, bowl: Bowl) -> None:
        self.bowl = bowl
        self.journal: HopperMark | None = None
        self.was_killed = False

    async def gets(self, coins: int) -> tuple[int, str]:
        """What is booked as paid, and why it is less than asked."""
        bowl = self.bowl
        async with asyncio.TaskGroup() as group:
            paying = group.create_task(self._pay(coins))
            await asyncio.wait([paying])
        if not self.was_killed:
            return paying.result()
        self.was_killed = False
        return (0, "") if self.journal is None else await bowl.verified(self.journal)

    async def _pay(self, coins: int) -> tuple[int, str]:
        self.paying = asyncio.current_task()
        self.journal = None
        while True:
            try:
                mark = await self.bowl.driver.mark(coins, "P-1")
                break
            except DeviceUnavailable:
                await asyncio.sleep(1)
        self.journal = mark
        return await self.bowl.result(mark)

    def happens(self, way: str) -> None:
        loop = asyncio.get_running_loop()
        if way in {CORE_KILLED, ALL_CUT}:
            self.was_killed = True
            self.bowl.kill()
            assert self.paying is not None
            self.paying.cancel()
            loop.call_later(2.0, self.bowl.start)
        if way in {HOPPER_CUT, ALL_CUT}:
            self.bowl.hopper.power_cut()
            loop.call_later(1.0, self.bowl.hopper.power_on)
        if way == UNPLUGGED:
            self.bowl.line.fault(LineFault.UNPLUGGED)
            loop.call_later(0.5, self.bowl.line.clear, LineFault.UNPLUGGED)


@pytest.mark.parametrize("counts_lifetime", [True, False])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("at", range(1, EXCHANGES))
def test_a_payout_cut_at_any_exchange_is_booked_as_it_lies_in_the_tray(
    at: int, way: str, counts_lifetime: bool
) -> None:
    async def story(bowl: Bowl) -> None:
        customer = Customer(bowl)
        bowl.trip.set(at, LOSSES.get(way), lambda: customer.happens(way))
        paid, reason = await customer.gets(COINS)
        assert bowl.hopper.paid_out <= COINS
        if reason == UNCERTAIN:
            assert not counts_lifetime
            return
        assert bowl.hopper.paid_out == paid
        if paid < COINS:
            rest, _ = await customer.gets(COINS - paid)
            assert bowl.hopper.paid_out == paid + rest == COINS

    play(story, counts_lifetime=counts_lifetime)


def test_the_enumeration_covers_a_whole_payout() -> None:
    async def story(bowl: Bowl) -> None:
        bowl.trip.set()
        assert await Customer(bowl).gets(COINS) == (COINS, "")
        assert 10 < bowl.trip.count < EXCHANGES

    play(story)
