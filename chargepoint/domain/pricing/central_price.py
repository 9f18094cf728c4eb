"""What a charge costs by the central system's own reckoning, counted on between its messages. Pure.

It is shown to customers whom the central system bills (decisions §1); nothing here is ever posted.
Amounts are in 1/1000 minor unit until `cost_now` rounds once.
"""

from dataclasses import dataclass
from datetime import datetime

from chargepoint.domain.units import Minor, Watt, Wh

_MILLI = 1000
_WH_PER_KWH = 1000
_S_PER_HOUR = 3600
_POWER_SLACK = 10  # percent around a threshold that do not cross it again


@dataclass(frozen=True, slots=True)
class UnitPrices:
    """`idle_grace_s`: from the moment the central system called it idle."""

    per_kwh_milli: int = 0
    per_hour_milli: int = 0
    idle_per_hour_milli: int = 0
    idle_grace_s: int = 0


@dataclass(frozen=True, slots=True)
class Triggers:
    """When the central system wants values besides the periodic ones; None and (): never."""

    at: datetime | None = None
    energy: Wh | None = None  # of the transaction
    power: Watt | None = None  # crossed either way
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunningCost:
    """The cost at `register` and `at`, and what counts from there on."""

    cost_milli: int
    register: Wh
    at: datetime
    is_idle: bool
    prices: UnitPrices
    next_at: datetime | None = None
    next_prices: UnitPrices | None = None
    triggers: Triggers = Triggers()


def cost_now(running: RunningCost, register: Wh, utc: datetime) -> Minor:
    """Never less than what the central system said: a register or clock behind it adds nothing."""
    energy = max(0, register - running.register)
    gone_s = max(0.0, (utc - running.at).total_seconds())
    changes_at, after = running.next_at, running.next_prices
    if after is None or changes_at is None or utc < changes_at:
        added = _added(running, running.prices, energy, 0.0, gone_s)
    else:
        before_s = max(0.0, (changes_at - running.at).total_seconds())
        # Where the register stood at the change is not known: the energy has today's price.
        added = _added(running, running.prices, 0, 0.0, before_s)
        added += _added(running, after, energy, before_s, gone_s)
    total = running.cost_milli + added
    return Minor((2 * total + _MILLI) // (2 * _MILLI))


def _added(
    running: RunningCost, prices: UnitPrices, energy: int, from_s: float, until_s: float
) -> int:
    if running.is_idle:
        grace_s = prices.idle_grace_s
        idle_s = max(0.0, until_s - grace_s) - max(0.0, from_s - grace_s)
        return int(prices.idle_per_hour_milli * idle_s / _S_PER_HOUR)
    by_time = int(prices.per_hour_milli * (until_s - from_s) / _S_PER_HOUR)
    return prices.per_kwh_milli * energy // _WH_PER_KWH + by_time


@dataclass(frozen=True, slots=True)
class Watched:
    """What a trigger looks at."""

    utc: datetime
    energy: Wh
    power: Watt
    status: str


def is_due(triggers: Triggers, before: Watched, now: Watched) -> bool:
    """Whether something asked for happened between the two. A power that hovers triggers once."""
    if triggers.at is not None and before.utc < triggers.at <= now.utc:
        return True
    if triggers.energy is not None and before.energy < triggers.energy <= now.energy:
        return True
    if now.status != before.status and now.status in triggers.statuses:
        return True
    if triggers.power is None:
        return False
    low = triggers.power * (100 - _POWER_SLACK) // 100
    rose = before.power < triggers.power <= now.power
    return rose or (before.power >= low > now.power)
