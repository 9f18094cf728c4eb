"""How often somebody may try. Pure: time is an argument.

Two brakes. An address has a purse of tries that fills up again. An account (an e-mail, a card: whether
it exists or not, or the brake itself would tell) waits twice as long after each wrong try.
"""

from collections import OrderedDict
from dataclasses import dataclass

_KEYS_MAX = 20_000  # beyond it the oldest is forgotten: memory is bounded, whoever knocks


@dataclass(frozen=True, slots=True)
class Purse:
    """`tries` at once, and one more every `every_s`."""

    tries: int
    every_s: float


class AddressBrake:
    def __init__(self, purse: Purse) -> None:
        self._purse = purse
        self._spent: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, key: str, now_s: float) -> float:
        """Spend one try; 0, or how long until there is one."""
        spent, at_s = self._spent.pop(key, (0.0, now_s))
        spent = max(0.0, spent - (now_s - at_s) / self._purse.every_s)
        is_allowed = spent + 1 <= self._purse.tries
        self._spent[key] = (spent + 1 if is_allowed else spent, now_s)
        if len(self._spent) > _KEYS_MAX:
            self._spent.popitem(last=False)
        return 0.0 if is_allowed else (spent + 1 - self._purse.tries) * self._purse.every_s


_FREE_TRIES = 3
_FIRST_WAIT_S = 2.0
_LONGEST_WAIT_S = 900.0
_FORGOTTEN_AFTER_S = 24 * 3600.0


class AccountBrake:
    """`wait_s` asks, `failed` and `succeeded` tell."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait_s(self, key: str, now_s: float) -> float:
        count, at_s = self._failures.get(key, (0, now_s))
        if count <= _FREE_TRIES or now_s - at_s > _FORGOTTEN_AFTER_S:
            return 0.0
        wait_s = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** (count - _FREE_TRIES - 1))
        return max(0.0, at_s + wait_s - now_s)

    def failed(self, key: str, now_s: float) -> None:
        count, at_s = self._failures.pop(key, (0, now_s))
        count = 0 if now_s - at_s > _FORGOTTEN_AFTER_S else count
        self._failures[key] = (min(count + 1, 64), now_s)
        if len(self._failures) > _KEYS_MAX:
            self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        self._failures.pop(key, None)
