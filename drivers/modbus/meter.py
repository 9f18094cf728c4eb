"""Energy meter on a Modbus bus behind `ports.Meter`: paced readings, none that cannot be true."""

import asyncio
from contextlib import suppress

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
from chargepoint.ports import Clock, DeviceUnavailable, Emit
from drivers.exchange import Backoff, NoAnswer
from drivers.modbus.bus import ModbusBus, Priority, Refused
from drivers.modbus.codec import read_holding_registers, read_input_registers
from drivers.modbus.sdm import MODELS, SERIAL_NUMBER, Continuity, Implausible, Reading, reading
from drivers.port import PortLost

FAST_S = 1.0  # while energy may flow
SLOW_S = 10.0
FAILED_READINGS = 2  # in a row, then the meter is offline


class ModbusMeterDriver:
    """Implements `ports.Meter`. `unit` is its address on the bus, `model` a key of `MODELS`."""

    def __init__(
        self,
        bus: ModbusBus,
        emit: Emit,
        *,
        clock: Clock,
        connector: ConnectorId,
        unit: int = 1,
        model: str = "sdm630",
    ) -> None:
        self._bus = bus
        self._emit = emit
        self._clock = clock
        self._connector = connector
        self._device = DeviceRef(DeviceKind.METER, connector)
        self._unit = unit
        self._model = MODELS[model]
        self._backoff = Backoff(first_s=0.5, longest_s=10.0)
        self._is_fast = False
        self._is_online: bool | None = None  # None: the core has not been told either way
        self._failures = 0
        self._serial = ""
        self._continuity = Continuity()
        self._told_incident = ""
        self._pace_changed = asyncio.Event()

    def set_fast(self, *, fast: bool) -> None:
        if fast and not self._is_fast:
            self._pace_changed.set()
        self._is_fast = fast

    async def sample(self) -> None:
        try:
            await self._sample()
        except (NoAnswer, Refused, PortLost, Implausible) as failed:
            raise DeviceUnavailable(f"meter {self._connector}: {failed}") from failed

    async def run(self) -> None:
        with self._bus.in_use():
            due_s = self._clock.monotonic()
            while True:
                pause_s = await self._attempt()
                now_s = self._clock.monotonic()
                due_s = max(due_s + pause_s, now_s)
                await self._wait(due_s - now_s)
                if self._pace_changed.is_set():
                    self._pace_changed.clear()
                    due_s = self._clock.monotonic()

    async def _wait(self, pause_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await self._pace_changed.wait()

    async def _attempt(self) -> float:
        """One reading with everything that follows from it; seconds to the next."""
        try:
            await self._sample()
        except Implausible as nonsense:
            self._nonsense(nonsense)
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
        self._continuity.accept(now, self._clock.monotonic())
        self._failures = 0
        if not self._is_online:
            self._is_online = True
            self._emit(DeviceOnline(self._device, serial=self._serial))
        self._note_standstill()
        sampled = MeterSampled(
            self._connector, now.register, now.power, now.current, now.voltage, now.details
        )
        self._emit(sampled)

    async def _identify(self) -> None:
        """Another meter starts another register; the same one must go on where it was."""
        address, count = SERIAL_NUMBER
        request = read_holding_registers(self._unit, address, count)
        try:
            high, low = (await self._bus.ask(request, Priority.READING)).registers
        except Refused:  # older firmware keeps it to itself
            serial = ""
        else:
            serial = str(high << 16 | low)
        if serial != self._serial:
            self._serial = serial
            self._continuity = Continuity()

    async def _read(self) -> Reading:
        words: dict[int, list[int]] = {}
        for address, count in self._model.reads:
            request = read_input_registers(self._unit, address, count)
            answer = await self._bus.ask(request, Priority.READING)
            words[address] = list(answer.registers)
        return reading(self._model, self._model.values(words))

    # --- trouble --------------------------------------------------------------------------------------

    def _nonsense(self, nonsense: Implausible) -> None:
        self._incident("meter.implausible", str(nonsense))
        self._failed(nonsense)

    def _note_standstill(self) -> None:
        if self._continuity.is_stuck:
            self._incident("meter.stuck", "power flows and the register stands still")
        else:
            self._told_incident = ""

    def _incident(self, code: str, detail: str) -> None:
        """Once per trouble, not once per second."""
        if code != self._told_incident:
            self._told_incident = code
            self._emit(DeviceIncident(self._device, code, detail, self._bus.trace.tail()))

    def _failed(self, why: ChargepointError) -> None:
        self._failures += 1
        if self._failures >= FAILED_READINGS and self._is_online is not False:
            self._is_online = False
            self._emit(DeviceOffline(self._device, str(why), self._bus.trace.tail()))
