"""Lamps and beeper on the coils of a relay module: which coil is to be written now, and with what.

    unit 05 | 0200 + coil | steps of 100 ms      on, and off again by itself after that time
    unit 05 | 0000 + coil | 0000                 off at once

Nothing here stays on by itself: a lamp is lit for half a minute at a time, so that no lamp says "free"
at a station whose software is dead, and no beeper sounds for ever. Addresses are those of the common
relay boards, as in drivers/lease_timer [unverified for any one of them: see OutputMap].
"""

from dataclasses import dataclass

from chargepoint.domain.signals import DARK, Colour, Lamp, Rhythm
from chargepoint.domain.units import ConnectorId

LIT_S = 30.0
RENEW_BEFORE_S = 20.0
BEEP_S, BEEP_PAUSE_S = 0.2, 0.2
MOST_BEEPS = 6  # under way and waiting; more say nothing more
OFF = 0x0000
_LAMPS = 3  # red, green, blue
_MIXED: dict[Colour, tuple[bool, bool, bool]] = {
    Colour.RED: (True, False, False),
    Colour.GREEN: (False, True, False),
    Colour.BLUE: (False, False, True),
    Colour.YELLOW: (True, True, False),
    Colour.WHITE: (True, True, True),
}
# Lit time and period.
_BEATS: dict[Rhythm, tuple[float, float]] = {Rhythm.BLINK: (0.5, 1.0), Rhythm.FLASH: (0.3, 3.0)}


@dataclass(frozen=True, slots=True)
class OutputMap:
    """The beeper first, then three coils for each connector: eight serve two of them."""

    coil_base: int = 0x0000
    timed_on_base: int = 0x0200
    step_ms: int = 100
    beeper: int = 0
    first_lamp: int = 1


@dataclass(frozen=True, slots=True)
class Write:
    """One coil for `on_s`; 0: off."""

    coil: int
    on_s: float

    def address(self, outputs: OutputMap) -> int:
        return (outputs.timed_on_base if self.on_s else outputs.coil_base) + self.coil

    def value(self, outputs: OutputMap) -> int:
        return round(self.on_s * 1000 / outputs.step_ms) if self.on_s else OFF


class Outputs:
    """What is wanted, and what the module was told. Knows no bus and no clock."""

    def __init__(self, outputs: OutputMap) -> None:
        self._map = outputs
        self._lamps: dict[ConnectorId, Lamp] = {}
        self._dark_at_s: dict[int, float] = {}  # by coil that was told to be on
        self._beat: dict[ConnectorId, int] = {}  # the last one shown
        self._beeps = 0
        self._beep_from_s = 0.0

    def light(self, connector: ConnectorId, lamp: Lamp) -> None:
        if self._lamps.get(connector, DARK) != lamp:
            self._lamps[connector] = lamp
            self._beat.pop(connector, None)

    def beep(self, times: int) -> None:
        self._beeps = min(self._beeps + times, MOST_BEEPS)

    def begin(self) -> None:
        """A module just answered: whatever is on there, nobody here wanted it."""
        self._beat.clear()
        coils = [coil for connector in self._lamps for coil in self._coils(connector)]
        self._dark_at_s = dict.fromkeys(coils, float("inf"))

    def due(self, now_s: float) -> list[Write]:
        found = self._beep_due(now_s)
        for connector, lamp in self._lamps.items():
            found += self._lamp_due(connector, lamp, now_s)
        return found

    def told(self, write: Write, now_s: float) -> None:
        """The module has it."""
        if write.coil == self._map.beeper:
            self._beeps -= 1
            self._beep_from_s = now_s + BEEP_S + BEEP_PAUSE_S
        elif write.on_s:
            self._dark_at_s[write.coil] = now_s + write.on_s
        else:
            self._dark_at_s.pop(write.coil, None)

    def next_s(self, now_s: float) -> float:
        """Seconds until something is due again."""
        waits = [LIT_S - RENEW_BEFORE_S]
        if self._beeps:
            waits.append(max(0.0, self._beep_from_s - now_s))
        for lamp in self._lamps.values():
            if lamp.rhythm in _BEATS and lamp.colour is not None:
                period_s = _BEATS[lamp.rhythm][1]
                waits.append(period_s - now_s % period_s)
        return min(waits)

    def _beep_due(self, now_s: float) -> list[Write]:
        if self._beeps and now_s >= self._beep_from_s:
            return [Write(self._map.beeper, BEEP_S)]
        return []

    def _lamp_due(self, connector: ConnectorId, lamp: Lamp, now_s: float) -> list[Write]:
        lit = _MIXED[lamp.colour] if lamp.colour is not None else (False,) * _LAMPS
        coils = self._coils(connector)
        dark = [
            Write(coil, 0)
            for coil, is_lit in zip(coils, lit, strict=True)
            if not is_lit and self._dark_at_s.get(coil, 0.0) > now_s
        ]
        wanted = [coil for coil, is_lit in zip(coils, lit, strict=True) if is_lit]
        return dark + self._on_due(connector, wanted, lamp.rhythm, now_s)

    def _on_due(
        self, connector: ConnectorId, coils: list[int], rhythm: Rhythm, now_s: float
    ) -> list[Write]:
        if rhythm not in _BEATS:
            return [Write(coil, LIT_S) for coil in coils if self._must_renew(coil, now_s)]
        on_s, period_s = _BEATS[rhythm]
        beat = int(now_s / period_s)
        if self._beat.get(connector) == beat:
            return []
        self._beat[connector] = beat
        return [Write(coil, on_s) for coil in coils]

    def _must_renew(self, coil: int, now_s: float) -> bool:
        dark_at_s = self._dark_at_s.get(coil, 0.0)
        return dark_at_s == float("inf") or dark_at_s - RENEW_BEFORE_S <= now_s

    def _coils(self, connector: ConnectorId) -> list[int]:
        first = self._map.first_lamp + _LAMPS * (connector - 1)
        return list(range(first, first + _LAMPS))
