"""Where is walked: stations with other boards, meters, cabinets and prices. A seed draws one of them."""

_USUAL = """
    devices.note_validator.kind: cctalk_notes
    devices.bank_terminal.kind: zvt
    site.max_current_a: 40
"""
# Units on a Modbus line of their own, which hold their own leases.
_UNITS = """
    devices.evse.1.kind: heidelberg
    devices.lease_timer.1.kind: board
    devices.evse.2.kind: heidelberg
    devices.lease_timer.2.kind: board
    devices.bank_terminal.kind: zvt
    site.max_current_a: 20
"""
_BOTH_KINDS = """
    devices.evse.2.kind: heidelberg
    devices.lease_timer.2.kind: board
    devices.meter.2.kind: b23
    devices.cabinet.kind: modbus_io
    devices.printer.kind: escpos58
    devices.note_validator.kind: cctalk_notes
    devices.note_validator.port: coin_acceptor
    tariff.idle_minute: 0.10
    tariff.idle_grace: 1
    site.max_current_a: 24
"""
_A_PHASE_EACH = """
    station.connectors: 3
    station.phases: 1
    site.connector_phases: ["L1", "L2", "L1"]
    site.max_current_a: 25
    devices.meter.1.kind: sdm120
    devices.meter.2.kind: b23
    devices.cabinet.kind: modbus_io
    cards.uid_tokens: true
    tariff.charging_minute: 0.05
    ocpp.StopTransactionOnEVSideDisconnect: "false"
    ocpp.UnlockConnectorOnEVSideDisconnect: "false"
"""
_SITES = (_USUAL, _UNITS, _BOTH_KINDS, _A_PHASE_EACH)

_GIVEN = """title: walk {seed}
seed: {seed}
given:
  config:
    tariff.energy: 20.00
    tariff.session: 0.10
{site}
  hopper: {{"1.00": 60, "0.10": 60}}
  cards: {{GC-1: {{balance: 90.00}}, GC-2: {{balance: 2.00}}, GC-3: {{state: blocked}}}}
"""


def given(seed: int) -> str:
    """The head of a scenario file."""
    site = _SITES[seed % len(_SITES)].strip("\n")
    return _GIVEN.format(seed=seed, site=site)
