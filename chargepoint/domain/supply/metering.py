"""What a meter says beyond register, power, current and voltage, and what was offered meanwhile.

None and () mean that this hardware does not say it: a value that nobody measured is never sent.
"""

from dataclasses import dataclass
from typing import Any

from chargepoint.domain.units import MilliAmp, MilliVolt, Watt, Wh
from chargepoint.quick import quickly_made


@quickly_made
@dataclass(frozen=True, slots=True)
class Phase:
    """One conductor of a three-phase supply, against neutral."""

    voltage: MilliVolt
    current: MilliAmp
    power: Watt


@quickly_made
@dataclass(frozen=True, slots=True)
class Details:
    """`offered`: the current that the vehicle was allowed at that moment, per phase.

    `interval`: energy since the value of this kind before, or since the transaction began.
    """

    phases: tuple[Phase, ...] = ()
    power_factor_milli: int | None = None
    frequency_milli: int | None = None  # mHz
    temperature_milli: int | None = None  # m°C, inside the board
    offered: MilliAmp | None = None
    interval: Wh | None = None


NO_DETAILS = Details()


@dataclass(frozen=True, slots=True)
class SignedValue:
    """What a meter signed of one charge, as it came: OCMF text, and its public key in hex."""

    text: str
    key: str


def load_signed(body: dict[str, Any] | None) -> SignedValue | None:
    return None if body is None else SignedValue(**body)


@dataclass(frozen=True, slots=True)
class Values:
    """What was measured besides the register; all zero while nobody charges."""

    power: Watt = Watt(0)
    current: MilliAmp = MilliAmp(0)
    voltage: MilliVolt = MilliVolt(0)
    details: Details = NO_DETAILS


NO_VALUES = Values()


def load_values(body: dict[str, Any]) -> Values:
    return Values(**{**body, "details": load_details(body["details"])})


def load_details(body: dict[str, Any]) -> Details:
    phases = tuple(Phase(**phase) for phase in body.get("phases", ()))
    return Details(**{**body, "phases": phases})
