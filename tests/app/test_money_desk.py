"""What the conversation orders about money, carried out on the devices that are fitted."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from chargepoint.app.bank_desk import BankDesk
from chargepoint.app.cashier import Cashier
from chargepoint.app.gate import Gate
from chargepoint.app.money_desk import MoneyDesk
from chargepoint.app.voucher_desk import VoucherDesk
from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.devices import DeviceKind, DeviceRef
from chargepoint.domain.dialogue.events import (
    DialogueEvent,
    PaidOut,
    TopUpDelivered,
    TopUpRefused,
    VoucherAnswered,
)
from chargepoint.domain.effects import (
    AcceptNotes,
    BankAbort,
    BankReserve,
    DecideNote,
    FindVoucher,
    InhibitNotes,
    PayOut,
    RedeemVoucher,
    SettleHolds,
    Sound,
)
from chargepoint.domain.payments import HopperMark
from chargepoint.domain.record import Batch, HoldState, PayoutRecord
from chargepoint.domain.units import Generation, Minor, RequestId
from chargepoint.ports import DeviceUnavailable
from simulator.vtime import run_virtual
from tests.support.central import FixedClock
from tests.support.payment_ports import CANCELLED, HOLD, Book, Bowl, Drawer, Terminal, result
from tests.support.slips import SlipBook
from tests.support.surroundings import Tasks


class Validator:
    def __init__(self, *, is_away: bool = False) -> None:
        self.told: list[Any] = []
        self.is_away = is_away

    async def run(self) -> None:
        await asyncio.Event().wait()

    def accept(self, generation: Generation, values: frozenset[Minor]) -> None:
        self.told.append(("accept", generation, values))

    def inhibit(self, generation: Generation) -> None:
        self.told.append(("inhibit", generation))

    async def stack(self) -> None:
        self._decide("stack")

    async def give_back(self) -> None:
        self._decide("give_back")

    def _decide(self, word: str) -> None:
        self.told.append(word)
        if self.is_away:
            raise DeviceUnavailable("offline")


class Scene:
    def __init__(self, notes: Validator | None) -> None:
        self.posted: list[DialogueEvent] = []
        self.tasks, self.book, self.terminal = Tasks(), Book(), Terminal()
        self.slips = SlipBook()
        self.bowl, self.drawer = Bowl(Minor(100)), Drawer()
        self.bank = BankDesk(
            Gate(self.book), self.book, answered=self.posted.append, changed=lambda *_: None
        )
        self.bank.connect(self.terminal)
        cashier = Cashier(
            [self.bowl],
            Gate(self.drawer),
            self.drawer,
            floats={Minor(100): 9},
            level_changed=lambda _: None,
            proved=self._proved,
        )
        self.desk = MoneyDesk(
            self.posted.append,
            self.tasks.spawn,
            cashier=cashier,
            bank=self.bank,
            notes=notes,
            vouchers=VoucherDesk(
                Gate(self.slips),
                self.slips,
                FixedClock(),
                post=self.posted.append,
                currency="EUR",
                limit=Minor(50_000),
            ),
        )

    async def _proved(self, claim: str, missing: Minor) -> None:
        assert (claim, missing) == ("", 0), "of older books, and all of it fell"


def play(work: Callable[[Scene], None], *, notes: Validator | None = None) -> Scene:
    async def live() -> Scene:
        scene = Scene(notes)
        scene.tasks.spawn(scene.bank.run(), "bank desk")
        work(scene)
        await asyncio.sleep(1)
        await scene.tasks.stop()
        assert scene.tasks.crashes == []
        return scene

    return run_virtual(live())


def test_payout_ends_as_paid_out() -> None:
    def work(scene: Scene) -> None:
        scene.desk.device_changed(DeviceRef(DeviceKind.HOPPER, name="100"), online=True)
        scene.desk.execute(PayOut("P", Minor(350)))

    scene = play(work)
    assert scene.posted == [PaidOut("P", Minor(300))]
    assert scene.drawer.booked() == {"payout:H100:P:100": 300}


def test_hopper_that_comes_back_is_asked_what_it_paid() -> None:
    mark = HopperMark("H100", 2, 0, 0, "OLD:100")

    def work(scene: Scene) -> None:
        scene.bowl.fell = 2
        scene.drawer.batches.append(Batch(payouts=(PayoutRecord(mark, Minor(100)),)))
        scene.desk.device_changed(DeviceRef(DeviceKind.HOPPER, name="100"), online=True)

    assert play(work).drawer.booked() == {"payout:H100:OLD:100": 200}


def test_other_devices_that_come_or_go_are_nobodys_business_here() -> None:
    def work(scene: Scene) -> None:
        scene.desk.device_changed(DeviceRef(DeviceKind.HOPPER, name="100"), online=False)
        scene.desk.device_changed(DeviceRef(DeviceKind.HOPPER, name="?"), online=True)
        scene.desk.device_changed(DeviceRef(DeviceKind.METER), online=True)

    assert play(work).drawer.batches == []


def test_terminal_that_comes_back_is_asked_about_reservations() -> None:
    def work(scene: Scene) -> None:
        scene.book.write("R1", HoldState.RELEASE)
        scene.terminal.open.append("0231")
        scene.desk.device_changed(DeviceRef(DeviceKind.BANK_TERMINAL), online=True)

    assert play(work).terminal.told == [("release 0231", 0)]


def test_reservation_ends_as_its_result_and_an_abort_reaches_the_terminal() -> None:
    def work(scene: Scene) -> None:
        scene.desk.execute(BankReserve("R1", HOLD))
        scene.desk.execute(BankAbort())
        scene.terminal.answers.put_nowait(result(CANCELLED))

    scene = play(work)
    assert scene.posted == [result(CANCELLED)]
    assert scene.terminal.aborted == 1


def test_holds_are_settled_when_the_journal_has_some() -> None:
    def work(scene: Scene) -> None:
        scene.bank.device_changed(online=True)
        scene.book.write("R1", HoldState.CAPTURE, 700)
        scene.terminal.open.append("0231")
        scene.desk.execute(SettleHolds())

    assert play(work).terminal.told == [("settle 0231", 700)]


@pytest.mark.parametrize(("keep", "word"), [(True, "stack"), (False, "give_back")])
@pytest.mark.parametrize("is_away", [True, False])
def test_note_in_escrow_is_decided(keep: bool, word: str, is_away: bool) -> None:
    validator = Validator(is_away=is_away)
    play(lambda scene: scene.desk.execute(DecideNote(keep=keep)), notes=validator)
    assert validator.told == [word]


def test_notes_are_let_in_after_the_commit_and_stopped_before_it() -> None:
    validator, five = Validator(), frozenset({Minor(500)})

    def work(scene: Scene) -> None:
        scene.desk.execute(AcceptNotes(Generation(1), five))
        scene.desk.make_safe(InhibitNotes(Generation(2)))
        scene.desk.execute(InhibitNotes(Generation(2)))
        scene.desk.make_safe(Sound("ok"))
        scene.desk.execute(Sound("ok"))

    play(work, notes=validator)
    assert validator.told == [("accept", 1, five), ("inhibit", 2)]


def test_station_without_a_validator_has_nothing_to_tell() -> None:
    def work(scene: Scene) -> None:
        scene.desk.execute(AcceptNotes(Generation(1), frozenset()))
        scene.desk.execute(DecideNote(keep=True))
        scene.desk.make_safe(InhibitNotes(Generation(2)))

    assert play(work).posted == []


@pytest.mark.parametrize(
    ("content", "balance"),
    [({"balance": {"amount": 2400}}, 2400), ({"balance": {"amount": "?"}}, None), ({}, None)],
)
def test_delivered_topup_is_told_and_other_messages_are_not(
    content: dict[str, Any], balance: int | None
) -> None:
    payload = {"reference": "T1", "amount": {"amount": 400, "currency": "EUR"}}
    topup = VendorMessage("topup:T1", "GreenCard.TopUp", payload)

    def work(scene: Scene) -> None:
        scene.desk.delivered(topup, content)
        scene.desk.delivered(VendorMessage("tx:1:receipt", "Session.Receipt", {}), {})

    known = None if balance is None else Minor(balance)
    assert play(work).posted == [TopUpDelivered("T1", Minor(400), known)]


@pytest.mark.parametrize("status", ["Rejected", "Retry", "", None])
def test_topup_that_is_not_on_the_card_is_told_with_the_answer_and_credited_nowhere(
    status: str | None,
) -> None:
    payload = {"reference": "T1", "amount": {"amount": 400, "currency": "EUR"}}
    topup = VendorMessage("topup:T1", "GreenCard.TopUp", payload)
    (told,) = play(lambda scene: scene.desk.delivered(topup, {"status": status})).posted
    assert isinstance(told, TopUpRefused)
    assert told.incident.code == "topup.refused"
    assert told.incident.trace[0] == "> GreenCard.TopUp T1"
    assert "status" in told.incident.trace[1]


def test_vouchers_are_worth_what_their_desk_says() -> None:
    def work(scene: Scene) -> None:
        scene.slips.booked.add("voucherin:redeem:12345678")
        scene.desk.execute(RedeemVoucher(RequestId("v1"), "12345678"))
        scene.desk.execute(FindVoucher(RequestId("v2"), "4827"))

    unknown, used = play(work).posted
    assert used == VoucherAnswered(RequestId("v1"), "redeem:12345678", Minor(0), "used")
    assert unknown == VoucherAnswered(RequestId("v2"), "", Minor(0), "unknown")
