"""Which notes are let in: what is wanted, and what the device was last told.

A level with two sides, as gate.py has it for coins; here the level is a set of values.
"""

import asyncio

from chargepoint.domain.units import Generation, Minor

NOTHING: frozenset[Minor] = frozenset()


class NoteGate:
    """The newest generation wins; anything older is ignored."""

    def __init__(self) -> None:
        self.wanted = NOTHING
        self._generation: Generation | None = None
        self._told: frozenset[Minor] | None = None
        self._changed = asyncio.Event()

    def want(self, generation: Generation, values: frozenset[Minor]) -> None:
        if self._generation is not None and generation < self._generation:
            return
        self._generation = generation
        self.wanted = values
        self.wake()

    def told(self, values: frozenset[Minor]) -> None:
        """The device has acknowledged it."""
        self._told = values

    def told_shut(self) -> None:
        self.told(NOTHING)

    def forget(self) -> None:
        """What the device does with notes is unknown until it is told again."""
        self._told = None

    @property
    def is_open(self) -> bool:
        """The device was told to take notes and nothing says that it stopped."""
        return bool(self._told)

    @property
    def is_shut(self) -> bool:
        """Nothing is wanted, and the device has acknowledged that."""
        return self.is_settled and self._told == NOTHING

    @property
    def is_settled(self) -> bool:
        return self._told == self.wanted

    def must_close(self) -> bool:
        """No notes are wanted, and the device may still take them: the next frame says so."""
        return not self.wanted and self._told != NOTHING

    def wake(self) -> None:
        """Something is to be told to the device."""
        self._changed.set()

    async def until(self, deadline_s: float) -> None:
        """Wait for loop time `deadline_s`, or until somebody wakes."""
        timer = asyncio.get_running_loop().call_at(deadline_s, self._changed.set)
        try:
            await self._changed.wait()
        finally:
            timer.cancel()
            self._changed.clear()
