"""A command that may be outdated before its turn comes: asked again just before it is sent.

Levels such as "contactor closed" are wishes with a generation; a wish delayed behind its opposite
must never reach the wire.
"""

from collections.abc import Callable

from chargepoint.domain.units import Generation
from drivers.exchange import NoAnswer

Wanted = Callable[[], bool]
"""Whether the command is still wished for, at this very moment."""


def always() -> bool:
    return True


class Superseded(NoAnswer):
    """The command was no longer wanted when its turn came; nothing was sent."""


class Level:
    """On or off, as the newest generation says; what is older than that is ignored."""

    def __init__(self) -> None:
        self._newest_on = Generation(-1)
        self._newest_off = Generation(-1)

    @property
    def is_off(self) -> bool:
        return self._newest_off >= self._newest_on

    def may_be_on(self, generation: Generation) -> bool:
        return generation > self._newest_off and generation >= self._newest_on

    def switch_on(self, generation: Generation) -> bool:
        """False: outdated."""
        if not self.may_be_on(generation):
            return False
        self._newest_on = generation
        return True

    def switch_off(self, generation: Generation) -> bool:
        """False: outdated. Of the same generation, off wins."""
        if generation < self._newest_on or generation < self._newest_off:
            return False
        self._newest_off = generation
        return True
