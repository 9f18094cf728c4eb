"""What a device says to the core: facts in the past tense, produced by drivers, consumed by actors.

Drivers translate bytes into these and nothing else. A driver never decides what a fact means.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from typing_extensions import override

from chargepoint.domain.supply.metering import NO_DETAILS, Details
from chargepoint.domain.units import ConnectorId, MilliAmp, MilliVolt, Minor, Watt, Wh
from chargepoint.quick import quickly_made


class DeviceKind(StrEnum):
    """Names of devices, as used in scenarios, incidents, configuration and the bench."""

    EVSE = "evse"
    LEASE_TIMER = "lease_timer"
    METER = "meter"
    COIN_ACCEPTOR = "coin_acceptor"
    CARD_READER = "card_reader"
    NOTE_VALIDATOR = "note_validator"
    HOPPER = "hopper"
    BANK_TERMINAL = "bank_terminal"
    PRINTER = "printer"
    CABINET = "cabinet"
    DISPLAY = "display"


@dataclass(frozen=True, slots=True)
class DeviceRef:
    """One fitted device; `connector` is None for devices that connectors share.

    `name` tells several of a kind apart: of a hopper, the value of its coins in minor units.
    """

    kind: DeviceKind
    connector: ConnectorId | None = None
    name: str = ""

    @override
    def __str__(self) -> str:
        return self.kind if self.connector is None else f"{self.kind}:{self.connector}"


@dataclass(frozen=True, slots=True)
class DeviceOnline:
    device: DeviceRef
    serial: str = ""
    firmware: str = ""


@dataclass(frozen=True, slots=True)
class DeviceOffline:
    """The device does not answer, babbles, or its port is gone; its driver keeps retrying."""

    device: DeviceRef
    reason: str
    trace: tuple[str, ...] = ()  # the frames before it, newest last, secrets masked


LEASE_STUCK = "lease_timer.stuck"
"""The one incident of a device that its connector must know: the lease no longer opens anything."""


@dataclass(frozen=True, slots=True)
class DeviceIncident:
    """Something surprising that did not take the device offline. `code`: docs/incidents.md."""

    device: DeviceRef
    code: str
    detail: str
    trace: tuple[str, ...] = ()


# --- charging board, one per connector (IEC 61851-1) --------------------------------------------


class Pilot(StrEnum):
    """Control-pilot state as the board classifies it (IEC 61851-1 Annex A)."""

    A = "A"  # no vehicle
    B = "B"  # vehicle connected, not ready
    C = "C"  # vehicle asks for energy
    D = "D"  # vehicle asks for energy and ventilation
    E = "E"  # pilot shorted or supply lost
    F = "F"  # board not available


@dataclass(frozen=True, slots=True)
class PilotChanged:
    connector: ConnectorId
    pilot: Pilot


@dataclass(frozen=True, slots=True)
class ContactorMoved:
    """The board confirms the position of its contactor."""

    connector: ConnectorId
    closed: bool


@dataclass(frozen=True, slots=True)
class LockMoved:
    """The socket lock confirms its position."""

    connector: ConnectorId
    locked: bool


@dataclass(frozen=True, slots=True)
class LockJammed:
    """The lock did not reach the wanted position within its travel time and retries."""

    connector: ConnectorId
    wanted_locked: bool


class BoardFault(StrEnum):
    """Faults a charging board reports; the table in domain/faults/standing.py says what each means."""

    VENTILATION = "ventilation"
    DIODE = "diode"
    RCD_TRIP = "rcd_trip"
    GROUND_LOST = "ground_lost"
    WELD = "weld"
    RCD_SELFTEST = "rcd_selftest"
    OVERHEAT = "overheat"
    OVERCURRENT = "overcurrent"
    CLOSE_FAILED = "close_failed"
    UNIT_ERROR = "unit_error"  # it says no more than that
    PROXIMITY = "proximity"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class BoardFaultRaised:
    connector: ConnectorId
    fault: BoardFault


@dataclass(frozen=True, slots=True)
class BoardFaultCleared:
    connector: ConnectorId
    fault: BoardFault


@dataclass(frozen=True, slots=True)
class BoardAnswered:
    """Full truth of one board after it came online or was asked: the base for recovery."""

    connector: ConnectorId
    pilot: Pilot
    contactor_closed: bool
    locked: bool
    fault: BoardFault | None


@dataclass(frozen=True, slots=True)
class BoardTemperature:
    """Inside the board, where it measures one; None: its thermometer has fallen silent."""

    connector: ConnectorId
    temperature_milli: int | None  # m°C


# --- the cabinet, around all connectors ----------------------------------------------------------


class Hazard(StrEnum):
    """What the cabinet's own contacts find; it concerns every connector."""

    EMERGENCY_STOP = "emergency_stop"
    TAMPER = "tamper"  # opened, and nobody who may has said so
    MAINS_LOST = "mains_lost"
    TILT = "tilt"
    FLOOD = "flood"
    CABLE_TORN = "cable_torn"


@dataclass(frozen=True, slots=True)
class HazardRaised:
    hazard: Hazard


@dataclass(frozen=True, slots=True)
class HazardCleared:
    """Its contact says so. What latches stays until a technician resets it."""

    hazard: Hazard


# --- meter, one per connector -------------------------------------------------------------------


@quickly_made
@dataclass(frozen=True, slots=True)
class MeterSampled:
    """One consistent reading. `register` is the import register, floored to whole Wh."""

    connector: ConnectorId
    register: Wh
    power: Watt
    current: MilliAmp
    voltage: MilliVolt
    details: Details = NO_DETAILS


@dataclass(frozen=True, slots=True)
class MeterSigned:
    """A record of the meter's own, with a signature that was verified (OCMF).

    `key`: its public key, SubjectPublicKeyInfo in hex. `taken_at`: time of its newest reading.
    """

    connector: ConnectorId
    text: str
    key: str
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class SealChecked:
    """Of a meter whose signed records are what is sold: whether what it signs proves anything.

    `problem`: what is wrong with its record; empty while nothing is known against it.
    """

    connector: ConnectorId
    problem: str


# --- cash ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CoinCursor:
    """What must be stored with a credit so that no coin is lost or doubled (ccTalk, header 229).

    `epoch` rises by one at each reset of the acceptor; `sequence` counts events within an epoch
    without the wrap of the 8-bit `counter`. `accepted`: coins that the device had kept in all, by its
    own count that outlives its power (header 225); None: it was not read yet.
    """

    serial: str
    epoch: int
    sequence: int
    counter: int
    buffer: bytes = b""  # the ten result bytes that came with `counter`
    is_closed: bool = False  # the device was taken out since: what it did elsewhere is not ours
    accepted: int | None = None


@dataclass(frozen=True, slots=True)
class CoinSeen:
    """One accepted coin. The posting key is `coin:<serial>:<epoch>:<sequence>`."""

    value: Minor
    cursor: CoinCursor  # sequence of this very coin; storing it marks the coin as booked


@dataclass(frozen=True, slots=True)
class CoinRefused:
    """A coin went back to the customer; `reason` is the acceptor's event code in words."""

    reason: str
    cursor: CoinCursor


@dataclass(frozen=True, slots=True)
class CoinCursorMoved:
    """The cursor moved without money: baseline of a new device, reset, or lost events."""

    cursor: CoinCursor
    possibly_lost: int = 0  # events that happened and can no longer be read


# --- contactless cards --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GreenCardRead:
    """A card that passed AES authentication. Only this event carries a Green Card number."""

    number: str  # 16 digits, Luhn
    uid: str  # upper-case hex


@dataclass(frozen=True, slots=True)
class ForeignCardRead:
    """Any other contactless card. Its UID is no identity unless `cards.uid_tokens` says so."""

    uid: str


@dataclass(frozen=True, slots=True)
class CardNotAuthentic:
    """It looks like a Green Card (application present) and failed authentication: a copy."""

    uid: str


@dataclass(frozen=True, slots=True)
class CardUnreadable:
    """The card left the field or answered garbage; the customer is asked to hold it still."""


@dataclass(frozen=True, slots=True)
class CardRemoved:
    pass


# --- cabinet ------------------------------------------------------------------------------------


class TactileKey(StrEnum):
    """The four keys that can be found without sight, from left to right."""

    PREV = "prev"
    NEXT = "next"
    OK = "ok"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class KeyPressed:
    key: TactileKey


@dataclass(frozen=True, slots=True)
class JackMoved:
    """A headphone was plugged in, or out."""

    is_in: bool


@dataclass(frozen=True, slots=True)
class DoorMoved:
    """The switch of the cabinet's door."""

    is_open: bool


@dataclass(frozen=True, slots=True)
class CoinsFell:
    """So many coins have passed the sensor between the hoppers and the tray since the last look."""

    count: int


PointFact = (
    PilotChanged
    | ContactorMoved
    | LockMoved
    | LockJammed
    | BoardFaultRaised
    | BoardFaultCleared
    | BoardAnswered
    | BoardTemperature
    | HazardRaised
    | HazardCleared
    | MeterSampled
    | MeterSigned
    | SealChecked
    | DeviceOnline
    | DeviceOffline
    | DeviceIncident
)
"""What a connector may hear: its own devices, and what says so of every device alike."""

DeviceEvent = (
    PointFact
    | CoinSeen
    | CoinRefused
    | CoinCursorMoved
    | GreenCardRead
    | ForeignCardRead
    | CardNotAuthentic
    | CardUnreadable
    | CardRemoved
    | KeyPressed
    | JackMoved
    | DoorMoved
    | CoinsFell
)
