"""Messages to the central system that must arrive exactly once, in no OCPP version's words.

They are committed with what justifies them (decisions §5) and drained in order by the sender.
`key` is stable for ever; each transmission has a new message id.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from chargepoint.domain.progress import TaskProgress
from chargepoint.domain.security import SecurityEvent
from chargepoint.domain.supply.metering import NO_DETAILS, NO_VALUES, Details, SignedValue, Values
from chargepoint.domain.units import ConnectorId, MilliAmp, MilliVolt, SessionId, Watt, Wh

SESSION_UNPLUGGED = "Session.Unplugged"
"""The plug is out of a connector whose transaction had ended before."""


class StopReason(StrEnum):
    """OCPP 1.6 `Reason`, which later versions contain."""

    DE_AUTHORIZED = "DeAuthorized"
    EMERGENCY_STOP = "EmergencyStop"
    EV_DISCONNECTED = "EVDisconnected"
    HARD_RESET = "HardReset"
    LOCAL = "Local"
    OTHER = "Other"
    POWER_LOSS = "PowerLoss"
    REBOOT = "Reboot"
    REMOTE = "Remote"
    SOFT_RESET = "SoftReset"
    UNLOCK_COMMAND = "UnlockCommand"


@dataclass(frozen=True, slots=True)
class TransactionStarted:
    session: SessionId
    connector: ConnectorId
    id_tag: str
    register: Wh
    at: datetime
    values: Values = NO_VALUES
    reservation: int | None = None  # that this start used up

    @property
    def key(self) -> str:
        return f"tx:{self.session}:start"


@dataclass(frozen=True, slots=True)
class MeterValuesTaken:
    """Periodic or clock-aligned values of a running transaction."""

    session: SessionId
    connector: ConnectorId
    number: int  # 1, 2, 3 … within the session
    at: datetime
    register: Wh
    power: Watt
    current: MilliAmp
    voltage: MilliVolt
    clock_aligned: bool = False
    details: Details = NO_DETAILS

    @property
    def key(self) -> str:
        return f"tx:{self.session}:meter:{self.number}"


@dataclass(frozen=True, slots=True)
class TransactionEnded:
    session: SessionId
    connector: ConnectorId
    id_tag: str | None
    register: Wh
    at: datetime
    reason: StopReason
    values: Values = NO_VALUES
    signed: SignedValue | None = None

    @property
    def key(self) -> str:
        return f"tx:{self.session}:stop"


@dataclass(frozen=True, slots=True)
class VendorMessage:
    """A DataTransfer of `vendorId` es.citere that settles money: `Session.Receipt` and such.

    `payload` is JSON-ready; when `session` is set and the transaction's remote id is known by the
    time of sending, the sender adds it as `transactionId`.
    """

    key: str
    message_id: str
    payload: dict[str, Any]
    session: SessionId | None = None


Delivery = (
    TransactionStarted
    | MeterValuesTaken
    | TransactionEnded
    | VendorMessage
    | SecurityEvent
    | TaskProgress
)
