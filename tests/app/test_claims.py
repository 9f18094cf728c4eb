"""What is owed when power returns: found in a real journal, told, and a voucher exactly once."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chargepoint.app.claims import ClaimDesk
from chargepoint.app.gate import Gate
from chargepoint.domain.dialogue.events import OwedRecovered
from chargepoint.domain.money import ledger
from chargepoint.domain.money.voucher import VoucherTerms
from chargepoint.domain.payments import HopperMark, payout_reference
from chargepoint.domain.record import Batch, PayoutRecord, PointRecord, SessionRecord
from chargepoint.domain.units import ConnectorId, Minor, SessionId
from chargepoint.store import books
from chargepoint.store.journal import Journal, open_inline
from simulator.vtime import run_virtual
from tests.support.central import FixedClock
from tests.support.surroundings import CountingEntropy

S1 = "0f1e2d3c-s1"


def debt(claim: str, amount: int) -> Batch:
    posting = ledger.transfer(
        f"sale:{claim}", Minor(amount), debit=ledger.CASH_BOX, credit=ledger.owed(claim)
    )
    return Batch(postings=(posting,))


def ended(claim: str, code: str = "4827") -> Batch:
    return Batch(
        sessions=(SessionRecord(SessionId(claim), ConnectorId(1), {"order": {"code": code}}),)
    )


def payout(claim: str, coins: int, paid: int | None = None) -> Batch:
    mark = HopperMark("H100", coins, 0, 0, f"{payout_reference(claim, 'n1')}:100")
    return Batch(payouts=(PayoutRecord(mark, Minor(100), paid),))


@dataclass
class Life:
    """One start of the station after what happened before."""

    path: Path
    told: list[OwedRecovered] = field(default_factory=list)

    def before(self, *batches: Batch) -> "Life":
        async def write() -> None:
            for batch in batches:
                await self.journal.append(batch)

        self.journal: Journal = open_inline(str(self.path), FixedClock())
        asyncio.run(write())
        return self

    def desk(self) -> ClaimDesk:
        return ClaimDesk(
            Gate(self.journal),
            self.journal,
            clock=FixedClock(),
            entropy=CountingEntropy(),
            terms=VoucherTerms(365, "EUR"),
            told=self.told.append,
        )

    def recovered(self) -> "Life":
        asyncio.run(self.desk().recover())
        return self

    def owed(self) -> int:
        return books.balances(self.path).get("owed", 0)

    def incidents(self) -> list[str]:
        return [each["code"] for each in books.incidents(self.path)]

    def messages(self) -> list[str]:
        return [key for _, key, _ in books.undelivered(self.path)]


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    made = Life(tmp_path / "journal.sqlite")
    yield made
    made.journal.close()


def test_debt_of_a_session_becomes_a_voucher_that_its_stop_code_finds(life: Life) -> None:
    life.before(debt(S1, 360), ended(S1)).recovered()
    (told,) = life.told
    assert (told.record.amount, told.record.claim, told.needs_code) == (360, S1, True)
    assert life.owed() == 0
    assert books.balances(life.path)["voucher"] == 360
    assert life.messages() == [f"voucher:{told.record.code}:issue"]
    clock = FixedClock()
    assert life.journal.vouchers_of_stop_code("4827", clock.utc()) == (told.record,)
    assert life.journal.vouchers_of_stop_code("4828", clock.utc()) == ()


def test_debt_is_told_with_amount_and_reference(life: Life) -> None:
    life.before(debt(S1, 360), ended(S1)).recovered()
    assert life.incidents() == ["cash.owed", "cash.voucher"]
    detail = books.incidents(life.path)[0]["detail"]
    assert "360" in detail
    assert "0F1E2D3C" in detail


def test_start_after_start_issues_once(life: Life) -> None:
    life.before(debt(S1, 360), ended(S1)).recovered().recovered()
    assert len(life.messages()) == 1
    assert books.balances(life.path)["voucher"] == 360


def test_two_customers_get_a_voucher_each(life: Life) -> None:
    life.before(debt(S1, 360), ended(S1), debt("s2", 70), ended("s2")).recovered()
    assert sorted(told.record.amount for told in life.told) == [70, 360]
    assert len({told.record.code for told in life.told}) == 2


def test_money_returned_without_a_session_has_no_code_to_ask_for(life: Life) -> None:
    life.before(debt("name-1", 200)).recovered()
    assert [told.needs_code for told in life.told] == [False]


def test_debt_of_older_books_that_name_nobody_is_found_too(life: Life) -> None:
    life.before(debt("", 200)).recovered()
    assert life.owed() == 0


def proved(life: Life, desk: ClaimDesk, fell: int) -> None:
    """The hopper says that `fell` of three coins did; booked first, as the cashier does."""
    posting = ledger.transfer(
        "payout:x", Minor(fell * 100), debit=ledger.owed(S1), credit=ledger.HOPPER
    )
    books_it = Batch(postings=(posting,), payouts=payout(S1, 3, paid=fell).payouts)

    async def tell() -> None:
        await life.journal.append(books_it)
        await desk.hopper_proved(S1, Minor((3 - fell) * 100))

    asyncio.run(tell())


@pytest.mark.parametrize(("fell", "rest"), [(3, 60), (1, 260), (0, 360)])
def test_hopper_that_must_still_prove_is_waited_for_and_there_is_one_voucher(
    life: Life, fell: int, rest: int
) -> None:
    life.before(debt(S1, 360), ended(S1), payout(S1, 3))
    desk = life.desk()
    asyncio.run(desk.recover())
    assert life.told == []
    proved(life, desk, fell)
    assert [told.record.amount for told in life.told] == [rest]
    assert life.owed() == 0


def test_silent_hopper_keeps_only_what_it_must_prove_and_gives_a_second_voucher_later(
    life: Life,
) -> None:
    life.before(debt(S1, 360), ended(S1), payout(S1, 3))
    desk = life.desk()

    async def a_minute() -> None:
        await desk.recover()
        await desk.wait_no_longer()

    run_virtual(a_minute())
    assert [told.record.amount for told in life.told] == [60]
    assert life.owed() == 300
    proved(life, desk, 1)
    assert [told.record.amount for told in life.told] == [60, 200]
    assert life.owed() == 0
    found = life.journal.vouchers_of_stop_code("4827", FixedClock().utc())
    assert [record.amount for record in found] == [60, 200]


def test_payout_that_fell_as_it_counted_owes_nothing_more(life: Life) -> None:
    life.before()
    asyncio.run(life.desk().hopper_proved(S1, Minor(0)))
    assert life.told == []


def test_customer_whose_plug_is_still_in_keeps_the_change_for_the_unplugging(life: Life) -> None:
    body = {"session": {"order": {"session": S1}}}
    point = PointRecord(ConnectorId(1), "settling/billed", body)
    life.before(debt(S1, 360), ended(S1), Batch(points=(point,))).recovered()
    assert life.told == []
    assert life.owed() == 360


def test_older_books_and_a_plug_still_in_name_whose_the_debt_is(life: Life) -> None:
    """Else he would get his change, and somebody a voucher for the same money."""
    body = {"session": {"order": {"session": S1}}}
    point = PointRecord(ConnectorId(1), "settling/billed", body)
    bill = SessionRecord(SessionId(S1), ConnectorId(1), {"order": {"code": "4827"}, "owed": 360})
    life.before(debt("", 500), Batch(points=(point,), sessions=(bill,))).recovered().recovered()
    assert life.journal.balances()[ledger.owed(S1)] == 360
    (told,) = life.told
    assert (told.record.amount, told.needs_code) == (140, False), "the rest is somebody else's"
    assert life.owed() == 360


def test_code_that_was_given_out_before_is_not_given_again(life: Life) -> None:
    first = f"{CountingEntropy().below(100_000_000):08d}"
    taken = ledger.transfer(f"voucher:{first}", Minor(10), debit=ledger.owed("x"), credit="voucher")
    life.before(debt("x", 10), Batch(postings=(taken,)), debt(S1, 360)).recovered()
    assert life.owed() == 0
    assert life.told[0].record.code != first
