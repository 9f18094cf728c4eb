"""Support as one object: its areas of the web, and what goes on beside the requests."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from starlette.routing import BaseRoute

from central.entropy import Entropy
from central.members.pages import Pages
from central.members.services import Services
from central.support.agents import Agents
from central.support.audit import Audit
from central.support.audit_page import AuditPage
from central.support.card_desk import CardDesk
from central.support.chat_page import ChatPage
from central.support.chats import Chats
from central.support.complaints import Complaints
from central.support.door import DeskDoor
from central.support.help_page import ComplaintDesk, HelpPage
from central.support.holds import Holds
from central.support.inbox_page import InboxPage
from central.support.messaging import Courier, SimulatedMessenger
from central.support.messaging_page import BenchPhone, MessagingDoor
from central.support.options import SupportOptions
from central.support.phone_desk import PhoneDesk
from central.support.phone_page import PhonePage
from central.support.point_desk import PointDesk
from central.support.point_page import PointPage
from central.support.problems_page import ProblemsPage
from central.support.stream import Streams


class Area(Protocol):
    def routes(self) -> list[BaseRoute]: ...


class Support:
    def __init__(
        self,
        pages: Pages,
        services: Services,
        entropy: Entropy,
        options: SupportOptions,
        *,
        public_url: str,
    ) -> None:
        system, clock = services.system, services.clock
        self._pages = pages
        self._services = services
        self.options = options
        self.agents = Agents(system.store, clock, entropy)
        self.audit = Audit(system.store, clock)
        self.phone = PhoneDesk(
            system.store,
            clock,
            entropy,
            letters=services.letters,
            wallet=services.wallet,
            audit=self.audit,
        )
        self.cards = CardDesk(
            system, clock, self.audit, wallet=services.wallet, blocking=services.blocking
        )
        self.complaints = Complaints(
            system.store,
            clock,
            system.feed,
            entropy,
            audit=self.audit,
            days=options.complaint_days,
            timezone=pages.brand.timezone,
        )
        self.chats = Chats(system.store, clock, system.feed, options.hours)
        self.messenger = SimulatedMessenger(entropy)
        port = options.messaging or self.messenger
        self.courier = Courier(system.store, clock, system.feed, pages, port)
        self.door = DeskDoor(pages, services, self.agents)
        self.messaging = MessagingDoor(services, self.chats, port)
        self.streams = Streams(system.feed, system.store, self.chats, pages)
        self.areas: Sequence[Area] = self._areas(entropy, public_url)
        for given in options.agents:
            hashed = services.passwords.hashed_now(given.password)
            self.agents.join(given.login, given.name, given.role, hashed)

    def _areas(self, entropy: Entropy, public_url: str) -> tuple[Area, ...]:
        pages, services, options = self._pages, self._services, self.options
        system = services.system
        holds = Holds(system.store, services.clock, system.reservations.register)
        return (
            self.door,
            ChatPage(
                pages, services, self.chats, self.streams, hours=options.hours, entropy=entropy
            ),
            InboxPage(pages, services, self.chats, self.streams, self.door),
            self.messaging,
            PhonePage(services, self.door, self.phone, self.cards),
            PointPage(services, self.door, PointDesk(system, holds, self.audit), holds),
            AuditPage(services, self.door, self.audit, self.cards),
            HelpPage(pages, services, self.complaints, hours=options.hours, public_url=public_url),
            ComplaintDesk(pages, services, self.door, self.complaints),
            ProblemsPage(services, self.door, self.audit),
            *self._bench(),
        )

    def _bench(self) -> list[Area]:
        if self.options.messaging is not None:
            return []
        return [BenchPhone(self._pages, self.messenger, self.messaging)]

    async def run(self) -> None:
        """Until the feed is closed."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.courier.run())
