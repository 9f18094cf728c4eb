"""The bank terminal's driver against the simulated terminal, in virtual time."""

import asyncio
from dataclasses import replace

import pytest

from chargepoint.domain.devices import DeviceIncident, DeviceOffline
from chargepoint.domain.payments import BankOutcome, BankPrompt, BankResult
from chargepoint.domain.units import Minor
from chargepoint.errors import ChargepointError
from chargepoint.payment_ports import BankMaintenance, BankTerminal
from chargepoint.ports import DeviceUnavailable
from drivers.zvt.apdu import Kind
from drivers.zvt.codes import TerminalState
from drivers.zvt.driver import MOST_WAITING
from drivers.zvt.settings import Timeouts, ZvtSettings
from drivers.zvt.settings import Transport as ZvtTransport
from simulator.devices.bank_terminal import (
    BUSY,
    FAULTS,
    NO_COMPLETION,
    OUT_OF_SERVICE,
    REMEDIED_BY,
    Style,
)
from tests.support.bank import COST, HOLD, Bench, Journal, play
from tests.support.transports import (
    BYTE_BY_BYTE,
    LOSS,
    RANDOM_CHUNKS,
    Transport,
    on_every_transport,
)

SERIAL = ZvtSettings()
TCP = ZvtSettings(transport=ZvtTransport.TCP)
on_both = pytest.mark.parametrize("settings", [SERIAL, TCP], ids=["serial", "tcp"])
on_every_style = pytest.mark.parametrize(
    "style",
    [
        Style(),
        Style(lists_as_container=True),
        Style(prints_blocks=True),
        Style(prints_blocks=True, advertises=30),  # a message of more than 254 bytes
    ],
    ids=["plain", "container", "block", "long"],
)


async def charge(bench: Bench, cost: Minor = COST) -> BankResult:
    """Reserve and settle; the settlement."""
    reserved = await bench.reserve()
    assert reserved.receipt is not None
    number = reserved.receipt.receipt_number
    if cost == 0:
        return await bench.driver.release("S-1", number)
    return await bench.driver.settle("S-1", number, cost, reserved=reserved.receipt.amount)


def reasons(bench: Bench) -> list[str]:
    """Why it went offline, each time: the first word."""
    said = [each.reason for each in bench.of(DeviceOffline) if isinstance(each, DeviceOffline)]
    return [each.partition(":")[0] for each in said]


def incidents(bench: Bench) -> list[str]:
    return [each.code for each in bench.of(DeviceIncident) if isinstance(each, DeviceIncident)]


# --- reserve, settle, release -------------------------------------------------------------------


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


# --- what customers and banks do ----------------------------------------------------------------


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


# --- durable before acknowledged ------------------------------------------------------------------


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


# --- lost in the middle -------------------------------------------------------------------------


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


# --- busy, refused, maintenance -------------------------------------------------------------------


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


# --- the line -----------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["silent", "garbled", "unplugged"])
@on_both
def test_a_broken_line_is_named_and_forgiven(fault: str, settings: ZvtSettings) -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        bench.terminal.fault(fault)
        await bench.until(DeviceOffline)
        with pytest.raises(DeviceUnavailable):
            await bench.driver.list_open()
        bench.terminal.clear(fault)
        await bench.online(2)
        assert (await charge(bench)).outcome is BankOutcome.APPROVED

    bench = play(story, settings=settings)
    assert reasons(bench) == [fault]


def test_a_terminal_that_takes_blocks_and_says_nothing_is_slow() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        bench.terminal.freeze()
        await bench.until(DeviceOffline)

    assert reasons(play(story)) == ["slow"]


def test_a_line_that_is_slow_still_works() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        bench.terminal.fault("slow")
        assert (await charge(bench)).outcome is BankOutcome.APPROVED

    assert play(story).of(DeviceOffline) == []


def test_what_waits_for_a_lost_terminal_is_told_so() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        async with asyncio.TaskGroup() as group:
            first = group.create_task(bench.driver.reserve("S-1", HOLD))
            await asyncio.sleep(1)
            second = group.create_task(_failure(bench))
            await asyncio.sleep(1)
            bench.terminal.fault("unplugged")
        assert first.result().outcome is BankOutcome.UNKNOWN
        assert "offline" in second.result()

    play(story)


async def _failure(bench: Bench) -> str:
    with pytest.raises(DeviceUnavailable) as caught:
        await bench.driver.list_open()
    return str(caught.value)


def test_who_waits_for_a_driver_that_ends_is_told_that_nobody_knows() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        async with asyncio.TaskGroup() as group:
            first = group.create_task(bench.driver.reserve("S-1", HOLD))
            await asyncio.sleep(1)
            second = group.create_task(_failure(bench))
            await asyncio.sleep(1)
            await bench.restart_core()
        assert first.result().outcome is BankOutcome.UNKNOWN
        assert "offline" in second.result()

    play(story)


def test_an_unasked_word_of_the_terminal_is_answered() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        bench.terminal.mutter()
        await asyncio.sleep(1)
        assert (await charge(bench)).outcome is BankOutcome.APPROVED

    bench = play(story)
    assert bench.prompts() == ["present_card", "wait"]


def test_no_card_number_and_no_password_reach_the_recorder() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        await charge(bench)
        await bench.driver.end_of_day()

    bench = play(story, settings=ZvtSettings(), style=Style(receipt_lines=("4111 1111 1111 1111",)))
    recorded = " ".join(str(frame) for frame in bench.trace.frames())
    assert "55 98 83" not in recorded
    assert "31 31 31 31" not in recorded
    assert "00 00 00 DE" not in recorded
    shown = [line for each in bench.journal.entries if each.receipt for line in each.receipt.lines]
    assert "4111 1111 1111 1111" not in shown


def test_the_same_seed_gives_the_same_frames() -> None:
    async def story(bench: Bench) -> None:
        await bench.online()
        await charge(bench)

    first, second = (play(story, transport=LOSS, seed=4) for _ in range(2))
    assert first.trace.frames() == second.trace.frames()


def test_every_fault_can_come_and_go() -> None:
    async def story(bench: Bench) -> None:
        for kind in FAULTS:
            bench.terminal.fault(kind)
            bench.terminal.clear(kind)
        with pytest.raises(ValueError, match="no fault"):
            bench.terminal.fault("weld")
        with pytest.raises(ValueError, match="none of"):
            bench.terminal.present_card("gold")
        await bench.online()

    play(story)


def test_time_outs_have_the_specifications_defaults() -> None:
    assert (Timeouts().t1_s, Timeouts().t2_s, Timeouts().t3_s, Timeouts().t4_s) == (0.2, 5, 5, 180)
    assert Journal().entries == []
