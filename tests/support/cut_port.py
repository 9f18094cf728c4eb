"""A line on which one exchange goes wrong: the n-th request or its reply is lost, or worse."""

from collections.abc import Callable
from enum import Enum, auto

from drivers.port import BytePort, OpenPort


class Loss(Enum):
    REQUEST = auto()
    REPLY = auto()


class Trip:
    """Counts the requests since it was `set`, over every opening of the line."""

    def __init__(self) -> None:
        self.count = 0
        self._at = 0
        self._loss: Loss | None = None
        self._act: Callable[[], None] = lambda: None

    def set(
        self, at: int = 0, loss: Loss | None = None, act: Callable[[], None] = lambda: None
    ) -> None:
        """From the next request on; `at` 1 is the very next, 0 is none. `act` comes before it."""
        self.count, self._at, self._loss, self._act = 0, at, loss, act

    def next(self) -> Loss | None:
        self.count += 1
        if self.count != self._at:
            return None
        self._act()
        return self._loss

    def over(self, open_port: OpenPort) -> OpenPort:
        async def opened() -> BytePort:
            return _CutPort(await open_port(), self)

        return opened


class _CutPort:
    def __init__(self, port: BytePort, trip: Trip) -> None:
        self._port = port
        self._trip = trip
        self._is_deaf = False

    def write(self, chunk: bytes) -> None:
        loss = self._trip.next()
        self._is_deaf = loss is Loss.REPLY
        if loss is not Loss.REQUEST:
            self._port.write(chunk)

    async def read(self) -> bytes:
        while True:
            chunk = await self._port.read()
            if not self._is_deaf:
                return chunk

    def discard_input(self) -> None:
        self._port.discard_input()

    def close(self) -> None:
        self._port.close()
