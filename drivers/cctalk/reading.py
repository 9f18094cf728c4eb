"""Surprising news from a device's event buffer are believed when they are read twice alike."""

from collections.abc import Awaitable, Callable

from drivers.cctalk.events import News, Past, compare, is_ambiguous, parse_reading
from drivers.exchange import NoAnswer

MOST_READINGS = 5  # until two agree


async def confirmed_news(
    past: Past,
    payload: bytes,
    *,
    read: Callable[[], Awaitable[bytes]],
    has_lost_masks: Callable[[], Awaitable[bool]],
) -> News:
    """What a reading adds; a reset or a loss is looked at again, for reading costs nothing.

    Raises NoAnswer when no two readings agree.
    """
    reading = parse_reading(payload)
    news = compare(past, reading)
    if not (news.was_reset or news.lost):
        return news
    for _ in range(MOST_READINGS):
        again = parse_reading(await read())
        if again == reading:
            is_reset = is_ambiguous(past, again) and await has_lost_masks()
            return compare(past, again, reset_seen=is_reset)
        reading = again
    raise NoAnswer(f"{MOST_READINGS} readings of the events that do not agree")
