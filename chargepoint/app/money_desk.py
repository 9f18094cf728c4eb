"""Carries out what the conversation orders about money, on the devices that are fitted."""

from collections.abc import Callable
from typing import Any

from chargepoint.app.bank_desk import BankDesk
from chargepoint.app.cashier import Cashier
from chargepoint.app.ports import Spawn
from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.devices import DeviceKind, DeviceRef
from chargepoint.domain.dialogue_events import (
    DialogueEvent,
    PaidOut,
    TopUpDelivered,
    VoucherAnswered,
)
from chargepoint.domain.effects import (
    AcceptNotes,
    BankAbort,
    BankReserve,
    DecideNote,
    Effect,
    InhibitNotes,
    PayOut,
    RedeemVoucher,
    SettleHolds,
)
from chargepoint.domain.units import Minor
from chargepoint.payment_ports import NoteValidator
from chargepoint.ports import Backend, DeviceUnavailable

_REASONS = {"redeemed": "used", "unknown": "unknown"}


class MoneyDesk:
    def __init__(
        self,
        post: Callable[[DialogueEvent], None],
        spawn: Spawn,
        is_booked: Callable[[str], bool],
        *,
        cashier: Cashier,
        bank: BankDesk,
        notes: NoteValidator | None,
    ) -> None:
        self._post = post
        self._spawn = spawn
        self._is_booked = is_booked
        self._cashier = cashier
        self._bank = bank
        self._notes = notes
        self._backend: Backend | None = None

    def connect(self, backend: Backend) -> None:
        self._backend = backend

    def device_changed(self, device: DeviceRef, *, online: bool) -> None:
        if device.kind is DeviceKind.BANK_TERMINAL:
            self._bank.device_changed(online=online)
        if device.kind is DeviceKind.HOPPER and online and device.name.isdigit():
            value = Minor(int(device.name))
            self._spawn(self._cashier.hopper_came(value), f"hopper:{value}")

    def make_safe(self, effect: Effect) -> None:
        """Money stops coming in before the commit that says so."""
        if isinstance(effect, InhibitNotes) and self._notes is not None:
            self._notes.inhibit(effect.generation)

    def execute(self, effect: Effect) -> None:
        match effect:
            case BankReserve():
                self._spawn(self._bank.reserve(effect), f"bank:{effect.reference}")
            case BankAbort():
                self._spawn(self._bank.abort(), "bank:abort")
            case SettleHolds():
                self._bank.wake()
            case PayOut():
                self._spawn(self._pay(effect), f"payout:{effect.reference}")
            case RedeemVoucher():
                self._spawn(self._redeem(effect), f"voucher:{effect.request}")
            case _:
                self._execute_note(effect)

    def _execute_note(self, effect: Effect) -> None:
        if self._notes is None:
            return
        match effect:
            case AcceptNotes(generation=generation, values=values):
                self._notes.accept(generation, values)
            case DecideNote(keep=keep):
                self._spawn(self._decide_note(self._notes, keep=keep), "note")
            case _:
                pass

    @staticmethod
    async def _decide_note(notes: NoteValidator, *, keep: bool) -> None:
        """A validator that is away keeps the note in escrow and gives it back by itself."""
        try:
            await (notes.stack() if keep else notes.give_back())
        except DeviceUnavailable:
            return

    async def _pay(self, order: PayOut) -> None:
        paid = await self._cashier.pay(order.reference, order.amount)
        self._post(PaidOut(order.reference, paid))

    async def _redeem(self, order: RedeemVoucher) -> None:
        """The reference is the code's at this point: asked twice, answered the same, booked once."""
        assert self._backend is not None  # connected before anything runs
        reference = f"redeem:{order.code}"
        if self._is_booked(f"voucherin:{reference}"):
            self._post(VoucherAnswered(order.request, reference, Minor(0), "used"))
            return
        question = {"code": order.code, "reference": reference}
        answer = await self._backend.ask("Voucher.Redeem", question)
        amount, reason = _verdict(answer)
        self._post(VoucherAnswered(order.request, reference, amount, reason))

    def delivered(self, message: VendorMessage, content: Any) -> None:
        """A top-up that arrived; other messages need no more."""
        if message.message_id != "GreenCard.TopUp":
            return
        amount = Minor(int(message.payload["amount"]["amount"]))
        balance = content.get("balance", {}).get("amount")
        known = Minor(balance) if isinstance(balance, int) else None
        self._post(TopUpDelivered(str(message.payload["reference"]), amount, known))


def _verdict(answer: dict[str, Any] | None) -> tuple[Minor, str]:
    if answer is None:
        return Minor(0), "offline"
    amount = answer.get("amount", {}).get("amount", 0)
    if answer.get("status") == "Accepted" and isinstance(amount, int) and amount > 0:
        return Minor(amount), ""
    return Minor(0), _REASONS.get(str(answer.get("reason")), "unknown")
