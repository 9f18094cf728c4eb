"""Help for everybody: questions and answers, whom to talk to; complaints with number and deadline."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central import forms
from central.limits import Purse
from central.members.mail import Mail
from central.members.pages import Pages, Refusal, Visit
from central.members.services import Services
from central.support.agents import Agent
from central.support.complaints import Complaint, Complaints, Written
from central.support.door import DeskDoor
from central.support.hours import Hours

FAQ = (
    ("plug.svg", "start"),
    ("card.svg", "pay"),
    ("cash.svg", "cash"),
    ("lock.svg", "stop"),
    ("car.svg", "stuck"),
    ("parking.svg", "idle"),
    ("receipt.svg", "receipt"),
    ("greencard.svg", "green"),
    ("lock.svg", "lost"),
    ("calendar.svg", "reserve"),
    ("wrench.svg", "broken"),
    ("voucher.svg", "refund"),
)
FACTS_MAX, WISH_MAX = 4000, 1000
_OLDEST = timedelta(days=3652)
_COMPLAINTS = Purse("complaint", tries=5, every_s=600)


class HelpPage:
    def __init__(
        self,
        pages: Pages,
        services: Services,
        complaints: Complaints,
        *,
        hours: Hours,
        public_url: str,
    ) -> None:
        self._pages = pages
        self._services = services
        self._complaints = complaints
        self._hours = hours
        self._url = public_url.rstrip("/")

    def routes(self) -> list[BaseRoute]:
        door = self._pages.door
        return [
            Route("/help", door(self._help)),
            Route("/complaint", door(self._complain), methods=["GET", "POST"]),
            Route("/complaint/{secret}", door(self._complaint)),
        ]

    async def _help(self, visit: Visit) -> Response:
        is_open = self._hours.is_open(self._services.clock.utc())
        return visit.page("support/help.html", faq=FAQ, is_open=is_open)

    async def _complain(self, visit: Visit) -> Response:
        if not visit.is_post:
            return self._form(visit)
        written = self._written(visit)
        if written is None:
            return self._form(visit, 422)
        await self._services.brakes.of_visitor(_COMPLAINTS, visit)
        complaint, secret = await self._services.run(self._complaints.make, written)
        await self._confirm(visit, complaint, secret)
        return visit.go(f"/complaint/{secret}")

    def _form(self, visit: Visit, status: int = 200) -> Response:
        return visit.page(
            "support/complain.html",
            status,
            facts_max=FACTS_MAX,
            wish_max=WISH_MAX,
            point=visit.asked("point")[:40],
        )

    def _written(self, visit: Visit) -> Written | None:
        read = visit.form.read
        now = self._services.clock.utc()
        today = now.astimezone(ZoneInfo(self._pages.brand.timezone)).date()
        name, email = read("name", forms.a_name), read("email", forms.email_address)
        day = read("happened_on", forms.day(today - _OLDEST, today, "wrong.past_day"))
        facts = read("facts", forms.long_text(10, FACTS_MAX))
        wish = read("wish", forms.long_text(0, WISH_MAX))
        address = read("address", forms.long_text(0, 200))
        point = read("point", forms.long_text(0, 40))
        if None in (name, email, day, facts, wish, address, point):
            return None
        member_id = None if visit.member is None else visit.member.id
        return Written(
            name or "",
            email or "",
            address or "",
            point or "",
            day.isoformat() if day else "",
            facts or "",
            wish or "",
            visit.language.code,
            member_id,
        )

    async def _confirm(self, visit: Visit, complaint: Complaint, secret: str) -> None:
        """Nobody's mailbox is filled by strangers: a few an hour."""
        email = complaint.written.email
        if not await self._services.brakes.may_mail(email):
            return
        t = visit.language.t
        text = t(
            "mail.complaint.text",
            number=complaint.number,
            day=visit.language.day(f"{complaint.due_on}T12:00:00Z"),
            link=f"{self._url}/complaint/{secret}",
        )
        subject = t("mail.complaint.subject", number=complaint.number)
        await self._services.postman.post(Mail(email, subject, text.replace("¶", "\n\n")))

    async def _complaint(self, visit: Visit) -> Response:
        secret = visit.request.path_params["secret"]
        complaint = await self._services.run(self._complaints.behind, secret)
        if complaint is None:
            raise Refusal(404, "missing")
        return visit.page("support/complaint.html", complaint=complaint)


class ComplaintDesk:
    """The agents' list, and the answer."""

    def __init__(
        self, pages: Pages, services: Services, door: DeskDoor, complaints: Complaints
    ) -> None:
        self._pages = pages
        self._services = services
        self._door = door
        self._complaints = complaints

    def routes(self) -> list[BaseRoute]:
        door = self._door.for_agents
        return [
            Route("/desk/complaints", door(self._list)),
            Route("/desk/complaints/{number}", door(self._one), methods=["GET", "POST"]),
        ]

    async def _list(self, visit: Visit, agent: Agent) -> Response:
        found = await self._services.run(self._complaints.all)
        return visit.page("support/complaints.html", agent=agent, complaints=found)

    async def _one(self, visit: Visit, agent: Agent) -> Response:
        number = visit.request.path_params["number"]
        complaint = await self._services.run(self._complaints.of_number, number)
        if complaint is None:
            raise Refusal(404, "missing")
        if not visit.is_post:
            return self._page(visit, agent, complaint)
        text = visit.form.read("answer", forms.long_text(10, FACTS_MAX))
        if text is None:
            return self._page(visit, agent, complaint, 422)
        if await self._services.run(self._complaints.answer, agent, number, text):
            await self._tell(complaint, text)
        return visit.go(f"/desk/complaints/{number}")

    @staticmethod
    def _page(visit: Visit, agent: Agent, complaint: Complaint, status: int = 200) -> Response:
        return visit.page(
            "support/desk_complaint.html",
            status,
            agent=agent,
            complaint=complaint,
            answer_max=FACTS_MAX,
        )

    async def _tell(self, complaint: Complaint, answer: str) -> None:
        t = self._pages.speak_or_default(complaint.written.language).t
        subject = t("mail.answer.subject", number=complaint.number)
        text = t("mail.answer.text", number=complaint.number, name=complaint.written.name)
        body = f"{text.replace('¶', chr(10) * 2)}\n\n{answer}"
        await self._services.postman.post(Mail(complaint.written.email, subject, body))
