"""What the kiosk knows now: the newest snapshot, and what a finger and the clock did since.

Nothing here survives a restart; the next snapshot makes it right again.
"""

from dataclasses import dataclass

from chargepoint.contract import Snapshot

SILENCE_LIMIT_S = 3.0  # longer without a word of the core: no price may be believed
BUSY_AFTER_S = 1.0  # a touch without a newer snapshot by then: say that we wait
BUSY_UNTIL_S = 4.0  # the core lives and chose to ignore the touch: stop saying so

STARTING = Snapshot(sequence=0, screen_seq=0, screen="boot", step=0)


@dataclass(slots=True)
class Model:
    """Changed only by the kiosk; every time is a moment of the caller's monotonic clock."""

    snapshot: Snapshot = STARTING
    under: Snapshot | None = None  # what a `more_time` question lies over
    heard_s: float | None = None
    shown_s: float = 0.0  # when the present screen appeared
    asked_s: float | None = None  # when an intent left that no snapshot has answered

    def take(self, snapshot: Snapshot, now_s: float) -> None:
        """Newest wins; a new screen starts its dead time."""
        before = self.snapshot
        changed = (snapshot.screen, snapshot.screen_seq) != (before.screen, before.screen_seq)
        if snapshot.screen == "more_time":
            if before.screen != "more_time":
                wanted = snapshot.params.get("under")
                self.under = before if before.screen == wanted else None
        else:
            self.under = None
        self.snapshot = snapshot
        self.heard_s = now_s
        self.asked_s = None
        if changed:
            self.shown_s = now_s

    def heard(self, now_s: float) -> None:
        """The core lives, though nothing changed."""
        self.heard_s = now_s

    def asked(self, now_s: float) -> None:
        self.asked_s = now_s

    def is_silent(self, now_s: float) -> bool:
        return self.heard_s is None or now_s - self.heard_s >= SILENCE_LIMIT_S

    def is_busy(self, now_s: float) -> bool:
        if self.asked_s is None:
            return False
        return BUSY_AFTER_S <= now_s - self.asked_s < BUSY_UNTIL_S
