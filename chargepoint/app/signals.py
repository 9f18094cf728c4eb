"""Lamps and beeper of the cabinet: they follow what is true, and speak where the kiosk cannot."""

import asyncio
from collections.abc import Mapping

from chargepoint.contract import Ability
from chargepoint.domain.dialogue.context import DialogueData
from chargepoint.domain.point.lamp import lamp_of
from chargepoint.domain.signals import BEEPS, COLOURS, Lamp, Tone
from chargepoint.domain.units import ConnectorId
from chargepoint.ports import Cabinet, DeviceUnavailable

_SHOWN_S = 1.5  # each colour of a test


class Signals:
    """`cabinet` None, or one without lamps: nothing is shown."""

    def __init__(self, cabinet: Cabinet | None) -> None:
        self._cabinet = cabinet if cabinet is not None and cabinet.has_signals else None
        self._lamps: dict[ConnectorId, Lamp] = {}
        self._kiosk_sounds = True
        self._is_tested = False

    @property
    def is_fitted(self) -> bool:
        return self._cabinet is not None

    @property
    def lamps(self) -> Mapping[ConnectorId, Lamp]:
        return self._lamps

    def follow(self, data: DialogueData) -> None:
        """After each event of the conversation, and each change of a point."""
        if self._cabinet is None:
            return
        serves = data.kiosk_alive and not data.service.page
        for connector, seen in data.points.items():
            lamp = lamp_of(seen, serves=serves)
            if self._lamps.get(connector) != lamp:
                self._lamps[connector] = lamp
                if not self._is_tested:
                    self._cabinet.light(connector, lamp)

    def told(self, ability: Ability) -> None:
        if ability.name == "sound":
            self._kiosk_sounds = ability.works

    def sound(self, earcon: str, kiosk_alive: bool) -> None:
        """The kiosk plays its own sounds; without one that can, what is wrong is beeped."""
        if not (kiosk_alive and self._kiosk_sounds):
            self.beep(Tone(earcon) if earcon in set(Tone) else Tone.OK)

    def beep(self, tone: Tone) -> None:
        if self._cabinet is not None:
            self._cabinet.beep(BEEPS[tone])

    async def show_all(self) -> None:
        """Each colour at each connector, then what is true again. Raises DeviceUnavailable."""
        if self._cabinet is None:
            raise DeviceUnavailable("no lamps are fitted")
        self._is_tested = True
        try:
            for lamp in COLOURS:
                for connector in self._lamps:
                    self._cabinet.light(connector, lamp)
                await asyncio.sleep(_SHOWN_S)
                await self._cabinet.look()
        finally:
            self._is_tested = False
            for connector, lamp in self._lamps.items():
                self._cabinet.light(connector, lamp)
