"""What a technician waits for at a money device: that all is read, that it has checked itself."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from chargepoint.ports import DeviceUnavailable

LIMIT_S = 15.0  # a note needs five seconds to settle, and a quiet device is read once a second
CHECK_LIMIT_S = 5.0
_LOOK_S = 0.1


class Drained(Protocol):
    @property
    def is_drained(self) -> bool: ...


class Checked(Protocol):
    def want_check(self) -> None: ...

    @property
    def is_checked(self) -> bool: ...


async def until_checked(session: Checked | None, device: str, is_well: Callable[[], bool]) -> None:
    """Raises DeviceUnavailable when its self-check does not pass, or does not come."""
    if session is None:
        raise DeviceUnavailable(f"{device} does not answer")
    session.want_check()
    await _until(lambda: session.is_checked, CHECK_LIMIT_S, f"{device} does not check itself")
    if not is_well():
        raise DeviceUnavailable(f"{device}: its self-check does not pass")


async def until_drained(session: Drained | None, device: str) -> None:
    """Raises DeviceUnavailable when that does not come; then what it holds stays unknown."""
    if session is None:
        raise DeviceUnavailable(f"{device} does not answer")
    await _until(lambda: session.is_drained, LIMIT_S, f"{device} cannot be read to the end")


async def _until(is_so: Callable[[], bool], limit_s: float, otherwise: str) -> None:
    try:
        async with asyncio.timeout(limit_s):
            while not is_so():  # noqa: ASYNC110 - a device's pace, not an event of ours
                await asyncio.sleep(_LOOK_S)
    except TimeoutError as late:
        raise DeviceUnavailable(otherwise) from late
