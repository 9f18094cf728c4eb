"""Everything that can happen to the conversation on the screen."""

from dataclasses import dataclass

from chargepoint.domain.devices import (
    CardNotAuthentic,
    CardRemoved,
    CardUnreadable,
    CoinCursorMoved,
    CoinRefused,
    CoinSeen,
    DoorMoved,
    ForeignCardRead,
    GreenCardRead,
    JackMoved,
    KeyPressed,
)
from chargepoint.domain.money.account import TokenAnswer
from chargepoint.domain.money.voucher import VoucherRecord
from chargepoint.domain.payments import (
    BankPrompt,
    BankResult,
    NoteCursorMoved,
    NoteInEscrow,
    NoteReturned,
    NoteStacked,
)
from chargepoint.domain.point.context import Billed, CreditReturned, ReservationUsed, StartRefused
from chargepoint.domain.point.machine import TimerFired
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.record import Incident
from chargepoint.domain.service.orders import Consulted, Performed, PinChecked
from chargepoint.domain.units import ConnectorId, Minor, RequestId, SessionId


@dataclass(frozen=True, slots=True)
class Pressed:
    """A finger on a button; stale or disabled ones are dropped here."""

    button: str
    screen_seq: int
    session: str = ""
    held_s: float = 0.0


@dataclass(frozen=True, slots=True)
class PointChanged:
    connector: ConnectorId
    seen: PointSeen


@dataclass(frozen=True, slots=True)
class PointSaid:
    """A notice of a point; it comes before the PointChanged of the same outcome."""

    connector: ConnectorId
    notice: StartRefused | CreditReturned | Billed | ReservationUsed


@dataclass(frozen=True, slots=True)
class TokenAnswered:
    request: RequestId
    answer: TokenAnswer


@dataclass(frozen=True, slots=True)
class NamesDrawn:
    """The next session id and stop code, drawn outside: the domain has no randomness."""

    session: SessionId
    code: str
    voucher: str = ""


@dataclass(frozen=True, slots=True)
class KioskChanged:
    alive: bool


@dataclass(frozen=True, slots=True)
class VoiceChanged:
    """The kiosk can speak, or has found that it cannot."""

    works: bool


@dataclass(frozen=True, slots=True)
class LinkChanged:
    online: bool


@dataclass(frozen=True, slots=True)
class DiskStalled:
    """The oldest commit waits too long: money must not come in (decisions §7)."""

    stalled: bool


@dataclass(frozen=True, slots=True)
class SharedDevice:
    """A device that all connectors share came or went."""

    kind: str
    online: bool


@dataclass(frozen=True, slots=True)
class BankChanged:
    """The terminal came or went; `holds_open` reservations still occupy it."""

    online: bool
    holds_open: int


@dataclass(frozen=True, slots=True)
class ChangeLevel:
    """What the hoppers can pay now."""

    payable: Minor


@dataclass(frozen=True, slots=True)
class PaidOut:
    """A payout ended; `paid` is proved by the hoppers and booked."""

    reference: str
    paid: Minor


@dataclass(frozen=True, slots=True)
class VoucherAnswered:
    """What a code is worth; amount 0 with the reason as text key.

    `offline_code`: this point decided by itself, and the central system has still to be told.
    """

    request: RequestId
    reference: str
    amount: Minor
    reason: str = ""
    offline_code: str = ""


@dataclass(frozen=True, slots=True)
class VoucherFound:
    """A stop code named the session behind these vouchers of ours; at least one."""

    request: RequestId
    records: tuple[VoucherRecord, ...]


@dataclass(frozen=True, slots=True)
class OwedRecovered:
    """What an earlier life owed is a voucher now, durable. Nobody has been told."""

    record: VoucherRecord
    needs_code: bool


@dataclass(frozen=True, slots=True)
class TopUpDelivered:
    """The account was credited; `balance` as the central system answered."""

    reference: str
    amount: Minor
    balance: Minor | None


@dataclass(frozen=True, slots=True)
class TopUpRefused:
    """The central system will not credit it: the money stays in topup:REF and a person looks."""

    reference: str
    incident: Incident


@dataclass(frozen=True, slots=True)
class InvoiceIssued:
    """The receipt has its invoice, durable; `qr` is the address in its QR code."""

    receipt: str
    number: str
    qr: str


@dataclass(frozen=True, slots=True)
class PrintFailed:
    """The receipt did not come out, or nobody can prove it."""

    session: SessionId


@dataclass(frozen=True, slots=True)
class WindowNear:
    """A running charge is in the way of somebody who comes soon."""

    connector: ConnectorId


@dataclass(frozen=True, slots=True)
class Tick:
    """Once a second while a countdown is on screen, and at each new minute."""

    clock_minute: str


DialogueEvent = (
    Pressed
    | PointChanged
    | PointSaid
    | TokenAnswered
    | NamesDrawn
    | KioskChanged
    | LinkChanged
    | DiskStalled
    | SharedDevice
    | BankChanged
    | BankPrompt
    | BankResult
    | ChangeLevel
    | PaidOut
    | VoucherAnswered
    | VoucherFound
    | OwedRecovered
    | TopUpDelivered
    | TopUpRefused
    | InvoiceIssued
    | PrintFailed
    | NoteInEscrow
    | NoteStacked
    | NoteReturned
    | NoteCursorMoved
    | Tick
    | WindowNear
    | TimerFired
    | CoinSeen
    | CoinRefused
    | CoinCursorMoved
    | GreenCardRead
    | ForeignCardRead
    | CardNotAuthentic
    | CardUnreadable
    | CardRemoved
    | PinChecked
    | Consulted
    | Performed
    | DoorMoved
    | KeyPressed
    | JackMoved
    | VoiceChanged
)
