"""`payment_ports.Hopper` over ccTalk: it never pays twice.

    mark (the core stores it) -> pay ----> payout
                                  | line lost, core died
                                  +------> verify(mark) -> payout

The dispense command is the one that is not simply repeated: when its reply is lost, the hopper's
counters say whether it was executed (part 2, headers 166 to 168).
"""

import asyncio
from dataclasses import dataclass
from typing import NoReturn

from chargepoint.domain.devices import DeviceKind, DeviceOffline, DeviceOnline, DeviceRef
from chargepoint.domain.payments import UNCERTAIN, HopperMark, PayoutDone
from chargepoint.domain.service.passport import Passport
from chargepoint.domain.units import Minor
from chargepoint.errors import ChargepointError
from chargepoint.ports import DeviceUnavailable, Emit
from drivers.cctalk.bus import PACE, Bus, EchoMode
from drivers.cctalk.codec import HOPPER, Header
from drivers.cctalk.coin_values import value_of_coin
from drivers.cctalk.payout import (
    MOST_COINS,
    STATUS_BYTES,
    HopperStatus,
    Progress,
    evidence,
    is_blocked,
    locks_in,
    parse_status,
    progress,
    why_short,
)
from drivers.exchange import Backoff, NoAnswer
from drivers.port import BytePort, OpenPort, PortLost
from drivers.trace import Trace

CATEGORIES = frozenset({"payout", "hopper"})
PRESENCE_POLL_S = 5.0
PAYOUT_POLL_S = 0.15  # 100 to 200 ms while paying
STALLED_S = 20.0  # no coin for so long: longer than any hopper's own payout time-out
RESET_S = 2.0  # a hopper says nothing for a while after header 1
MOST_REPETITIONS = 5
DISPENSE_PACE = PACE.once(0.5)

ENABLE = b"\xa5"
DISABLE = b"\x00"


class HopperUnfit(ChargepointError):
    """It cannot pay even after a reset, or it is not the hopper that the site says it is."""


@dataclass(frozen=True, slots=True)
class HopperFitting:
    """`security`: what header 167 wants before the count, by the setting of the hopper."""

    address: int = HOPPER
    echo: EchoMode = EchoMode.AUTO
    security: bytes = bytes(8)
    country: str = "EU"


class HopperDriver:
    """One hopper on one line. Emits DeviceOnline and DeviceOffline."""

    def __init__(
        self,
        open_port: OpenPort,
        emit: Emit,
        trace: Trace,
        *,
        value: Minor,
        fitting: HopperFitting | None = None,
    ) -> None:
        self._open_port = open_port
        self._emit = emit
        self._trace = trace
        self._value = value
        self._device = DeviceRef(DeviceKind.HOPPER, name=str(value))
        self._fitting = HopperFitting() if fitting is None else fitting
        self._backoff = Backoff()
        self._bus: Bus | None = None
        self._serial = ""
        self._reason = ""  # why it was lost last
        self._locks: tuple[str, ...] = ()
        self._is_online: bool | None = None
        self._paying = asyncio.Lock()
        self._begun: HopperMark | None = None
        self._was_accepted = False

    @property
    def value(self) -> Minor:
        return self._value

    def passport(self) -> Passport:
        """Which coins it holds is the site's word where the hopper does not say (header 171)."""
        address = self._fitting.address
        if self._bus is None:
            return Passport(address=address, why=self._reason)
        return Passport(self._serial, address=address, values=(self._value,), locks=self._locks)

    async def self_check(self) -> None:
        async with self._paying:
            try:
                flags = await self._connected().ask(Header.TEST_HOPPER)
            except (NoAnswer, PortLost) as lost:
                raise DeviceUnavailable(str(lost)) from lost
        if is_blocked(flags):
            raise DeviceUnavailable(f"hopper {self._serial}: flags {flags.hex()}")

    async def drain(self) -> None:
        """No payout runs, and none is unproved: the counters of this hopper are needed no more."""
        async with self._paying:
            try:
                await self._until_it_rests(self._connected(), None)
            except (NoAnswer, PortLost) as lost:
                raise DeviceUnavailable(str(lost)) from lost

    async def run(self) -> None:
        while True:
            self._reason = reason = await self._run_until_lost()
            self._bus = None
            if self._is_online is not False:
                self._is_online = False
                self._emit(DeviceOffline(self._device, reason, self._trace.tail()))
            await asyncio.sleep(self._backoff.next_s())

    async def mark(self, coins: int, reference: str) -> HopperMark:
        if not 1 <= coins <= MOST_COINS:
            raise ValueError(f"a hopper pays 1 to {MOST_COINS} coins at a time, not {coins}")
        async with self._paying:
            try:
                return await self._mark(self._connected(), coins, reference)
            except (NoAnswer, PortLost, HopperUnfit) as lost:
                raise DeviceUnavailable(str(lost)) from lost

    async def pay(self, mark: HopperMark) -> PayoutDone:
        async with self._paying:
            try:
                bus = self._of(mark)
                if mark != self._begun:
                    self._begun, self._was_accepted = mark, False
                    await self._begin(bus, mark)
                return await self._follow(bus, mark)
            except (NoAnswer, PortLost) as lost:
                raise DeviceUnavailable(str(lost)) from lost

    async def verify(self, mark: HopperMark) -> PayoutDone:
        async with self._paying:
            try:
                return await self._follow(self._of(mark), mark)
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
        except (PortLost, NoAnswer, HopperUnfit) as lost:
            return str(lost)
        finally:
            port.close()

    async def _serve(self, port: BytePort) -> NoReturn:
        fitting = self._fitting
        bus = Bus(port, self._trace, address=fitting.address, echo=fitting.echo, crc=False)
        await bus.ask(Header.SIMPLE_POLL, exactly=0)
        category = (await bus.ask(Header.EQUIPMENT_CATEGORY)).decode("ascii", "replace")
        if category.strip().lower() not in CATEGORIES:
            raise HopperUnfit(f"a {category!r} answers where a hopper is expected")
        serial = await bus.ask(Header.SERIAL_NUMBER, exactly=3)
        self._serial = str(int.from_bytes(serial, "little"))
        await self._require_value(bus)
        self._locks = locks_in(await bus.ask(Header.TEST_HOPPER))
        self._bus = bus
        self._backoff.reset()
        self._is_online = True
        self._emit(DeviceOnline(self._device, self._serial))
        while True:
            await asyncio.sleep(PRESENCE_POLL_S)
            async with self._paying:
                await bus.ask(Header.SIMPLE_POLL, exactly=0)

    async def _require_value(self, bus: Bus) -> None:
        """A hopper that knows its coins must know those that are counted on."""
        try:
            coin_id = (await bus.ask(Header.HOPPER_COIN, exactly=6)).decode("ascii", "replace")
        except NoAnswer:
            await bus.ask(Header.SIMPLE_POLL, exactly=0)
            return
        known = value_of_coin(coin_id, self._fitting.country)
        if known is not None and known != self._value:
            raise HopperUnfit(f"it holds coins {coin_id}, and coins of {self._value} are needed")

    def _connected(self) -> Bus:
        if self._bus is None:
            raise DeviceUnavailable("hopper offline")
        return self._bus

    def _of(self, mark: HopperMark) -> Bus:
        bus = self._connected()
        if mark.serial != self._serial:
            raise DeviceUnavailable(f"hopper {self._serial} is not {mark.serial} of the mark")
        return bus

    # --- paying ---------------------------------------------------------------------------------

    async def _mark(self, bus: Bus, coins: int, reference: str) -> HopperMark:
        await self._make_ready(bus)
        status = await self._status(bus)
        if status.remaining:
            raise DeviceUnavailable(f"hopper {self._serial} is still paying")
        lifetime = await self._lifetime(bus)
        self._begun = None  # the mark of a second try may equal that of the first
        return HopperMark(
            self._serial,
            coins,
            event_counter=status.counter,
            lifetime=lifetime or 0,
            reference=reference,
            counts_lifetime=lifetime is not None,
            last_paid=status.paid,
            last_unpaid=status.unpaid,
        )

    async def _make_ready(self, bus: Bus) -> None:
        if not is_blocked(await bus.ask(Header.TEST_HOPPER)):
            return
        await bus.ask(Header.RESET_DEVICE, exactly=0)
        await asyncio.sleep(RESET_S)
        if is_blocked(await bus.ask(Header.TEST_HOPPER)):
            raise HopperUnfit(f"hopper {self._serial} is blocked, a reset does not help")

    async def _begin(self, bus: Bus, mark: HopperMark) -> None:
        """Ask for the coins; again only when the counters prove that it was not heard."""
        if await self._progress(bus, mark) in {Progress.NOT_STARTED, Progress.UNKNOWN}:
            await self._dispense(bus, mark.coins)
        for _ in range(MOST_REPETITIONS):
            if await self._progress(bus, mark) is not Progress.NOT_STARTED:
                return
            await self._dispense(bus, mark.coins)

    async def _dispense(self, bus: Bus, count: int) -> None:
        await bus.ask(Header.ENABLE_HOPPER, ENABLE, exactly=0)
        order = self._fitting.security + bytes([count])
        try:
            # Old types answer with a plain ACK, and a late one may be that to the command before.
            answer = await bus.ask(
                Header.DISPENSE_COINS, order, may_be_empty=True, pace=DISPENSE_PACE
            )
        except NoAnswer:
            return  # executed or not: the counters tell, the reply would not be needed
        self._was_accepted = self._was_accepted or bool(answer)

    async def _follow(self, bus: Bus, mark: HopperMark) -> PayoutDone:
        status = await self._until_it_rests(bus, mark)
        paid = evidence(
            mark,
            status,
            await self._lifetime_since(bus, mark),
            was_accepted=self._was_accepted and mark == self._begun,
        )
        reason = "" if paid.is_certain else UNCERTAIN
        if paid.is_certain and paid.coins < mark.coins:
            reason = why_short(mark, paid, status, await bus.ask(Header.TEST_HOPPER))
        await bus.ask(Header.ENABLE_HOPPER, DISABLE, exactly=0)
        return PayoutDone(mark, paid.coins, reason)

    async def _until_it_rests(self, bus: Bus, mark: HopperMark | None) -> HopperStatus:
        loop = asyncio.get_running_loop()
        status, moved_at_s = await self._status(bus), loop.time()
        while status.remaining:
            if mark is not None and mark == self._begun:
                self._was_accepted = True
            await asyncio.sleep(PAYOUT_POLL_S)
            before, status = status, await self._status(bus)
            if status.remaining != before.remaining:
                moved_at_s = loop.time()
            elif loop.time() - moved_at_s > STALLED_S:
                await bus.ask(Header.EMERGENCY_STOP, exactly=1)
        return status

    async def _progress(self, bus: Bus, mark: HopperMark) -> Progress:
        return progress(mark, await self._status(bus), await self._lifetime_since(bus, mark))

    async def _status(self, bus: Bus) -> HopperStatus:
        return parse_status(await bus.ask(Header.HOPPER_STATUS, exactly=STATUS_BYTES))

    async def _lifetime_since(self, bus: Bus, mark: HopperMark) -> int | None:
        return await self._lifetime(bus) if mark.counts_lifetime else None

    async def _lifetime(self, bus: Bus) -> int | None:
        """Coins paid in its life; None for a hopper that does not count them."""
        try:
            return int.from_bytes(await bus.ask(Header.DISPENSE_COUNT, exactly=3), "little")
        except NoAnswer:
            await bus.ask(Header.SIMPLE_POLL, exactly=0)
            return None
