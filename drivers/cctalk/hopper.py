"""A ccTalk hopper that never pays twice.

    prepare -> plan (the core stores it) -> pay ----> payout
                                            | line lost, core died
                                            +-------> resume(plan) -> payout

The dispense command is the one that is not simply repeated: when its reply is lost, the hopper's
counters say whether it was executed (part 2, headers 166 to 168).
"""

import asyncio
from dataclasses import dataclass
from typing import NoReturn

from chargepoint.domain.devices import DeviceOffline, DeviceOnline, DeviceRef
from chargepoint.errors import ChargepointError
from chargepoint.ports import DeviceUnavailable, Emit
from drivers.cctalk.bus import PACE, Bus, EchoMode
from drivers.cctalk.codec import HOPPER, Header
from drivers.cctalk.payout import (
    STATUS_BYTES,
    HopperStatus,
    Payout,
    PayoutPlan,
    Progress,
    evidence,
    parse_status,
    progress,
)
from drivers.exchange import Backoff, NoAnswer
from drivers.port import BytePort, OpenPort, PortLost
from drivers.trace import Trace

CATEGORIES = frozenset({"payout", "hopper"})
PRESENCE_POLL_S = 2.0
PAYOUT_POLL_S = 0.15  # 100 to 200 ms while paying
STALLED_S = 20.0  # no coin for so long: longer than any hopper's own payout time-out
RESET_S = 2.0  # a hopper says nothing for a while after header 1
MOST_REPETITIONS = 2
DISPENSE_PACE = PACE.once(0.5)

ENABLE = b"\xa5"
DISABLE = b"\x00"
# Header 163, first byte: time-out, reversed motor, power-up and "disabled" do not block.
_HARMLESS = 0b1100_0110
_SINGLE_COIN_MODE = 0b0000_0010  # second byte: a way of working, no fault
_ENCRYPTED = 0b0001_0000  # third byte


class HopperBlocked(ChargepointError):
    """Its own test says that it cannot pay, even after a reset."""


@dataclass(frozen=True, slots=True)
class HopperFitting:
    """`security`: what header 167 wants before the count, by the setting of the hopper."""

    address: int = HOPPER
    echo: EchoMode = EchoMode.AUTO
    security: bytes = bytes(8)


class HopperDriver:
    """One hopper on one line. Emits DeviceOnline and DeviceOffline."""

    def __init__(
        self,
        open_port: OpenPort,
        emit: Emit,
        trace: Trace,
        *,
        device: DeviceRef,
        fitting: HopperFitting | None = None,
    ) -> None:
        self._open_port = open_port
        self._emit = emit
        self._trace = trace
        self._device = device
        self._fitting = HopperFitting() if fitting is None else fitting
        self._backoff = Backoff()
        self._bus: Bus | None = None
        self._serial = ""
        self._is_online: bool | None = None
        self._paying = asyncio.Lock()

    async def run(self) -> None:
        while True:
            reason = await self._run_until_lost()
            self._bus = None
            if self._is_online is not False:
                self._is_online = False
                self._emit(DeviceOffline(self._device, reason, self._trace.tail()))
            await asyncio.sleep(self._backoff.next_s())

    async def prepare(self, count: int) -> PayoutPlan:
        """A plan to be stored before `pay`. Nothing moves. Raises DeviceUnavailable."""
        async with self._paying:
            try:
                bus = self._connected()
                await self._make_ready(bus)
                status = await self._status(bus)
                if status.remaining:
                    raise DeviceUnavailable(f"hopper {self._serial} is still paying")
                return PayoutPlan(self._serial, count, status, await self._lifetime(bus))
            except (NoAnswer, PortLost, HopperBlocked) as lost:
                raise DeviceUnavailable(str(lost)) from lost

    async def pay(self, plan: PayoutPlan) -> Payout:
        """Pay a stored plan; called once. After DeviceUnavailable only `resume` knows what was paid."""
        async with self._paying:
            try:
                bus = self._of(plan)
                if await self._progress(bus, plan) in {Progress.NOT_STARTED, Progress.UNKNOWN}:
                    await self._dispense(bus, plan.count)
                for _ in range(MOST_REPETITIONS):
                    if await self._progress(bus, plan) is Progress.NOT_STARTED:
                        await self._dispense(bus, plan.count)
                return await self._follow(bus, plan)
            except (NoAnswer, PortLost) as lost:
                raise DeviceUnavailable(str(lost)) from lost

    async def resume(self, plan: PayoutPlan) -> Payout:
        """What became of a plan; nothing more is paid than already runs."""
        async with self._paying:
            try:
                return await self._follow(self._of(plan), plan)
            except (NoAnswer, PortLost) as lost:
                raise DeviceUnavailable(str(lost)) from lost

    # --- connection -----------------------------------------------------------------------------

    async def _run_until_lost(self) -> str:
        try:
            port = await self._open_port()
        except PortLost as lost:
            return str(lost)
        try:
            await self._serve(port)
        except (PortLost, NoAnswer, HopperBlocked) as lost:
            return str(lost)
        finally:
            port.close()

    async def _serve(self, port: BytePort) -> NoReturn:
        fitting = self._fitting
        bus = Bus(port, self._trace, address=fitting.address, echo=fitting.echo, crc=False)
        await bus.ask(Header.SIMPLE_POLL, exactly=0)
        category = (await bus.ask(Header.EQUIPMENT_CATEGORY)).decode("ascii", "replace")
        if category.strip().lower() not in CATEGORIES:
            raise HopperBlocked(f"a {category!r} answers where a hopper is expected")
        serial = await bus.ask(Header.SERIAL_NUMBER, exactly=3)
        self._serial = str(int.from_bytes(serial, "little"))
        self._bus = bus
        self._backoff.reset()
        self._is_online = True
        self._emit(DeviceOnline(self._device, self._serial))
        while True:
            await asyncio.sleep(PRESENCE_POLL_S)
            async with self._paying:
                await bus.ask(Header.SIMPLE_POLL, exactly=0)

    def _connected(self) -> Bus:
        if self._bus is None:
            raise DeviceUnavailable("hopper offline")
        return self._bus

    def _of(self, plan: PayoutPlan) -> Bus:
        bus = self._connected()
        if plan.serial != self._serial:
            raise DeviceUnavailable(f"hopper {self._serial} is not {plan.serial} of the plan")
        return bus

    # --- paying ---------------------------------------------------------------------------------

    async def _make_ready(self, bus: Bus) -> None:
        if not await self._is_blocked(bus):
            return
        await bus.ask(Header.RESET_DEVICE, exactly=0)
        await asyncio.sleep(RESET_S)
        if await self._is_blocked(bus):
            raise HopperBlocked(f"hopper {self._serial} is blocked, a reset does not help")

    async def _is_blocked(self, bus: Bus) -> bool:
        flags = (await bus.ask(Header.TEST_HOPPER)).ljust(3, b"\x00")
        harmless = (_HARMLESS, _SINGLE_COIN_MODE, _ENCRYPTED)
        return any(flag & ~allowed for flag, allowed in zip(flags, harmless, strict=False))

    async def _dispense(self, bus: Bus, count: int) -> None:
        await bus.ask(Header.ENABLE_HOPPER, ENABLE, exactly=0)
        order = self._fitting.security + bytes([count])
        try:
            await bus.ask(Header.DISPENSE_COINS, order, exactly=1, pace=DISPENSE_PACE)
        except NoAnswer:
            return  # executed or not: the counters tell, the reply would not be needed

    async def _follow(self, bus: Bus, plan: PayoutPlan) -> Payout:
        loop = asyncio.get_running_loop()
        status, moved_at_s = await self._status(bus), loop.time()
        while status.remaining:
            await asyncio.sleep(PAYOUT_POLL_S)
            before, status = status, await self._status(bus)
            if status.remaining != before.remaining:
                moved_at_s = loop.time()
            elif loop.time() - moved_at_s > STALLED_S:
                await bus.ask(Header.EMERGENCY_STOP, exactly=1)
        payout = evidence(plan, status, await self._lifetime_since(bus, plan))
        await bus.ask(Header.ENABLE_HOPPER, DISABLE, exactly=0)
        return payout

    async def _progress(self, bus: Bus, plan: PayoutPlan) -> Progress:
        return progress(plan, await self._status(bus), await self._lifetime_since(bus, plan))

    async def _status(self, bus: Bus) -> HopperStatus:
        return parse_status(await bus.ask(Header.HOPPER_STATUS, exactly=STATUS_BYTES))

    async def _lifetime_since(self, bus: Bus, plan: PayoutPlan) -> int | None:
        return None if plan.lifetime is None else await self._lifetime(bus)

    async def _lifetime(self, bus: Bus) -> int | None:
        """Coins paid in its life; None for a hopper that does not count them."""
        try:
            return int.from_bytes(await bus.ask(Header.DISPENSE_COUNT, exactly=3), "little")
        except NoAnswer:
            await bus.ask(Header.SIMPLE_POLL, exactly=0)
            return None
