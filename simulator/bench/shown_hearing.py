"""What the kiosk has said last, and how its tactile keys and headphone jack are: for who looks at the desk."""

from collections.abc import Iterable, Sequence
from typing import Any

from simulator.bench.shown_money import Fitted
from simulator.devices.cabinet import SimulatedCabinet
from simulator.station import Heard

_LAST = 6


def cabinet_of(fitted: Fitted) -> SimulatedCabinet | None:
    return next((each for each in fitted.values() if isinstance(each, SimulatedCabinet)), None)


def shown_lamps(fitted: Fitted, connectors: Iterable[int]) -> dict[str, str]:
    """By connector; empty where the cabinet has no lamps."""
    cabinet = cabinet_of(fitted)
    coils = None if cabinet is None else cabinet.coils
    return {} if coils is None else {str(number): coils.lamp(number) for number in connectors}


def shown_hearing(fitted: Fitted, heard: Sequence[Heard]) -> dict[str, Any]:
    """`jack` is null without keys and jack in the cabinet."""
    cabinet = cabinet_of(fitted)
    return {
        "jack": None if cabinet is None else cabinet.is_jack_in,
        "beeps": 0 if cabinet is None or cabinet.coils is None else cabinet.coils.beeps,
        "said": [
            {"number": each.number, "text": each.text, "by": each.channel}
            for each in heard[-_LAST:]
        ],
    }
