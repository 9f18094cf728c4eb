"""Whatever waits for a technician outlives every way of beginning anew, and goes by his reset alone."""

import pytest

from chargepoint.domain.faults.table import ROWS
from simulator.play_options import StationOptions
from simulator.scenario_file import parse
from simulator.virtual_station import play_virtual

# reference: device, kind of fault
CAUSES = {
    "F02": ("evse", "rcd_selftest"),
    "F04": ("evse", "weld"),
    "F24": ("cabinet", "emergency_stop"),
    "F27": ("cabinet", "tilt"),
    "F28": ("cabinet", "flood"),
    "F29": ("cabinet", "cable_torn"),
}
ANEW = {
    "power": ("power: cut", "wait: 20s", "power: restore"),
    "short power cut": ("power: cut", "wait: 1s", "power: restore"),
    "core": ("kill: core",),
    "kiosk": ("kill: ui",),
    "soft reset": ("central: {send: Reset, payload: {type: Soft}}",),
    "hard reset": ("central: {send: Reset, payload: {type: Hard}}",),
    "back in service": (
        "central: {send: ChangeAvailability, payload: {connectorId: 0, type: Inoperative}}",
        "central: {send: ChangeAvailability, payload: {connectorId: 0, type: Operative}}",
    ),
    "start from afar": (
        "central: {send: RemoteStartTransaction, payload: {connectorId: 1, idTag: ABC}}",
    ),
    "unlocked from afar": ("central: {send: UnlockConnector, payload: {connectorId: 1}}",),
}
STORY = """
title: {ref}
given:
  cards: {{GC-1: {{balance: 20.00}}}}
  service: {{anna: {{pin: "246813", role: technician}}}}
  config: {{devices.cabinet.kind: modbus_io}}
steps:
  - plug: {{connector: 1, ev: {{soc: 20, max_a: 16, phases: 1}}}}
  - tap: GC-1
  - touch: start
  - expect: {{contactor: {{1: closed}}, within: 20s}}
  - wait: 10s
  - fault: {{device: {device}, kind: {kind}{where}}}
  - {end}
  - expect: {{connector: {{1: Faulted}}, within: 30s}}
  - expect: {{ocpp: {{sent: StopTransaction, where: {{reason: {reason}}}}}, times: 1, within: 30s}}
  - clear: {{device: {device}, kind: {kind}{where}}}
{anew}
  - expect: {{connector: {{1: Faulted}}, contactor: {{1: open, 2: open}}, within: 60s}}
  - service: {{login: "246813"}}
  - touch: t_avail
  - touch: row_1
  - expect: {{screen: t_fault, button: t_reset, within: 2s}}
  - touch: t_reset
  - expect: {{screen: t_avail, within: 2s}}
  - service: {{do: logout}}
  - expect: {{lock: {{1: unlocked}}, within: 10s}}
  - unplug: {{connector: 1}}
  - expect: {{connector: {{1: Available}}, ledger: balanced, within: 60s}}
  - expect: {{ocpp: {{sent: StartTransaction}}, times: 1}}
"""


def test_every_fault_that_stays_and_can_be_played_is() -> None:
    elsewhere = {
        "F16", "F17",  # with the vehicle
        "F22",  # lease_stuck_and_core_killed.yaml, tests/domain/test_fault_table.py
        "F25",  # cabinet_opened_by_nobody.yaml
        "F35",  # meter_that_cannot_be_believed.yaml, tests/drivers/test_signature_required.py
    }  # fmt: skip
    assert {row.ref for row in ROWS if row.latches} <= CAUSES.keys() | elsewhere


@pytest.mark.timeout(120)
@pytest.mark.parametrize("ref", CAUSES)
def test_fault_stays_through_every_way_of_beginning_anew(ref: str) -> None:
    device, kind = CAUSES[ref]
    row = next(row for row in ROWS if row.ref == ref)
    steps = []
    for each in ANEW.values():
        steps += [*each, "wait: 45s", "expect: {connector: {1: Faulted}, contactor: {1: open}}"]
    is_board = device == "evse"
    story = STORY.format(
        ref=ref,
        device=device,
        kind=kind,
        where=", connector: 1" if is_board else "",
        end="tap: GC-1" if kind == "weld" else "wait: 1s",
        reason="Local" if kind == "weld" else row.reason,
        anew="\n".join(f"  - {step}" for step in steps),
    )
    report = play_virtual(parse(story), StationOptions())
    assert [(f.line, f.expected, f.was) for f in report.failures] == []
