"""How a money device stands with the core: on the line or not, said once, with its reason.

open line -> serve -> offline: no answer, line lost, wrong device -> back-off -> open line
              |  ^
              +--+ faulty: its self-check fails; offline until it is clean again
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import NoReturn, Protocol

from chargepoint.domain.devices import DeviceIncident, DeviceOffline, DeviceOnline, DeviceRef
from chargepoint.domain.service.passport import Passport
from chargepoint.domain.units import Minor
from chargepoint.ports import Emit
from drivers.cctalk.identity import WrongDevice
from drivers.exchange import Backoff, NoAnswer
from drivers.port import BytePort, OpenPort, PortLost
from drivers.trace import Trace

Serve = Callable[[BytePort], Awaitable[NoReturn]]


class Found(Protocol):
    """Who answers: of identity.py and note_identity.py, what a technician is told."""

    @property
    def serial(self) -> str: ...

    @property
    def firmware(self) -> str: ...

    @property
    def values(self) -> Mapping[int, Minor]: ...


class Standing:
    """Of one device. `run` ends never; what `serve` raises besides the three reasons is our bug."""

    def __init__(self, device: DeviceRef, open_port: OpenPort, emit: Emit, trace: Trace) -> None:
        self._device = device
        self._open_port = open_port
        self._emit = emit
        self._trace = trace
        self._backoff = Backoff()
        self._is_online: bool | None = None
        self.reason = ""  # why it was lost last; told once, though it may change with each attempt

    @property
    def is_well(self) -> bool:
        return self._is_online is True

    def passport(self, address: int, found: Found | None) -> Passport:
        """`found`: None while nobody answers; then it says why."""
        if found is None:
            return Passport(address=address, why=self.reason)
        values = tuple(sorted(set(found.values.values())))
        return Passport(found.serial, found.firmware, address=address, values=values)

    async def run(self, serve: Serve) -> NoReturn:
        while True:
            self.reason = await self._serve_until_lost(serve)
            self._went_offline(self.reason)
            await asyncio.sleep(self._backoff.next_s())

    def went_online(self, serial: str, firmware: str) -> None:
        self._backoff.reset()
        if self._is_online is not True:
            self._is_online = True
            self._emit(DeviceOnline(self._device, serial, firmware))

    def found_faulty(self, code: str, why: str) -> None:
        """It answers, and cannot be used. `code`: of the incident."""
        if self._is_online is not False:
            self._emit(DeviceIncident(self._device, code, why, self._trace.tail()))
        self._went_offline(why)

    # --- inside ---

    async def _serve_until_lost(self, serve: Serve) -> str:
        """Why it ended."""
        try:
            port = await self._open_port()
        except PortLost as lost:
            return str(lost)
        try:
            await serve(port)
        except (PortLost, NoAnswer, WrongDevice) as lost:
            return str(lost)
        finally:
            port.close()

    def _went_offline(self, reason: str) -> None:
        if self._is_online is not False:
            self._is_online = False
            self._emit(DeviceOffline(self._device, reason, self._trace.tail()))
