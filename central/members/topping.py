"""Money onto a card from home: choose, pay at the provider, see it booked."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from central import forms
from central.members.pages import Pages, Refusal, Visit
from central.members.payments import LEAST_MINOR, MOST_MINOR, ForgedNotice, ProviderAway
from central.members.services import Services

_CHOICES_MINOR = (1000, 2000, 5000, 10_000)
_NOTICE_BYTES_MAX = 16 * 1024
SIGNATURE = "x-signature"


class Topping:
    def __init__(self, pages: Pages, services: Services) -> None:
        self._pages = pages
        self._services = services

    def routes(self) -> list[BaseRoute]:
        door = self._pages.door
        both = ["GET", "POST"]
        return [
            Route("/me/top-up", door(self._top_up, members_only=True), methods=both),
            Route("/pay/return", door(self._returned, members_only=True)),
            Route("/pay/notice", self._notice, methods=["POST"]),
        ]

    async def _top_up(self, visit: Visit) -> Response:
        wallet, run = self._services.wallet, self._services.run
        cards = [each for each in await run(wallet.holdings, visit.who) if each.takes_money]
        if not cards:
            return visit.go("/me")
        if not visit.is_post:
            return visit.page("top_up.html", cards=cards, choices=_CHOICES_MINOR)
        number = visit.form.read("number", forms.one_of(*(each.number for each in cards)))
        amount = visit.form.text("amount")
        read = forms.amount_minor(LEAST_MINOR, MOST_MINOR)
        field = "other" if amount == "other" else "amount"
        amount_minor = visit.form.read(field, read)
        if number is None or amount_minor is None:
            return visit.page("top_up.html", 422, cards=cards, choices=_CHOICES_MINOR)
        payments = self._services.payments
        order = await run(payments.order, visit.who.id, number, amount_minor)
        try:
            return visit.go(await self._services.provider.begin(order))
        except ProviderAway:
            visit.form.refuse("form", "wrong.provider")
            return visit.page("top_up.html", 503, cards=cards, choices=_CHOICES_MINOR)

    async def _returned(self, visit: Visit) -> Response:
        payments = self._services.payments
        payment = await self._services.run(payments.payment, visit.asked("order"))
        if payment is None or payment.member_id != visit.who.id:
            raise Refusal(404, "missing")
        return visit.page("paid.html", payment=payment)

    async def _notice(self, request: Request) -> Response:
        """The provider's server speaks; 200 ends its repetitions."""
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _NOTICE_BYTES_MAX:
                return PlainTextResponse("too long", 413)
        is_known = await self.deliver(body, request.headers.get(SIGNATURE, ""))
        return PlainTextResponse("ok" if is_known else "refused", 200 if is_known else 400)

    async def deliver(self, body: bytes, signature: str) -> bool:
        try:
            notice = self._services.provider.read(body, signature)
        except ForgedNotice:
            return False
        payments = self._services.payments
        return bool(await self._services.run(payments.settle, notice))
