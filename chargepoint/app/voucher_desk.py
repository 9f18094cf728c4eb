"""Decides what a voucher code is worth: asks the central system, or decides where it was issued.

    code of another point   the central system decides, so online only
    code of this point      central knows it: it decides; no link: we do, and it hears of it later
                            central does not know it (yet): we do

A code used up here is in the journal (posting `voucherin:redeem:CODE`), so this point never pays it
twice. What the central system refuses afterwards was paid elsewhere too: told, and booked as ours.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from chargepoint.app.gate import Gate
from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.dialogue.events import DialogueEvent, VoucherAnswered, VoucherFound
from chargepoint.domain.effects import FindVoucher, RedeemVoucher
from chargepoint.domain.money import voucher
from chargepoint.domain.money.voucher import VoucherRecord, VoucherState
from chargepoint.domain.record import Batch, Incident
from chargepoint.domain.units import Minor
from chargepoint.ports import Backend, Clock

_REASONS = {"redeemed": "used", "unknown": "unknown", "expired": "expired"}
_TROUBLE = "trouble"  # nobody can say what it is worth: a person must
_STOP_CODE_DAYS = 30  # four digits are worth money for so long; then support looks


class VoucherBook(Protocol):
    """What the desk asks of the journal besides writing; committed rows only."""

    def is_booked(self, key: str) -> bool: ...

    def voucher(self, code: str) -> VoucherRecord | None: ...

    def vouchers_of_stop_code(
        self, stop_code: str, since: datetime
    ) -> tuple[VoucherRecord, ...]: ...


class VoucherDesk:
    def __init__(
        self,
        gate: Gate,
        book: VoucherBook,
        clock: Clock,
        *,
        post: Callable[[DialogueEvent], None],
        currency: str,
        limit: Minor,
    ) -> None:
        """`limit`: no voucher of another point can be worth more."""
        self._gate = gate
        self._book = book
        self._clock = clock
        self._post = post
        self._currency = currency
        self._limit = limit
        self._backend: Backend | None = None

    def connect(self, backend: Backend) -> None:
        self._backend = backend

    # --- what the conversation orders ---

    async def redeem(self, order: RedeemVoucher) -> None:
        code = order.code
        reference = voucher.redeem_reference(code)
        amount, reason, alone = Minor(0), "used", False
        if not self._book.is_booked(voucher.booking_key(reference)):
            amount, reason, alone = await self._worth(code, self._book.voucher(code))
        told_later = code if alone else ""
        self._post(VoucherAnswered(order.request, reference, amount, reason, told_later))

    def find(self, order: FindVoucher) -> None:
        since = self._clock.utc() - timedelta(days=_STOP_CODE_DAYS)
        found = self._book.vouchers_of_stop_code(order.stop_code, since)
        if found:
            self._post(VoucherFound(order.request, found))
        else:
            self._post(VoucherAnswered(order.request, "", Minor(0), "unknown"))

    async def _worth(self, code: str, own: VoucherRecord | None) -> tuple[Minor, str, bool]:
        """Amount, why not, and whether the central system must be told of it afterwards."""
        if own is not None and own.is_expired(self._clock.utc().date()):
            return self._expired(code)
        if own is not None and own.state is not VoucherState.KNOWN:
            return own.amount, "", own.state is VoucherState.ISSUED
        assert self._backend is not None  # connected before anything runs
        question = {"code": code, "reference": voucher.redeem_reference(code)}
        answer = await self._backend.ask("Voucher.Redeem", question)
        if answer is None:
            return (own.amount, "", True) if own is not None else (Minor(0), "offline", False)
        return *self._verdict(code, own, answer), False

    def _verdict(
        self, code: str, own: VoucherRecord | None, answer: Mapping[str, Any]
    ) -> tuple[Minor, str]:
        if answer.get("status") != "Accepted":
            reason = _REASONS.get(str(answer.get("reason")), "unknown")
            return self._expired(code)[:2] if reason == "expired" else (Minor(0), reason)
        worth = self._amount(answer)
        if worth is None or (own is not None and worth != own.amount):
            expected = f", issued here for {own.amount}" if own is not None else ""
            self._tell("voucher.amount", f"worth {answer.get('amount')}{expected}", code, answer)
        if own is not None:
            return own.amount, ""
        return (Minor(0), _TROUBLE) if worth is None else (worth, "")

    def _amount(self, answer: Mapping[str, Any]) -> Minor | None:
        """None: zero, above the limit, of another currency, or no amount at all."""
        money = answer.get("amount")
        amount = money.get("amount") if isinstance(money, dict) else None
        if not isinstance(amount, int) or isinstance(amount, bool):
            return None
        is_ours = (
            isinstance(money, dict) and money.get("currency", self._currency) == self._currency
        )
        return Minor(amount) if is_ours and 0 < amount <= self._limit else None

    def _expired(self, code: str) -> tuple[Minor, str, bool]:
        self._tell("voucher.expired", "shown after its last day, not paid", code)
        return Minor(0), "expired", False

    # --- what the central system made of our messages ---

    def delivered(self, message: VendorMessage, content: Mapping[str, Any]) -> None:
        """Committed before the message counts as delivered: the same writer, in order."""
        record = self._book.voucher(str(message.payload["code"]))
        if record is None:
            return
        is_refused = content.get("status") == "Rejected"
        if message.message_id == "Voucher.Issue":
            state = VoucherState.REFUSED if is_refused else VoucherState.KNOWN
            self._gate.commit(Batch(vouchers=(replace(record, state=state),)))
        if not is_refused:
            return
        if message.message_id == "Voucher.Issue":
            detail = f"{content.get('reason')}: it can be redeemed at this point only"
            self._tell("voucher.issue_refused", detail, record.code, content, message)
        elif record.state is not VoucherState.REFUSED:
            self._lose(record, message, content)

    def _lose(
        self, record: VoucherRecord, message: VendorMessage, content: Mapping[str, Any]
    ) -> None:
        is_lost = content.get("reason") == "redeemed"
        detail = f"{record.amount} minor units paid here, {content.get('reason')} elsewhere"
        self._tell("voucher.refused", detail, record.code, content, message)
        if is_lost:
            self._gate.commit(Batch(postings=(voucher.lost(record.code, record.amount),)))

    def _tell(
        self,
        incident: str,
        detail: str,
        code: str,
        answer: Mapping[str, Any] | None = None,
        message: VendorMessage | None = None,
    ) -> None:
        """With both sides of the exchange; of the code only what names it."""
        asked = "Voucher.Redeem" if message is None else message.message_id
        trace: tuple[str, ...] = ()
        if answer is not None:
            said = json.dumps(answer, ensure_ascii=False, sort_keys=True, default=str)
            trace = (f"> {asked} {voucher.masked(code)}", f"< {said}")
        detail = f"voucher ending {voucher.masked(code)}: {detail}"
        self._gate.commit(Batch(incidents=(Incident(incident, detail, "central", trace),)))
