"""Where the messaging service speaks to us, and, on the bench, the phone to play with."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from central.forms import Wrong
from central.limits import Purse
from central.members.pages import Pages, Refusal, Visit
from central.members.services import Services
from central.support.chat_page import TEXT_MAX, message_text
from central.support.chats import Chats, Visitor
from central.support.messaging import ForgedNotice, MessagingPort, SimulatedMessenger

SIGNATURE = "x-signature"
_NOTICE_BYTES_MAX = 32 * 1024
_ADDRESS_MAX = 40
_TALK = Purse("messaging", tries=20, every_s=3)
_LANGUAGE = "es"  # a phone's number says nothing of its owner's; the first agent asks
_BENCH_ADDRESS = "+34 600 000 001"


class MessagingDoor:
    def __init__(self, services: Services, chats: Chats, port: MessagingPort) -> None:
        self._services = services
        self._chats = chats
        self._port = port

    def routes(self) -> list[BaseRoute]:
        return [Route("/messaging/notice", self._notice, methods=["POST"])]

    async def _notice(self, request: Request) -> Response:
        """The service's server speaks; 200 ends its repetitions."""
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _NOTICE_BYTES_MAX:
                return PlainTextResponse("too long", 413)
        status = await self.deliver(body, request.headers.get(SIGNATURE, ""))
        return PlainTextResponse("ok" if status == 200 else "refused", status)

    async def deliver(self, body: bytes, signature: str) -> int:
        """200, also for what is no text (a picture, a voice): nothing of it is taken."""
        try:
            notice = self._port.read(body, signature)
        except ForgedNotice:
            return 400
        address = "".join(each for each in notice.address if each.isprintable())[:_ADDRESS_MAX]
        if not address or not notice.reference:
            return 400
        if await self._services.system.brakes.spend(_TALK, address) > 0:
            return 429
        try:
            text = message_text(notice.text[:TEXT_MAX])
        except Wrong:
            return 200
        name = "".join(each for each in notice.name if each.isprintable())[:80]
        visitor = Visitor(_LANGUAGE, name or address, address=address)
        await self._services.run(self._chats.ask, visitor, text, notice.reference[:80])
        return 200


class BenchPhone:
    """A customer's phone: what it received, and a line to write."""

    def __init__(self, pages: Pages, messenger: SimulatedMessenger, door: MessagingDoor) -> None:
        self._pages = pages
        self._messenger = messenger
        self._door = door

    def routes(self) -> list[BaseRoute]:
        return [Route("/bench/phone", self._pages.door(self._phone), methods=["GET", "POST"])]

    async def _phone(self, visit: Visit) -> Response:
        if not visit.is_from_this_machine:
            raise Refusal(404, "missing")
        if visit.is_post:
            text = visit.form.read("text", message_text)
            if text is not None:
                body = self._messenger.written(_BENCH_ADDRESS, "Mikel", text)
                await self._door.deliver(body, self._messenger.sign(body))
                return visit.go("/bench/phone")
        received = list(self._messenger.received)
        return visit.page("support/bench_phone.html", received=received, text_max=TEXT_MAX)
