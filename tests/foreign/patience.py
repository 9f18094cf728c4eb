"""Virtual time over real terminals: the clock waits until the kernel has carried what was written.

A pseudo-terminal hands bytes over in a worker of the kernel. A clock that jumps the moment nothing is
readable would jump past them; so bytes under way are counted, and while there are any it stands.
"""

import asyncio
import select
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from typing_extensions import override

from drivers.port import BytePort, OpenPort, PortLost
from drivers.receive_buffer import ReceiveBuffer
from drivers.serial_port import serial_opener
from simulator.vtime import JumpLoop

T = TypeVar("T")

LOOK_S = 0.0002
MOST_LOOKS = 5_000  # bytes that a flush swallowed never come


class PatientLoop(JumpLoop):
    def __init__(self) -> None:
        super().__init__()
        self.under_way = 0  # bytes
        self.listening = 0  # ports of ours: what is said to none of them goes nowhere
        self._looks = 0

    def sent(self, octets: int) -> None:
        self.under_way += octets if self.listening else 0
        self._looks = 0

    def arrived(self, octets: int) -> None:
        self.under_way = max(0, self.under_way - octets)

    @override
    def _nothing_ready(self, timeout_s: float | None) -> None:
        if timeout_s == 0 or not self.under_way:
            super()._nothing_ready(timeout_s)
            return
        self._looks += 1
        if self._looks > MOST_LOOKS:
            self.under_way = 0
        select.select([], [], [], LOOK_S)


def patient_loop() -> PatientLoop:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, PatientLoop)
    return loop


def run_patiently(main: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=PatientLoop) as runner:
        return runner.run(main)


class CountedPort:
    """The product's own serial port, every byte of it counted."""

    def __init__(self, port: BytePort) -> None:
        self._port = port
        self._loop = patient_loop()
        self._received = ReceiveBuffer()
        self._loop.listening += 1
        self._is_closed = False
        self._pump = self._loop.create_task(self._pumped())

    def write(self, chunk: bytes) -> None:
        self._received.check()
        self._loop.sent(len(chunk))
        self._port.write(chunk)

    async def read(self) -> bytes:
        return await self._received.get()

    def discard_input(self) -> None:
        self._received.check()
        self._port.discard_input()
        self._received.take()

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._loop.listening -= 1
            self._loop.under_way = 0
        self._pump.cancel()
        self._received.lose("closed")
        self._port.close()

    async def _pumped(self) -> None:
        try:
            while True:
                chunk = await self._port.read()
                self._loop.arrived(len(chunk))
                self._received.put(chunk)
        except PortLost as lost:
            self._received.lose(str(lost))


def counted_opener(path: str, baudrate: int, **line: Any) -> OpenPort:
    open_port = serial_opener(path, baudrate, **line)

    async def opened() -> BytePort:
        return CountedPort(await open_port())

    return opened


async def until(holds: Callable[[], bool], within_s: float = 30.0) -> float:
    """Seconds of virtual time that it took."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 - the predicate has no event to wait for
            await asyncio.sleep(0.01)
    return loop.time() - began_s
