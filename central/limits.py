"""How often somebody may try. Pure: what is known of a name, and the time, are arguments.

Two brakes. A purse has tries that fill up again. An account (an e-mail, a card: whether it exists or
not, or the brake itself would tell) waits twice as long after each wrong try.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tries:
    """What is kept of a name: how many, in thousandths of a try, and when that was."""

    milli: int = 0
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class Purse:
    """`tries` at once, and one more every `every_s`. `name`: each counts for itself."""

    name: str
    tries: int
    every_s: int

    def wait_s(self, known: Tries, now_ms: int) -> float:
        """0: there is a try to spend."""
        lacking = self._spent_milli(known, now_ms) + 1000 - self.tries * 1000
        return max(0, lacking) * self.every_s / 1000

    def spent(self, known: Tries, now_ms: int) -> Tries:
        return Tries(self._spent_milli(known, now_ms) + 1000, now_ms)

    def forgotten_ms(self, known: Tries) -> int:
        """When the purse is full again."""
        return known.at_ms + known.milli * self.every_s

    def _spent_milli(self, known: Tries, now_ms: int) -> int:
        passed_ms = max(0, now_ms - known.at_ms)
        return max(0, known.milli - passed_ms // self.every_s)


_FREE_TRIES = 3
_FIRST_WAIT_S = 2.0
_LONGEST_WAIT_S = 900.0
_FORGOTTEN_AFTER_MS = 24 * 3600 * 1000
_COUNTED_MOST = 64


class Account:
    """Rules for a name of which tries are wrong until they are known to be right."""

    @staticmethod
    def wait_s(known: Tries, now_ms: int) -> float:
        count = known.milli // 1000
        if count <= _FREE_TRIES or now_ms - known.at_ms > _FORGOTTEN_AFTER_MS:
            return 0.0
        wait_s = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** (count - _FREE_TRIES - 1))
        return min(wait_s, max(0.0, known.at_ms / 1000 + wait_s - now_ms / 1000))

    @staticmethod
    def failed(known: Tries, now_ms: int) -> Tries:
        is_old = now_ms - known.at_ms > _FORGOTTEN_AFTER_MS
        count = 0 if is_old else known.milli // 1000
        return Tries(min(count + 1, _COUNTED_MOST) * 1000, now_ms)

    @staticmethod
    def withdrawn(known: Tries) -> Tries:
        """The last one was no try."""
        return Tries(max(0, known.milli - 1000), known.at_ms)

    @staticmethod
    def forgotten_ms(known: Tries) -> int:
        return known.at_ms + _FORGOTTEN_AFTER_MS
