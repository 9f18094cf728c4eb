"""What a board says of itself: which of its protections are on, and how warm it is.

$GE  offer, flags        a set flag is a check that is off; people switch them off when testing
$FF x 1                  on again; `$FF E` is never sent: firmware then echoes until it restarts
$GP  three sensors       0.1 degrees, -2560 where there is none
"""

from dataclasses import dataclass

from chargepoint.domain.devices import BoardTemperature
from chargepoint.domain.units import ConnectorId
from chargepoint.ports import Clock, Emit
from drivers.rapi.codec import Command
from drivers.rapi.link import RapiLink
from drivers.rapi.offer import Refused, amperes_of

CHECKS = {
    0x0002: "D",  # diode of the vehicle
    0x0004: "V",  # vehicles that need ventilation
    0x0008: "G",  # protective earth
    0x0010: "R",  # contacts that do not part
    0x0200: "F",  # self-test of the residual-current detection
    0x0400: "T",  # temperature
}
ABSENT = -2560
BELIEVED = range(-400, 1501)  # 0.1 degrees
READ_EVERY_S = 30.0
TOLD_FROM_MILLI = 1_000  # changes; less is no news


@dataclass(frozen=True, slots=True)
class Settings:
    """`$GE`."""

    offered_a: int | None
    off: tuple[str, ...]  # protections


async def demand_checks(link: RapiLink) -> None:
    """Raises Refused when a protection stays off: such a board must not energise anything."""
    for letter in (await settings(link)).off:
        await link.request(Command("FF", (letter, "1")))
    if still_off := (await settings(link)).off:
        raise Refused(f"board leaves protections off: {' '.join(still_off)}")


async def settings(link: RapiLink) -> Settings:
    """Raises Refused where the board does not say which checks are on."""
    reply = await link.request(Command("GE"))
    try:
        flags = int(reply.arguments[1], 16)
    except (IndexError, ValueError):
        raise Refused(f"board does not say which checks are on: {reply.arguments}") from None
    off = tuple(letter for flag, letter in CHECKS.items() if flags & flag)
    return Settings(amperes_of(reply), off)


class Thermometer:
    def __init__(self, clock: Clock, connector: ConnectorId, emit: Emit) -> None:
        self._clock = clock
        self._connector = connector
        self._emit = emit
        self._due_s = 0.0
        self._told_milli: int | None = None

    def forget(self) -> None:
        """The core has a new picture of the board, without a temperature."""
        self._told_milli = None
        self._due_s = 0.0

    async def look_after(self, link: RapiLink) -> None:
        if self._clock.monotonic() < self._due_s:
            return
        self._due_s = self._clock.monotonic() + READ_EVERY_S
        reply = await link.request(Command("GP"))
        warmest = warmest_milli(reply.arguments if reply.ok else ())
        if warmest is None and self._told_milli is None:
            return  # a board without a thermometer
        if warmest is None or self._is_news(warmest):
            self._told_milli = warmest
            self._emit(BoardTemperature(self._connector, warmest))

    def _is_news(self, warmest_milli: int) -> bool:
        told = self._told_milli
        return told is None or abs(warmest_milli - told) >= TOLD_FROM_MILLI


def warmest_milli(arguments: tuple[str, ...]) -> int | None:
    """Of the sensors that are there; None without one."""
    said = [int(each) for each in arguments if each.lstrip("-").isdecimal()]
    there = [each for each in said if each != ABSENT and each in BELIEVED]
    return max(there) * 100 if there else None
