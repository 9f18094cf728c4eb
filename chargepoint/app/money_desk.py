"""Carries out what the conversation orders about money, on the devices that are fitted."""

import json
from collections.abc import Callable
from typing import Any

from chargepoint.app.bank_desk import BankDesk
from chargepoint.app.cashier import Cashier
from chargepoint.app.ports import Spawn
from chargepoint.app.voucher_desk import VoucherDesk
from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.devices import DeviceKind, DeviceRef
from chargepoint.domain.dialogue.events import (
    DialogueEvent,
    PaidOut,
    TopUpDelivered,
    TopUpRefused,
)
from chargepoint.domain.effects import (
    AcceptNotes,
    BankAbort,
    BankReserve,
    DecideNote,
    Effect,
    FindVoucher,
    InhibitNotes,
    PayOut,
    RedeemVoucher,
    SettleHolds,
)
from chargepoint.domain.record import Incident
from chargepoint.domain.units import Minor
from chargepoint.payment_ports import NoteValidator
from chargepoint.ports import DeviceUnavailable

_ON_THE_CARD = ("Accepted", "Held")  # Held: credited, and an operator looks at the card


class MoneyDesk:
    def __init__(
        self,
        post: Callable[[DialogueEvent], None],
        spawn: Spawn,
        *,
        cashier: Cashier,
        bank: BankDesk,
        notes: NoteValidator | None,
        vouchers: VoucherDesk,
    ) -> None:
        self._post = post
        self._spawn = spawn
        self._vouchers = vouchers
        self._cashier = cashier
        self._bank = bank
        self._notes = notes

    def device_changed(self, device: DeviceRef, *, online: bool) -> None:
        if device.kind is DeviceKind.BANK_TERMINAL:
            self._bank.device_changed(online=online)
        if device.kind is DeviceKind.HOPPER and device.name.isdigit():
            value = Minor(int(device.name))
            if online:
                self._spawn(self._cashier.hopper_came(value), f"hopper:{value}")
            else:
                self._cashier.hopper_gone(value)

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
                self._spawn(self._vouchers.redeem(effect), f"voucher:{effect.request}")
            case FindVoucher():
                self._vouchers.find(effect)
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

    def delivered(self, message: VendorMessage, content: Any) -> None:
        """What the central system made of a message about money; others need no more."""
        if message.message_id == "GreenCard.TopUp":
            self._topped_up(message, content)
        if message.message_id in ("Voucher.Issue", "Voucher.Redeem"):
            self._vouchers.delivered(message, content)

    def _topped_up(self, message: VendorMessage, content: Any) -> None:
        """On the card only when the answer says so: refused money stays ours to give back."""
        reference = str(message.payload["reference"])
        status = content.get("status", "Accepted")
        if status not in _ON_THE_CARD:
            said = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
            trace = (f"> {message.message_id} {reference}", f"< {said}")
            detail = f"{message.payload['amount']['amount']} minor units, {reference}: {status}"
            self._post(TopUpRefused(reference, Incident("topup.refused", detail, "central", trace)))
            return
        balance = content.get("balance")
        known = balance.get("amount") if isinstance(balance, dict) else None
        amount = Minor(int(message.payload["amount"]["amount"]))
        if not isinstance(known, int) or isinstance(known, bool):
            known = None
        self._post(TopUpDelivered(reference, amount, None if known is None else Minor(known)))
