"""Duty cycle of the control pilot and the current it stands for (IEC 61851-1 Annex A, tables A.7 and A.8).

    station   6 .. 51 A   D % = A / 0.6            51 .. 80 A   D % = A / 2.5 + 64
    vehicle   8 <= D < 10     6 A                  10 <= D <= 85    A = D x 0.6
              85 < D <= 96    A = (D - 64) x 2.5   96 < D <= 97     80 A
              3 .. 7          digital communication has to come first
              the rest        no charging

Duty is counted in millionths of a period, which tells every whole milliampere from the next.
"""

from enum import StrEnum

WHOLE_PPM = 1_000_000
_PERCENT = 10_000  # millionths
DIGITAL_PPM = 5 * _PERCENT

SMALLEST_MA, KNEE_MA, LARGEST_MA = 6_000, 51_000, 80_000
KNEE_END_MA = 52_500  # 51 to 52.5 A have no duty of their own: whoever offers them, offers 51 A
SMALLEST_SPOKEN_PPM = 8 * _PERCENT


class Reading(StrEnum):
    """What a vehicle reads where it reads no current."""

    NOTHING = "nothing"  # state E or F, or a steady pilot
    DIGITAL = "digital"  # 5 %: ISO 15118 decides
    ERROR = "error"  # between 7 and 8 %


class NotSignalled(ValueError):
    """No duty cycle stands for this current."""


def duty_ppm(current_ma: int) -> int:
    """What a station puts out for this current; raises NotSignalled."""
    if not SMALLEST_MA <= current_ma <= LARGEST_MA:
        raise NotSignalled(f"{current_ma} mA cannot be signalled")
    if current_ma < KNEE_END_MA:
        # 0.06 mA for each millionth
        return (min(current_ma, KNEE_MA) * 100 + 3) // 6
    return current_ma * 4 + 64 * _PERCENT  # 0.25 mA for each millionth


def current_ma(duty: int) -> int | Reading:
    """How a vehicle reads the duty cycle."""
    if duty < SMALLEST_SPOKEN_PPM or duty > 97 * _PERCENT:
        return _unspoken(duty)
    if duty < 10 * _PERCENT:
        return SMALLEST_MA
    if duty <= 85 * _PERCENT:
        return (duty * 6 + 50) // 100
    return min(LARGEST_MA, (duty - 64 * _PERCENT) // 4)


def _unspoken(duty: int) -> Reading:
    if duty < 3 * _PERCENT or duty > 97 * _PERCENT:
        return Reading.NOTHING
    return Reading.DIGITAL if duty <= 7 * _PERCENT else Reading.ERROR


def offered_ma(duty: int) -> int:
    """The current alone; 0 where there is none."""
    read = current_ma(duty)
    return read if isinstance(read, int) else 0
