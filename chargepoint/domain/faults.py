"""One row per fault: what it does to a point and in which words it is told.

`stops`: ends a running session and blocks a new one. `latches`: stays until the core restarts and
the board proves it gone. `ocpp_code`: ChargePointErrorCode of OCPP 1.6; `mrec`: ChargeX code.
`text`: the key of what the driver reads (ui catalogues). Faults the vehicle causes are no faults
of the point: OCPP 1.6 says EVCommunicationError is reported with SuspendedEVSE.
"""

from dataclasses import dataclass

from chargepoint.domain.devices import BoardFault

BOARD_LOST = "board_lost"
METER_LOST = "meter_lost"
LEASE_LOST = "lease_lost"
LOCK_JAM = "lock_jam"
PILOT_ERROR = "pilot_error"


@dataclass(frozen=True, slots=True)
class Fault:
    key: str
    ocpp_code: str
    mrec: str
    text: str
    latches: bool = False
    of_vehicle: bool = False
    incident: str = ""  # code in docs/incidents.md; "" is evse.<key>


FAULTS: dict[str, Fault] = {
    fault.key: fault
    for fault in (
        Fault(
            BoardFault.VENTILATION, "EVCommunicationError", "CX010", "fault_car", of_vehicle=True
        ),
        Fault(BoardFault.DIODE, "EVCommunicationError", "CX014", "fault_car", of_vehicle=True),
        Fault(PILOT_ERROR, "EVCommunicationError", "CX014", "fault_car", of_vehicle=True),
        Fault(
            BoardFault.RCD_TRIP,
            "GroundFailure",
            "CX002",
            "fault_safety",
            incident="evse.leakage_ac",
        ),
        Fault(BoardFault.GROUND_LOST, "GroundFailure", "CX002", "fault_safety"),
        Fault(BoardFault.RCD_SELFTEST, "GroundFailure", "CX002", "fault_safety"),
        Fault(BoardFault.WELD, "PowerSwitchFailure", "CX017", "fault_safety", latches=True),
        Fault(BoardFault.CLOSE_FAILED, "PowerSwitchFailure", "CX017", "fault_point"),
        Fault(BoardFault.UNIT_ERROR, "OtherError", "", "fault_point"),
        Fault(BoardFault.OVERHEAT, "HighTemperature", "CX003", "fault_hot"),
        Fault(BoardFault.OVERCURRENT, "OverCurrentFailure", "CX004", "fault_car"),
        Fault(LOCK_JAM, "ConnectorLockFailure", "CX001", "fault_lock"),
        Fault(METER_LOST, "PowerMeterFailure", "", "fault_point"),
        Fault(LEASE_LOST, "InternalError", "", "fault_point"),
        Fault(BOARD_LOST, "InternalError", "", "fault_point"),
    )
}


DEVICE_FAULTS = frozenset({BOARD_LOST, METER_LOST, LEASE_LOST})
"""Told by the device's own incident (silent, garbled, unplugged), not a second time here."""


def incident_of(key: str) -> str:
    return FAULTS[key].incident or f"evse.{key}"


def worst(keys: frozenset[str]) -> Fault | None:
    """The fault to report when several stand: the point's own before the vehicle's."""
    standing = sorted((FAULTS[key] for key in keys), key=lambda f: (f.of_vehicle, f.key))
    return standing[0] if standing else None
