"""The acceptor's own count of the coins it has kept (part 2, header 225), which outlives its power.

Counter and buffer of its events do not. So coins that it forgot before they were booked are missing
in the books and not in this count: how many is known, of which value is not.
"""

from drivers.cctalk.bus import Ask
from drivers.cctalk.codec import Header
from drivers.cctalk.events import Past
from drivers.exchange import NoAnswer

COUNT_BYTES = 3
_MODULUS = 1 << 8 * COUNT_BYTES
# No cut costs more; beyond it the count has begun anew, as in a device without such a memory.
MOST_UNBOOKED = 255


async def accepted_in_all(ask: Ask) -> int | None:
    """None: this device does not tell. Raises NoAnswer when it does not answer at all."""
    try:
        answer = await ask(Header.ACCEPT_COUNTER, exactly=COUNT_BYTES)
    except NoAnswer:
        await ask(Header.SIMPLE_POLL, exactly=0)
        return None
    return int.from_bytes(answer, "little")


def unbooked(past: Past, counted: Past) -> int:
    """Coins that the device has counted beyond those that were seen."""
    if past.accepted is None or counted.accepted is None:
        return 0
    more = (counted.accepted - past.accepted) % _MODULUS
    return more if more <= MOST_UNBOOKED else 0
