"""Contacts that bounce, corrode and shake: a change counts when it has lasted.

An alarm and an open door count at once, and are over when nothing of them was seen for a while; a jack
half in its socket is told once.
"""

from dataclasses import dataclass

from chargepoint.domain.devices import Hazard

OVER_AFTER_S = 1.0
SETTLED_S = 0.2  # and is in


@dataclass(slots=True)
class Contact:
    """`is_closed`: as last told. Seconds that a change must last before it is."""

    closes_s: float = 0.0
    opens_s: float = OVER_AFTER_S
    is_closed: bool = False
    _since_s: float | None = None  # it says otherwise

    @property
    def is_unsettled(self) -> bool:
        return self._since_s is not None

    def seen(self, closed: bool, now_s: float) -> bool:
        """Whether there is a change to tell."""
        if closed is self.is_closed:
            self._since_s = None
            return False
        since_s = self._since_s = now_s if self._since_s is None else self._since_s
        if now_s - since_s < (self.closes_s if closed else self.opens_s):
            return False
        self.is_closed, self._since_s = closed, None
        return True

    def found(self, closed: bool) -> bool:
        """At the first look of all: it stands as it stands."""
        self.is_closed, self._since_s = closed, None
        return closed


def alarms() -> dict[Hazard, Contact]:
    return {hazard: Contact() for hazard in Hazard}
