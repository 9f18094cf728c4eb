"""Who is on a Modbus line: each unit is asked for what only its type answers. Nothing is written.

Asking feeds the watchdog of a charging unit, as any traffic does; it opens nothing and closes nothing.
"""

from pymodbus.pdu import ModbusPDU

from chargepoint.domain.devices import DeviceOnline
from chargepoint.domain.units import ConnectorId
from chargepoint.ports import Clock, DeviceUnavailable
from drivers.exchange import NoAnswer
from drivers.heidelberg.registers import LAYOUT, State
from drivers.modbus.bus import ModbusBus, Priority, Refused
from drivers.modbus.codec import (
    read_coils,
    read_discrete_inputs,
    read_holding_registers,
    read_input_registers,
)
from drivers.modbus.meter import ModbusMeterDriver
from drivers.modbus.models import MODELS
from drivers.port import BytePort
from drivers.probe.found import Found, LineSetting
from drivers.trace import Trace

UNITS = range(1, 9)  # further ones are looked for when they are named
_QUICK_S = (0.12,)
_SURE_S = (0.3, 0.6)
_LAYOUTS = range(0x100, 0x300)  # 1.0.x and 2.0.x, whose registers are the same


async def ask_units(
    port: BytePort,
    trace: Trace,
    setting: LineSetting,
    clock: Clock,
    units: range = UNITS,
) -> list[Found]:
    async def same_port() -> BytePort:
        return port

    bus = ModbusBus(same_port, trace, baudrate=setting.baudrate, gap_s=0.1)
    return [
        await _device(bus, unit, setting, clock) for unit in units if await _is_there(bus, unit)
    ]


async def _is_there(bus: ModbusBus, unit: int) -> bool:
    """A refusal is a sign of life, too. Relay modules are silent to what they do not know."""
    for request in (read_input_registers(unit, 0, 2), read_coils(unit, 0, 1)):
        try:
            await bus.ask(request, Priority.READING, patience_s=_QUICK_S)
        except Refused:
            return True
        except NoAnswer:
            continue
        return True
    return False


async def _device(bus: ModbusBus, unit: int, setting: LineSetting, clock: Clock) -> Found:
    if await _is_charging_unit(bus, unit):
        return Found("evse", ("heidelberg",), setting, unit, words="Heidelberg Energy Control")
    meter = await _meter(bus, unit, clock)
    if meter is not None:
        kind, serial = meter
        return Found("meter", (kind,), setting, unit, serial, words=kind.upper())
    contacts = [
        (role, kind)
        for role, kind, request in (
            # No relay module of a coil supply has sixteen inputs: first, because it has coils, too.
            ("cabinet", "modbus_io", read_discrete_inputs(unit, 0, 16)),
            ("lease_timer", "modbus_relay", read_coils(unit, 0, 1)),
            ("cabinet", "modbus_inputs", read_discrete_inputs(unit, 0, 8)),
        )
        if await _words(bus, request) is not None
    ]
    if not contacts:
        return Found("", (), setting, unit, words="of no kind that is known here")
    return Found(contacts[0][0], tuple(kind for _, kind in contacts), setting, unit)


async def _is_charging_unit(bus: ModbusBus, unit: int) -> bool:
    """Register layout and state are both what such a unit says, and it has a watchdog."""
    layout = await _words(bus, read_input_registers(unit, LAYOUT, 2))
    if not layout or layout[0] not in _LAYOUTS or layout[1] not in set(State):
        return False
    return await _words(bus, read_holding_registers(unit, 257, 1)) is not None


async def _meter(bus: ModbusBus, unit: int, clock: Clock) -> tuple[str, str] | None:
    """The first kind whose own driver takes it for one, and its serial number."""
    for kind, model in MODELS.items():
        heard: list[str] = []

        def emit(event: object, heard: list[str] = heard) -> None:
            if isinstance(event, DeviceOnline):
                heard.append(event.serial)

        driver = ModbusMeterDriver(
            bus, emit, clock=clock, connector=ConnectorId(1), unit=unit, model=model
        )
        try:
            await driver.sample()
        except DeviceUnavailable:
            continue
        return kind, heard[0]
    return None


async def _words(bus: ModbusBus, request: ModbusPDU) -> list[int] | None:
    """Registers or contacts; None: it does not know them."""
    try:
        answer = await bus.ask(request, Priority.READING, patience_s=_SURE_S)
    except (Refused, NoAnswer):
        return None
    return list(answer.registers or answer.bits)
