"""The screen as it is seen from afar: what the core shows, in the words that the kiosk tells.

Somebody on the telephone with support may need longer than the screen waits: `stay` answers its question
after more time for them. What ends a charge or costs money is never pressed from here.
"""

from collections.abc import Callable

from chargepoint.contract import Shown, Snapshot
from chargepoint.ports import Clock
from chargepoint.screen_ports import SeenButton, SeenScreen, SeenTab

_MORE_TIME = "more_time"  # the screen, and its button

Press = Callable[[str, int], None]
"""Button and screen_seq, as a finger would."""


class ScreenDesk:
    """`newest`: the last snapshot that went to the kiosk."""

    def __init__(
        self,
        newest: Callable[[], Snapshot | None],
        press: Press,
        clock: Clock,
        *,
        is_kiosk_alive: Callable[[], bool],
    ) -> None:
        self._newest = newest
        self._press = press
        self._clock = clock
        self._is_kiosk_alive = is_kiosk_alive
        self._shown: Shown | None = None
        self._stays_until = float("-inf")

    def shown(self, shown: Shown) -> None:
        """What the kiosk says stands on its screen."""
        self._shown = shown

    def screen(self) -> SeenScreen | None:
        snapshot = self._newest()
        if snapshot is None:
            return None
        is_alive = self._is_kiosk_alive()
        words = self._words(snapshot) if is_alive else None
        labels = _labels(words)
        reference = snapshot.params.get("reference")
        return SeenScreen(
            snapshot.screen,
            snapshot.connector,
            snapshot.language,
            is_alive,
            "" if words is None else words.title,
            () if words is None else tuple(words.texts.split("\n")) if words.texts else (),
            tuple(
                SeenButton(each.id, labels.get(each.id, ""), each.enabled)
                for each in snapshot.buttons
            ),
            tuple(SeenTab(each.connector, each.state, each.label) for each in snapshot.tabs),
            reference if isinstance(reference, str) else "",
        )

    def _words(self, snapshot: Snapshot) -> Shown | None:
        """Only those of this very screen."""
        shown = self._shown
        is_its = shown is not None and shown.screen_seq == snapshot.screen_seq
        return shown if is_its else None

    # --- more time ----------------------------------------------------------------------------------

    def stay(self, seconds: float) -> None:
        self._stays_until = self._clock.monotonic() + seconds
        snapshot = self._newest()
        if snapshot is not None:
            self.heard(snapshot)

    def heard(self, snapshot: Snapshot) -> None:
        """A snapshot went out."""
        is_asking = snapshot.screen == _MORE_TIME
        if is_asking and self._clock.monotonic() < self._stays_until:
            self._press(_MORE_TIME, snapshot.screen_seq)


def _labels(words: Shown | None) -> dict[str, str]:
    if words is None:
        return {}
    pairs = (line.partition("\t") for line in words.labels.split("\n"))
    return {button: label for button, _, label in pairs}
