"""A command that may be outdated before its turn comes: asked again just before it is sent.

Levels such as "contactor closed" are wishes with a generation; a wish delayed behind its opposite
must never reach the wire.
"""

from collections.abc import Callable

from drivers.exchange import NoAnswer

Wanted = Callable[[], bool]
"""Whether the command is still wished for, at this very moment."""


def always() -> bool:
    return True


class Superseded(NoAnswer):
    """The command was no longer wanted when its turn came; nothing was sent."""
