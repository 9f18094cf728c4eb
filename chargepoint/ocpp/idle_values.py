"""Clock-aligned values of connectors that serve nobody (OCPP 1.6 §3.16.2): told when online, never kept.

What belongs to a transaction is in the outbox instead.
"""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta

from chargepoint.domain.delivery import MeterValuesTaken
from chargepoint.domain.point.sampling import seconds_to_boundary, since_boundary
from chargepoint.domain.units import ConnectorId, SessionId
from chargepoint.ocpp import meter_values
from chargepoint.ocpp.frames import Payload
from chargepoint.ocpp.keys import Keys
from chargepoint.ocpp.rpc import Caller, CallFailed, LinkDown
from chargepoint.ocpp.station16 import Readings
from chargepoint.ports import Clock

_PAST_S = 1.0  # beyond this the clock was set while we waited


class IdleValues:
    """`run` for as long as the link stands; a changed interval counts at once."""

    def __init__(self, keys: Keys, clock: Clock, readings: Readings, connectors: int) -> None:
        self._keys = keys
        self._clock = clock
        self._readings = readings
        self._connectors = connectors

    async def run(self, caller: Caller) -> None:
        while True:
            interval_s = self._keys.number("ClockAlignedDataInterval")
            self._keys.changed.clear()
            wait_s = seconds_to_boundary(self._clock.utc(), interval_s) if interval_s else None
            try:
                async with asyncio.timeout(wait_s):
                    await self._keys.changed.wait()
            except TimeoutError:
                await self._tell(caller, interval_s)

    async def _tell(self, caller: Caller, interval_s: int) -> None:
        now = self._clock.utc()
        past_s = since_boundary(now, interval_s)
        if past_s > _PAST_S:
            return
        for payload in self._values(now - timedelta(seconds=past_s)):
            try:
                await caller.call("MeterValues", payload)
            except LinkDown:
                raise
            except CallFailed:
                continue  # the next boundary brings new ones

    def _values(self, at: datetime) -> Iterator[Payload]:
        for number in range(1, self._connectors + 1):
            reading = self._readings(ConnectorId(number))
            if reading is None or reading.session is not None:
                continue
            sample = reading.sample
            taken = MeterValuesTaken(
                SessionId(""),
                sample.connector,
                0,
                at,
                sample.register,
                sample.power,
                sample.current,
                sample.voltage,
                clock_aligned=True,
                details=sample.details,
            )
            measurands = self._keys.items("MeterValuesAlignedData")
            payload = meter_values.meter_values(taken, measurands, remote_id=None)
            if payload is not None:
                yield payload
