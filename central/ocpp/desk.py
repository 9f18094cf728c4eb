"""DataTransfer of vendor `es.citere`: what OCPP 1.6 has no words for. JSON stops here.

`answer()` gives the DataTransfer status and the JSON-ready content. A content that is not what its
messageId promises is `Rejected` and says why; nothing is booked then.
"""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

from central.clock import Clock, utc_text
from central.errors import MalformedRequest
from central.fleet.registry import Registry
from central.greencard import invoices, loads
from central.greencard.accounts import PREPAID, Card, Discount, Plan, Terms
from central.greencard.book import AccountBook
from central.greencard.charges import Charges
from central.greencard.conditional import tariff_content
from central.greencard.promotions import Promotion
from central.greencard.records import Receipt, Refund
from central.ocpp import receipt_lines
from central.ocpp.storable import unusable
from central.phone.services import PhoneServices
from central.reservations.arrivals import ClaimRefused
from central.reservations.records import Reservation
from central.storage.store import Store

VENDOR_ID = "es.citere"
Content = dict[str, Any]
# Languages of a kiosk, and in which of the members' web a promotion is told there.
_SAID_IN = dict.fromkeys(("en", "fr", "de", "pt", "it", "nl"), "en") | {
    "es": "es",
    "ca": "es",
    "gl": "es",
    "eu": "eu",
}
_AMOUNT_MOST = 100_000_000  # a million: more was never paid at a charge point
_PAGE = re.compile(r"[a-z2-7]{26}")


class GreenCardDesk:
    def __init__(  # noqa: PLR0913 - all that a point may ask about, by name
        self,
        store: Store,
        clock: Clock,
        book: AccountBook,
        charges: Charges,
        registry: Registry,
        *,
        claim: Callable[[str, str, str], Reservation],
        phone: PhoneServices,
    ) -> None:
        self._store = store
        self._clock = clock
        self._book = book
        self._charges = charges
        self._registry = registry
        self._claim = claim
        self._phone = phone
        self._answers: Mapping[str, Callable[[str, Content], Content]] = {
            "GreenCard.Account": self._account,
            "GreenCard.TopUp": self._top_up,
            "Session.Cost": phone.pages.told,
            "Session.Receipt": self._receipt,
            "Session.Refund": self._refund,
            "Voucher.Issue": self._voucher_issue,
            "Voucher.Redeem": self._voucher_redeem,
            "Reservation.Claim": self._reservation,
            "Point.Nearby": self._nearby,
            "Point.Health": self._health,
            "Cash.Levels": self._cash_levels,
        }

    def answer(
        self, point: str, vendor_id: str, message_id: str | None, text: str | None
    ) -> tuple[str, Content | None]:
        """OCPP 1.6 DataTransferStatus and the content to send with it."""
        if vendor_id != VENDOR_ID:
            return "UnknownVendorId", None
        respond = self._answers.get(message_id or "")
        if respond is None:
            return "UnknownMessageId", None
        try:
            content = respond(point, _content(text))
        except (MalformedRequest, ClaimRefused) as error:
            return "Rejected", {"status": "Rejected", "reason": str(error)}
        # A card that is not ours has no account to tell of; Authorize then says Invalid.
        return ("Rejected", content) if content.get("state") == "unknown" else ("Accepted", content)

    # --- account ------------------------------------------------------------------------------------

    def _account(self, point: str, content: Content) -> Content:
        number = _text(content, "cardNumber")
        self._book.renew(number)
        card = self._book.card(number)
        if card is None:
            return {"state": "unknown"}
        terms = self._book.offer(card, point)
        chosen = self._phone.preferences.of(number).content()
        return {
            "state": card.state,
            "balance": self._money(self._book.balance(number)),
            "plan": _plan_content(terms.plan or PREPAID),
            "tariff": tariff_content(terms.tariff, terms.timed, self._book.programme.timezone),
            "discount": self._discount_content(card, terms),
            "points": card.points,
            "spendLimit": self._money(self._book.spend_limit(number)),
            "message": self._promotion_told(terms.discount.name),
            **({"preference": chosen} if chosen else {}),
        }

    def _promotion_told(self, name: str) -> Content:
        """Its name in each language; also of one that has ended since, as it was known."""
        if not name:
            return {}
        known = (each for each in self._book.programme.promotions if each.name == name)
        promotion = next(known, Promotion(name))
        return {shown: promotion.said(code).name for shown, code in _SAID_IN.items()}

    def _discount_content(self, card: Card, terms: Terms) -> Content:
        """`chargesUntilNext` 0: the loyalty discount is in this price; else it is yet to come."""
        discount = terms.discount
        if not discount.reason and discount.charges_until_next is not None:
            promised = card.loyalty_percent
            percent = self._book.programme.loyalty_percent if promised is None else promised
            discount = Discount(percent, "loyalty", discount.charges_until_next)
        shown: Content = {"percent": discount.percent, "reason": discount.reason}
        if discount.charges_until_next is not None:
            shown["chargesUntilNext"] = discount.charges_until_next
        return shown

    # --- money --------------------------------------------------------------------------------------

    def _top_up(self, point: str, content: Content) -> Content:
        reference, number = _text(content, "reference"), _text(content, "cardNumber")
        amount_minor = self._amount(content, "amount")

        def book() -> Content:
            status = self._book.top_up_inside(point, reference, number, amount_minor)
            receipt = loads.receipt_of(point, content, amount_minor, _page(content))
            owner = self._store.lineage.newest(number)
            answer = {"status": status, "balance": self._money(self._book.balance(owner))}
            if receipt is not None:
                at = utc_text(self._clock.utc())
                receipt, told = invoices.invoiced_inside(self._store.database, receipt, at)
                self._store.charges.save_receipt(receipt, at)
                answer |= told
            return answer

        return self._once(
            f"topup:{point}:{reference}",
            content,
            book,
            *invoices.names_of(json.dumps(content)),
            number=number,
        )

    def _voucher_issue(self, point: str, content: Content) -> Content:
        reference, code = _text(content, "reference"), _text(content, "code")
        amount_minor, expires = self._amount(content, "amount"), _day(content, "expires")
        return self._once(
            f"voucher:issue:{point}:{reference}",
            content,
            lambda: self._book.issue_voucher_inside(
                point, reference, code, amount_minor, expires=expires
            ),
            f"voucher:{code}",
        )

    def _voucher_redeem(self, point: str, content: Content) -> Content:
        reference, code = _text(content, "reference"), _text(content, "code")
        return self._once(
            f"voucher:redeem:{point}:{reference}",
            content,
            lambda: self._book.redeem_voucher_inside(point, reference, code),
            f"voucher:{code}",
        )

    def _once(
        self,
        key: str,
        request: Content,
        book: Callable[[], Content],
        *names: str,
        number: str | None = None,
    ) -> Content:
        """The answer and what it promises are one commit; asked again, the first answer leaves.

        `names`: what `book` decides about, besides the request itself and the card `number`.
        """
        change: AbstractContextManager[object] = self._store.change(key, *names)
        if number is not None:
            change = self._store.lineage.change(number, key, *names)
        with change:
            seen = self._store.answered(key)
            if seen is not None:
                return seen[1]
            answer = book()
            self._store.remember_answer(key, utc_text(self._clock.utc()), request, answer)
        return answer

    def _receipt(self, point: str, content: Content) -> Content:
        transaction_id = content.get("transactionId")
        if transaction_id is not None and not receipt_lines.is_integer(transaction_id):
            raise MalformedRequest("transactionId is not an integer")
        receipt = Receipt(
            point=point,
            number=_text(content, "receiptNumber"),
            transaction_id=transaction_id,
            id_tag=_text(content, "idTag"),
            means=_text(content, "means"),
            total_minor=self._amount(content, "total", least=0),
            energy_wh=_natural(content, "energyWh"),
            line_sum_minor=receipt_lines.sum_minor(content.get("lines")),
            document=json.dumps(content, sort_keys=True, ensure_ascii=False),
            page=_page(content),
            rates=receipt_lines.rates(content.get("lines")),
            reserved_s=receipt_lines.reserved_s(content.get("lines")),
            charging_s=receipt_lines.charging_s(content.get("lines")),
            idle=receipt_lines.idle(content.get("lines")),
            made_at=receipt_lines.made_at(content) or utc_text(self._clock.utc()),
            included_wh=_natural(content, "includedWh") if "includedWh" in content else None,
        )
        return self._charges.settle(receipt, content)

    def _refund(self, point: str, content: Content) -> Content:
        refund = Refund(
            point=point,
            reference=_text(content, "reference"),
            receipt_number=_text(content, "receiptNumber"),
            id_tag=_text(content, "idTag"),
            means=_text(content, "means"),
            amount_minor=self._amount(content, "amount"),
            document=json.dumps(content, sort_keys=True, ensure_ascii=False),
        )
        return self._once(
            f"refund:{point}:{refund.reference}",
            content,
            lambda: self._charges.refund_inside(refund),
            f"receipt:{point}:{refund.receipt_number}",
            invoices.LOCK,
            number=refund.id_tag,
        )

    # --- points -------------------------------------------------------------------------------------

    def _health(self, point: str, content: Content) -> Content:
        if not isinstance(content.get("connectors"), list):
            raise MalformedRequest("connectors is no list")
        self._registry.upkeep(point, health=content)
        return {}

    def _cash_levels(self, point: str, content: Content) -> Content:
        if not isinstance(content.get("levels"), list):
            raise MalformedRequest("levels is no list")
        self._registry.upkeep(point, cash=content)
        return {}

    def _reservation(self, point: str, content: Content) -> Content:
        """`code`, or `cardNumber`; refused as unknown, early, or wait after too many wrong codes."""
        code = _text(content, "code") if "code" in content else ""
        number = "" if code else _text(content, "cardNumber")
        found = self._claim(point, code, number)
        return {
            "reservationId": found.id,
            "connectorId": found.connector,
            "idTag": found.code,
            "until": found.arrive_by,
        }

    def _nearby(self, point: str, _content: Content) -> Content:
        free = self._registry.free_near(point)
        return {
            "points": [
                {"id": near.id, "name": near.site.name, "distance": distance, "connector": number}
                for near, number, distance in free
            ]
        }

    def _money(self, amount_minor: int) -> Content:
        return {"amount": amount_minor, "currency": self._book.tariff.currency}

    def _amount(self, content: Content, name: str, *, least: int = 1) -> int:
        money = content.get(name)
        if not isinstance(money, dict) or not receipt_lines.is_integer(money.get("amount")):
            raise MalformedRequest(f'{name} is not {{"amount": integer, "currency": text}}')
        if money.get("currency") != self._book.tariff.currency:
            raise MalformedRequest(f"{name}: currency is not {self._book.tariff.currency}")
        amount: int = money["amount"]
        if not least <= amount <= _AMOUNT_MOST:
            raise MalformedRequest(f"{name} is not within {least} and {_AMOUNT_MOST}")
        return amount


def _content(text: str | None) -> Content:
    try:
        content = json.loads(text or "{}")
    except (ValueError, RecursionError) as error:
        raise MalformedRequest("data is not JSON") from error
    if not isinstance(content, dict):
        raise MalformedRequest("data is not a JSON object")
    if wrong := unusable(content):
        raise MalformedRequest(wrong)
    return content


def _text(content: Content, name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 255:
        raise MalformedRequest(f"{name} is missing or not text")
    return value


def _day(content: Content, name: str) -> str:
    """An ISO date; empty when the content does not say."""
    value = content.get(name, "")
    try:
        return date.fromisoformat(value).isoformat() if value else ""
    except (TypeError, ValueError) as error:
        raise MalformedRequest(f"{name} is not a date") from error


def _page(content: Content) -> str | None:
    page = content.get("page")
    return page if isinstance(page, str) and _PAGE.fullmatch(page) else None


def _natural(content: Content, name: str) -> int:
    value = content.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise MalformedRequest(f"{name} is missing or not a whole number")
    return value


def _plan_content(plan: Plan) -> Content:
    content: Content = {"kind": plan.kind}
    if plan.wh_left is not None:
        content["whLeft"] = plan.wh_left
    return content
