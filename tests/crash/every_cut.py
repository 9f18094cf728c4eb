"""One life of a station that is cut at a given commit, served on, and then looked at."""

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from central.storage.tables.accounts import INVOICE
from chargepoint.domain.session import Means
from chargepoint.store import books
from config.schema import Config
from simulator.devices.bank_terminal import SimulatedBankTerminal
from simulator.devices.meter_b23 import MWH_PER_STEP
from simulator.fitting import is_fitted
from simulator.own_leases import given_ungoverned_mwh
from simulator.play import Player
from simulator.play_options import StationOptions
from simulator.powercut import Cut, Order
from simulator.relay import CentralState
from simulator.scenario_file import Scenario
from simulator.station import Station
from simulator.station_ready import until_ready
from simulator.virtual_power import VirtualPower
from simulator.virtual_station import VirtualStation, resolved
from simulator.vtime import run_virtual
from tests.crash.unmetered import unmetered_wh

DARK_S = 5.0
SECOND_LIMIT_S = 60.0
HOLD_UP_S = 0.3  # between the warning of the supply and the dark
REPAIRED_AFTER_S = 20.0
SERVED_S = 150.0  # the rest of the charge takes 40 s at most; the plug is pulled after half of it
WH_IN_MWH = 1000
STEP_WH = {"b23": MWH_PER_STEP // WH_IN_MWH}  # where a meter counts in other steps than of 1 Wh
MOST_TRANSACTIONS = 100_000
EVENTS_LOST = "coin.events_lost"  # a line that was silent for long: five are kept
UNBOOKED = "coin_acceptor.unbooked"


@dataclass(frozen=True, slots=True)
class Blow:
    """`is_power`: everything goes dark; else the core alone is killed.

    `again`: struck once more, so many commits after the station came back, if it makes so many.
    `is_warned`: the supply says so as the commit takes effect, and lasts a moment longer.
    """

    mode: Cut
    number: int
    is_power: bool
    again: int | None = None
    is_warned: bool = False


@dataclass(frozen=True, slots=True)
class Terminal:
    """By the terminal's own books."""

    captured: tuple[tuple[int, int], ...] = ()  # receipt number of the reservation, amount
    still_open: tuple[int, ...] = ()  # receipt numbers
    reserved: dict[int, int] = field(default_factory=dict)  # what the journal knows, by number


@dataclass(frozen=True, slots=True)
class Office:
    """By the central system's own books. Money in minor units."""

    onto_cards: int = 0  # loaded, or held for a card that takes none, less what charges took
    vouchers: int = 0  # issued and not redeemed
    invoices: tuple[tuple[str, str], ...] = ()  # receipt number, invoice number
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What is left when everything has come to rest. Money in minor units."""

    was_struck: bool
    inserted: tuple[int, ...]  # every coin and note that was kept
    unread: tuple[int, ...]  # of it, forgotten with the power before the journal had it
    unwritten: tuple[int, ...]  # the same, while the disk took nothing
    told_unbooked: int  # coins, as the station says that it cannot know their value
    unreadable: int  # events that the acceptor had forgotten before it was asked again, as told
    paid_out: int
    accounts: dict[str, int]
    unbalanced: list[str]
    undelivered: list[tuple[int, str, str]]
    unsettled: list[str]  # reservations and payouts that the journal has not brought to an end
    transactions: list[tuple[int, bool]]  # at the central system: billed Wh, ended
    receipts: list[dict[str, Any]]
    terminal: Terminal
    office: Office
    told_invoices: tuple[tuple[str, str], ...]  # what the journal keeps of those it asked for
    pressed: bool  # the emergency stop was, and stayed so while a core lived
    latched: tuple[tuple[str, ...], ...]  # of each connector, by the journal
    energy_wh: float
    unmetered_wh: float  # before a broken meter was noticed, or a unit was governed
    meter_step_wh: int  # in which the coarsest meter counts
    is_open: bool
    is_unlocked: bool
    dark_under_load: bool  # a contactor was closed when the power went

    @property
    def coins_kept(self) -> int:
        return sum(self.inserted)


def survive(scenario: Scenario, blow: Blow, folder: Path) -> Aftermath:
    config = resolved(scenario, StationOptions(), folder)

    async def live() -> Aftermath:
        async with asyncio.TaskGroup() as tasks:
            virtual = VirtualStation(scenario, config, folder, tasks)
            async with virtual.running() as station:
                was_struck = await _live_through(virtual.power, station, scenario, blow)
                return looked_at(virtual, station, config, was_struck=was_struck)

    return run_virtual(live())


async def _live_through(
    power: VirtualPower, station: Station, scenario: Scenario, blow: Blow
) -> bool:
    await until_ready(station, expects_link=True)
    before = len(station.record.physical)
    if blow.is_warned:
        _arm_warned(power, station, blow.number)
    else:
        _arm(power, blow, blow.number)
    async with asyncio.TaskGroup() as tasks:
        play = tasks.create_task(Player(station).run(scenario.steps))
        while not play.done() and not _is_struck(station, before):
            await station.changes.wait(1.0)
        play.cancel()
    if not _is_struck(station, before):
        return False
    await _come_back(power, station, blow)
    if blow.again is not None:
        before = len(station.record.physical)
        _arm(power, blow, blow.again)
        until_s = station.now_s + SECOND_LIMIT_S
        while station.now_s < until_s and not _is_struck(station, before):
            await station.changes.wait(1.0)
        if _is_struck(station, before):
            await _come_back(power, station, blow)
        else:
            power.disarm()
    await station.central.set_state(CentralState.UP)
    await _serve(station)
    return True


def _arm(power: VirtualPower, blow: Blow, number: int) -> None:
    if blow.is_power:
        power.arm(blow.mode, number)
    else:
        power.arm_kill(blow.mode, number)


def _arm_warned(power: VirtualPower, station: Station, number: int) -> None:
    core = power.core
    assert core is not None  # until_ready has seen it
    loop = asyncio.get_running_loop()

    def warn() -> None:
        station.devices.fault("cabinet", "mains_lost", None)
        loop.call_later(HOLD_UP_S, power.cut_now)

    core.writer.arm(Order(Cut.AFTER, number, warn))


async def _come_back(power: VirtualPower, station: Station, blow: Blow) -> None:
    """Until a core lives again."""
    if blow.is_power:
        await asyncio.sleep(DARK_S)
        if blow.is_warned:
            station.devices.clear("cabinet", "mains_lost", None)
        await power.restore()
    while power.core is None:
        await station.changes.wait(0.2)


def _is_struck(station: Station, before: int) -> bool:
    return any(
        (entry["what"], entry["value"]) == ("core", "killed")
        for entry in station.record.physical[before:]
    )


async def _serve(station: Station) -> None:
    """The customer stays for the charge, pulls the plug at the car, which ends any, and goes."""
    until_s = station.now_s + SERVED_S
    repaired_s = station.now_s + REPAIRED_AFTER_S
    while station.now_s < until_s:
        await asyncio.sleep(1)
        if station.now_s > repaired_s:
            _repair(station)
        is_over = station.now_s > until_s - SERVED_S / 2
        if is_over and station.world.vehicle(1):
            station.world.unplug(1, forced=True)


def _repair(station: Station) -> None:
    for title in tuple(station.devices.faults):
        device, _, connector = title.partition(":")
        station.devices.clear(device, None, int(connector) if connector else None)


def looked_at(
    virtual: VirtualStation, station: Station, config: Config, *, was_struck: bool
) -> Aftermath:
    world = station.world
    receipts = {
        frame["payload"]["data"]
        for frame in station.record.ocpp
        if frame["type"] == 2 and frame["payload"].get("messageId") == "Session.Receipt"
    }
    documents = [json.loads(each) for each in sorted(receipts)]
    return Aftermath(
        was_struck=was_struck,
        inserted=_values(station, "coin", "note"),
        unread=_values(station, "cash_unread"),
        unwritten=_values(station, "cash_unwritten"),
        told_unbooked=_told(station.journal, UNBOOKED),
        unreadable=_told(station.journal, EVENTS_LOST),
        paid_out=sum(_values(station, "paid_out")),
        accounts=books.balances(station.journal),
        unbalanced=books.unbalanced(station.journal),
        undelivered=books.undelivered(station.journal),
        unsettled=_unsettled(station.journal),
        transactions=[
            (each.energy_wh, not each.is_running)
            for each in virtual.central.store.charges.transactions(MOST_TRANSACTIONS)
        ],
        receipts=documents,
        terminal=_terminal(virtual, station.journal)
        if is_fitted(config.devices.bank_terminal)
        else Terminal(),
        office=_office(virtual, documents),
        told_invoices=_told_invoices(station.journal),
        pressed=any(
            (each["what"], each["value"]) == ("fault", "cabinet.emergency_stop")
            for each in station.record.physical
        ),
        latched=_latched(station.journal),
        energy_wh=sum(world.register_mwh(each) for each in world.connectors) / WH_IN_MWH,
        unmetered_wh=unmetered_wh(station.record.physical, config)
        + given_ungoverned_mwh(virtual.hardware.fitted) / WH_IN_MWH,
        meter_step_wh=max(STEP_WH.get(each.kind, 1) for each in config.devices.meter.values()),
        is_open=not any(world.is_contactor_closed(each) for each in world.connectors),
        is_unlocked=not any(world.is_locked(each) for each in world.connectors),
        dark_under_load=_dark_under_load(station),
    )


def _dark_under_load(station: Station) -> bool:
    """As it was when mains were lost, which opens everything by itself."""
    closed = False
    for entry in station.record.physical:
        if (entry["what"], entry["value"]) == ("power", "off"):
            return closed
        if entry["what"] == "contactor":
            closed = entry["value"] == "closed"
    return False


def _told(journal: Path, code: str) -> int:
    """How many, by incidents whose detail begins with a number, or has it after the device's name."""
    told = [each["detail"] for each in books.incidents(journal) if each["code"] == code]
    return sum(int(detail.rpartition(": ")[2].split()[0]) for detail in told)


def _values(station: Station, *kinds: str) -> tuple[int, ...]:
    return tuple(int(e["value"]) for e in station.record.physical if e["what"] in kinds)


def _rows(journal: Path, question: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as connection:
        return connection.execute(question).fetchall()


def _unsettled(journal: Path) -> list[str]:
    holds = _rows(journal, "SELECT reference, state FROM bank_hold WHERE state <> 'done'")
    payouts = _rows(journal, "SELECT reference, 'payout' FROM payout WHERE paid IS NULL")
    return [f"{reference} {state}" for reference, state in holds + payouts]


def _latched(journal: Path) -> tuple[tuple[str, ...], ...]:
    saved = _rows(journal, "SELECT body FROM point_state ORDER BY connector")
    return tuple(tuple(json.loads(body)["latched"]) for (body,) in saved)


def _told_invoices(journal: Path) -> tuple[tuple[str, str], ...]:
    document = "json_extract(body, '$.document.{}')".format
    asked = f"SELECT {document('receiptNumber')}, coalesce({document('invoice')}, '') FROM session"
    known = _rows(journal, f"{asked} WHERE {document('invoicing')} IS NOT NULL")
    return tuple(sorted((str(receipt), str(number)) for receipt, number in known))


def _terminal(virtual: VirtualStation, journal: Path) -> Terminal:
    device = virtual.hardware.device("bank_terminal")
    assert isinstance(device, SimulatedBankTerminal)
    known = _rows(journal, "SELECT receipt_number, amount_minor FROM bank_hold")
    return Terminal(
        tuple((each.reservation, each.amount_minor) for each in device.captures),
        tuple(device.open_reservations),
        {int(number): amount for number, amount in known},
    )


def _of_tokens(virtual: VirtualStation, receipts: list[dict[str, Any]]) -> int:
    """What charges of tokens that are no cards cost: their issuer owes it."""
    theirs = {each["receiptNumber"] for each in receipts if each["means"] == Means.TOKEN}
    charges = virtual.central.store.charges.transactions(MOST_TRANSACTIONS)
    return sum(each.total_minor or 0 for each in charges if each.receipt_number in theirs)


def _office(virtual: VirtualStation, receipts: list[dict[str, Any]]) -> Office:
    store = virtual.central.store
    cards = sum(
        amount
        for account, amount in store.balances().items()
        if account == "opening" or account.startswith(("card:", "held_topup:", "owed:"))
    )
    return Office(
        onto_cards=cards - _of_tokens(virtual, receipts),
        vouchers=store.balance("voucher"),
        invoices=tuple(
            sorted(
                (receipt, number)
                for receipt, number in store.database.rows(
                    select(INVOICE.c.receipt_number, INVOICE.c.number)
                )
            )
        ),
        findings=tuple(f"{each.code} {each.detail}" for each in store.findings()),
    )
