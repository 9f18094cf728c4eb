"""A member chooses a plan: the flat rate from today, or back to prepaid when the paid month is over.

The first month is paid at once or the flat rate does not begin; what is paid is used to its end.
"""

from calendar import monthrange
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central import forms
from central.clock import Clock, utc_text
from central.greencard.accounts import Plan
from central.greencard.trail import Note
from central.members.advice import FlatRate
from central.members.pages import Member, Pages, Visit
from central.members.services import Services
from central.members.wallet import HOLDER, Wallet, meant
from central.system import CentralSystem

TAKE, LEAVE = "take", "leave"


class Plans:
    """Each answers a key of the catalogue: what was refused, or nothing."""

    def __init__(
        self, system: CentralSystem, wallet: Wallet, clock: Clock, offer: FlatRate
    ) -> None:
        self._system = system
        self._wallet = wallet
        self._clock = clock
        self.offer = offer

    def take(self, member: Member, number: str) -> str:
        """The fee is taken by the book's own rule, `renew`, in the step after."""
        book = self._system.accounts
        with self._system.store.change(f"card:{number}"):
            card = self._system.store.card(number)
            if card is None or number not in self._wallet.numbers(member):
                return "plan.not_yours"
            if card.state != "active" or book.plan_now(card).kind == "flatRate":
                return "plan.not_now"
            if book.spend_limit(number) < self.offer.monthly_fee_minor:
                return "plan.too_little"
            plan = Plan(
                "flatRate",
                monthly_fee_minor=self.offer.monthly_fee_minor,
                monthly_wh=self.offer.monthly_wh,
                from_date=self._today().isoformat(),
            )
            beyond = self.offer.beyond_milli_per_kwh
            self._system.store.save_card(replace(card, plan=plan, energy_milli_per_kwh=beyond))
            self._note(number, "plan.taken")
        book.renew(number)
        return ""

    def leave(self, member: Member, number: str) -> str:
        with self._system.store.change(f"card:{number}"):
            card = self._system.store.card(number)
            if card is None or number not in self._wallet.numbers(member):
                return "plan.not_yours"
            if card.plan.kind != "flatRate" or card.plan.until_date:
                return "plan.not_now"
            today = self._today()
            last = today.replace(day=monthrange(today.year, today.month)[1])
            plan = replace(card.plan, until_date=last.isoformat())
            self._system.store.save_card(replace(card, plan=plan))
            self._note(number, "plan.ending")
        self._system.feed.changed("card", number)
        return ""

    def _today(self) -> date:
        zone = ZoneInfo(self._system.accounts.programme.timezone)
        return self._clock.utc().astimezone(zone).date()

    def _note(self, number: str, event: str) -> None:
        now = utc_text(self._clock.utc())
        self._system.store.trail.add(Note(now, number, HOLDER, event, ""))


class PlanPages:
    def __init__(self, pages: Pages, services: Services, plans: Plans) -> None:
        self._pages = pages
        self._services = services
        self._plans = plans

    def routes(self) -> list[BaseRoute]:
        door = self._pages.door(self._plan, members_only=True)
        return [Route("/me/plan", door, methods=["GET", "POST"])]

    async def _plan(self, visit: Visit) -> Response:
        run = self._services.run
        holdings = await run(self._services.wallet.holdings, visit.who)
        holding = meant(holdings, visit.asked("card"))
        if holding is None:
            return visit.go("/me")
        if visit.is_post:
            act = visit.form.read("do", forms.one_of(TAKE, LEAVE))
            change = self._plans.take if act == TAKE else self._plans.leave
            refused = await run(change, visit.who, holding.number)
            if not refused:
                return visit.go("/me?told=plan")
            visit.form.refuse("form", refused)
        status = 409 if visit.is_post else 200
        return visit.page("plan.html", status, holding=holding, offer=self._plans.offer)
