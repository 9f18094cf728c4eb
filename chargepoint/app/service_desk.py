"""Answers and carries out what the service menu asks: the shell of domain/service.

The menu decides and writes the audit; here are the PIN hashes, the journal's pages and the hands on
the devices.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from chargepoint.app.cashier import Cashier
from chargepoint.app.housekeeping import KEPT, Housekeeping
from chargepoint.app.pins import CheckPins, StoredPin
from chargepoint.app.ports import Spawn
from chargepoint.app.printing import PrintDesk
from chargepoint.app.replacing import ReplacementHands
from chargepoint.app.service_sheets import ServiceSheets
from chargepoint.app.trials import TRIED, TrialHands
from chargepoint.domain.dialogue.events import DialogueEvent
from chargepoint.domain.money.refund import Refund
from chargepoint.domain.service.orders import (
    CheckPin,
    Consult,
    Consulted,
    Deed,
    Perform,
    Performed,
    PinChecked,
    ServiceOrder,
)
from chargepoint.domain.service.people import Person
from chargepoint.domain.units import ConnectorId, Minor, SessionId
from chargepoint.ports import Clock, DeviceUnavailable, Hardware

_LOCK_STAYS_S = 2.0


class DeskJournal(Protocol):
    """What the desk asks of the journal besides pages."""

    def service_pins(self) -> Sequence[StoredPin]: ...

    def next_refund(self, session: SessionId) -> str:
        """A reference for one more refund of this session."""
        ...

    def ask_refund(self, wanted: Refund) -> Awaitable[str]:
        """Durable for the station to carry out when it returns ""; else why not."""
        ...

    def resend_dead_letters(self) -> Awaitable[None]: ...


async def no_dispute(_session: str) -> tuple[bool, str]:
    """Of a station that puts no files anywhere."""
    return False, "failed|service.export is not set"


async def nobody_signs(_person: Person) -> tuple[bool, str]:
    """Of a station that has no report of commissioning."""
    return False, "failed|not fitted"


async def nobody_searches() -> tuple[bool, str]:
    """Of a station whose ports are nowhere."""
    return False, "failed|not fitted"


@dataclass(frozen=True, slots=True)
class Hands:
    """What the desk can move; None where it is not fitted."""

    hardware: Hardware
    cashier: Cashier
    printer: PrintDesk | None
    wake_backend: Callable[[], None]
    language: str  # of what is printed again
    replacing: ReplacementHands
    trials: TrialHands
    house: Housekeeping
    commission: Callable[[Person], Awaitable[tuple[bool, str]]] = nobody_signs
    disputes: Callable[[str], Awaitable[tuple[bool, str]]] = no_dispute
    find_buses: Callable[[], Awaitable[tuple[bool, str]]] = nobody_searches


class ServiceDesk:
    def __init__(  # noqa: PLR0913 - a desk's whole surroundings, by name
        self,
        journal: DeskJournal,
        sheets: ServiceSheets,
        hands: Hands,
        *,
        clock: Clock,
        check_pins: CheckPins,
        post: Callable[[DialogueEvent], None],
        spawn: Spawn,
    ) -> None:
        self._journal = journal
        self._sheets = sheets
        self._hands = hands
        self._clock = clock
        self._check_pins = check_pins
        self._post = post
        self._spawn = spawn

    def serve(self, order: ServiceOrder) -> None:
        match order:
            case CheckPin():
                self._spawn(self._check(order), "service:pin")
            case Consult(request=request, page=page, subject=subject):
                self._post(Consulted(request, self._sheets.sheet(page, subject)))
            case Perform():
                self._spawn(self._perform(order), f"service:{order.deed}")

    async def _check(self, order: CheckPin) -> None:
        person = await self._check_pins(order.pin, self._journal.service_pins())
        self._post(PinChecked(order.request, person))

    async def _perform(self, order: Perform) -> None:
        try:
            is_done, outcome = await self._do(order)
        except DeviceUnavailable as error:
            is_done, outcome = False, f"failed|{error}"
        self._post(Performed(order.request, order.deed, is_done, outcome, order.subject))

    async def _do(self, order: Perform) -> tuple[bool, str]:
        match order.deed:
            case Deed.REFUND:
                return await self._refund(order)
            case Deed.REPRINT:
                return await self._print(order.subject)
            case Deed.TEST_PRINT | Deed.TEST_COIN | Deed.TEST_LOCK:
                return await self._try_out(order)
            case _:
                return await self._do_more(order)

    async def _do_more(self, order: Perform) -> tuple[bool, str]:
        match order.deed:
            case Deed.HOPPER_FILLED:
                await self._hands.cashier.hopper_filled(Minor(int(order.subject)))
                return True, "refilled"
            case Deed.RESEND:
                await self._journal.resend_dead_letters()
                self._hands.wake_backend()
                return True, "resent"
            case _ if order.deed in TRIED:
                return await self._hands.trials.carry_out(order.deed, order.subject)
            case _ if order.deed in KEPT:
                return await self._hands.house.carry_out(order.deed, order.subject)
            case Deed.COMMISSION | Deed.DISPUTE | Deed.FIND_BUSES:
                return await self._sign(order)
            case _:
                return await self._hands.replacing.carry_out(order.deed, order.subject)

    async def _sign(self, order: Perform) -> tuple[bool, str]:
        """Papers that the station's own key vouches for, and what goes into them."""
        if order.deed is Deed.DISPUTE:
            return await self._hands.disputes(order.subject)
        if order.deed is Deed.FIND_BUSES:
            return await self._hands.find_buses()
        return await self._hands.commission(order.person)

    async def _try_out(self, order: Perform) -> tuple[bool, str]:
        if order.deed is Deed.TEST_COIN:
            return await self._pay_one(Minor(int(order.subject)))
        if order.deed is Deed.TEST_LOCK:
            return await self._move_lock(ConnectorId(int(order.subject)))
        return await self._print("")

    async def _refund(self, order: Perform) -> tuple[bool, str]:
        session = SessionId(order.subject)
        reference = self._journal.next_refund(session)
        who = f"{order.person.role} {order.person.name}"
        why = await self._journal.ask_refund(
            Refund(reference, session, order.amount, order.reason, who)
        )
        return (False, f"failed|{why}") if why else (True, "refund_asked")

    async def _print(self, session: str) -> tuple[bool, str]:
        printer = self._hands.printer
        if printer is None:
            return False, "failed|not fitted"
        if not session:
            await printer.print_test()
            return True, "printed"
        if await printer.print_copy(SessionId(session), self._hands.language):
            return True, "printed"
        return False, "failed|no invoice yet"

    async def _pay_one(self, value: Minor) -> tuple[bool, str]:
        paid = await self._hands.cashier.pay_test(value, self._clock.utc().isoformat())
        return (True, "coin_paid") if paid == value else (False, "coin_not_paid")

    async def _move_lock(self, connector: ConnectorId) -> tuple[bool, str]:
        """Shut, and open again whatever happens: nobody may be locked in by a test."""
        board = self._hands.hardware.connectors[connector].board
        try:
            await board.set_lock(locked=True)
            await asyncio.sleep(_LOCK_STAYS_S)
        finally:
            await board.set_lock(locked=False)
        return True, "lock_moved"
