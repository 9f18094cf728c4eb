"""The board watches its host, and the host what the board offers.

$SY 30 6   without a pulse for 30 s: no more than 6 A
$SY        a pulse; refused after one was missed, until that is acknowledged
$SY 165    acknowledged: the firmware then offers the most that it was ever configured for
$GE        what it offers, another amount after a restart that nobody told of; and which of its
           protections are on, which its own menu switches off

Many builds are without `$SY`. They are used all the same: what opens the contactor of a station whose
software is dead is the lease timer.
"""

from chargepoint.domain.devices import DeviceIncident, DeviceRef
from chargepoint.ports import Clock, Emit
from drivers.rapi.codec import Command
from drivers.rapi.inside import demand_checks, settings
from drivers.rapi.link import RapiLink
from drivers.rapi.offer import Offer

PULSE_EVERY_S = 10.0  # a third of the interval given to the board: two pulses may be lost
INTERVAL = ("30", "6")  # seconds without a pulse, then this many amperes
ACKNOWLEDGE = "165"  # 0xA5: a missed pulse was noticed


class Supervision:
    def __init__(self, clock: Clock, device: DeviceRef, emit: Emit, offer: Offer) -> None:
        self._clock = clock
        self._device = device
        self._emit = emit
        self._offer = offer
        self._is_kept = False  # the board knows of it
        self._is_told = False  # that it does not
        self._due_s = 0.0

    async def greet(self, link: RapiLink) -> None:
        reply = await link.request(Command("SY", INTERVAL))
        self._is_kept = reply.ok
        self._due_s = 0.0
        if not reply.ok and not self._is_told:
            self._is_told = True
            detail = "the board's build has no heartbeat supervision: alone it keeps its offer"
            self._emit(DeviceIncident(self._device, "evse.unsupervised", detail))

    async def look_after(self, link: RapiLink) -> bool:
        """Whether the board was asked: it may have to be told its offer again."""
        if self._clock.monotonic() < self._due_s:
            return False
        if self._is_kept and not (await link.request(Command("SY"))).ok:
            await link.request(Command("SY", (ACKNOWLEDGE,)))
            self._offer.forget()
        else:
            await self._compare(link)
        self._due_s = self._clock.monotonic() + PULSE_EVERY_S
        return True

    async def _compare(self, link: RapiLink) -> None:
        """Raises Refused when somebody switched a protection off, and it stays off."""
        found = await settings(link)
        if found.offered_a is not None:
            self._offer.heard(found.offered_a)
        if found.off:
            detail = f"somebody switched off: {' '.join(found.off)}; on again"
            self._emit(DeviceIncident(self._device, "evse.protection_off", detail))
            await demand_checks(link)
