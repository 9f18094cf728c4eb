"""Which lamp a connector has: derived from what the point is, never stored (the table: domain/signals.py)."""

from chargepoint.domain.faults import standing as faults
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.signals import Colour, Lamp, Rhythm

STARTING = Lamp(Colour.WHITE, Rhythm.FLASH)
FREE = Lamp(Colour.GREEN)
ASKS = Lamp(Colour.GREEN, Rhythm.BLINK)
KEPT = Lamp(Colour.YELLOW)
PLUG_AGAIN = Lamp(Colour.YELLOW, Rhythm.BLINK)
MOVING = Lamp(Colour.BLUE, Rhythm.BLINK)
CHARGING = Lamp(Colour.BLUE)
PAUSED = Lamp(Colour.BLUE, Rhythm.FLASH)
TAKE_PLUG = Lamp(Colour.WHITE, Rhythm.BLINK)
CLOSED = Lamp(Colour.RED)
BROKEN = Lamp(Colour.RED, Rhythm.BLINK)

# A customer is here: what they see does not depend on who else may come.
_SERVED: tuple[tuple[str, Lamp], ...] = (
    ("session/starting", MOVING),
    ("session/energised", CHARGING),
    ("session/suspended", PAUSED),
    ("session/stopping", MOVING),
    ("settling/metering", MOVING),
    ("settling/occupied", TAKE_PLUG),
)


def lamp_of(seen: PointSeen, *, serves: bool) -> Lamp:
    """`serves`: whoever comes finds a screen that lives, and no technician at work."""
    if not seen.is_known:
        return STARTING
    worst = faults.worst(seen.data.faults)
    if worst is not None:
        return PLUG_AGAIN if worst.of_vehicle else BROKEN
    for prefix, lamp in _SERVED:
        if seen.state.startswith(prefix):
            return lamp
    return _idle(seen, serves=serves)


def _idle(seen: PointSeen, *, serves: bool) -> Lamp:
    if seen.state == "settling/billed" and seen.data.is_plugged:
        return TAKE_PLUG
    if seen.data.cable_of:
        return TAKE_PLUG
    if seen.data.pending is not None:
        return ASKS  # a remote start waits for the plug, with or without a screen
    if not (serves and seen.data.may_start):
        return CLOSED
    if seen.is_kept:
        return KEPT
    return ASKS if seen.data.is_plugged else FREE
