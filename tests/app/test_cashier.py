"""Payouts: written down before they start, proved after, and never paid a second time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

import pytest

from chargepoint.app.cashier import Cashier
from chargepoint.app.gate import Gate
from chargepoint.domain.payments import UNCERTAIN, HopperMark
from chargepoint.domain.record import Batch, PayoutRecord
from chargepoint.domain.units import Minor
from simulator.vtime import run_virtual
from tests.support.payment_ports import LOST, Bowl, Drawer


@dataclass
class Counter:
    """A cashier at its hoppers, with what it told."""

    drawer: Drawer
    bowls: tuple[Bowl, ...]
    floats: dict[Minor, int]
    levels: list[int] = field(default_factory=list)
    missed: list[tuple[str, int]] = field(default_factory=list)

    async def _prove(self, claim: str, amount: Minor) -> None:
        self.missed.append((claim, amount))

    def cashier(self) -> Cashier:
        return Cashier(
            self.bowls,
            Gate(self.drawer),
            self.drawer,
            floats=self.floats,
            level_changed=self.levels.append,
            proved=self._prove,
        )


def a_counter(*bowls: Bowl, coins: int = 10, drawer: Drawer | None = None) -> Counter:
    floats = {bowl.value: coins for bowl in bowls}
    return Counter(drawer or Drawer(), bowls, floats)


def euro(script: Iterable[int | str] = (), **more: int) -> Bowl:
    return Bowl(Minor(100), list(script), **more)  # type: ignore[arg-type]  # falls_unheard only


def dime(script: Iterable[int | str] = ()) -> Bowl:
    return Bowl(Minor(10), list(script))


def run(counter: Counter, story: Callable[[Cashier], Awaitable[None]]) -> Drawer:
    async def live() -> None:
        cashier = counter.cashier()
        for bowl in counter.bowls:
            await cashier.hopper_came(bowl.value)
        await cashier.open()
        await story(cashier)

    run_virtual(live())
    return counter.drawer


def paying(*amounts: int, expected: list[int]) -> Callable[[Cashier], Awaitable[None]]:
    async def story(cashier: Cashier) -> None:
        paid = [
            await cashier.pay(f"P{number}", Minor(amount)) for number, amount in enumerate(amounts)
        ]
        assert paid == expected

    return story


def test_largest_coins_first_and_everything_is_booked() -> None:
    counter = a_counter(dime(), euro())
    drawer = run(counter, paying(370, expected=[370]))
    assert drawer.booked() == {"payout:H100:P0:100": 300, "payout:H10:P0:10": 70}
    assert counter.levels[-1] == 7 * 100 + 3 * 10


def test_what_no_coin_can_pay_stays() -> None:
    run(a_counter(euro()), paying(199, 50, expected=[100, 0]))


def test_mark_is_durable_before_a_coin_moves() -> None:
    drawer = Drawer(delay_s=0.5)
    bowl = euro()

    async def story(cashier: Cashier) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(cashier.pay("P", Minor(100)))
            await asyncio.sleep(0.4)
            assert not bowl.paid_marks
            assert drawer.open_payouts()

    run(a_counter(bowl, drawer=drawer), story)
    assert len(bowl.paid_marks) == 1
    assert not drawer.open_payouts()


def test_short_hopper_is_struck_and_the_smaller_coins_pay_the_rest() -> None:
    drawer = run(a_counter(euro([1]), dime(), coins=20), paying(300, 100, expected=[300, 0]))
    assert drawer.booked() == {"payout:H100:P0:100": 100, "payout:H10:P0:10": 200}
    assert drawer.incident_codes() == ["hopper.short"]


def test_hopper_that_pays_nothing_books_nothing() -> None:
    drawer = run(a_counter(euro([0])), paying(300, expected=[0]))
    assert drawer.booked() == {}
    assert drawer.open_payouts() == []


def test_uncertain_hopper_wants_a_person() -> None:
    bowl = euro([1])
    bowl.reason = UNCERTAIN
    drawer = run(a_counter(bowl), paying(300, expected=[100]))
    assert drawer.incident_codes() == ["hopper.short", "hopper.uncertain"]


def test_hopper_that_is_away_before_the_mark_pays_nothing_and_the_next_one_does() -> None:
    away = euro()
    away.can_mark = False
    drawer = run(a_counter(away, dime(), coins=20), paying(100, expected=[100]))
    assert drawer.booked() == {"payout:H10:P0:10": 100}
    assert not away.paid_marks
    assert drawer.incident_codes() == ["hopper.unfit"]


def test_lost_reply_is_proved_and_never_paid_again() -> None:
    bowl, small = euro([LOST, LOST, 3], falls_unheard=3), dime()
    drawer = run(a_counter(bowl, small), paying(300, expected=[300]))
    assert bowl.fell == 3
    assert small.fell == 0
    assert drawer.booked() == {"payout:H100:P0:100": 300}


def test_lost_reply_of_a_payout_that_stopped_half_way_pays_the_rest_otherwise() -> None:
    bowl, small = euro([LOST, 3], falls_unheard=1), dime()
    drawer = run(a_counter(bowl, small, coins=30), paying(300, expected=[300]))
    assert (bowl.fell, small.fell) == (1, 20)
    assert sum(drawer.booked().values()) == 300


def test_payout_that_nobody_can_prove_is_given_by_nobody_else_and_a_person_is_told() -> None:
    bowl, small = euro([LOST] * 7, falls_unheard=3), dime()
    drawer = run(a_counter(bowl, small, coins=50), paying(300, 100, expected=[300, 100]))
    assert small.fell == 10  # the second payout; nothing for the first
    assert len(bowl.paid_marks) == 1
    assert [record.mark.coins for record in drawer.open_payouts()] == [3]
    assert drawer.incident_codes() == ["hopper.unproved"]


def test_hopper_that_came_back_proves_first_then_pays_again() -> None:
    bowl = euro([LOST] * 7, falls_unheard=3)
    counter = a_counter(bowl)

    async def story(cashier: Cashier) -> None:
        assert await cashier.pay("P0", Minor(300)) == 300
        assert counter.levels[-1] == 0
        bowl.script = [LOST]
        await cashier.hopper_came(Minor(100))
        assert counter.levels[-1] == 0, "not proved yet: it may not pay"
        await cashier.hopper_came(Minor(100))
        assert counter.levels[-1] == 700
        assert await cashier.pay("P1", Minor(200)) == 200

    drawer = run(counter, story)
    assert drawer.booked() == {"payout:H100:P0:100": 300, "payout:H100:P1:100": 200}


def test_hopper_proves_its_own_payouts_only() -> None:
    bowl, small = euro([LOST] * 7), dime()

    async def story(cashier: Cashier) -> None:
        await cashier.pay("P0", Minor(300))
        await cashier.hopper_came(Minor(10))

    assert len(run(a_counter(bowl, small), story).open_payouts()) == 1


def test_hopper_of_another_coin_proves_nothing() -> None:
    bowl = euro([LOST] * 7)

    async def story(cashier: Cashier) -> None:
        await cashier.pay("P0", Minor(300))
        await cashier.hopper_came(Minor(50))

    assert len(run(a_counter(bowl), story).open_payouts()) == 1


@pytest.mark.parametrize("fell", [0, 2, 3])
def test_boot_proves_what_a_cut_left_open_and_pays_nothing(fell: int) -> None:
    drawer, bowl = Drawer(), euro()
    bowl.fell = fell
    mark = HopperMark("H100", 3, 0, 0, "OLD:100")

    async def cut() -> None:
        await drawer.append(Batch(payouts=(PayoutRecord(mark, Minor(100)),)))

    run_virtual(cut())
    counter = a_counter(bowl, drawer=drawer)
    run(counter, paying(expected=[]))
    assert not bowl.paid_marks
    assert drawer.booked() == ({"payout:H100:OLD:100": fell * 100} if fell else {})
    assert drawer.incident_codes() == ([] if fell == 3 else ["hopper.short"])
    assert counter.levels[-1] == (700 if fell == 3 else 0)


def test_boot_before_the_hopper_is_there_proves_later_and_pays_nobody_until_then() -> None:
    drawer, bowl = Drawer(), euro([LOST])
    bowl.fell = 2
    mark = HopperMark("H100", 2, 0, 0, "OLD:100")

    async def story(cashier: Cashier) -> None:
        assert await cashier.pay("P", Minor(100)) == 0
        await cashier.hopper_came(Minor(100))
        assert await cashier.pay("Q", Minor(100)) == 100

    async def cut() -> None:
        await drawer.append(Batch(payouts=(PayoutRecord(mark, Minor(100)),)))

    run_virtual(cut())
    run(a_counter(bowl, drawer=drawer), story)
    assert drawer.booked() == {"payout:H100:OLD:100": 200, "payout:H100:Q:100": 100}


def test_two_orders_at_once_are_paid_one_after_the_other_from_what_there_is() -> None:
    bowl = euro()
    counter = a_counter(bowl, coins=3)

    async def story(cashier: Cashier) -> None:
        paid = await asyncio.gather(cashier.pay("A", Minor(200)), cashier.pay("B", Minor(200)))
        assert sorted(paid) == [100, 200]

    run(counter, story)
    assert bowl.fell == 3


def test_more_coins_than_a_hopper_takes_in_one_order_are_left() -> None:
    run(a_counter(dime(), coins=300), paying(3000, expected=[2550]))


def test_empty_float_books_nothing_and_a_filled_one_is_booked_once() -> None:
    drawer = run(a_counter(euro(), coins=0), paying(100, expected=[0]))
    assert drawer.batches == []
    keys = [p.key for b in run(a_counter(euro()), paying(expected=[])).batches for p in b.postings]
    assert keys == ["float:100"]


def test_hopper_that_is_gone_is_not_promised_and_is_when_it_is_back() -> None:
    counter = a_counter(dime(), euro())

    async def story(cashier: Cashier) -> None:
        cashier.hopper_gone(Minor(100))
        await cashier.hopper_came(Minor(100))

    run(counter, story)
    assert counter.levels[0] == 100, "the dimes answered first"
    assert counter.levels[-3:] == [1100, 100, 1100]


def test_coins_that_turn_out_not_to_have_fallen_are_told_with_whose_they_are() -> None:
    drawer, bowl = Drawer(), euro()
    bowl.fell = 1
    mark = HopperMark("H100", 3, 0, 0, "S1/n1:100")
    drawer.batches.append(Batch(payouts=(PayoutRecord(mark, Minor(100)),)))
    counter = a_counter(bowl, drawer=drawer)
    run(counter, paying(expected=[]))
    assert counter.missed == [("S1", 200)]
    (fell,) = [p for b in drawer.batches for p in b.postings if p.key.startswith("payout:")]
    assert fell.entries[0].account == "owed:S1"


def test_hopper_that_is_replaced_pays_only_the_trial_until_it_is_released() -> None:
    async def story(cashier: Cashier) -> None:
        assert await cashier.hold(Minor(100))
        assert await cashier.pay("P0", Minor(200)) == 0
        assert await cashier.pay_test(Minor(100), "T") == 100
        await cashier.release(Minor(100))
        assert await cashier.pay("P1", Minor(200)) == 200

    drawer = run(a_counter(euro()), story)
    assert drawer.booked() == {"payout:H100:P1:100": 200}


def test_hopper_that_is_taken_out_unproved_leaves_its_customer_owed() -> None:
    drawer = Drawer()
    bowl = euro([LOST] * 20)

    async def story(cashier: Cashier) -> None:
        await cashier.pay("P0", Minor(100))
        assert not await cashier.hold(Minor(100))
        await cashier.write_off(Minor(100))

    counter = a_counter(bowl, drawer=drawer)
    run(counter, story)
    assert drawer.open_payouts() == []
    assert drawer.booked() == {}
    assert "hopper.uncertain" in drawer.incident_codes()
