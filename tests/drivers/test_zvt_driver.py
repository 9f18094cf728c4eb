"""The bank terminal's driver against the simulated terminal: reserve, settle, release; what customers and banks do."""

import asyncio
from dataclasses import replace

import pytest

from chargepoint.domain.payments import BankOutcome, BankPrompt, BankResult
from chargepoint.domain.units import Minor
from chargepoint.payment_ports import BankMaintenance, BankTerminal
from chargepoint.ports import DeviceUnavailable
from drivers.zvt.apdu import Kind
from drivers.zvt.settings import ZvtSettings
from simulator.devices.bank_terminal import (
    Style,
)
from tests.support.bank import COST, HOLD, SERIAL, TCP, Bench, charge, on_both, on_every_style, play
from tests.support.transports import (
    BYTE_BY_BYTE,
    RANDOM_CHUNKS,
    Transport,
    on_every_transport,
)

# --- reserve, settle, release ----------------------------------------------------------------------


@on_both
@on_every_style
def test_a_charge_captures_its_cost_and_gives_the_rest_back(
    settings: ZvtSettings, style: Style
) -> None:
    async def story(bench: Bench) -> None:
        _port: tuple[BankTerminal, BankMaintenance] = (bench.driver, bench.driver)
        await bench.online()
        reserved = await bench.reserve()
        assert (reserved.command, reserved.reference) == ("reserve", "S-1")
        assert reserved.outcome is BankOutcome.APPROVED
        receipt = reserved.receipt
        assert receipt is not None
        assert (receipt.receipt_number, receipt.trace, receipt.amount) == ("0231", "000975", HOLD)
        assert (receipt.terminal_id, receipt.masked_pan) == ("52523535", "559883******8074")
        assert receipt.lines[0] == "* *  Händlerbeleg  * *"
        assert receipt.lines[2].endswith("40,00 EUR")
        assert receipt.lines.count("-" * 24) == 2
        assert await bench.driver.list_open() == ("0231",)
        settled = await bench.driver.settle("S-1", "0231", COST, reserved=HOLD)
        assert settled.receipt is not None
        assert (settled.outcome, settled.receipt.amount) == (BankOutcome.APPROVED, COST)
        assert settled.receipt.receipt_number == "0232"
        assert await bench.driver.list_open() == ()

    bench = play(story, settings=settings, style=style)
    assert bench.terminal.captured_minor == COST
    assert not bench.terminal.open_reservations
    assert [each.command for each in bench.journal.entries] == ["reserve", "settle"]
    assert bench.prompts() == ["present_card", "wait"]


@on_every_transport
def test_a_charge_succeeds_on_every_line(transport: Transport) -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        reserved = await bench.reserve()
        await transport.disturb(bench.line)
        while (receipts := await bench.list_open()) == ():
            reserved = await bench.reserve()  # lost on the way: nothing is held, so again
        (number,) = receipts
        assert reserved.outcome in {BankOutcome.APPROVED, BankOutcome.UNKNOWN}
        while await bench.list_open():
            try:
                await bench.driver.settle("S-1", number, COST, reserved=HOLD)
            except DeviceUnavailable:
                continue

    bench = play(story, transport=transport)
    assert [each.amount_minor for each in bench.terminal.captures] == [COST]
    assert len(bench.journal.approved("settle")) == 1


@pytest.mark.parametrize("transport", [BYTE_BY_BYTE, RANDOM_CHUNKS], ids=lambda one: one.name)
def test_a_network_line_in_pieces_changes_nothing(transport: Transport) -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        assert (await charge(bench)).outcome is BankOutcome.APPROVED

    assert play(story, transport=transport, settings=TCP).terminal.captured_minor == COST


@on_both
def test_nothing_sold_gives_everything_back(settings: ZvtSettings) -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        released = await charge(bench, Minor(0))
        assert released.outcome is BankOutcome.APPROVED
        assert released.receipt is not None
        assert released.receipt.amount == 0

    bench = play(story, settings=settings)
    assert (bench.terminal.captured_minor, bench.terminal.open_reservations) == (0, {})


@pytest.mark.parametrize(
    ("settings", "style", "cost", "command"),
    [
        (SERIAL, Style(), COST, Kind.PARTIAL_REVERSAL),
        (SERIAL, Style(), HOLD, Kind.BOOK_TOTAL),
        (SERIAL, Style(books_total=False), HOLD, Kind.PARTIAL_REVERSAL),
        (replace(SERIAL, always_book_total=True), Style(), COST, Kind.BOOK_TOTAL),
        (replace(SERIAL, merchant_prefix="AC"), Style(), COST, Kind.PARTIAL_REVERSAL),
    ],
    ids=["part", "all", "all without 06 24", "always 06 24", "merchant reference"],
)
def test_the_command_that_captures_is_the_terminals(
    settings: ZvtSettings, style: Style, cost: Minor, command: Kind
) -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        assert (await charge(bench, cost)).outcome is BankOutcome.APPROVED

    bench = play(story, settings=settings, style=style)
    assert bench.terminal.captured_minor == cost
    assert bench.terminal.executed[-1] == command


def test_amounts_that_cannot_be_are_not_asked_for() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        driver = bench.driver
        impossible = [
            await driver.reserve("S-1", Minor(0)),
            await driver.reserve("S-1", Minor(10**12)),
            await driver.settle("S-1", "0231", Minor(0), reserved=HOLD),
            await driver.settle("S-1", "0231", Minor(HOLD + 1), reserved=HOLD),
            await driver.refund("S-1", Minor(-5)),
        ]
        assert {(each.outcome, each.reason) for each in impossible} == {
            (BankOutcome.DECLINED, "amount")
        }
        commands = ["reserve", "reserve", "settle", "settle", "refund"]
        assert [each.command for each in impossible] == commands

    bench = play(story)
    assert bench.terminal.executed == [Kind.REGISTRATION, Kind.STATUS_ENQUIRY]
    assert bench.journal.entries == []


# --- what customers and banks do -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("card", "reason", "code"),
    [
        ("decline", "declined", "05"),
        ("insufficient", "insufficient", "71"),
        ("expired", "expired", "78"),
        ("unreadable", "unreadable", "64"),
        ("limit", "terminal", "B7"),
        ("host_silent", "terminal", "A1"),
        ("remove_early", "removed", "DC"),
    ],
)
def test_a_card_that_is_not_taken_says_why(card: str, reason: str, code: str) -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        result = await bench.reserve(card)
        assert result == BankResult("reserve", "S-1", BankOutcome.DECLINED, None, reason, code)
        assert (await bench.reserve()).outcome is BankOutcome.APPROVED

    bench = play(story)
    assert [each.outcome for each in bench.journal.entries] == [
        BankOutcome.DECLINED,
        BankOutcome.APPROVED,
    ]


def test_a_card_torn_out_while_its_bank_is_asked_is_not_charged() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        async with asyncio.TaskGroup() as group:
            result = group.create_task(bench.reserve(delay_s=20))
            await asyncio.sleep(5)
            bench.terminal.remove_early()
        assert result.result().reason == "removed"

    assert not play(story).terminal.open_reservations


def test_a_card_torn_out_in_the_instant_its_screen_comes_is_not_lost() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        async with asyncio.TaskGroup() as group:
            result = group.create_task(bench.driver.reserve("S-1", HOLD))
            await bench.until(BankPrompt)
            assert not bench.terminal.is_waiting_for_card  # its screen is ahead of it
            bench.terminal.remove_early()
        assert result.result().reason == "removed"

    assert not play(story).terminal.open_reservations


@pytest.mark.parametrize("card", ["pin", "wrong_pin"])
def test_the_screen_asks_for_the_pin(card: str) -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        assert (await bench.reserve(card)).outcome is BankOutcome.APPROVED

    assert play(story).prompts() == ["present_card", "enter_pin", "wait"]


def test_the_terminals_own_words_reach_the_screen() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        async with asyncio.TaskGroup() as group:
            group.create_task(bench.reserve(delay_s=20))
            await asyncio.sleep(5)
            bench.terminal.mutter(text="Bitte Gerät ansehen")

    assert BankPrompt("watch_terminal", "Bitte Gerät ansehen") in play(story).of(BankPrompt)


def test_nobody_with_a_card_ends_in_a_time_out() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        result = await bench.driver.reserve("S-1", HOLD)
        assert (result.outcome, result.reason) == (BankOutcome.CANCELLED, "timeout")

    play(story)


@on_both
def test_a_customer_who_gives_up_ends_the_command(settings: ZvtSettings) -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        async with asyncio.TaskGroup() as group:
            result = group.create_task(bench.driver.reserve("S-1", HOLD))
            await asyncio.sleep(5)
            began_s = asyncio.get_running_loop().time()
            await bench.driver.abort()
        assert result.result().outcome is BankOutcome.CANCELLED
        assert result.result().reason == "cancelled"
        assert asyncio.get_running_loop().time() - began_s < 1

    play(story, settings=settings)


def test_an_approval_after_the_abort_is_released_before_the_command_ends() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        async with asyncio.TaskGroup() as group:
            result = group.create_task(bench.reserve(delay_s=50))
            await asyncio.sleep(5)
            await bench.driver.abort()  # too late: the bank is being asked
        assert result.result().outcome is BankOutcome.CANCELLED
        assert bench.terminal.open_reservations == {}

    bench = play(story)
    assert [(each.command, each.outcome) for each in bench.journal.entries] == [
        ("reserve", BankOutcome.APPROVED),
        ("release", BankOutcome.APPROVED),
    ]


def test_a_late_approval_that_cannot_be_released_is_unknown() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        async with asyncio.TaskGroup() as group:
            result = group.create_task(bench.reserve(delay_s=50))
            await asyncio.sleep(5)
            await bench.driver.abort()
            bench.terminal.fault("host_silent")
        assert result.result().outcome is BankOutcome.UNKNOWN
        assert await bench.list_open() == ("0231",)

    play(story)


def test_a_command_that_waits_for_its_turn_can_be_given_up() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        async with asyncio.TaskGroup() as group:
            first = group.create_task(bench.driver.end_of_day())
            await asyncio.sleep(0.5)
            waiting = group.create_task(bench.driver.reserve("S-2", HOLD))
            await asyncio.sleep(0.1)
            await bench.driver.abort()
            assert (await waiting).outcome is BankOutcome.CANCELLED
        assert first.result().outcome is BankOutcome.APPROVED

    assert Kind.RESERVATION not in play(story).terminal.executed


def test_a_settlement_is_never_aborted() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        await bench.reserve()
        async with asyncio.TaskGroup() as group:
            settled = group.create_task(bench.driver.settle("S-1", "0231", COST, reserved=HOLD))
            await asyncio.sleep(0.5)
            await bench.driver.abort()
        assert settled.result().outcome is BankOutcome.APPROVED

    play(story)
