"""Every fault that stands in the way of a charge: one row each, and nothing about a fault elsewhere.

`ref`      what the driver reads on the screen and tells on the telephone (docs/faults.md). Numbers are
           never given a second time: a list that hangs in a van stays true.
`ocpp_code`, `mrec`   errorCode and vendorErrorCode of OCPP 1.6; the second is a code of ChargeX where
           one exists.
`text`     key of what the driver reads; what the technician reads is `svc.fault.<key>`.
`latches`  stays in the journal, over restarts and power cuts, until a technician resets it at the
           machine; that is refused while its cause is still there.
`clears`   how it goes otherwise.

Faults the vehicle causes are no faults of the point: OCPP 1.6 reports them beside a status that is not
Faulted. Each of them ends a running charge and lets nobody begin.
"""

from dataclasses import dataclass
from enum import StrEnum

from chargepoint.domain.delivery import StopReason
from chargepoint.domain.devices import BoardFault, Hazard
from chargepoint.domain.supply.believable import Doubt

BOARD_LOST = "board_lost"
METER_LOST = "meter_lost"
METER_UNSIGNED = "meter_unsigned"
LEASE_LOST = "lease_lost"
LEASE_STUCK = "lease_stuck"
LOCK_JAM = "lock_jam"
LOCK_STUCK = "lock_stuck"
LOCK_OPEN = "lock_open"
PILOT_ERROR = "pilot_error"
BOARD_OFF = "board_off"
OVERDRAW = "overdraw"
OVER_VOLTAGE = "over_voltage"
UNDER_VOLTAGE = "under_voltage"

INOPERATIVE_REF = "F00"
"""No fault: the operator took the connector out of service."""


class Clears(StrEnum):
    """What makes it go."""

    GONE = "gone"  # whoever found it says that it is gone
    UNPLUGGED = "unplugged"  # with the vehicle
    SERVICE = "service"  # by a technician's reset, nothing else


@dataclass(frozen=True, slots=True)
class Fault:
    ref: str
    key: str
    ocpp_code: str
    mrec: str
    text: str
    clears: Clears = Clears.GONE
    of_vehicle: bool = False
    incident: str = ""  # code in docs/incidents.md; "" is evse.<key>
    reason: StopReason = StopReason.OTHER  # of the transaction it ends

    @property
    def latches(self) -> bool:
        return self.clears is Clears.SERVICE


_SERVICE, _UNPLUGGED = Clears.SERVICE, Clears.UNPLUGGED
_GROUND, _SWITCH, _VEHICLE = "GroundFailure", "PowerSwitchFailure", "EVCommunicationError"
_METER = "PowerMeterFailure"
_LOCK, _INTERNAL, _OTHER = "ConnectorLockFailure", "InternalError", "OtherError"

ROWS: tuple[Fault, ...] = (
    # what the charging board finds
    Fault("F01", BoardFault.RCD_TRIP, _GROUND, "CX002", "fault_safety", incident="evse.leakage_ac"),
    Fault("F02", BoardFault.RCD_SELFTEST, _GROUND, "CX002", "fault_safety", _SERVICE),
    Fault("F03", BoardFault.GROUND_LOST, _GROUND, "CX002", "fault_safety"),
    Fault("F04", BoardFault.WELD, _SWITCH, "CX017", "fault_safety", _SERVICE),
    Fault("F05", BoardFault.CLOSE_FAILED, _SWITCH, "CX017", "fault_point"),
    Fault("F06", BoardFault.OVERHEAT, "HighTemperature", "CX003", "fault_hot"),
    Fault("F07", BoardFault.OVERCURRENT, "OverCurrentFailure", "CX004", "fault_car"),
    Fault("F08", BoardFault.DIODE, _VEHICLE, "CX014", "fault_car", of_vehicle=True),
    Fault("F09", BoardFault.VENTILATION, _VEHICLE, "CX010", "fault_car", of_vehicle=True),
    Fault("F10", PILOT_ERROR, _VEHICLE, "CX014", "fault_car", of_vehicle=True),
    Fault("F11", BOARD_OFF, _INTERNAL, "", "fault_point"),
    Fault("F12", BoardFault.PROXIMITY, _OTHER, "CX023", "fault_car"),
    Fault("F13", BoardFault.MEMORY, _INTERNAL, "", "fault_point"),
    Fault("F30", BoardFault.UNIT_ERROR, _OTHER, "", "fault_point"),
    # the lock of the plug
    Fault("F14", LOCK_JAM, _LOCK, "CX001", "fault_lock"),
    Fault("F15", LOCK_STUCK, _LOCK, "CX001", "fault_lock"),
    Fault("F16", LOCK_OPEN, _LOCK, "CX001", "fault_lock", _UNPLUGGED),
    # what the meter shows
    Fault("F17", OVERDRAW, "OverCurrentFailure", "CX004", "fault_car", _UNPLUGGED),
    Fault("F18", OVER_VOLTAGE, "OverVoltage", "CX005", "fault_supply"),
    Fault("F19", UNDER_VOLTAGE, "UnderVoltage", "CX006", "fault_supply"),
    Fault("F31", Doubt.WENT_BACK, _METER, "", "fault_meter", incident="meter.went_back"),
    Fault("F32", Doubt.LEAPT, _METER, "", "fault_meter", incident="meter.leapt"),
    Fault("F33", Doubt.STUCK, _METER, "", "fault_meter", incident="meter.stuck"),
    Fault("F34", Doubt.REPLACED, _METER, "", "fault_meter", incident="meter.replaced"),
    Fault("F35", METER_UNSIGNED, _METER, "", "fault_meter", _SERVICE, incident="meter.signature"),
    # devices without which nobody may charge
    Fault("F20", METER_LOST, _METER, "", "fault_point"),
    Fault("F21", LEASE_LOST, _INTERNAL, "", "fault_point"),
    Fault("F22", LEASE_STUCK, _INTERNAL, "", "fault_safety", _SERVICE, False, "lease_timer.stuck"),
    Fault("F23", BOARD_LOST, _INTERNAL, "", "fault_point"),
    # the cabinet
    Fault(
        *("F24", Hazard.EMERGENCY_STOP, _OTHER, "CX008", "fault_emergency", _SERVICE),
        incident="cabinet.emergency_stop",
        reason=StopReason.EMERGENCY_STOP,
    ),
    Fault(*("F25", Hazard.TAMPER, _OTHER, "", "fault_damage", _SERVICE), incident="cabinet.tamper"),
    Fault(
        *("F26", Hazard.MAINS_LOST, _OTHER, "CX015", "fault_supply"),
        incident="cabinet.mains_lost",
        reason=StopReason.POWER_LOSS,
    ),
    Fault(*("F27", Hazard.TILT, _OTHER, "", "fault_damage", _SERVICE), incident="cabinet.tilt"),
    Fault(*("F28", Hazard.FLOOD, _OTHER, "", "fault_damage", _SERVICE), incident="cabinet.flood"),
    Fault(
        *("F29", Hazard.CABLE_TORN, _OTHER, "CX026", "fault_damage", _SERVICE),
        incident="cabinet.cable_torn",
        reason=StopReason.EV_DISCONNECTED,
    ),
)


@dataclass(frozen=True, slots=True)
class SharedFault:
    """A device for all connectors is away: one way to pay less, told at connector 0; nothing stops."""

    device: str  # DeviceKind
    ocpp_code: str = _OTHER


SHARED: tuple[SharedFault, ...] = (
    SharedFault("card_reader", "ReaderFailure"),
    SharedFault("coin_acceptor"),
    SharedFault("note_validator"),
    SharedFault("hopper"),
    SharedFault("bank_terminal"),
    SharedFault("printer"),
    SharedFault("cabinet"),
)
