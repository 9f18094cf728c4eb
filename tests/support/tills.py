"""A station with every means of payment: `StationUnderTest` and what desk and cashier do for it."""

from typing import Any

from typing_extensions import override

from chargepoint.domain.devices import GreenCardRead
from chargepoint.domain.dialogue.bank_talk import hold_of
from chargepoint.domain.dialogue.context import DialogueSettings
from chargepoint.domain.dialogue.events import (
    BankChanged,
    ChangeLevel,
    OwedRecovered,
    PaidOut,
    TopUpDelivered,
    VoucherAnswered,
)
from chargepoint.domain.effects import BankReserve, DecideNote, PayOut, RedeemVoucher
from chargepoint.domain.money import ledger, voucher
from chargepoint.domain.payments import (
    BankOutcome,
    BankReceipt,
    BankResult,
    NoteCursor,
    NoteInEscrow,
    NoteReturned,
    NoteStacked,
    claim_of_payout,
)
from chargepoint.domain.point.context import PointSettings
from chargepoint.domain.record import Batch, HoldRecord, HoldState
from chargepoint.domain.session import Means
from chargepoint.domain.units import Minor
from tests.support.points import PUBLIC, at
from tests.support.stations import StationUnderTest

CARD = GreenCardRead("7123450000000018", "04AABBCC")
OCCUPYING = (HoldState.OPEN, HoldState.USED, HoldState.CAPTURE, HoldState.RELEASE)


class PayingStation(StationUnderTest):
    """Holds and payouts live as in the journal; the hoppers hold `inside` minor units."""

    def __init__(
        self,
        connectors: int,
        settings: DialogueSettings,
        inside: int,
        point_settings: PointSettings | None = None,
    ) -> None:
        self.holds: dict[str, HoldRecord] = {}
        self.captured: dict[str, int] = {}  # at the terminal, by reference
        self.answered_orders: set[str] = set()  # bank and payout orders that came to their end
        self.vouchers_in = 0
        self.inside, self.paid_out, self.notes = inside, 0, 0
        super().__init__(connectors, settings, point_settings)

    @override
    def booted(self) -> "PayingStation":
        super().booted()
        for record in [h for h in self.holds.values() if h.state is HoldState.OPEN]:
            self._book(Batch(holds=(HoldRecord(record.hold, HoldState.RELEASE),)))
        self.tell(ChangeLevel(Minor(self.inside)))
        self.bank_online()
        return self

    @override
    def restarted(self, away_s: float = 5.0) -> "PayingStation":
        """What was ordered of terminal and hoppers before is answered to nobody."""
        for order in (*self.sent(BankReserve), *self.sent(PayOut)):
            self.answered_orders.add(order.reference)
        super().restarted(away_s)
        self._recover_debts()
        return self

    def _recover_debts(self) -> None:
        """As the claim desk does before anybody is served."""
        billed = (r for r in self.saved.values() if r.state == "settling/billed")
        present = frozenset(str(record.body["session"]["order"]["session"]) for record in billed)
        for claim, amount in voucher.left_behind(self.accounts(), {}, present).items():
            code = f"{90_000_000 + len(self.postings):08d}"
            terms = voucher.VoucherTerms(365, "EUR")
            made = voucher.issue(
                terms, claim, amount, code=code, reference=code, at=at(self.seconds).utc
            )
            self._book(Batch(postings=(made.posting,), deliveries=(made.message,)))
            needs_code = f"sale:{claim}" in self.postings
            self.tell(OwedRecovered(made.record, needs_code=needs_code))

    # --- notes ---

    def note(self, value: int = 500) -> "PayingStation":
        if value not in self.dialogue.data.pay.notes_level:
            self.tell(NoteReturned("inhibited", self._note_cursor()))
            return self
        self.tell(NoteInEscrow(Minor(value), self._note_cursor()))
        kept, cursor = self.sent(DecideNote)[-1].keep, self._note_cursor()
        self.tell(NoteStacked(Minor(value), cursor) if kept else NoteReturned("", cursor))
        return self

    def _note_cursor(self) -> NoteCursor:
        """Each event of a validator has its own."""
        self.notes += 1
        return NoteCursor("N1", 1, self.notes, self.notes % 256)

    # --- bank ---

    def bank_line(self, online: bool) -> "PayingStation":
        return self.bank_online(online=online)

    def bank_online(self, *, online: bool = True) -> "PayingStation":
        count = sum(record.state in OCCUPYING for record in self.holds.values())
        self.tell(BankChanged(online, count))
        return self

    @property
    def bank_order(self) -> BankReserve | None:
        """The one that the terminal works on."""
        waiting = [o for o in self.sent(BankReserve) if o.reference not in self.answered_orders]
        return waiting[-1] if waiting else None

    def bank(
        self, outcome: BankOutcome = BankOutcome.APPROVED, reason: str = ""
    ) -> "PayingStation":
        """The terminal's result, durable before it is heard."""
        order = self.bank_order
        assert order is not None, "the terminal was asked"
        self.answered_orders.add(order.reference)
        receipt = None
        if outcome is BankOutcome.APPROVED:
            number = f"{len(self.holds) + 231:04d}"
            receipt = BankReceipt(number, "1", "T", order.amount, "541333******9999")
            hold = hold_of(order.reference, receipt)
            self._book(Batch(holds=(HoldRecord(hold, HoldState.OPEN),)))
        self.bank_online()
        self.tell(BankResult("reserve", order.reference, outcome, receipt, reason))
        return self

    def settle(self) -> "PayingStation":
        """The desk ends what the journal says must be ended."""
        for reference, record in tuple(self.holds.items()):
            if record.state is HoldState.CAPTURE:
                assert reference not in self.captured, "captured twice"
                self.captured[reference] = record.wanted
            if record.state in (HoldState.CAPTURE, HoldState.RELEASE):
                done = HoldRecord(record.hold, HoldState.DONE, record.wanted, record.wanted)
                self._book(Batch(holds=(done,)))
        return self.bank_online()

    # --- hoppers ---

    @property
    def payout(self) -> PayOut | None:
        waiting = [o for o in self.sent(PayOut) if o.reference not in self.answered_orders]
        return waiting[0] if waiting else None

    def pay_out(self, at_most: int = 1_000_000) -> "PayingStation":
        """Whole ten cents fall, as many as there are; booked before it is said."""
        order = self.payout
        assert order is not None, "a payout was ordered"
        self.answered_orders.add(order.reference)
        paid = Minor(min(order.amount, self.inside, at_most) // 10 * 10)
        self.inside -= paid
        self.paid_out += paid
        key = f"payout:H:{order.reference}"
        if paid:
            fell = ledger.transfer(
                key, paid, debit=ledger.owed(claim_of_payout(order.reference)), credit=ledger.HOPPER
            )
            self._book(Batch(postings=(fell,)))
        self.tell(ChangeLevel(Minor(self.inside)))
        self.tell(PaidOut(order.reference, paid))
        return self

    # --- central system ---

    def voucher(self, amount: int, reason: str = "") -> "PayingStation":
        """Its word on the code that was typed last; the same code is worth something once."""
        orders = self.sent(RedeemVoucher)
        if not orders:
            return self
        order = orders[-1]
        reference = f"redeem:{order.code}"
        new = f"voucherin:{reference}" not in self.postings
        amount = amount if new else 0
        self.tell(VoucherAnswered(order.request, reference, Minor(amount), reason))
        if new and f"voucherin:{reference}" in self.postings:
            self.vouchers_in += amount
        return self

    def delivered(self, balance: int | None = None) -> "PayingStation":
        """Every top-up that is queued arrives."""
        for key, message in tuple(self.deliveries.items()):
            done = f"topupdone:{key.removeprefix('topup:')}"
            if key.startswith("topup:") and done not in self.postings:
                payload: dict[str, Any] = message.payload  # type: ignore[union-attr]  # a VendorMessage
                amount = Minor(payload["amount"]["amount"])
                known = None if balance is None else Minor(balance)
                self.tell(TopUpDelivered(payload["reference"], amount, known))
        return self

    # --- inside ---

    @override
    def _book(self, batch: Batch) -> None:
        super()._book(batch)
        for record in batch.holds:
            assert record.wanted <= record.hold.amount, "captured above its hold"
            before = self.holds.get(record.hold.reference)
            assert before is None or before.state is not HoldState.DONE, "it was over"
            self.holds[record.hold.reference] = record


def a_till(connectors: int = 1, inside: int = 10_000, **settings: Any) -> PayingStation:
    """Booted, with bank terminal, note validator and hoppers; nobody there."""
    chosen: dict[str, Any] = {
        "tariff": PUBLIC,
        "minimum": Minor(100),
        "bank_fitted": True,
        "hoppers_fitted": True,
        "note_values": (500, 1000, 2000),
        **settings,
    }
    return PayingStation(connectors, DialogueSettings(**chosen), inside).booted()


def charged_by(station: PayingStation, means: Means, energy: int = 1000) -> PayingStation:
    """From the plug to a charge that has taken `energy`."""
    station.plugged()
    if means is Means.BANK:
        station.press("pay_card").bank().wait(3)
    else:
        station.coin().coin().press("start")
    station.asks().press("key_ok").charge(1, energy)
    return station
