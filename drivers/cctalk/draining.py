"""Before a money device is taken out: wait until nothing that it holds is unread."""

import asyncio
from typing import Protocol

from chargepoint.ports import DeviceUnavailable

LIMIT_S = 15.0  # a note needs five seconds to settle, and a quiet device is read once a second
_LOOK_S = 0.1


class Drained(Protocol):
    @property
    def is_drained(self) -> bool: ...


async def until_drained(session: Drained | None, device: str) -> None:
    """Raises DeviceUnavailable when that does not come; then what it holds stays unknown."""
    if session is None:
        raise DeviceUnavailable(f"{device} does not answer")
    try:
        async with asyncio.timeout(LIMIT_S):
            while not session.is_drained:  # noqa: ASYNC110 - a device's pace, not an event of ours
                await asyncio.sleep(_LOOK_S)
    except TimeoutError as late:
        raise DeviceUnavailable(f"{device} cannot be read to the end") from late
