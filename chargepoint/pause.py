"""A pause that somebody may end early, without the price of a time-out at every poll.

`asyncio.timeout` ends a wait by cancelling it: an exception, caught and turned into another. Where
the wait nearly always runs its full time, several times a second, the timer sets the event instead.
"""

import asyncio


async def until_set(event: asyncio.Event, limit_s: float) -> None:
    """Until `event` is set, `limit_s` at most. It is set afterwards either way: clear it."""
    timer = asyncio.get_running_loop().call_later(limit_s, event.set)
    try:
        await event.wait()
    finally:
        timer.cancel()
