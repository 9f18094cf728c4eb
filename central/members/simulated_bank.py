"""A payment provider to play with: its page, its signature, and its bad habits.

It lives behind the same port as a real one, and sends its notices through the same door. Only where a
bench asks for it.
"""

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central.entropy import Entropy, name
from central.members.pages import Pages, Refusal, Visit
from central.members.payments import ForgedNotice, Notice, Order, notice_from

Deliver = Callable[[bytes, str], Awaitable[bool]]
_ORDERS_MAX = 1000


class SimulatedBank:
    """Implements PaymentPort. What it owes as a late notice it sends at the next visit of its page."""

    origin = ""

    def __init__(self, entropy: Entropy) -> None:
        self._key = entropy.token(32)
        self._entropy = entropy
        self._orders: dict[str, Order] = {}
        self._late: list[bytes] = []

    async def begin(self, order: Order) -> str:
        while len(self._orders) >= _ORDERS_MAX:
            del self._orders[next(iter(self._orders))]
        self._orders[order.reference] = order
        return f"/bench/bank?order={order.reference}"

    def read(self, body: bytes, signature: str) -> Notice:
        if not hmac.compare_digest(self.sign(body).encode(), signature.encode()):
            raise ForgedNotice("wrong signature")
        return notice_from(body)

    def sign(self, body: bytes) -> str:
        return hmac.new(self._key, body, hashlib.sha256).hexdigest()

    def order(self, reference: str) -> Order | None:
        return self._orders.get(reference)

    def notice(self, order: Order, status: str) -> bytes:
        content = {
            "reference": order.reference,
            "transaction": name(self._entropy),
            "amountMinor": order.amount_minor,
            "currency": order.currency,
            "status": status,
        }
        return json.dumps(content).encode()

    def keep_for_later(self, body: bytes) -> None:
        self._late.append(body)

    def late(self) -> list[bytes]:
        late, self._late = self._late, []
        return late


class BankPages:
    """What its customers see."""

    def __init__(self, pages: Pages, bank: SimulatedBank, deliver: Deliver) -> None:
        self._pages = pages
        self._bank = bank
        self._deliver = deliver

    def routes(self) -> list[BaseRoute]:
        return [Route("/bench/bank", self._pages.door(self._bank_page), methods=["GET", "POST"])]

    async def _bank_page(self, visit: Visit) -> Response:
        if not visit.is_from_this_machine:
            raise Refusal(404, "missing")
        for late in self._bank.late():
            await self._send(late)
        order = self._bank.order(visit.asked("order"))
        if order is None:
            raise Refusal(404, "missing")
        if not visit.is_post:
            return visit.page("bank.html", order=order)
        match visit.form.text("do"):
            case "refuse":
                await self._send(self._bank.notice(order, "refused"))
            case "twice":
                notice = self._bank.notice(order, "paid")
                await self._send(notice)
                await self._send(notice)
            case "late":
                self._bank.keep_for_later(self._bank.notice(order, "paid"))
            case _:
                await self._send(self._bank.notice(order, "paid"))
        return visit.go(f"/pay/return?order={order.reference}")

    async def _send(self, body: bytes) -> None:
        await self._deliver(body, self._bank.sign(body))
