"""The two products of this repository meet on the wire and agree, in virtual time."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from central.greencard.tariffs import Tariff
from central.storage.store import Store
from central.system import CentralSystem
from chargepoint.domain.units import ConnectorId
from chargepoint.ocpp.backend16 import Ocpp16Backend
from chargepoint.ocpp.link import Link, Terms
from chargepoint.ports import LinkState
from simulator.entropy import SeededEntropy
from simulator.vtime import VirtualClock, run_virtual
from tests.support.charging import DeskUnderTest
from tests.support.fakes import (
    MemoryLink,
    MemoryLocalList,
    MemoryOutbox,
    MemorySettings,
    RecordedNews,
    ScriptedDoor,
    ScriptedReservations,
    memory_link,
)
from tests.support.ocpp_peer import IDENTITY, a_reading, a_start, a_stop, until

CARD = "6034440000000005"


@asynccontextmanager
async def a_pair() -> AsyncIterator[tuple[Ocpp16Backend, CentralSystem, MemoryOutbox]]:
    numbers, clock = itertools.count(), VirtualClock()
    central = CentralSystem(
        Store(), clock, tariff=Tariff(), id_generator=lambda: f"central-{next(numbers)}"
    )
    outbox = MemoryOutbox()
    links: list[MemoryLink] = []
    async with asyncio.TaskGroup() as group:

        async def connect(_terms: Terms) -> Link:
            near, far = memory_link()
            links.append(far)
            group.create_task(central.serve_link(IDENTITY.id, far))
            return near

        backend = Ocpp16Backend(
            identity=IDENTITY,
            connect=connect,
            door=ScriptedDoor(),
            news=RecordedNews(),
            outbox=outbox,
            settings=MemorySettings(),
            local_list=MemoryLocalList(),
            reservations=ScriptedReservations(),
            charging=DeskUnderTest().desk,
            clock=clock,
            entropy=SeededEntropy(5),
            connectors=2,
        )
        running = group.create_task(backend.run())
        await until(lambda: backend.link is LinkState.ONLINE)
        yield backend, central, outbox
        running.cancel()
        for link in links:
            await link.close()


def test_a_green_card_is_authorised_with_its_account_and_its_session_recorded() -> None:
    async def scenario() -> None:
        async with a_pair() as (backend, central, outbox):
            central.accounts.create_card(CARD, balance_minor=2350)
            answer = await backend.authorise(CARD, ConnectorId(1), card=True)
            assert answer.status == "accepted"
            assert answer.account is not None
            assert (answer.account.balance, answer.account.spend_limit) == (2350, 2350)
            outbox.add(a_start(tag=CARD), a_reading(), a_stop(tag=CARD))
            backend.wake()
            await until(lambda: not outbox.queued)
            assert outbox.dead == []

    run_virtual(scenario())


def test_blocked_and_unknown_cards_are_told_apart() -> None:
    async def scenario() -> None:
        async with a_pair() as (backend, central, _):
            central.accounts.create_card(CARD)
            central.accounts.set_state(CARD, "blocked")
            blocked = await backend.authorise(CARD, ConnectorId(1), card=True)
            unknown = await backend.authorise("1234567890123452", ConnectorId(1), card=True)
            assert (blocked.status, unknown.status) == ("blocked", "invalid")
            assert not unknown.offline

    run_virtual(scenario())
