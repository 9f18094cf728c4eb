"""A soft tone by which the idle station is found without sight: every few seconds, by day only."""

from chargepoint.contract import Snapshot
from ui.speech.voice import Voice

_IDLE = frozenset({"home", "home_reserved"})


class Locator:
    """`tick` as often as the kiosk looks at the clock."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._due_s = float("-inf")

    def wait(self, now_s: float) -> None:
        """Somebody is here: they have found it."""
        self._due_s = now_s + 30.0

    def tick(self, shot: Snapshot, now_s: float) -> None:
        every_s = shot.access.locator_s
        if not every_s or shot.screen not in _IDLE or shot.access.voice or now_s < self._due_s:
            return
        self._due_s = now_s + every_s
        self._voice.earcon("locator", shot.access.volume)
