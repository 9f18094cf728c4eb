"""The members' web as one object: its areas, and what they share.

An area is a class with `routes()`. A new one is one more line in `_areas`, and in navigation.py when
it belongs into the menu.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from central.clock import Clock
from central.entropy import Entropy, SystemEntropy
from central.members.advice import FlatRate
from central.members.browser_page import BrowserPage
from central.members.following import Followers
from central.members.home import Home
from central.members.joining import Joining
from central.members.letters import LetterText
from central.members.live import Live
from central.members.mail import MailPort, Outbox
from central.members.messenger import Messenger
from central.members.pages import Brand, Pages, Refusal, Visit
from central.members.payments import PaymentPort
from central.members.phone_pages import PhonePages
from central.members.plans import PlanPages, Plans
from central.members.points_page import PointPages
from central.members.postman import Postman
from central.members.profile import Profile
from central.members.push_post import PushPost
from central.members.receipt_search_page import ReceiptSearchPage
from central.members.reservation_news import ReservationNews
from central.members.reservations import ReservationPages
from central.members.reserving import Reserving
from central.members.services import Services
from central.members.settings import Settings
from central.members.simulated_bank import BankPages, SimulatedBank
from central.members.statements import StatementPages
from central.members.topping import Topping
from central.office.app import Office
from central.office.operators import Operators
from central.passwords import Passwords
from central.phone.browsers import Browsers
from central.phone.push import PushPort, SimulatedPush
from central.phone.wishes import Wishes
from central.support.app import Support
from central.support.options import SupportOptions
from central.system import CentralSystem
from central.web.bench import BenchPages
from central.web.operator import OperatorPage


class Area(Protocol):
    def routes(self) -> list[BaseRoute]: ...


@dataclass(frozen=True, slots=True)
class Options:
    """`mail` and `provider` None: simulated ones, with their pages under /bench.

    `public_url`: what links in mails begin with; empty: where we listen. Never taken from a request:
    a forged Host header would send a member's link to somebody else's server.
    """

    public_url: str = ""
    mail: MailPort | None = None
    provider: PaymentPort | None = None
    push: PushPort | None = None  # None with a `mail`: browsers are told nothing
    letters: Sequence[LetterText] = ()
    flat_rate: FlatRate | None = None
    entropy: Entropy | None = None
    passwords: Passwords | None = None
    support: SupportOptions = field(default_factory=SupportOptions)


class MembersWeb:
    """`app` answers everything. `run` beside it."""

    def __init__(self, system: CentralSystem, clock: Clock, options: Options) -> None:
        entropy = options.entropy or SystemEntropy()
        self._system = system
        self._options = options
        self.outbox = Outbox()
        self.bank = SimulatedBank(entropy)
        self.services = Services(
            system,
            clock,
            entropy,
            provider=options.provider or self.bank,
            postman=Postman(system, system.outgoing, options.mail or self.outbox),
            passwords=options.passwords,
        )
        tariff = system.accounts.tariff
        brand = Brand(
            system.accounts.programme.timezone,
            tariff.currency,
            pays_at=self.services.provider.origin,
        )
        self.pages = Pages(clock, entropy, self.services.people, brand)
        self.news = ReservationNews(self.pages, self.services, options.public_url)
        self.live = Live(system.feed, system.registry, clock, self.pages, tariff)
        self.support = Support(
            self.pages,
            self.services,
            entropy,
            options.support,
            public_url=options.public_url,
        )
        self.followers = Followers(system, clock)
        self.wishes = Wishes(system.store, clock, entropy)
        self.push = SimulatedPush()
        port = options.push or self.push
        self.browsers = Browsers(system.store, clock, self.wishes)
        self.push_post = PushPost(system, clock, system.outgoing, self.browsers, port)
        self.messenger = Messenger(
            system,
            self.pages,
            self.wishes,
            self.browsers,
            postman=self.services.postman,
            push=self.push_post,
            public_url=options.public_url,
        )
        routes = [route for area in self._areas() for route in area.routes()]
        self.app = Starlette(
            routes=routes,
            exception_handlers={HTTPException: self._missing, Exception: self._broken},
        )
        for letter in options.letters:
            self._keep_letter(letter)

    def _areas(self) -> Sequence[Area]:
        pages, services, options = self.pages, self.services, self._options
        topping = Topping(pages, services)
        operators = Operators(pages, services, self.support.agents)
        areas: list[Area] = [
            Home(pages, self._system, self.live),
            Joining(pages, services, options.public_url),
            Profile(pages, services, options.flat_rate),
            topping,
            Settings(pages, services, may_push=self._push_port() is not None),
            *self.support.areas,
            PointPages(pages, services),
            StatementPages(pages, services),
            Reserving(pages, services),
            ReservationPages(pages, services, options.public_url),
            self._phone_pages(),
            BrowserPage(pages, services, self.browsers, self._push_port()),
            ReceiptSearchPage(pages, services),
            Office(pages, services, operators),
        ]
        if options.flat_rate is not None:
            plans = Plans(self._system, services.wallet, services.clock, options.flat_rate)
            areas.append(PlanPages(pages, services, plans))
        if options.provider is None:
            areas.append(BankPages(pages, self.bank, topping.deliver))
        if options.mail is None:
            support = options.support
            agents = support.agents if support.are_for_this_run else ()
            areas.append(BenchPages(pages, self.outbox, options.letters, agents, self.push))
        areas.append(OperatorPage(self._system, services.clock, operators))
        return areas

    def _phone_pages(self) -> PhonePages:
        return PhonePages(
            self.pages,
            self.services,
            self.followers,
            self.wishes,
            self.messenger,
            push=self._push_port(),
        )

    def _push_port(self) -> PushPort | None:
        """Simulated where mails are."""
        is_simulated = self._options.mail is None
        return self._options.push or (self.push if is_simulated else None)

    def _keep_letter(self, letter: LetterText) -> None:
        letters, passwords = self.services.letters, self.services.passwords
        if letters.letter(letter.number) is None:
            code_hash = passwords.hashed_now(letter.code)
            letters.write(letter.number, code_hash, letter.support_number)

    async def run(self) -> None:
        """What goes on beside the requests, until the feed is closed."""
        async with asyncio.TaskGroup() as tasks:
            couriers = (self.services.postman.courier, self.push_post.courier)
            for courier in couriers:
                tasks.create_task(courier.run())
            tasks.create_task(self.support.run())
            tasks.create_task(self._system.months.run())
            tasks.create_task(self.news.run())
            tasks.create_task(self.followers.run())
            tasks.create_task(self.messenger.run())
            forgetting = tasks.create_task(self._system.brakes.run())
            await self.live.run()
            forgetting.cancel()
            for courier in couriers:
                courier.close()

    # --- pages of errors ----------------------------------------------------------------------------

    async def _missing(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        return await self._refuse(request, Refusal(status, "missing"))

    async def _broken(self, request: Request, error: Exception) -> Response:
        """The person sees what holds and what to do; the server logs the error by itself."""
        del error
        return await self._refuse(request, Refusal(500, "broken"), looks_up=False)

    async def _refuse(
        self, request: Request, refusal: Refusal, *, looks_up: bool = True
    ) -> Response:
        async def refused(_: Visit) -> Response:
            raise refusal

        return await self.pages.door(refused, reads_form=False, looks_up=looks_up)(request)
