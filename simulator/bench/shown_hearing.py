"""What the kiosk has said last, and how its tactile keys and headphone jack are: for who looks at the desk."""

from collections.abc import Sequence
from typing import Any

from simulator.bench.shown_money import Fitted
from simulator.devices.cabinet import SimulatedCabinet
from simulator.station import Heard

_LAST = 6


def shown_hearing(fitted: Fitted, heard: Sequence[Heard]) -> dict[str, Any]:
    """`jack` is null without keys and jack in the cabinet."""
    cabinet = next((each for each in fitted.values() if isinstance(each, SimulatedCabinet)), None)
    return {
        "jack": None if cabinet is None else cabinet.is_jack_in,
        "said": [
            {"number": each.number, "text": each.text, "by": each.channel}
            for each in heard[-_LAST:]
        ],
    }
