"""Hands for T_TEST and a device's own check: what moves for a moment, and comes back by itself."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from chargepoint.app.lease import LeaseKeeper
from chargepoint.app.printing import PrintDesk
from chargepoint.app.replacing import Ended
from chargepoint.app.signals import Signals
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.service.orders import Deed
from chargepoint.domain.signals import Tone
from chargepoint.domain.units import ConnectorId, MilliAmp
from chargepoint.maintenance_ports import Serviced
from chargepoint.payment_ports import BankTerminal
from chargepoint.ports import DeviceUnavailable, Hardware

_CONTACTOR_S = 1.0
_LEAST = MilliAmp(6_000)  # the least that may be offered at all (IEC 61851-1)
_LOOK_S = 0.05

TRIED = frozenset(
    {
        *(Deed.TEST_CONTACTOR, Deed.TEST_CENTRAL, Deed.SELF_TEST, Deed.TEST_LAMP),
        *(Deed.TEST_BEEPER, Deed.REACH),
    }
)


class TrialHands:
    def __init__(  # noqa: PLR0913 - everything that can be tried, by name
        self,
        serviced: Mapping[str, Serviced],
        hardware: Hardware,
        keepers: Mapping[ConnectorId, LeaseKeeper],
        *,
        points: Callable[[], Mapping[ConnectorId, PointSeen]],
        bank: BankTerminal | None,
        print_desk: PrintDesk | None,
        reach_central: Callable[[], Awaitable[bool]],
        reach: Callable[[], Awaitable[Ended]],
        signals: Signals,
    ) -> None:
        """`reach_central`: True when a question was answered by it, and not by a rule of ours.
        `reach`: the way there, step by step.
        """
        self._serviced = serviced
        self._hardware = hardware
        self._keepers = keepers
        self._points = points
        self._bank = bank
        self._print_desk = print_desk
        self._reach_central = reach_central
        self._reach = reach
        self._signals = signals

    async def carry_out(self, deed: Deed, subject: str) -> Ended:
        """Raises DeviceUnavailable."""
        if deed is Deed.TEST_CONTACTOR:
            return await self._pulse(ConnectorId(int(subject)))
        if deed is Deed.TEST_CENTRAL:
            is_there = await self._reach_central()
            return (True, "central_answers") if is_there else (False, "central_silent")
        if deed is Deed.REACH:
            return await self._reach()
        if deed in (Deed.TEST_LAMP, Deed.TEST_BEEPER):
            return await self._signal(deed)
        await self._check(subject)
        return True, "device_is_well"

    async def _signal(self, deed: Deed) -> Ended:
        """Whether it was seen and heard, only a person can say."""
        if deed is Deed.TEST_LAMP:
            await self._signals.show_all()
            return True, "lamps_shown"
        self._signals.beep(Tone.ATTENTION)
        return True, "beeped"

    async def _pulse(self, connector: ConnectorId) -> Ended:
        """Permission for a second. With nobody plugged in the contactor has to stay open.

        The generation is that of the level wanted now: whatever the machine orders meanwhile is
        newer, and stands; the lease ends by itself if this task dies in between.
        """
        keeper = self._keepers[connector]
        if keeper.wants_closed or self._is_used(connector):
            return False, "not_while_used"
        generation = keeper.newest
        keeper.close(generation, _LEAST)
        try:
            closed = await self._watched(connector)
        finally:
            keeper.open(generation)
        return (False, "contactor_closed") if closed else (True, "contactor_stayed_open")

    async def _watched(self, connector: ConnectorId) -> bool:
        """Whether it closed; ended at once when somebody comes."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + _CONTACTOR_S
        while loop.time() < until_s and not self._is_used(connector):
            await asyncio.sleep(_LOOK_S)
            if self._points()[connector].data.contactor_closed:
                return True
        return False

    def _is_used(self, connector: ConnectorId) -> bool:
        return self._points()[connector].is_used

    async def _check(self, name: str) -> None:
        kind, _, place = name.partition(":")
        if name in self._serviced:
            await self._serviced[name].self_check()
            return
        match kind:
            case "meter":
                await self._hardware.connectors[ConnectorId(int(place))].meter.sample()
            case "cabinet" if self._hardware.cabinet is not None:
                await self._hardware.cabinet.look()
            case "bank_terminal" if self._bank is not None:
                await self._bank.list_open()
            case "printer" if self._print_desk is not None:
                await self._print_desk.print_test()
            case _:
                raise DeviceUnavailable("no check of its own")
