"""Energy meter on a Modbus bus behind `ports.Meter`: paced readings, none that cannot be true."""

import asyncio

from pymodbus.pdu import ModbusPDU

from chargepoint.domain.devices import (
    DeviceIncident,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    DeviceRef,
    MeterSampled,
)
from chargepoint.domain.units import ConnectorId
from chargepoint.errors import ChargepointError
from chargepoint.pause import until_set
from chargepoint.ports import Clock, DeviceUnavailable, Emit
from drivers.exchange import Backoff, NoAnswer
from drivers.modbus.bus import ModbusBus, Priority, Refused
from drivers.modbus.codec import read_holding_registers, read_input_registers
from drivers.modbus.models import MODELS
from drivers.modbus.reading import READ_INPUT, Implausible, Model, Probe, Reading, reading
from drivers.modbus.seal import Sealing
from drivers.port import PortLost

FAST_S = 1.0  # while energy may flow
SLOW_S = 10.0
FAILED_READINGS = 2  # in a row, then the meter is offline
NOT_THERE = frozenset({0x01, 0x02, 0x03})  # exceptions that say: I am not made for this question


def _request(unit: int, probe: Probe) -> ModbusPDU:
    is_input = probe.function == READ_INPUT
    ask = read_input_registers if is_input else read_holding_registers
    return ask(unit, probe.address, probe.count)


class WrongType(ChargepointError):
    """It answers, and not as the configured type does: what it says would be misread."""


class ModbusMeterDriver:
    """Implements `ports.Meter`. `unit` is its address on the bus."""

    def __init__(
        self,
        bus: ModbusBus,
        emit: Emit,
        *,
        clock: Clock,
        connector: ConnectorId,
        unit: int = 1,
        model: Model = MODELS["sdm630"],
    ) -> None:
        self._bus = bus
        self._emit = emit
        self._clock = clock
        self._connector = connector
        self._device = DeviceRef(DeviceKind.METER, connector)
        self._unit = unit
        self._model = model
        self._reads = tuple(
            (address, _request(unit, Probe(model.function, address, count)))
            for address, count in model.reads
        )
        self._sealing: Sealing | None = None
        if model.seal is not None:
            self._sealing = Sealing(bus, unit, model.seal, emit, connector=connector)
        self._backoff = Backoff(first_s=0.5, longest_s=10.0)
        self._is_fast = False
        self._is_online: bool | None = None  # None: the core has not been told either way
        self._failures = 0
        self._serial = ""
        self._told_incident = ""
        self._pace_changed = asyncio.Event()
        self._is_pace_new = False

    def set_fast(self, *, fast: bool) -> None:
        if fast and not self._is_fast:
            self._is_pace_new = True
            self._pace_changed.set()
        self._is_fast = fast

    async def sample(self) -> None:
        try:
            await self._tell_signed()
            await self._sample()
        except (NoAnswer, Refused, PortLost, Implausible, WrongType) as failed:
            raise DeviceUnavailable(f"meter {self._connector}: {failed}") from failed

    async def run(self) -> None:
        with self._bus.in_use():
            due_s = self._clock.monotonic()
            while True:
                pause_s = await self._attempt()
                now_s = self._clock.monotonic()
                due_s = max(due_s + pause_s, now_s)
                await self._wait(due_s - now_s)
                if self._is_pace_new:
                    self._is_pace_new = False
                    due_s = self._clock.monotonic()

    async def _wait(self, pause_s: float) -> None:
        await until_set(self._pace_changed, pause_s)
        self._pace_changed.clear()

    async def _attempt(self) -> float:
        """One reading with everything that follows from it; seconds to the next."""
        try:
            await self._sample()
        except Implausible as nonsense:
            self._incident("meter.implausible", str(nonsense))
            self._failed(nonsense)
        except WrongType as wrong:
            self._incident("meter.wrong_type", str(wrong))
            self._failures = FAILED_READINGS
            self._failed(wrong)
        except PortLost as lost:
            self._failures = FAILED_READINGS
            self._failed(lost)
        except (NoAnswer, Refused) as silence:
            self._failed(silence)
        if self._failures:
            return self._backoff.next_s()
        self._backoff.reset()
        return FAST_S if self._is_fast else SLOW_S

    # --- reading --------------------------------------------------------------------------------------

    async def _sample(self) -> None:
        if not self._is_online:
            await self._identify()
        now = await self._read()
        self._failures = 0
        self._told_incident = ""
        if not self._is_online:
            self._is_online = True
            self._emit(DeviceOnline(self._device, serial=self._serial))
        if self._sealing is not None:
            await self._sealing.look_after(self._clock.monotonic())
        sampled = MeterSampled(
            self._connector, now.register, now.power, now.current, now.voltage, now.details
        )
        self._emit(sampled)

    async def _tell_signed(self) -> None:
        """Ahead of the reading that ends a charge. A sale does not depend on it."""
        if self._sealing is None or not self._is_online:
            return
        problem = await self._sealing.end_of_charge()
        if problem:
            self._incident("meter.signature", problem)

    async def _identify(self) -> None:
        """Raises WrongType before anything that it says is taken for energy."""
        for address, count in self._model.reads:
            await self._expect(Probe(self._model.function, address, count))
        for probe in self._model.has:
            await self._expect(probe)
        for probe in self._model.lacks:
            if any(await self._probed(probe) or ()):
                raise WrongType(f"it answers at {probe.address:04X}, which this type does not")
        serial = None if self._model.serial is None else await self._probed(self._model.serial)
        high, low = serial or (0, 0)  # older firmware keeps it to itself
        self._serial = str(high << 16 | low) if serial else ""

    async def _expect(self, probe: Probe) -> None:
        if await self._probed(probe) is None:
            raise WrongType(f"it refuses {probe.address:04X}, which this type has")

    async def _probed(self, probe: Probe) -> list[int] | None:
        """None: it knows nothing there."""
        try:
            return await self._registers(probe)
        except Refused as refused:
            if refused.code in NOT_THERE:
                return None
            raise

    async def _registers(self, probe: Probe) -> list[int]:
        return await self._answer_to(_request(self._unit, probe))

    async def _answer_to(self, request: ModbusPDU) -> list[int]:
        return list((await self._bus.ask(request, Priority.READING)).registers)

    async def _read(self) -> Reading:
        words = {address: await self._answer_to(ask) for address, ask in self._reads}
        return reading(self._model, self._model.decode(words))

    # --- trouble --------------------------------------------------------------------------------------

    def _incident(self, code: str, detail: str) -> None:
        """Once per trouble, not once per second."""
        if code != self._told_incident:
            self._told_incident = code
            self._emit(DeviceIncident(self._device, code, detail, self._bus.trace.tail()))

    def _failed(self, why: ChargepointError) -> None:
        self._failures += 1
        if self._failures >= FAILED_READINGS and self._is_online is not False:
            self._is_online = False
            if self._sealing is not None:
                self._sealing.forget()
            self._emit(DeviceOffline(self._device, str(why), self._bus.trace.tail()))
