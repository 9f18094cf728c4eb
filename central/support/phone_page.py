"""The telephone desk's pages: the support number, three questions, and then the card."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central import forms
from central.limits import Purse
from central.members.pages import Refusal, Visit
from central.members.services import Services
from central.support.agents import Agent
from central.support.card_desk import REASONS, CardDesk
from central.support.door import DeskDoor
from central.support.phone_desk import ASKED, OPEN, REFUSED, Check, Locked, PhoneDesk

_CALLS = Purse(
    "call", tries=12, every_s=60
)  # of one agent: nobody takes more calls, but a search would


class PhonePage:
    def __init__(
        self, services: Services, door: DeskDoor, desk: PhoneDesk, cards: CardDesk
    ) -> None:
        self._services = services
        self._door = door
        self._desk = desk
        self._cards = cards

    def routes(self) -> list[BaseRoute]:
        door = self._door.for_agents
        at = "/desk/phone/{secret}"
        return [
            Route("/desk/phone", door(self._begin), methods=["GET", "POST"]),
            Route(at, door(self._check), methods=["GET", "POST"]),
            Route(f"{at}/block", door(self._block), methods=["POST"]),
            Route(f"{at}/replace", door(self._replace), methods=["POST"]),
            Route(f"{at}/close", door(self._close), methods=["POST"]),
        ]

    async def _begin(self, visit: Visit, agent: Agent) -> Response:
        if not visit.is_post:
            return visit.page("support/phone.html", agent=agent)
        number = visit.form.read("support", forms.support_number)
        if number is None:
            return visit.page("support/phone.html", 422, agent=agent)
        await self._services.brakes.of_name(_CALLS, agent.login)
        try:
            check = await self._services.run(self._desk.begin, agent, number)
        except Locked as locked:
            return self._locked(visit, agent, locked)
        return visit.go(f"/desk/phone/{check.secret}")

    async def _check(self, visit: Visit, agent: Agent) -> Response:
        check = await self._found(visit, agent)
        if visit.is_post and check.state == ASKED:
            return await self._judge(visit, agent, check)
        if check.state == ASKED:
            return await self._ask(visit, agent, check)
        if check.state != OPEN or check.number is None:
            is_refused = check.state == REFUSED
            return visit.page("support/phone_over.html", agent=agent, is_refused=is_refused)
        card = await self._services.run(self._cards.look, agent, check.number)
        return visit.page(
            "support/phone_card.html",
            agent=agent,
            card=card,
            reasons=REASONS,
            told=visit.asked("told"),
            secret=check.secret,
        )

    async def _ask(self, visit: Visit, agent: Agent, check: Check, status: int = 200) -> Response:
        asked = await self._services.run(self._desk.questions, check)
        questions = [question for question, _ in asked]
        return visit.page("support/phone_ask.html", status, agent=agent, questions=questions)

    async def _judge(self, visit: Visit, agent: Agent, check: Check) -> Response:
        """All three are compared, whatever the first said: its time tells nothing."""
        given = [visit.form.read(f"answer_{n}", forms.answer) for n in (1, 2, 3)]
        if None in given:
            return await self._ask(visit, agent, check, 422)
        asked = await self._services.run(self._desk.questions, check)
        passwords = self._services.passwords
        right = [
            await passwords.is_right(kept, answer or "")
            for (_, kept), answer in zip(asked, given, strict=True)
        ]
        try:
            await self._services.run(self._desk.judge, agent, check, is_right=all(right))
        except Locked as locked:
            return self._locked(visit, agent, locked)
        return visit.go(f"/desk/phone/{check.secret}")

    @staticmethod
    def _locked(visit: Visit, agent: Agent, locked: Locked) -> Response:
        minutes = int(locked.wait_s // 60) + 1
        return visit.page("support/phone_locked.html", 423, agent=agent, minutes=minutes)

    # --- what may be done for the holder ------------------------------------------------------------

    async def _block(self, visit: Visit, agent: Agent) -> Response:
        check, number = await self._open(visit, agent)
        reason = visit.form.read("reason", forms.one_of(*REASONS))
        if reason is None:
            raise Refusal(422, "form")
        await self._cards.block(agent, number, reason)
        return visit.go(f"/desk/phone/{check.secret}?told=blocked")

    async def _replace(self, visit: Visit, agent: Agent) -> Response:
        """A card that is lost is blocked first: the order may wait, the thief does not."""
        check, number = await self._open(visit, agent)
        reason = visit.form.read("reason", forms.one_of(*REASONS))
        if reason is None:
            raise Refusal(422, "form")
        await self._cards.block(agent, number, reason)
        outcome = await self._services.run(self._cards.replace, agent, number, reason)
        told = outcome if outcome in ("sent", "ordered") else "not_replaced"
        return visit.go(f"/desk/phone/{check.secret}?told={told}")

    async def _close(self, visit: Visit, agent: Agent) -> Response:
        check = await self._found(visit, agent)
        await self._services.run(self._desk.close, agent, check)
        return visit.go("/desk/phone")

    async def _open(self, visit: Visit, agent: Agent) -> tuple[Check, str]:
        check = await self._found(visit, agent)
        if check.state != OPEN or check.number is None:
            raise Refusal(403, "call_over")
        return check, check.number

    async def _found(self, visit: Visit, agent: Agent) -> Check:
        secret = visit.request.path_params["secret"]
        check = await self._services.run(self._desk.check, agent, secret)
        if check is None:
            raise Refusal(404, "missing")
        return check
