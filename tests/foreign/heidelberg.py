"""A Heidelberg Energy Control by its register list, and by what owners of one report of it."""

from pathlib import Path

from tests.foreign.patience import patient_loop
from tests.foreign.rtu import Rs485, Unit

LAYOUT, STATE, CURRENT_L1, INLET_LOCK = 4, 5, 6, 13
WATCHDOG, STANDBY, REMOTE_LOCK, COMMAND, FAIL_SAFE = 257, 258, 259, 261, 262
A1, B1, B2, C1, C2, F = 2, 4, 5, 6, 7, 10
DEAF_FOR_S = 0.09  # after each frame
FACTORY = {WATCHDOG: 15_000, STANDBY: 0, REMOTE_LOCK: 1, COMMAND: 0, FAIL_SAFE: 60}
SINCE = {WATCHDOG: 0x108, STANDBY: 0x108, REMOTE_LOCK: 0x104}


class Heidelberg:
    """`lacks`: registers that this one does not have, whatever its layout says."""

    def __init__(self, stable: Path, *, layout: int = 0x108, lacks: tuple[int, ...] = ()) -> None:
        self._loop = patient_loop()
        # Five registers of a capture of version 2.0.4 that others' tests hold.
        self.unit = Unit(input=dict(zip(range(5, 19), [2, 0, 0, 0, 362, 237, 1, 1, 1, 1, 0, 0, 0, 0], strict=True)))  # fmt: skip
        self.unit.input[LAYOUT] = layout
        self.absent = {at for at, since in SINCE.items() if layout < since} | set(lacks)
        self.rs485 = Rs485(stable, {1: self.unit})
        self.car = "A"
        self.state_instead: int | None = None
        self.commands: list[int] = []
        self._heard_s = self._loop.time()
        self.rs485.hears = self._hears
        self.unit.on_write = self._written
        self.restart()
        self._tick()

    def restart(self) -> None:
        """As after a cut of its mains: everything is as it left the factory."""
        self.unit.holding = {at: each for at, each in FACTORY.items() if at not in self.absent}
        self.unit.holding[260] = 0

    @property
    def is_charging(self) -> bool:
        return self.unit.input[CURRENT_L1] > 0

    @property
    def most_steps(self) -> int:
        """What it allows, in tenths of an ampere."""
        watchdog_ms = self.unit.holding.get(WATCHDOG, 15_000)
        silent_ms = (self._loop.time() - self._heard_s) * 1000
        is_alone = bool(watchdog_ms) and silent_ms > watchdog_ms
        return self.unit.holding[FAIL_SAFE if is_alone else COMMAND]

    def _hears(self) -> bool:
        """A frame too soon after the one before is lost on it."""
        now_s = self._loop.time()
        if self.unit.is_dead or now_s - self._heard_s < DEAF_FOR_S:
            return False
        self._heard_s = now_s
        return True

    def _written(self, address: int, value: int) -> None:
        if address == COMMAND:
            self.commands.append(value)

    def _tick(self) -> None:
        """Its own loop: what the car asks, what it may have."""
        self._loop.call_later(0.05, self._tick)
        allowed = self.most_steps
        is_locked = not self.unit.holding.get(REMOTE_LOCK, 1)
        flows = self.car == "C" and allowed >= 60 and not is_locked
        usual = {"A": A1, "B": B2 if allowed else B1, "C": C2 if flows else C1}[self.car]
        self.unit.input[STATE] = F if is_locked else usual
        if self.state_instead is not None:
            self.unit.input[STATE] = self.state_instead
        for phase in range(3):
            self.unit.input[CURRENT_L1 + phase] = allowed if flows else 0
