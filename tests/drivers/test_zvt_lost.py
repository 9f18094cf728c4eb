"""What is lost in the middle of a payment by card: durable before acknowledged, found again after."""

import asyncio

from chargepoint.domain.devices import DeviceOffline
from chargepoint.domain.payments import BankOutcome, BankResult
from chargepoint.errors import ChargepointError
from drivers.zvt.apdu import Kind
from drivers.zvt.settings import ZvtSettings
from simulator.devices.bank_terminal import (
    NO_COMPLETION,
    Style,
)
from tests.support.bank import COST, HOLD, Bench, charge, incidents, on_both, play

# --- durable before acknowledged -------------------------------------------------------------------


def test_a_result_is_durable_before_the_terminal_is_told() -> None:
    booked: list[tuple[int, int]] = []

    async def story(bench: Bench) -> None:
        async def before(_result: BankResult) -> None:
            await asyncio.sleep(2)
            booked.append((len(bench.terminal.open_reservations), len(bench.terminal.captures)))

        bench.journal.before = before
        await bench.online()
        await charge(bench)

    play(story)
    assert booked == [(0, 0), (1, 0)]


@on_both
def test_a_journal_slower_than_the_terminal_waits_books_nothing(settings: ZvtSettings) -> None:
    async def story(bench: Bench) -> None:
        async def before(_result: BankResult) -> None:
            await asyncio.sleep(8)

        bench.journal.before = before
        await bench.online()
        result = await bench.reserve()
        assert result.outcome is BankOutcome.DECLINED
        assert bench.terminal.open_reservations == {}
        bench.journal.before = None
        assert (await bench.reserve()).outcome is BankOutcome.APPROVED

    bench = play(story, settings=settings)
    assert "bank_terminal.late" in incidents(bench)
    assert [each.outcome for each in bench.journal.entries] == [
        BankOutcome.APPROVED,
        BankOutcome.DECLINED,
        BankOutcome.APPROVED,
    ]


def test_a_journal_that_cannot_take_the_result_gives_the_booking_back() -> None:
    class DiskFull(ChargepointError):
        pass

    async def story(bench: Bench) -> None:
        async def before(result: BankResult) -> None:
            if result.outcome is BankOutcome.APPROVED:
                raise DiskFull("no space")

        await bench.online()
        bench.journal.before = before
        result = await bench.reserve()
        assert result.outcome is BankOutcome.DECLINED
        assert await bench.driver.list_open() == ()

    assert not play(story).terminal.open_reservations


def test_a_booking_that_cannot_be_read_is_given_back() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        result = await bench.reserve()
        assert result.outcome is BankOutcome.DECLINED

    bench = play(story, style=Style(names_receipts=False))
    assert incidents(bench) == ["bank_terminal.unreadable_result"]
    assert not bench.terminal.open_reservations


# --- lost in the middle ----------------------------------------------------------------------------


def test_a_completion_that_never_comes_is_unknown_and_the_reservation_found_open() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        bench.terminal.fault(NO_COMPLETION)
        result = await bench.reserve()
        assert result.outcome is BankOutcome.UNKNOWN
        assert result.receipt is not None
        bench.terminal.clear(NO_COMPLETION)
        assert await bench.list_open() == (result.receipt.receipt_number,)

    bench = play(story)
    assert bench.terminal.executed.count(Kind.RESERVATION) == 1


def test_an_answer_of_the_bank_that_comes_after_the_line_is_back_is_recorded() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        async with asyncio.TaskGroup() as group:
            result = group.create_task(bench.reserve(delay_s=20))
            await asyncio.sleep(5)
            bench.terminal.fault("unplugged")
            await asyncio.sleep(1)
            bench.terminal.clear("unplugged")
        assert result.result().outcome is BankOutcome.UNKNOWN
        assert await bench.list_open() == ("0231",)

    bench = play(story)
    assert [(each.command, each.reference, each.outcome) for each in bench.journal.entries] == [
        ("reserve", "S-1", BankOutcome.APPROVED)
    ]
    assert bench.terminal.executed.count(Kind.RESERVATION) == 1


def test_a_booking_that_nobody_asked_for_is_refused() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        async with asyncio.TaskGroup() as group:
            bench.terminal.present_card(delay_s=20)
            group.create_task(bench.driver.reserve("S-1", HOLD))
            await asyncio.sleep(5)
            await bench.restart_core()
            await bench.online(2)
        assert await bench.list_open() == ()

    bench = play(story)
    assert "bank_terminal.orphan_result" in incidents(bench)
    assert bench.journal.entries == []


def test_a_terminal_that_starts_anew_in_the_middle_holds_nothing() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        async with asyncio.TaskGroup() as group:
            result = group.create_task(bench.reserve(delay_s=30))
            await asyncio.sleep(5)
            bench.terminal.reboot()
            await asyncio.sleep(40)
            await bench.driver.abort()
        assert result.result().outcome is BankOutcome.UNKNOWN
        assert await bench.list_open() == ()
        assert (await charge(bench)).outcome is BankOutcome.APPROVED

    assert play(story).terminal.captured_minor == COST


def test_a_terminal_that_has_forgotten_us_is_registered_with_again() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        bench.terminal.reboot()
        await asyncio.sleep(15)
        assert (await charge(bench)).outcome is BankOutcome.APPROVED

    bench = play(story)
    assert bench.terminal.executed.count(Kind.REGISTRATION) == 2
    assert bench.of(DeviceOffline) == []


def test_reservations_survive_a_power_cut_of_the_terminal() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        await bench.reserve()
        bench.terminal.power_cut()
        await asyncio.sleep(60)
        bench.terminal.power_on()
        assert await bench.list_open() == ("0231",)
        settled = await bench.driver.settle("S-1", "0231", COST, reserved=HOLD)
        assert settled.outcome is BankOutcome.APPROVED

    assert play(story).terminal.captured_minor == COST
