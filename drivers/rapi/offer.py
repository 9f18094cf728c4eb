"""The current that the board offers to the vehicle: `$SC` volatile, and not too often."""

from dataclasses import dataclass

from chargepoint.domain.units import MilliAmp
from chargepoint.errors import ChargepointError
from chargepoint.ports import Clock
from drivers.rapi.codec import Command, Reply
from drivers.rapi.link import RapiLink
from drivers.wish import Wanted

PWM_CHANGE_EVERY_S = 5.0  # IEC 61851-1: the offer changes at most this often, except to stop


class Refused(ChargepointError):
    """The board understood and answered no."""


@dataclass(frozen=True, slots=True, eq=False)
class Permission:
    """What the core wishes now; it outlives the line, and ends with the vehicle."""

    limit: MilliAmp


class Offer:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asked_a: int | None = None  # last asked for; None: must be set again
        self._granted_a = 0  # what the board made of it
        self._changed_s = float("-inf")

    def forget(self) -> None:
        """The board may offer more by now, and is told at once."""
        self._asked_a = None
        self._changed_s = float("-inf")

    def begins(self) -> None:
        """The pilot starts to oscillate: that counts as a change."""
        self._changed_s = self._clock.monotonic()

    def heard(self, offered_a: int) -> None:
        if self._asked_a is None or offered_a == self._granted_a:
            return
        if offered_a > self._granted_a:
            self.forget()
        self._asked_a = None

    def is_due(self, limit: MilliAmp, *, is_asleep: bool) -> bool:
        if self._asked_a == limit // 1000:
            return False
        return is_asleep or self._clock.monotonic() - self._changed_s >= PWM_CHANGE_EVERY_S

    async def make(self, link: RapiLink, limit: MilliAmp, wanted: Wanted) -> None:
        # Volatile: the saved setting sits in an EEPROM that wears out.
        wanted_a = limit // 1000
        reply = await link.request(Command("SC", (str(wanted_a), "V")), wanted)
        self._changed_s = self._clock.monotonic()
        granted_a = amperes_of(reply)
        if granted_a is None and reply.ok:
            # Some agree without saying to what.
            granted_a = amperes_of(await link.request(Command("GE")))
        if granted_a is None:
            raise Refused(f"board refuses to offer {wanted_a} A")
        self._asked_a, self._granted_a = wanted_a, granted_a
        if granted_a > wanted_a:
            # Less is the board's right; more would trip the station's fuse.
            raise Refused(f"board offers {granted_a} A instead of {wanted_a} A")


def amperes_of(reply: Reply) -> int | None:
    said = reply.arguments[0] if reply.arguments else ""
    return int(said) if said.isdecimal() else None
