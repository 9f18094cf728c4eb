"""Each fault that the simulated world can have, in the middle of a charge: the contactor opens, the
central system and the driver are told by the row of the fault table, and it goes as the row says.
"""

import pytest

from chargepoint.domain.faults import standing as faults
from chargepoint.domain.faults.table import ROWS, Clears, Fault
from simulator.play_options import StationOptions
from simulator.scenario_file import parse
from simulator.virtual_station import play_virtual

BY_REF = {row.ref: row for row in ROWS}

# the step that does it, the step that undoes it
CAR_ELSE = "ev: {connector: 1, %s}"
INJECTIONS: dict[str, tuple[str, str]] = {
    **{
        ref: (
            f"fault: {{device: {device}, kind: {kind}, connector: 1}}",
            f"clear: {{device: {device}, kind: {kind}, connector: 1}}",
        )
        for ref, device, kind in (
            ("F01", "evse", "leakage_dc"),
            ("F02", "evse", "rcd_selftest"),
            ("F03", "evse", "ground_lost"),
            ("F06", "evse", "overheat"),
            ("F16", "evse", "lock_open"),
            ("F18", "evse", "over_voltage"),
            ("F19", "evse", "under_voltage"),
            ("F20", "meter", "silent"),
            ("F23", "evse", "silent"),
        )
    },
    "F21": (
        "fault: {device: lease_timer, kind: silent}",
        "clear: {device: lease_timer, kind: silent}",
    ),
    "F07": (CAR_ELSE % "draw_a: 40", CAR_ELSE % "draw_a: 10"),
    "F08": (CAR_ELSE % "diode: short", CAR_ELSE % "diode: ok"),
    "F09": (CAR_ELSE % "ventilation: true", CAR_ELSE % "ventilation: false"),
    "F10": (CAR_ELSE % "pilot: short", CAR_ELSE % "pilot: ok"),
    "F17": (CAR_ELSE % "draw_a: 36", CAR_ELSE % "draw_a: 10"),
}

STORY = """
title: {ref}
given:
  cards: {{GC-1: {{balance: 20.00}}}}
steps:
  - plug: {{connector: 1, ev: {{soc: 20, max_a: 16, phases: 1}}}}
  - tap: GC-1
  - touch: start
  - expect: {{contactor: {{1: closed}}, within: 20s}}
  - wait: 30s
  - {come}
  - expect: {{contactor: {{1: open, 2: open}}, within: 60s}}
  - expect: {{ocpp: {{sent: StatusNotification, where: {{connectorId: 1, errorCode: {code}, status: {status}}}}}, within: 60s}}
  - expect: {{ocpp: {{sent: StopTransaction, where: {{reason: {reason}}}}}, times: 1, within: 60s}}
  - expect: {{screen: session_fault, says: "{ref}", within: 30s}}
  - {go}
  - wait: 60s
  - unplug: {{connector: 1}}
  - wait: 8m
  - expect: {{connector: {{1: {after}}}, ledger: balanced}}
"""


def told(fault: Fault) -> str:
    """A vehicle's fault is no fault of the point: the word is that of the ending session."""
    return "Finishing" if fault.of_vehicle else "Faulted"


@pytest.mark.parametrize("ref", INJECTIONS)
def test_fault_in_the_world_when_charging_then_as_its_row_says(ref: str) -> None:
    fault = BY_REF[ref]
    come, go = INJECTIONS[ref]
    story = STORY.format(
        ref=ref,
        come=come,
        go=go,
        code=fault.ocpp_code,
        status=told(fault),
        reason=fault.reason,
        after="Faulted" if fault.clears is Clears.SERVICE else "Available",
    )
    report = play_virtual(parse(story), StationOptions())
    assert [(f.line, f.expected, f.was) for f in report.failures] == []
    codes = {incident["code"] for incident in report.incidents}
    assert fault.key in faults.DEVICE_FAULTS or faults.incident_of(fault.key) in codes
