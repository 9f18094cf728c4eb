"""From the configuration to bundles of hardware. The tables below are all the devices there are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from chargepoint.domain.units import ConnectorId, Minor
from chargepoint.payment_ports import (
    Hopper,
    NoteCursorStore,
    NoteValidator,
    PaymentHardware,
    Persist,
    Printer,
)
from chargepoint.ports import (
    Cabinet,
    CardReader,
    Clock,
    CoinAcceptor,
    ConnectorHardware,
    ContactorLease,
    CursorStore,
    Emit,
    Entropy,
    EvseBoard,
    Hardware,
)
from config.devices import Device
from config.schema import Config
from drivers.cabinet.driver import FULL_INPUTS, FULL_OUTPUTS, CabinetDriver
from drivers.cctalk.bus import EchoMode
from drivers.cctalk.codec import BILL_VALIDATOR, COIN_ACCEPTOR, HOPPER
from drivers.cctalk.driver import AcceptorFitting, CoinAcceptorDriver
from drivers.cctalk.hopper import HopperDriver, HopperFitting
from drivers.cctalk.notes import NoteFitting, NoteValidatorDriver
from drivers.greencard.driver import GreenCardReaderDriver
from drivers.greencard.keystore import SoftwareKeyStore, key_from_environment, key_from_file
from drivers.greencard.tap import CardProfile
from drivers.greencard.trace_text import mask_frames
from drivers.heidelberg.driver import HeidelbergDriver
from drivers.lease_timer.driver import LeaseTimerDriver, RelayMap
from drivers.lines import NOT_FITTED, DeviceUnknown, OpenLine, require_lines_that_fit
from drivers.modbus.bus import ModbusBus
from drivers.modbus.meter import ModbusMeterDriver
from drivers.modbus.models import MODELS, model_of
from drivers.modbus.reading import Seal
from drivers.ocmf import KeyUnreadable, public_key_of
from drivers.port_kinds import HEIDELBERG, ZVT_TCP, baudrate_of, silence_s
from drivers.printer.choice import printer_profile
from drivers.printer.driver import EscPosPrinterDriver, Proof
from drivers.printer.profiles import MM_58, MM_80, PrinterProfile
from drivers.rapi.driver import OpenEvseDriver
from drivers.trace import Mask, OnFrame, Trace, plain_hex
from drivers.zvt.driver import ZvtTerminalDriver
from drivers.zvt.settings import Transport, ZvtSettings
from drivers.zvt.trace_text import mask_messages

T = TypeVar("T")
Opener = TypeVar("Opener")

CARD_KEY_VARIABLE = "CHARGEPOINT_CARD_KEY"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What drivers need besides their configuration."""

    emit: Emit
    clock: Clock
    entropy: Entropy
    stored_cursor: CursorStore
    open_line: OpenLine
    on_frame: OnFrame | None = None
    stored_note_cursor: NoteCursorStore | None = None  # a note validator needs one


OWN_LEASE = "board"  # the lease timer is the board's own watchdog


@dataclass(slots=True)
class _Workshop:
    config: Config
    around: Surroundings
    buses: dict[str, ModbusBus] = field(default_factory=dict)
    units: dict[ConnectorId, HeidelbergDriver] = field(default_factory=dict)

    def trace(self, bus: str, mask: Mask = plain_hex) -> Trace:
        trace = Trace(bus, self.around.clock.monotonic, mask=mask)
        if self.around.on_frame is not None:
            trace.subscribe(self.around.on_frame)
        return trace

    def modbus(self, bus: str, device: Device) -> ModbusBus:
        """Devices on one port share one bus, with one order of requests."""
        key = device.port or bus
        if key not in self.buses:
            self.buses[key] = ModbusBus(
                self.around.open_line(bus, device),
                self.trace(bus),
                baudrate=baudrate_of(device),
                gap_s=silence_s(self.config, device),
            )
        return self.buses[key]


def _cctalk(shop: _Workshop, bus: str, device: Device) -> CoinAcceptor:
    return CoinAcceptorDriver(
        shop.around.open_line(bus, device),
        shop.around.emit,
        shop.trace(bus),
        stored_cursor=shop.around.stored_cursor,
        fitting=AcceptorFitting(
            address=device.address or COIN_ACCEPTOR, echo=EchoMode(device.echo)
        ),
    )


def _pn532(shop: _Workshop, bus: str, device: Device) -> CardReader:
    cards = shop.config.cards
    key = (
        key_from_file(Path(cards.key_file))
        if cards.key_file
        else key_from_environment(CARD_KEY_VARIABLE)
    )
    return GreenCardReaderDriver(
        shop.around.open_line(bus, device),
        shop.around.emit,
        shop.trace(bus, mask_frames),
        clock=shop.around.clock,
        entropy=shop.around.entropy,
        keystore=SoftwareKeyStore(key, system_id=cards.system_id.encode("ascii")),
        profile=CardProfile(application_id=bytes.fromhex(cards.application)),
    )


def _openevse(shop: _Workshop, bus: str, device: Device, connector: ConnectorId) -> EvseBoard:
    return OpenEvseDriver(
        shop.around.open_line(bus, device),
        shop.around.emit,
        shop.trace(bus),
        clock=shop.around.clock,
        connector=connector,
        has_fixed_cable=shop.config.station.cable_a > 0,
    )


def _heidelberg(
    shop: _Workshop, bus: str, device: Device, connector: ConnectorId
) -> HeidelbergDriver:
    shop.units[connector] = unit = HeidelbergDriver(
        shop.modbus(bus, device),
        shop.around.emit,
        clock=shop.around.clock,
        connector=connector,
        unit=device.address or 1,
    )
    return unit


def _own_lease(
    shop: _Workshop, _bus: str, _device: Device, connector: ConnectorId
) -> ContactorLease:
    if connector not in shop.units:
        raise DeviceUnknown(
            f"devices.lease_timer.{connector}.kind {OWN_LEASE!r} needs devices.evse.{connector}.kind"
            f" {HEIDELBERG!r}: no other board stops by itself when this software does"
        )
    return shop.units[connector].lease


def _meter(shop: _Workshop, bus: str, device: Device, connector: ConnectorId) -> ModbusMeterDriver:
    return ModbusMeterDriver(
        shop.modbus(bus, device),
        shop.around.emit,
        clock=shop.around.clock,
        connector=connector,
        unit=device.address or 1,
        model=model_of(
            device.kind,
            energy=device.energy_register,
            low_word_first=device.word_order == "low_first",
            is_checked=device.type_check,
            seal=seal_of(device, connector),
        ),
    )


def seal_of(device: Device, connector: ConnectorId) -> Seal | None:
    if not device.ocmf_register:
        if device.ocmf_required:
            raise DeviceUnknown(
                f"devices.meter.{connector}.ocmf_required: ocmf_register says where its records are"
            )
        return None
    if not device.ocmf_key:
        raise DeviceUnknown(f"devices.meter.{connector}.ocmf_key is missing: nothing verifies OCMF")
    try:
        key = public_key_of(device.ocmf_key)
    except KeyUnreadable as wrong:
        raise DeviceUnknown(f"devices.meter.{connector}.ocmf_key: {wrong}") from wrong
    return Seal(device.ocmf_register, key, is_required=device.ocmf_required)


def _relay(shop: _Workshop, bus: str, device: Device, connector: ConnectorId) -> LeaseTimerDriver:
    if connector in shop.units:
        raise DeviceUnknown(
            f"devices.lease_timer.{connector}.kind {device.kind!r}: a {HEIDELBERG} has no coil supply"
            f" to cut; its lease is {OWN_LEASE!r}"
        )
    return LeaseTimerDriver(
        shop.modbus(bus, device),
        shop.around.emit,
        clock=shop.around.clock,
        connector=connector,
        unit=device.address or 1,
        relay=RelayMap(relay=device.relay),
    )


def _cabinet(shop: _Workshop, bus: str, device: Device) -> Cabinet:
    around, unit = shop.around, device.address or 1
    return CabinetDriver(shop.modbus(bus, device), around.emit, clock=around.clock, unit=unit)


def _full_cabinet(shop: _Workshop, bus: str, device: Device) -> Cabinet:
    return CabinetDriver(
        shop.modbus(bus, device),
        shop.around.emit,
        clock=shop.around.clock,
        unit=device.address or 1,
        inputs=FULL_INPUTS,
        outputs=FULL_OUTPUTS,
    )


def _notes(shop: _Workshop, bus: str, device: Device) -> NoteValidator:
    stored_cursor = shop.around.stored_note_cursor
    assert stored_cursor is not None, "without its cursors a note could be credited twice"
    return NoteValidatorDriver(
        shop.around.open_line(bus, device),
        shop.around.emit,
        shop.trace(bus),
        stored_cursor=stored_cursor,
        fitting=NoteFitting(address=device.address or BILL_VALIDATOR, echo=EchoMode(device.echo)),
    )


def _hopper(shop: _Workshop, bus: str, device: Device, value: Minor) -> Hopper:
    return HopperDriver(
        shop.around.open_line(bus, device),
        shop.around.emit,
        shop.trace(bus),
        value=value,
        fitting=HopperFitting(address=device.address or HOPPER, echo=EchoMode(device.echo)),
    )


def _zvt(shop: _Workshop, bus: str, device: Device, persist: Persist) -> ZvtTerminalDriver:
    bank = shop.config.bank
    return ZvtTerminalDriver(
        shop.around.open_line(bus, device),
        shop.around.emit,
        shop.trace(bus, mask_messages),
        clock=shop.around.clock,
        persist=persist,
        settings=ZvtSettings(
            password=bank.password,
            transport=Transport.TCP if device.kind == ZVT_TCP else Transport.SERIAL,
            max_reservations=bank.max_reservations,
        ),
    )


def _printer(usual: PrinterProfile) -> Callable[[_Workshop, str, Device], Printer]:
    def fit(shop: _Workshop, bus: str, device: Device) -> Printer:
        return EscPosPrinterDriver(
            shop.around.open_line(bus, device),
            shop.around.emit,
            shop.trace(bus),
            profile=printer_profile(device, usual),
            proof=Proof(device.proof),
        )

    return fit


COIN_ACCEPTORS = {"cctalk": _cctalk}
NOTE_VALIDATORS = {"cctalk_notes": _notes}
HOPPERS = {"cctalk_hopper": _hopper}
BANK_TERMINALS = {"zvt": _zvt, ZVT_TCP: _zvt}
PRINTERS = {"escpos58": _printer(MM_58), "escpos80": _printer(MM_80)}
CARD_READERS = {"pn532": _pn532}
CABINETS = {"modbus_inputs": _cabinet, "modbus_io": _full_cabinet}
BOARDS = {"openevse": _openevse, HEIDELBERG: _heidelberg}
LEASES = {"modbus_relay": _relay, OWN_LEASE: _own_lease}
METERS = dict.fromkeys(MODELS, _meter)


def build_hardware(config: Config, around: Surroundings) -> Hardware:
    """Raises DeviceUnknown with the key and the kinds there are."""
    shop = _Workshop(config, around)
    devices = config.devices
    connectors = {}
    for number in range(1, config.station.connectors + 1):
        connector = ConnectorId(number)
        connectors[connector] = ConnectorHardware(
            board=_fitted(shop, BOARDS, "evse", devices.evse, connector),
            lease=_fitted(shop, LEASES, "lease_timer", devices.lease_timer, connector),
            meter=_fitted(shop, METERS, "meter", devices.meter, connector),
        )
    return Hardware(
        connectors=connectors,
        coin_acceptor=_shared(shop, COIN_ACCEPTORS, "coin_acceptor", devices.coin_acceptor),
        card_reader=_shared(shop, CARD_READERS, "card_reader", devices.card_reader),
        cabinet=_shared(shop, CABINETS, "cabinet", devices.cabinet),
    )


def build_payment_hardware(
    config: Config, around: Surroundings, persist: Persist
) -> PaymentHardware:
    """What takes and gives money beyond the coin acceptor; raises DeviceUnknown as above.

    `persist` makes a bank terminal's result durable before the terminal is told.
    """
    shop = _Workshop(config, around)
    devices = config.devices
    require_lines_that_fit(config)
    bank = devices.bank_terminal
    terminal = (
        None
        if bank is None or bank.kind == NOT_FITTED
        else _known(BANK_TERMINALS, "devices.bank_terminal", bank)(
            shop, "bank_terminal", bank, persist
        )
    )
    fitted_hoppers = sorted(
        ((Minor(int(value)), device) for value, device in devices.hopper.items()),
        key=lambda each: -each[0],
    )
    return PaymentHardware(
        note_validator=_shared(shop, NOTE_VALIDATORS, "note_validator", devices.note_validator),
        hoppers=tuple(
            _known(HOPPERS, f"devices.hopper.{value}", device)(
                shop, f"hopper:{value}", device, value
            )
            for value, device in fitted_hoppers
            if device.kind != NOT_FITTED
        ),
        bank_terminal=terminal,
        bank_maintenance=terminal,
        printer=_shared(shop, PRINTERS, "printer", devices.printer),
    )


def _fitted(
    shop: _Workshop,
    openers: Mapping[str, Callable[[_Workshop, str, Device, ConnectorId], T]],
    name: str,
    devices: Mapping[str, Device],
    connector: ConnectorId,
) -> T:
    """Board, lease and meter are needed on every connector; without them nothing is safe or honest."""
    device = devices.get(str(connector))
    if device is None:
        raise DeviceUnknown(f"devices.{name}.{connector} is missing: every connector needs one")
    return _known(openers, f"devices.{name}.{connector}", device)(
        shop, f"{name}:{connector}", device, connector
    )


def _shared(
    shop: _Workshop,
    openers: Mapping[str, Callable[[_Workshop, str, Device], T]],
    name: str,
    device: Device | None,
) -> T | None:
    if device is None or device.kind == NOT_FITTED:
        return None
    return _known(openers, f"devices.{name}", device)(shop, name, device)


def _known(openers: Mapping[str, Opener], key: str, device: Device) -> Opener:
    if device.kind not in openers:
        raise DeviceUnknown(f"{key}.kind {device.kind!r} is none of {', '.join(sorted(openers))}")
    return openers[device.kind]
