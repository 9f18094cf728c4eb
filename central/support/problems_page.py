"""What customers told from the page of a charge, and the invoices that they wait for."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central import forms
from central.members.pages import Refusal, Visit
from central.members.services import Services
from central.support.agents import Agent
from central.support.audit import Audit, Look
from central.support.door import DeskDoor

_invoice_number = forms.line(1, 40, "wrong.invoice_number")


class ProblemsPage:
    def __init__(self, services: Services, door: DeskDoor, audit: Audit) -> None:
        self._services = services
        self._door = door
        self._audit = audit
        self._phone = services.system.phone

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/desk/problems", self._door.for_agents(self._list)),
            Route("/desk/invoices", self._door.for_operators(self._written), methods=["POST"]),
        ]

    async def _list(self, visit: Visit, agent: Agent, status: int = 200) -> Response:
        run = self._services.run
        return visit.page(
            "support/problems.html",
            status,
            agent=agent,
            problems=await run(self._phone.problems.all),
            waiting=await run(self._phone.full_invoices.waiting) if agent.is_operator else [],
        )

    async def _written(self, visit: Visit, agent: Agent) -> Response:
        """The number of the invoice that the operator wrote: the customer's page shows it from now on."""
        number = visit.form.read("number", _invoice_number)
        if number is None:
            return await self._list(visit, agent, 422)
        point, receipt = visit.form.text("point"), visit.form.text("receipt")
        if not await self._services.run(self._write, agent, (point, receipt), number):
            raise Refusal(404, "missing")
        return visit.go("/desk/problems")

    def _write(self, agent: Agent, receipt: tuple[str, str], number: str) -> bool:
        if not self._phone.full_invoices.written(*receipt, number):
            return False
        look = Look(agent.login, "invoice.number", "/".join(receipt), "done", number)
        self._audit.add(look)
        return True
