"""A bank terminal that is busy, refuses, wants its day closed or cannot do what is asked."""

import asyncio

import pytest

from chargepoint.domain.devices import DeviceOffline
from chargepoint.domain.payments import BankOutcome
from chargepoint.domain.units import Minor
from chargepoint.ports import DeviceUnavailable
from drivers.zvt.apdu import Kind
from drivers.zvt.codes import TerminalState
from drivers.zvt.driver import MOST_WAITING
from drivers.zvt.settings import ZvtSettings
from simulator.devices.bank_terminal import (
    BUSY,
    OUT_OF_SERVICE,
    REMEDIED_BY,
    Style,
)
from tests.support.bank import COST, HOLD, Bench, charge, play, reasons


def test_a_busy_terminal_is_asked_again() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        bench.terminal.fault(BUSY)
        async with asyncio.TaskGroup() as group:
            result = group.create_task(bench.driver.reserve("S-1", HOLD))
            await asyncio.sleep(7)
            bench.terminal.clear(BUSY)
            bench.terminal.present_card()
        assert result.result().outcome is BankOutcome.APPROVED

    assert play(story).terminal.executed.count(Kind.RESERVATION) == 1


def test_a_terminal_that_stays_busy_is_given_up() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        bench.terminal.fault(BUSY)
        result = await bench.driver.reserve("S-1", HOLD)
        assert (result.outcome, result.reason) == (BankOutcome.DECLINED, "busy")
        async with asyncio.TaskGroup() as group:
            aborted = group.create_task(bench.driver.reserve("S-1", HOLD))
            await asyncio.sleep(3)
            await bench.driver.abort()
        assert aborted.result().outcome is BankOutcome.CANCELLED

    play(story)


def test_a_second_reservation_is_refused_as_long_as_the_first_is_open() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        await bench.reserve()
        second = await bench.reserve()
        assert (second.outcome, second.reason, second.code) == (BankOutcome.DECLINED, "busy", "B8")

    play(story)


def test_several_reservations_are_listed_for_who_can_read_them() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        for _ in range(2):
            await bench.reserve()
        assert await bench.driver.list_open() == ("0231", "0232")

    play(
        story,
        settings=ZvtSettings(max_reservations=2),
        style=Style(max_reservations=2, lists_as_container=True),
    )


def test_the_day_is_not_closed_while_money_is_reserved() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        await bench.reserve()
        refused = await bench.driver.end_of_day()
        assert (refused.outcome, refused.reason) == (BankOutcome.DECLINED, "open_reservations")
        await bench.driver.release("S-1", "0231")
        assert (await bench.driver.end_of_day()).outcome is BankOutcome.APPROVED

    bench = play(story)
    assert bench.terminal.executed.count(Kind.END_OF_DAY) == 1
    assert bench.terminal.books.closed_days == 1


def test_a_refund_goes_to_the_card() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        bench.terminal.present_card()
        refund = await bench.driver.refund("S-1", Minor(500))
        assert refund.receipt is not None
        assert (refund.outcome, refund.receipt.amount) == (BankOutcome.APPROVED, 500)

    assert play(story).terminal.books.refunded_minor == 500


def test_the_last_receipt_is_read_back_without_booking_anything() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        await charge(bench)
        receipt = (await bench.driver.repeat_receipt()).receipt
        assert receipt is not None
        assert (receipt.receipt_number, receipt.amount) == ("0232", HOLD - COST)
        assert receipt.lines

    assert len(play(story).journal.entries) == 2


@pytest.mark.parametrize("state", sorted(set(REMEDIED_BY.values())))
def test_what_a_terminal_needs_before_it_works_is_done(state: int) -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        bench.terminal.state = state
        await asyncio.sleep(60)
        assert (await charge(bench)).outcome is BankOutcome.APPROVED

    bench = play(story, settings=ZvtSettings(terminal_id="52523535"))
    assert bench.terminal.state == 0
    assert bench.of(DeviceOffline) == []


def test_money_can_be_settled_although_the_terminal_wants_to_close_its_day() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        await bench.reserve()
        bench.terminal.state = TerminalState.RECONCILIATION_REQUIRED
        await asyncio.sleep(100)
        settled = await bench.driver.settle("S-1", "0231", COST, reserved=HOLD)
        assert settled.outcome is BankOutcome.APPROVED
        await asyncio.sleep(100)
        assert bench.terminal.state == TerminalState.READY

    bench = play(story)
    assert bench.of(DeviceOffline) == []
    assert bench.terminal.books.closed_days == 1


def test_a_terminal_out_of_service_is_offline_until_it_is_not() -> None:
    async def story(bench: Bench) -> None:
        bench.terminal.fault(OUT_OF_SERVICE)
        await bench.until(DeviceOffline)
        with pytest.raises(DeviceUnavailable):
            await bench.reserve()
        bench.terminal.clear(OUT_OF_SERVICE)
        await bench.online()

    assert reasons(play(story)) == ["refused"]


def test_more_commands_than_any_point_needs_are_not_taken() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        async with asyncio.TaskGroup() as group:
            first = group.create_task(bench.driver.reserve("S-1", HOLD))
            await asyncio.sleep(1)
            waiting = [group.create_task(bench.driver.list_open()) for _ in range(MOST_WAITING)]
            await asyncio.sleep(1)
            with pytest.raises(DeviceUnavailable, match="too many"):
                await bench.driver.list_open()
            waiting[0].cancel()  # who does not wait any more is passed over
            await bench.driver.abort()
        assert first.result().outcome is BankOutcome.CANCELLED
        assert [each.result() for each in waiting[1:]] == [()] * (MOST_WAITING - 1)

    play(story)


def test_an_abort_of_nothing_does_nothing() -> None:
    async def story(bench: Bench) -> None:
        await bench.driver.abort()
        await bench.online()
        await bench.driver.abort()
        assert (await charge(bench)).outcome is BankOutcome.APPROVED

    play(story)


def test_a_terminal_that_is_busy_from_the_start_is_waited_for_and_then_offline() -> None:
    async def story(bench: Bench) -> None:
        bench.terminal.fault(BUSY)
        await bench.until(DeviceOffline)
        bench.terminal.clear(BUSY)
        await bench.online()

    bench = play(story)
    assert reasons(bench) == ["refused"]
    assert bench.events[0][0] > 60


def test_a_terminal_that_must_be_told_its_id_stays_out_of_service_without_one() -> None:
    async def story(bench: Bench) -> None:
        bench.terminal.state = TerminalState.ACTIVATION_REQUIRED
        await bench.until(DeviceOffline)

    assert reasons(play(story)) == ["refused"]


def test_a_wrong_password_is_told() -> None:
    async def story(bench: Bench) -> None:
        await bench.until(DeviceOffline)

    bench = play(story, settings=ZvtSettings(password="111111"))
    assert reasons(bench) == ["refused"]
    assert "11 11 11" not in " ".join(str(frame) for frame in bench.trace.frames())


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("reserve too much", "B7"),
        ("settle nothing", "B5"),
        ("settle all of nothing", "B8"),
        ("release nothing", "B4"),
    ],
)
def test_what_the_terminal_cannot_do_it_declines(command: str, code: str) -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        driver = bench.driver
        asked = {
            "reserve too much": lambda: driver.reserve("S-1", Minor(10_001)),
            "settle nothing": lambda: driver.settle("S-1", "0999", COST, reserved=HOLD),
            "settle all of nothing": lambda: driver.settle("S-1", "0999", HOLD, reserved=HOLD),
            "release nothing": lambda: driver.release("S-1", "0999"),
        }
        result = await asked[command]()
        assert (result.outcome, result.code) == (BankOutcome.DECLINED, code)

    play(story)


@pytest.mark.parametrize("command", ["settle", "release", "end_of_day", "refund"])
def test_a_silent_host_declines_and_what_was_reserved_stays(command: str) -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        driver = bench.driver
        if command in {"settle", "release"}:
            await bench.reserve()
        bench.terminal.fault("host_silent")
        bench.terminal.present_card()
        asked = {
            "settle": lambda: driver.settle("S-1", "0231", COST, reserved=HOLD),
            "release": lambda: driver.release("S-1", "0231"),
            "end_of_day": driver.end_of_day,
            "refund": lambda: driver.refund("S-1", COST),
        }
        result = await asked[command]()
        assert (result.command, result.outcome, result.code) == (
            command,
            BankOutcome.DECLINED,
            "A1",
        )
        assert await driver.list_open() == (("0231",) if command in {"settle", "release"} else ())

    assert play(story).terminal.captured_minor == 0


def test_a_terminal_that_takes_no_card_declines_every_one() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        bench.terminal.fault("declined")
        assert (await bench.reserve()).code == "05"
        assert (await bench.driver.repeat_receipt()).outcome is BankOutcome.DECLINED

    play(story)
