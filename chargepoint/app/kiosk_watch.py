"""What the kiosk says of itself, as facts about a device: they reach the incidents and the service menu."""

from collections.abc import Callable

from chargepoint.contract import Ability
from chargepoint.domain.devices import DeviceEvent, DeviceIncident, DeviceKind, DeviceRef

KIOSK = DeviceRef(DeviceKind.DISPLAY)

_CODES = {
    "voice": "display.no_voice",
    "sound": "display.no_sound",
    "display": "display.dark",
    "size": "display.other_size",
    "words": "display.words_missing",
    "touch": "display.touch_stuck",
    "version": "display.version",
}
_MOST_LETTERS = 200


class KioskWatch:
    """Hears what the kiosk can do; a change is told once, however often a kiosk comes back."""

    def __init__(self, emit: Callable[[DeviceEvent], None], voice: Callable[[bool], None]) -> None:
        self._emit = emit
        self._voice = voice
        self._told: dict[str, Ability] = {}

    def told(self, ability: Ability) -> None:
        if ability.name not in _CODES or self._told.get(ability.name) == ability:
            return
        self._told[ability.name] = ability
        if ability.name == "voice":
            self._voice(ability.works)
        if not ability.works:
            detail = ability.detail[:_MOST_LETTERS]
            self._emit(DeviceIncident(KIOSK, _CODES[ability.name], detail))
