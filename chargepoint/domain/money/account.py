"""What the central system says of a Green Card, and what a plain authorisation says of a token."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.units import Minor, Wh


class AccountState(StrEnum):
    ACTIVE = "active"
    BLOCKED = "blocked"
    EXPIRED = "expired"


class TokenStatus(StrEnum):
    """OCPP 1.6 AuthorizationStatus, in the words every version shares."""

    ACCEPTED = "accepted"
    BLOCKED = "blocked"
    EXPIRED = "expired"
    INVALID = "invalid"
    CONCURRENT_TX = "concurrent_tx"


@dataclass(frozen=True, slots=True)
class Plan:
    kind: str = "prepaid"  # prepaid | flatRate
    wh_left: Wh | None = None


@dataclass(frozen=True, slots=True)
class Discount:
    percent: int = 0
    reason: str = ""
    charges_until_next: int | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """The answer to `GreenCard.Account` (design: greencard.md, decisions §5)."""

    state: AccountState
    balance: Minor
    spend_limit: Minor
    tariff: Tariff
    plan: Plan = field(default_factory=Plan)
    discount: Discount = field(default_factory=Discount)
    points: int = 0
    message: Mapping[str, str] = field(default_factory=dict)
    language: str = ""  # what the card recalls of its holder; empty: nothing
    easy: bool = False


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """The verdict on a token: from the central system, or by the offline rule.

    `account` is None when the central system knows no accounts (plain Authorize) or is away;
    `allowance` is what the offline rule then leaves for this card today.
    """

    status: TokenStatus
    account: Account | None = None
    offline: bool = False
    parent_tag: str | None = None
    allowance: Minor | None = None
