"""Whether coins are let in: what is wanted, and what the device was last told.

A level with two sides. The core moves the wanted side at any time; the session brings the device
to it, and forgets what it told whenever the device may have forgotten, too.
"""

import asyncio

from chargepoint.domain.units import Generation


class CoinGate:
    """The newest generation wins; anything older is ignored."""

    def __init__(self) -> None:
        self.wants_coins = False
        self._generation: Generation | None = None
        self._told: bool | None = None
        self._changed = asyncio.Event()

    def want(self, generation: Generation, *, coins: bool) -> None:
        if self._generation is not None and generation < self._generation:
            return
        self._generation = generation
        self.wants_coins = coins
        self._changed.set()

    def told(self, *, coins: bool) -> None:
        """The device has acknowledged it."""
        self._told = coins

    def told_shut(self) -> None:
        self.told(coins=False)

    def forget(self) -> None:
        """What the device does with coins is unknown until it is told again."""
        self._told = None

    @property
    def is_open(self) -> bool:
        """The device was told to take coins and nothing says that it stopped."""
        return self._told is True

    @property
    def is_shut(self) -> bool:
        """Nothing is wanted, and the device has acknowledged that."""
        return self.is_settled and self._told is False

    @property
    def is_settled(self) -> bool:
        return self._told is self.wants_coins

    def must_close(self) -> bool:
        """Coins are not wanted, and the device may still take them: the next frame says so."""
        return not self.wants_coins and self._told is not False

    async def settled_until(self, deadline_s: float) -> bool:
        """Wait for loop time `deadline_s`; False at once when the device is to be told something."""
        if self.is_settled:
            self._changed.clear()
            # The timer sets the same event: a time-out would cost an exception at every poll.
            timer = asyncio.get_running_loop().call_at(deadline_s, self._changed.set)
            try:
                await self._changed.wait()
            finally:
                timer.cancel()
        return self.is_settled
