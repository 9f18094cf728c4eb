"""How much a card may spend while the central system cannot be asked (design: greencard.md, Offline).

Per charge and per card and day; the day is that of the station's place. An unknown card is refused
by the offline rule before it comes here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from chargepoint.domain.money.account import TokenAnswer, TokenStatus
from chargepoint.domain.units import Minor
from chargepoint.ports import Clock

Spent = Callable[[str, datetime], Minor]
"""What a card has spent offline since a time, by what is durable."""


@dataclass(frozen=True, slots=True)
class OfflineRules:
    """`minimum`: less than this starts no charge."""

    per_charge: Minor
    per_day: Minor
    minimum: Minor
    timezone: str


class OfflineAllowance:
    def __init__(self, rules: OfflineRules, clock: Clock, spent: Spent) -> None:
        self._rules = rules
        self._clock = clock
        self._spent = spent

    def limited(self, id_tag: str, answer: TokenAnswer) -> TokenAnswer:
        """The answer with what is left for this card today; refused where that is too little."""
        if not answer.offline or answer.status is not TokenStatus.ACCEPTED:
            return answer
        left = self._left(id_tag)
        is_enough = left > 0 and left >= self._rules.minimum
        status = TokenStatus.ACCEPTED if is_enough else TokenStatus.INVALID
        return replace(answer, status=status, allowance=left)

    def _left(self, id_tag: str) -> Minor:
        today = self._rules.per_day - self._spent(id_tag, self._midnight())
        return Minor(max(0, min(self._rules.per_charge, today)))

    def _midnight(self) -> datetime:
        """When this day began here."""
        local = self._clock.utc().astimezone(ZoneInfo(self._rules.timezone))
        return datetime.combine(local.date(), time(), local.tzinfo).astimezone(UTC)
