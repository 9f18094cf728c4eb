"""Orders a machine gives, as data. `SAFE` ones act before the commit and wait for nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chargepoint.domain.delivery import StopReason
from chargepoint.domain.reservations.reservation import Kept
from chargepoint.domain.service.orders import CheckPin, Consult, Perform
from chargepoint.domain.session import EndCause, StartOrder
from chargepoint.domain.units import (
    ConnectorId,
    Generation,
    MilliAmp,
    Minor,
    RequestId,
    SessionId,
    Wh,
)

# --- orders of a point ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenContactor:
    connector: ConnectorId
    generation: Generation


@dataclass(frozen=True, slots=True)
class CloseContactor:
    """Permit power: the board closes when the vehicle asks (IEC 61851-1), the lease is renewed."""

    connector: ConnectorId
    generation: Generation
    limit: MilliAmp


@dataclass(frozen=True, slots=True)
class OfferCurrent:
    """At most this much, open or closed, until a newer one; below 6 A the vehicle has to pause."""

    connector: ConnectorId
    generation: Generation
    limit: MilliAmp


@dataclass(frozen=True, slots=True)
class SetLock:
    connector: ConnectorId
    locked: bool


@dataclass(frozen=True, slots=True)
class PaceMeter:
    connector: ConnectorId
    fast: bool


@dataclass(frozen=True, slots=True)
class TakeReading:
    connector: ConnectorId


# --- orders of both machines ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Fires as TimerFired(name, generation); starting a name again replaces it."""

    name: str
    delay_s: float
    generation: Generation


@dataclass(frozen=True, slots=True)
class CancelTimer:
    name: str


# --- orders of the dialogue ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TellPoint:
    connector: ConnectorId
    command: "PointCommand"


@dataclass(frozen=True, slots=True)
class AskToken:
    """Ask the central system about a token; the answer returns as TokenAnswered(request)."""

    request: RequestId
    id_tag: str
    connector: ConnectorId
    card: bool


@dataclass(frozen=True, slots=True)
class AcceptCoins:
    generation: Generation


@dataclass(frozen=True, slots=True)
class InhibitCoins:
    generation: Generation


@dataclass(frozen=True, slots=True)
class ArmReader:
    armed: bool


@dataclass(frozen=True, slots=True)
class Sound:
    """An earcon on the next snapshot: tap ok error attention."""

    earcon: str


@dataclass(frozen=True, slots=True)
class BankReserve:
    """Ask the terminal for `amount`. Ends as BankResult."""

    reference: str
    amount: Minor


@dataclass(frozen=True, slots=True)
class BankAbort:
    """End the command under way; its result still comes."""


@dataclass(frozen=True, slots=True)
class SettleHolds:
    """The journal holds reservations to capture or to release."""


@dataclass(frozen=True, slots=True)
class PayOut:
    """Pay `amount` from the hoppers, booked against `owed`. Ends as PaidOut(reference)."""

    reference: str
    amount: Minor


@dataclass(frozen=True, slots=True)
class AcceptNotes:
    generation: Generation
    values: frozenset[Minor]


@dataclass(frozen=True, slots=True)
class InhibitNotes:
    generation: Generation


@dataclass(frozen=True, slots=True)
class DecideNote:
    """What happens to the note in escrow."""

    keep: bool


@dataclass(frozen=True, slots=True)
class PrintReceipt:
    """On paper, if the printer can. Ends as PrintFailed, or silently."""

    session: SessionId
    language: str


@dataclass(frozen=True, slots=True)
class RedeemVoucher:
    """A voucher's money is wanted. Ends as VoucherAnswered(request)."""

    request: RequestId
    code: str


@dataclass(frozen=True, slots=True)
class FindVoucher:
    """The voucher behind a session with this stop code. Ends as VoucherFound or VoucherAnswered."""

    request: RequestId
    stop_code: str


# --- commands to a point -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Start:
    """`wait_for_plug_s` > 0 lets a remote start wait for the plug (ConnectionTimeOut)."""

    order: StartOrder
    wait_for_plug_s: int = 0


@dataclass(frozen=True, slots=True)
class Stop:
    """`id_tag`: who stopped it, where it was not the token of the start but one of its group."""

    cause: EndCause
    reason: StopReason | None = None
    id_tag: str | None = None


@dataclass(frozen=True, slots=True)
class AddCredit:
    """Money that came in for the running cash session, booked to credit:N under `key`."""

    amount: Minor
    key: str


@dataclass(frozen=True, slots=True)
class Invalidate:
    """The token was refused after the start: at most this much energy in all, then an end or a pause."""

    at_most: Wh
    stops: bool


@dataclass(frozen=True, slots=True)
class Belong:
    """The central system has said which group the token of the running transaction is of."""

    parent_tag: str


@dataclass(frozen=True, slots=True)
class TakeCode:
    """The customer has chosen the code that stops their session."""

    code: str


@dataclass(frozen=True, slots=True)
class TakeValues:
    """Measure for the central system now, besides the periodic values."""


@dataclass(frozen=True, slots=True)
class ReleaseCable:
    """Whoever left a cable here has come for it, or the operator lets it go."""


@dataclass(frozen=True, slots=True)
class FreePlug:
    """The plug is stuck after a charge: unlock it once more. A cable kept for its owner stays."""


@dataclass(frozen=True, slots=True)
class SetOperative:
    operative: bool


@dataclass(frozen=True, slots=True)
class ResetFaults:
    """A technician at the machine has removed the cause of what latched."""


@dataclass(frozen=True, slots=True)
class SetUpdating:
    """New software is about to be installed: nobody new starts. Not remembered: whoever installs
    says so again after a restart."""

    updating: bool


@dataclass(frozen=True, slots=True)
class Keep:
    """Whom this connector is kept for from now on."""

    kept: Kept


@dataclass(frozen=True, slots=True)
class Claim:
    """Who stands here has proved to be whom `reservation` is for; None: nobody came to plug in."""

    reservation: int | None


@dataclass(frozen=True, slots=True)
class Expect:
    """Somebody at the screen has shown who pays and is about to plug in; or is not any more."""

    coming: bool


@dataclass(frozen=True, slots=True)
class ClockMoved:
    """The wall clock was wrong by `by` ever since `since`, the beginning of this life as it saw it."""

    by: timedelta
    since: datetime


@dataclass(frozen=True, slots=True)
class ForgetPending:
    """A remote start that was withdrawn before the plug came."""


PointCommand = (
    Start
    | Stop
    | AddCredit
    | Invalidate
    | Belong
    | TakeCode
    | ReleaseCable
    | FreePlug
    | TakeValues
    | SetOperative
    | ResetFaults
    | SetUpdating
    | Keep
    | Claim
    | Expect
    | ForgetPending
    | ClockMoved
)

Effect = (
    OpenContactor
    | CloseContactor
    | OfferCurrent
    | SetLock
    | PaceMeter
    | TakeReading
    | StartTimer
    | CancelTimer
    | TellPoint
    | AskToken
    | AcceptCoins
    | InhibitCoins
    | ArmReader
    | Sound
    | BankReserve
    | BankAbort
    | SettleHolds
    | PayOut
    | AcceptNotes
    | InhibitNotes
    | DecideNote
    | RedeemVoucher
    | FindVoucher
    | PrintReceipt
    | CheckPin
    | Consult
    | Perform
)

SAFE = (OpenContactor, OfferCurrent, InhibitCoins, InhibitNotes)
