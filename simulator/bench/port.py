"""What the HTTP interface needs of a running station; `docs/bench.md` has the shapes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Protocol

Step = dict[str, Any]
Event = dict[str, Any]


class StepRefused(ValueError):
    """The step is not understood, or does not fit what there is now; the text says why."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an expectation held, and what was there instead."""

    held: bool
    expected: str = ""
    was: str = ""


class Bench(Protocol):
    """A station that runs in real time, drivable step by step and watchable."""

    async def do(self, step: Step) -> Verdict | None:
        """Carry out one scenario step; a verdict for expectations. Raises StepRefused."""
        ...

    def state(self) -> dict[str, Any]: ...

    async def screen_png(self) -> bytes | None:
        """None while no kiosk has drawn anything."""
        ...

    def subscribe(self) -> AsyncIterator[Event]:
        """Everything from now on. A reader that falls far behind misses the oldest."""
        ...

    def ready(self) -> bool:
        """The charge point is up and its screen is drawn."""
        ...
