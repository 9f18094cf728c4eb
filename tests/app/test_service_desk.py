"""Behind the service menu: PINs, pages of what is really there, and hands on the devices."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any

from chargepoint.app.device_watch import DeviceWatch
from chargepoint.app.pins import SALT_BYTES, StoredPin, check_at_once, check_in_thread, hashed
from chargepoint.app.replacing import ReplacementHands
from chargepoint.app.service_desk import Hands, ServiceDesk
from chargepoint.app.service_sheets import ServiceSheets, Site
from chargepoint.domain.devices import (
    CoinCursor,
    DeviceIncident,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    DeviceRef,
)
from chargepoint.domain.money.refund import Refund
from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.record import Batch
from chargepoint.domain.service.orders import CheckPin, Consult, Deed, Perform
from chargepoint.domain.service.people import Person, Role
from chargepoint.domain.service.steps import CONSULTED
from chargepoint.domain.service.values import Fact, Sheet
from chargepoint.domain.units import ConnectorId, Minor, SessionId
from chargepoint.host import host_facts
from chargepoint.ports import DeviceUnavailable, Hardware, LinkState
from chargepoint.store.journal import Journal, open_inline
from simulator.vtime import run_virtual
from tests.store.test_audit import FixedClock, coins, filled

ANNA = Person("anna", Role.TECHNICIAN)
SALT = b"s" * SALT_BYTES
PINS = [StoredPin(ANNA, SALT, hashed("835216", SALT, 4), 4)]
PRINTER = DeviceRef(DeviceKind.PRINTER)


class Drawer:
    """Of the journal, what the desk asks."""

    def __init__(self) -> None:
        self.asked: list[Refund] = []
        self.why = ""
        self.resent = 0

    def service_pins(self) -> list[StoredPin]:
        return PINS

    def next_refund(self, session: SessionId) -> str:
        return f"{session}-R1"

    async def ask_refund(self, wanted: Refund) -> str:
        self.asked.append(wanted)
        return self.why

    async def resend_dead_letters(self) -> None:
        self.resent += 1


class Board:
    def __init__(self, *, is_broken: bool = False) -> None:
        self.moves: list[bool] = []
        self.is_broken = is_broken

    async def set_lock(self, *, locked: bool) -> None:
        self.moves.append(locked)
        if self.is_broken:
            raise DeviceUnavailable("no answer")


class Connector:
    def __init__(self, board: Board) -> None:
        self.board = board


class Till:
    async def pay_test(self, value: Minor, reference: str) -> Minor:
        assert reference
        return value

    async def hopper_filled(self, value: Minor) -> None:
        assert value


def a_journal(folder: Path) -> Journal:
    path = filled(folder / "journal.sqlite", coins(100, 200))
    return open_inline(str(path), FixedClock())


def sheets_of(journal: Journal, watch: DeviceWatch, link: LinkState = LinkState.ONLINE) -> Any:
    site = Site(
        ocpp=(Fact("link.id", "CP-1"),),
        tariff=(),
        software=(),
        settings=(),
        firmware="1.0",
        timezone="Europe/Madrid",
        points=lambda: {ConnectorId(1): PointSeen(data=PointData(ConnectorId(1)))},
        link=lambda: link,
        host=tuple,
        hoppers=(Minor(100),),
        has_printer=True,
    )
    return ServiceSheets(journal.service_book(), watch, FixedClock(), site)


def answers(
    order: Any, drawer: Drawer | None = None, board: Board | None = None, sheets: Any = None
) -> list[Any]:
    """What the desk posts for one order."""
    posted: list[Any] = []
    work: list[Coroutine[Any, Any, Any]] = []
    hardware = Hardware({ConnectorId(1): Connector(board or Board())})  # type: ignore[dict-item]
    replacing = ReplacementHands({}, hardware, Till(), None)  # type: ignore[arg-type]
    desk = ServiceDesk(
        drawer or Drawer(),
        sheets,
        Hands(hardware, Till(), None, lambda: None, "es", replacing, None, None),  # type: ignore[arg-type]
        clock=FixedClock(),
        check_pins=check_at_once,
        post=posted.append,
        spawn=lambda job, _name: work.append(job),
    )

    async def run() -> None:
        desk.serve(order)
        for job in work:
            await job

    run_virtual(run())
    return posted


def of(awaitable: Awaitable[Any]) -> Any:
    async def run() -> Any:
        return await awaitable

    return asyncio.run(run())


# --- PINs -----------------------------------------------------------------------------------------


def test_pin_when_checked_then_whose_it_is() -> None:
    (right,) = answers(CheckPin(7, "835216"))
    (wrong,) = answers(CheckPin(8, "835217"))
    assert (right.request, right.person, wrong.person) == (7, ANNA, None)


def test_pin_when_checked_off_the_loop_then_the_same_answer() -> None:
    assert of(check_in_thread("835216", PINS)) == ANNA


# --- deeds ----------------------------------------------------------------------------------------


def test_refund_when_ordered_then_written_down_with_role_and_name() -> None:
    drawer = Drawer()
    (done,) = answers(Perform(1, Deed.REFUND, ANNA, "S-1", Minor(150), "goodwill"), drawer)
    (refund,) = drawer.asked
    assert (refund.reference, refund.amount, refund.role) == ("S-1-R1", 150, "technician anna")
    assert (done.is_done, done.outcome) == (True, "refund_asked")


def test_refund_when_refused_then_the_reason_is_told() -> None:
    drawer = Drawer()
    drawer.why = "at most 0 of 100 minor units are left"
    (done,) = answers(Perform(1, Deed.REFUND, ANNA, "S-1", Minor(150), "goodwill"), drawer)
    assert (done.is_done, done.outcome) == (False, f"failed|{drawer.why}")


def test_lock_when_tested_then_it_is_open_afterwards_whatever_happens() -> None:
    good, broken = Board(), Board(is_broken=True)
    (done,) = answers(Perform(1, Deed.TEST_LOCK, ANNA, "1"), board=good)
    assert (good.moves, done.outcome) == ([True, False], "lock_moved")
    (failed,) = answers(Perform(1, Deed.TEST_LOCK, ANNA, "1"), board=broken)
    assert (broken.moves, failed.is_done) == ([True, False], False)


def test_other_deeds_tell_how_they_ended() -> None:
    drawer = Drawer()
    outcomes = [
        answers(Perform(1, deed, ANNA, subject), drawer)[0].outcome
        for deed, subject in (
            (Deed.TEST_COIN, "100"),
            (Deed.HOPPER_FILLED, "100"),
            (Deed.RESEND, ""),
            (Deed.TEST_PRINT, ""),
        )
    ]
    assert outcomes == ["coin_paid", "refilled", "resent", "failed|not fitted"]
    assert drawer.resent == 1


# --- pages ----------------------------------------------------------------------------------------


def test_home_shows_each_device_as_it_last_was(tmp_path: Path) -> None:
    watch = DeviceWatch(FixedClock())
    watch.expect(["evse:1", "meter:1", "coin_acceptor", "printer", "card_reader"])
    watch.note(DeviceOnline(DeviceRef(DeviceKind.COIN_ACCEPTOR), "007213", "2.1"))
    watch.note(DeviceOffline(PRINTER, "paper_out"))
    (told,) = answers(Consult(3, "t_home"), sheets=sheets_of(a_journal(tmp_path), watch))
    marks = {fact.label: fact.mark for fact in told.sheet.facts if fact.mark}
    assert marks == {
        "connector|A": "warn",
        "device.coin_acceptor": "ok",
        "device.printer": "bad",
        "device.card_reader": "warn",
        "health.central": "ok",
        "health.books": "ok",
    }


def test_home_says_when_the_books_do_not_balance(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    sheets = sheets_of(journal, DeviceWatch(FixedClock()))
    with closing(sqlite3.connect(journal.path)) as connection:
        connection.execute("INSERT INTO entry VALUES (2, 'sales', -1)")
        connection.commit()
    marks = {fact.label: fact.mark for fact in sheets.sheet("t_home", "").facts}
    assert marks["health.books"] == "bad"


def test_device_shows_serial_firmware_and_its_last_error(tmp_path: Path) -> None:
    watch = DeviceWatch(FixedClock())
    acceptor = DeviceRef(DeviceKind.COIN_ACCEPTOR)
    watch.note(DeviceOnline(acceptor, "007213", "2.1"))
    watch.note(DeviceIncident(acceptor, "coin_acceptor.event", "jam"))
    sheet: Sheet = sheets_of(a_journal(tmp_path), watch).sheet("t_device", "coin_acceptor")
    shown = {fact.label: fact.value for fact in sheet.facts}
    assert shown["device.serial"] == "007213"
    assert shown["device.firmware"] == "2.1"
    assert shown["device.error"] == "coin_acceptor.event: jam"


def test_replaced_acceptor_shows_what_is_closed_and_where_counting_begins(tmp_path: Path) -> None:
    old, new = CoinCursor("C1", 3, 41, 41), CoinCursor("C2", 1, 0, 7)
    path = filled(
        tmp_path / "journal.sqlite", coins(100), Batch(cursors=(old,)), Batch(cursors=(new,))
    )
    watch = DeviceWatch(FixedClock())
    watch.note(DeviceOnline(DeviceRef(DeviceKind.COIN_ACCEPTOR), "C2"))
    sheets = sheets_of(open_inline(str(path), FixedClock()), watch)
    facts = sheets.sheet("t_replace_done", "coin_acceptor").facts
    assert facts[0] == Fact("replace.old|C1", "3:41", mark="ok")
    shown = {fact.label: (fact.value, fact.mark) for fact in facts[2:]}
    assert shown == {
        "replace.new": ("C2", "ok"),
        "replace.baseline": ("1:0", "ok"),
        "replace.counted": ("0", "warn"),
    }


def test_tests_offer_only_what_answers(tmp_path: Path) -> None:
    watch = DeviceWatch(FixedClock())
    watch.expect(["evse:1", "hopper:100", "printer"])
    sheets = sheets_of(a_journal(tmp_path), watch)
    assert [fact.id for fact in sheets.sheet("t_test", "").facts] == [
        *("central", "beep", "speech", "touch", "colours", "brightness"),
    ]
    watch.note(DeviceOnline(DeviceRef(DeviceKind.EVSE, ConnectorId(1))))
    watch.note(DeviceOnline(DeviceRef(DeviceKind.HOPPER, name="100")))
    ids = [fact.id for fact in sheets.sheet("t_test", "").facts]
    assert ids == [
        *("coin:100", "lock:1", "contactor:1"),
        *("central", "beep", "speech", "touch", "colours", "brightness"),
    ]


def test_cash_and_report_come_from_the_books(tmp_path: Path) -> None:
    sheets = sheets_of(a_journal(tmp_path), DeviceWatch(FixedClock()))
    assert sheets.sheet("t_cash", "").facts[0] == Fact("till.booked", "300", "money")
    assert sheets.sheet("t_collect_report", "").amount == 300


def test_every_page_that_asks_is_answered(tmp_path: Path) -> None:
    sheets = sheets_of(a_journal(tmp_path), DeviceWatch(FixedClock()), LinkState.OFFLINE)
    for page in CONSULTED:
        assert isinstance(sheets.sheet(page, "1"), Sheet), page


def test_computer_says_its_name_and_its_free_disk(tmp_path: Path) -> None:
    labels = [fact.label for fact in host_facts(tmp_path)()]
    assert {"net.host", "net.disk"} <= set(labels)
