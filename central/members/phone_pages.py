"""The charge on the customer's own telephone, behind the QR code of screen and receipt: no account.

/r/{page}            live while it runs, then its receipt      /r/{page}/live      the same as events
/r/{page}/stop       with the code of the screen               /r/{page}/messages  on request
/r/{page}/invoice    with the customer's tax number            /r/{page}/problem   with a number

Whoever has the address may look; stopping takes the code, which is proved to the point and stays
unknown here.
"""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from central import forms, server_events
from central.clock import utc_from_text as _utc
from central.errors import CentralError
from central.members.following import Followers, transfer
from central.members.language import Language
from central.members.messenger import Messenger
from central.members.pages import Pages, Refusal, Visit
from central.members.push_post import browser_address
from central.members.receipt_page import Host, Sheet, page
from central.members.services import Services
from central.phone.following import Followed, is_page
from central.phone.full_invoices import Customer, FullInvoice
from central.phone.nif import tax_number
from central.phone.problems import Problem
from central.phone.push import PushPort
from central.phone.wishes import MAIL, PUSH, Wishes
from central.system import CentralSystem

_HIDDEN = {"X-Robots-Tag": "noindex", "Cache-Control": "no-store"}
_REASONS = {"wrong": "wrong.stop_code", "locked": "wrong.stop_locked", "noCode": "wrong.stop_card"}
_RETRY_MS = 2000
_WORDS_MAX = 2000
Receipt = tuple[str, str, dict[str, Any]]


class PhonePages:
    def __init__(
        self,
        pages: Pages,
        services: Services,
        followers: Followers,
        wishes: Wishes,
        messenger: Messenger,
        *,
        push: PushPort | None,
    ) -> None:
        """`push` None: no browser is told anything."""
        self._pages = pages
        self._services = services
        self._system: CentralSystem = services.system
        self._phone = services.system.phone
        self._followers = followers
        self._wishes = wishes
        self._messenger = messenger
        self._push = push

    def routes(self) -> list[BaseRoute]:
        door, both = self._pages.door, ["GET", "POST"]
        return [
            Route("/r/{page}", door(self._page)),
            Route("/r/{page}/live", self._live),
            Route("/r/{page}/stop", door(self._stop), methods=both),
            Route("/r/{page}/messages", door(self._messages), methods=both),
            Route("/r/{page}/invoice", door(self._invoice), methods=both),
            Route("/r/{page}/problem", door(self._problem), methods=both),
            Route("/no-more/{secret}", door(self._no_more)),
            Route("/no-more/{secret}", door(self._ended, reads_form=False), methods=["POST"]),
        ]

    # --- looking ------------------------------------------------------------------------------------

    async def _page(self, visit: Visit) -> Response:
        receipt = await self._receipt(visit)
        if receipt is not None:
            return await self._receipt_page(visit, receipt)
        return await self._charge_page(visit)

    async def _charge_page(self, visit: Visit, status: int = 200) -> Response:
        now = await self._followed(visit)
        response = visit.page(
            "charge_now.html",
            status,
            now=now,
            place=self._place(now),
            idle_min=self._idle_min(now),
            told=visit.asked("told"),
        )
        response.headers.update(_HIDDEN)
        return response

    async def _receipt_page(self, visit: Visit, receipt: Receipt) -> Response:
        point, number, document = receipt
        refunds = await self._services.run(self._system.store.charges.refunds, point, number)
        name, t = visit.request.path_params["page"], visit.language.t
        links = [(f"/r/{name}/problem", t("phone.problem"))]
        if document.get("means") != "token" and document.get("total", {}).get("amount"):
            links.insert(0, (f"/r/{name}/invoice", t("phone.invoice")))
        host = Host(self._pages.brand.name, self._pages.brand.phone)
        shown = page(Sheet(document, point, refunds), visit.language.code, links, host)
        return HTMLResponse(shown, headers={**_HIDDEN, "Referrer-Policy": "no-referrer"})

    async def _live(self, request: Request) -> Response:
        """Public as the page is; no cookie is read."""
        name = request.path_params["page"]
        if self._followers.is_full or not is_page(name):
            return Response(status_code=503, headers={"Retry-After": "60"})
        spoken = self._pages.speak_or_default(request.query_params.get("in", ""))
        return server_events.answer(self._stream(name, spoken))

    async def _stream(self, name: str, spoken: Language) -> AsyncIterator[str]:
        yield server_events.come_back(_RETRY_MS)
        async for now in self._followers.changes(name):
            if now.receipt_number is not None:
                yield server_events.event({}, name="receipt")
                return
            html = self._pages.part(
                "_charge_now.html",
                spoken,
                now=now,
                place=self._place(now),
                idle_min=self._idle_min(now),
            )
            yield server_events.event({"html": html})

    # --- stopping -----------------------------------------------------------------------------------

    async def _stop(self, visit: Visit) -> Response:
        name = visit.request.path_params["page"]
        now = await self._followed(visit)
        if not visit.is_post or not now.is_running:
            return visit.go(f"/r/{name}")
        brakes = self._services.brakes
        await brakes.at_the_door(visit)
        await brakes.of(f"stop:{name}")
        code = "".join(each for each in visit.form.text("code") if each.isdigit())
        proof = hashlib.sha256(f"{name} {code}".encode()).hexdigest()
        try:
            answer = await transfer(self._system, now, "Session.Stop", {"proof": proof})
        except CentralError:
            await brakes.withdrawn(f"stop:{name}")
            visit.form.refuse("code", "wrong.stop_away")
            return await self._charge_page(visit, 503)
        reason = answer.get("reason", "")
        if answer["status"] == "Accepted" or reason not in ("wrong", "locked"):
            await brakes.withdrawn(f"stop:{name}")
        if answer["status"] == "Accepted":
            return visit.go(f"/r/{name}?told=stopped")
        visit.form.refuse("code", _REASONS.get(reason, "wrong.stop_away"))
        return await self._charge_page(visit, 422)

    # --- messages -----------------------------------------------------------------------------------

    async def _messages(self, visit: Visit) -> Response:
        name = visit.request.path_params["page"]
        await self._followed(visit)
        if not visit.is_post:
            return self._messages_page(visit)
        await self._services.brakes.at_the_door(visit)
        if visit.form.text("consent") != "yes":
            visit.form.refuse("consent", "wrong.consent")
        channel = visit.form.read("channel", forms.one_of(MAIL, PUSH))
        address = self._address(visit, channel)
        if visit.form.errors or channel is None or address is None:
            return self._messages_page(visit, 422)
        if channel == MAIL and not await self._services.brakes.may_mail(address):
            raise Refusal(429, "wait", retry_after_s=600)
        code = visit.language.code
        wish = await self._services.run(self._wishes.add, name, channel, address, code)
        if wish is None:
            raise Refusal(429, "wait", retry_after_s=3600)
        await self._messenger.tell(name)
        return visit.go(f"/r/{name}?told=messages")

    def _address(self, visit: Visit, channel: str | None) -> str | None:
        if channel == MAIL:
            return visit.form.read("email", forms.email_address)
        return browser_address(visit, self._push)

    def _messages_page(self, visit: Visit, status: int = 200) -> Response:
        name = visit.request.path_params["page"]
        key = None if self._push is None else self._push.key
        return visit.page("charge_messages.html", status, name=name, push_key=key)

    async def _no_more(self, visit: Visit) -> Response:
        secret = visit.request.path_params["secret"]
        is_known = await self._services.run(self._wishes.is_known, secret)
        return visit.page("no_more.html", secret=secret, is_done=not is_known)

    async def _ended(self, visit: Visit) -> Response:
        """By the page's button or the mail program's (RFC 8058): the secret in the address is the proof."""
        await self._services.run(self._wishes.end, visit.request.path_params["secret"])
        return visit.page("no_more.html", secret="", is_done=True)

    # --- invoice ------------------------------------------------------------------------------------

    async def _invoice(self, visit: Visit) -> Response:
        receipt = await self._receipt(visit)
        if receipt is None or receipt[2].get("means") == "token":
            raise Refusal(404, "missing")
        point, number, document = receipt
        invoices = self._phone.full_invoices
        known = await self._services.run(invoices.of, point, number)
        if known is None and visit.is_post:
            customer = self._customer(visit)
            if customer is None:
                return self._invoice_page(visit, None, 422)
            await self._services.brakes.at_the_door(visit)
            await self._services.run(invoices.ask, point, number, document, customer)
            return visit.go(visit.request.url.path)
        if known is not None and known.number is not None:
            shown = page(Sheet(invoices.document(document, known), point), visit.language.code)
            return HTMLResponse(shown, headers=_HIDDEN)
        return self._invoice_page(visit, known)

    def _customer(self, visit: Visit) -> Customer | None:
        nif = visit.form.read("nif", _nif)
        name = visit.form.read("name", forms.a_name)
        address = visit.form.read("address", forms.line(4, 160, "wrong.address"))
        if nif is None or name is None or address is None:
            return None
        return Customer(nif, name, address)

    def _invoice_page(self, visit: Visit, known: FullInvoice | None, status: int = 200) -> Response:
        name = visit.request.path_params["page"]
        return visit.page("charge_invoice.html", status, name=name, known=known)

    # --- problem ------------------------------------------------------------------------------------

    async def _problem(self, visit: Visit) -> Response:
        name = visit.request.path_params["page"]
        receipt = await self._receipt(visit)
        if receipt is None:
            now = await self._followed(visit)
            point, connector = now.point, now.connector
        else:
            point, connector = receipt[0], int(receipt[2].get("connectorId") or 0)
        if not visit.is_post:
            return self._problem_page(visit)
        await self._services.brakes.at_the_door(visit)
        words = visit.form.read("words", forms.long_text(4, _WORDS_MAX))
        contact = visit.form.read("contact", forms.line(0, 120, "wrong.contact"))
        if words is None or contact is None:
            return self._problem_page(visit, 422)
        problem = Problem(point, connector, name, words, contact, visit.language.code)
        number = await self._services.run(self._phone.problems.report, problem)
        return self._problem_page(visit, number=number)

    @staticmethod
    def _problem_page(visit: Visit, status: int = 200, *, number: str = "") -> Response:
        name = visit.request.path_params["page"]
        return visit.page(
            "charge_problem.html", status, name=name, number=number, words_max=_WORDS_MAX
        )

    # --- what there is ------------------------------------------------------------------------------

    async def _receipt(self, visit: Visit) -> Receipt | None:
        name = visit.request.path_params["page"]
        if not is_page(name):
            raise Refusal(404, "no_charge")
        return await self._services.run(self._system.store.charges.receipt_on_page, name)

    async def _followed(self, visit: Visit) -> Followed:
        name = visit.request.path_params["page"]
        now = await self._followers.followed(name) if is_page(name) else None
        if now is None:
            raise Refusal(404, "no_charge")
        return now

    def _place(self, now: Followed) -> str:
        point = self._system.registry.known(now.point)
        return point.site.name if point is not None and point.site.name else now.point

    def _idle_min(self, now: Followed) -> int | None:
        """Whole minutes until the idle fee, rounded down; None: it does not come nearer."""
        if now.idle_fee_at is None:
            return None
        left = _utc(now.idle_fee_at) - self._services.clock.utc()
        return max(0, int(left.total_seconds() // 60))


def _nif(text: str) -> str:
    number = tax_number(text)
    if number is None:
        raise forms.Wrong("wrong.nif")
    return number
