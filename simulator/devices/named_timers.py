"""Timers of a simulated device by name: setting one again moves it, a power cut clears them all."""

import asyncio
from collections.abc import Callable


class NamedTimers:
    def __init__(self) -> None:
        self._handles: dict[str, asyncio.TimerHandle] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._handles

    def after(self, name: str, delay_s: float, action: Callable[[], None]) -> None:
        self.cancel(name)

        def fire() -> None:
            del self._handles[name]
            action()

        self._handles[name] = asyncio.get_running_loop().call_later(delay_s, fire)

    def cancel(self, *names: str) -> None:
        for name in names:
            handle = self._handles.pop(name, None)
            if handle is not None:
                handle.cancel()

    def cancel_all(self) -> None:
        self.cancel(*tuple(self._handles))
