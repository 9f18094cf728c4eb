"""Earcons, made of sine waves: 16 bit mono, faded at both ends so that nothing clicks."""

import array
import math
from functools import cache

RATE = 22_050
_PEAK = 0.5
_FADE_S = 0.006

# Frequency in Hz (0: silence) and length in s of each part.
_PARTS: dict[str, tuple[tuple[float, float], ...]] = {
    "tap": ((1_200, 0.04),),
    "ok": ((660, 0.09), (990, 0.14)),
    "error": ((520, 0.14), (330, 0.22)),
    "attention": ((880, 0.1), (0, 0.06), (880, 0.1), (0, 0.06), (880, 0.16)),
    "locator": ((740, 0.05), (0, 0.05), (740, 0.05)),
}
SOFT = {"locator": 0.35, "tap": 0.6}


@cache
def samples(name: str) -> bytes:
    """Empty for a name we do not know."""
    wave = array.array("h")
    for frequency, length_s in _PARTS.get(name, ()):
        wave.extend(_part(frequency, length_s, SOFT.get(name, 1.0)))
    return wave.tobytes()


def _part(frequency: float, length_s: float, loudness: float) -> list[int]:
    count, fade = int(length_s * RATE), int(_FADE_S * RATE)
    peak = 32_767 * _PEAK * loudness if frequency else 0
    return [
        int(
            peak
            * min(1.0, place / fade, (count - place) / fade)
            * math.sin(2 * math.pi * frequency * place / RATE)
        )
        for place in range(count)
    ]
