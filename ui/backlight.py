"""The panel's backlight: as bright as the hour asks, and never less than the sun does.

Linux shows a backlight as a folder of numbers; a light sensor, where one is fitted, as another. A
panel without either is left as it is: brightness is a comfort, a dark kiosk would be a fault.
"""

import logging
from pathlib import Path

BACKLIGHTS = Path("/sys/class/backlight")
SENSORS = Path("/sys/bus/iio/devices")
_READINGS = ("in_illuminance_input", "in_illuminance_raw")
_SUN_LUX = 5_000  # from here on the whole light is needed to be read
_ROOM_LUX = 50
_LOOK_EVERY_S = 2.0

log = logging.getLogger(__name__)


def percent_for(asked: int, lux: int | None) -> int:
    """Between a room and the sun it rises from what the hour asks to all there is."""
    if lux is None or lux <= _ROOM_LUX:
        return asked
    share = min(1.0, (lux - _ROOM_LUX) / (_SUN_LUX - _ROOM_LUX))
    return round(asked + (100 - asked) * share)


class Backlight:
    """Every backlight of the machine together. No call raises; each takes microseconds."""

    def __init__(self, backlights: Path = BACKLIGHTS, sensors: Path = SENSORS) -> None:
        self._panels = sorted(path.parent for path in backlights.glob("*/max_brightness"))
        self._sensor = next(
            (path for name in _READINGS for path in sorted(sensors.glob(f"*/{name}"))), None
        )
        self._percent = -1
        self._look_s = float("-inf")

    def follow(self, asked: int, now_s: float) -> None:
        """Once a frame: what the core asks now, and every two seconds what the sensor says."""
        if not self._panels or now_s < self._look_s:
            return
        self._look_s = now_s + _LOOK_EVERY_S
        percent = percent_for(max(1, min(100, asked)), self._lux())
        if percent != self._percent:
            self._percent = percent
            self._set(percent)

    def _set(self, percent: int) -> None:
        for panel in list(self._panels):
            try:
                most = int((panel / "max_brightness").read_text())
                (panel / "brightness").write_text(str(max(1, most * percent // 100)))
            except (OSError, ValueError) as error:
                self._panels.remove(panel)  # it says so once, and stays as bright as it is
                log.warning("backlight stays", extra={"panel": panel.name, "why": str(error)})

    def _lux(self) -> int | None:
        if self._sensor is None:
            return None
        try:
            return int(float(self._sensor.read_text()))
        except (OSError, ValueError):
            return None
