"""What boards since protocol 6.0 say of their mains and relays; older ones refuse it and are not asked.

$GZ  line frequency in 0.01 Hz
$GR  the two DC relays and the AC relay: 0 was taken out of use by `$SR`
$GL  wear of the relay: per cent of its life, cold openings, damage, transit ms, drift, thermal,
     baseline, warning 0 1 2 [, recoveries of stuck contacts]; 65535 where it does not know

A person has to know of a worn or missing relay before it welds. Nothing is stopped for it: contacts
that do not part are the board's own fault (state 08), and that stops.
"""

from chargepoint.domain.devices import DeviceIncident, DeviceRef
from chargepoint.ports import Clock, Emit
from drivers.rapi.codec import Command
from drivers.rapi.link import RapiLink

SINCE = (6, 0)
READ_EVERY_S = 600.0
RELAYS = ("DC 1", "DC 2", "AC")
WARNING_AT = 7  # its place among the fields of `$GL`
UNKNOWN = 0xFFFF
BELIEVED_CENTIHZ = (range(4_700, 5_301), range(5_700, 6_301))  # around 50 and 60 Hz


class Newer:
    """Each finding is an incident once, and again after it was well."""

    def __init__(self, clock: Clock, device: DeviceRef, emit: Emit) -> None:
        self._clock = clock
        self._device = device
        self._emit = emit
        self._is_newer = False
        self._due_s = 0.0
        self._standing: dict[str, str] = {}  # by code

    def greeted(self, protocol: tuple[int, ...]) -> None:
        self._is_newer = protocol >= SINCE
        self._due_s = 0.0

    async def look_after(self, link: RapiLink) -> None:
        if not self._is_newer or self._clock.monotonic() < self._due_s:
            return
        self._due_s = self._clock.monotonic() + READ_EVERY_S
        self._found("evse.relay_off", relays_off(await _numbers(link, "GR")))
        self._found("evse.relay_worn", wear(await _numbers(link, "GL")))
        self._found("evse.frequency", odd_frequency(await _numbers(link, "GZ")))

    def _found(self, code: str, detail: str | None) -> None:
        """None: the board did not say, or not in words that we know."""
        if detail is None:
            return
        if detail and code not in self._standing:
            self._emit(DeviceIncident(self._device, code, detail))
        if detail:
            self._standing[code] = detail
        else:
            self._standing.pop(code, None)


async def _numbers(link: RapiLink, name: str) -> tuple[int, ...]:
    """Empty where the build does not have it, or where a field is no number."""
    reply = await link.request(Command(name))
    is_clear = reply.ok and all(each.lstrip("-").isdecimal() for each in reply.arguments)
    return tuple(int(each) for each in reply.arguments) if is_clear else ()


def relays_off(said: tuple[int, ...]) -> str | None:
    if len(said) != len(RELAYS):
        return None
    off = [name for name, is_used in zip(RELAYS, said, strict=True) if not is_used]
    return f"out of use: {', '.join(off)}" if off else ""


def wear(said: tuple[int, ...]) -> str | None:
    if len(said) <= WARNING_AT or said[WARNING_AT] == UNKNOWN:
        return None
    warning, recoveries = said[WARNING_AT], said[WARNING_AT + 1 :]
    if not warning:
        return ""
    life = "" if said[0] == UNKNOWN else f", {said[0]} % of its life"
    stuck = f", came unstuck {recoveries[0]} times" if recoveries and recoveries[0] else ""
    return f"warning {warning}{life}{stuck}"


def odd_frequency(said: tuple[int, ...]) -> str | None:
    if len(said) != 1 or said[0] <= 0:
        return None
    if any(said[0] in band for band in BELIEVED_CENTIHZ):
        return ""
    return f"{said[0] // 100}.{said[0] % 100:02d} Hz"
