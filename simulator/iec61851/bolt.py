"""The bolt that holds the plug: it needs its time from end to end, and is nowhere in between."""

from dataclasses import dataclass, replace

TRAVEL_US = 700_000
LOCKED_AT, RELEASED_AT = 1_000, 0  # thousandths of the way


@dataclass(frozen=True, slots=True)
class Bolt:
    position: int = RELEASED_AT  # where it was when it was last driven or stopped
    target: int | None = None  # None: its motor stands
    since_us: int = 0
    is_jammed: bool = False
    is_by_hand: bool = False  # moved there by the emergency release

    def driven(self, now_us: int, *, locked: bool) -> "Bolt":
        here = replace(self.at(now_us), is_by_hand=False)
        return replace(here, target=LOCKED_AT if locked else RELEASED_AT, since_us=now_us)

    def at(self, now_us: int) -> "Bolt":
        """Where it is now; at its end the motor stands."""
        if self.target is None:
            return self
        if self.is_jammed:
            return replace(self, since_us=now_us)
        step = (now_us - self.since_us) * LOCKED_AT // TRAVEL_US
        if step >= abs(self.target - self.position):
            return replace(self, position=self.target, target=None)
        way = step if self.target > self.position else -step
        return replace(self, position=self.position + way, since_us=now_us)

    def stopped(self, now_us: int) -> "Bolt":
        """Without supply it stays where it is."""
        return replace(self.at(now_us), target=None)

    def put(self, *, locked: bool, by_hand: bool) -> "Bolt":
        """There at once, whatever its motor does."""
        position = LOCKED_AT if locked else RELEASED_AT
        return replace(self, position=position, target=None, is_by_hand=by_hand)

    def jammed(self, now_us: int, *, jammed: bool) -> "Bolt":
        return replace(self.at(now_us), is_jammed=jammed)

    @property
    def is_locked(self) -> bool:
        """What its switch says: closed at the very end only, and until it has left that end for good."""
        return self.position == LOCKED_AT

    def arrives_in_us(self) -> int | None:
        """From the moment of `since_us`; None while it does not move."""
        if self.target is None or self.is_jammed:
            return None
        return -(-abs(self.target - self.position) * TRAVEL_US // LOCKED_AT)
