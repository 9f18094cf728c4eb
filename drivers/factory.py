"""From the configuration to a `Hardware` bundle. The tables below are all the devices there are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from chargepoint.domain.units import ConnectorId
from chargepoint.errors import ChargepointError
from chargepoint.ports import (
    CardReader,
    Clock,
    CoinAcceptor,
    ConnectorHardware,
    CursorStore,
    Emit,
    Entropy,
    EvseBoard,
    Hardware,
)
from config.schema import Config, Device
from drivers.cctalk.bus import EchoMode
from drivers.cctalk.driver import AcceptorFitting, CoinAcceptorDriver
from drivers.greencard.driver import GreenCardReaderDriver
from drivers.greencard.keystore import SoftwareKeyStore, key_from_environment, key_from_file
from drivers.greencard.tap import CardProfile
from drivers.greencard.trace_text import mask_frames
from drivers.lease_timer.driver import LeaseTimerDriver, RelayMap
from drivers.modbus.bus import ModbusBus
from drivers.modbus.meter import ModbusMeterDriver
from drivers.port import OpenPort
from drivers.rapi.driver import OpenEvseDriver
from drivers.serial_port import serial_opener
from drivers.trace import OnFrame, Trace, plain_hex

T = TypeVar("T")
Opener = TypeVar("Opener")

CARD_KEY_VARIABLE = "CHARGEPOINT_CARD_KEY"

OpenLine = Callable[[str, Device], OpenPort]
"""(bus name, configuration) to an opener; the simulator has one for lines in memory."""


class DeviceUnknown(ChargepointError):
    """A `kind` no driver has, or a device that safety needs and the site does not have."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What drivers need besides their configuration."""

    emit: Emit
    clock: Clock
    entropy: Entropy
    stored_cursor: CursorStore
    open_line: OpenLine
    on_frame: OnFrame | None = None


_BAUDRATES = {"cctalk": 9600, "pn532": 115_200, "openevse": 115_200, "sdm120": 2400}
_DEFAULT_BAUDRATE = 9600


def baudrate_of(device: Device) -> int:
    return device.baudrate or _BAUDRATES.get(device.kind, _DEFAULT_BAUDRATE)


def serial_line(_bus: str, device: Device) -> OpenPort:
    """The product's lines: real serial ports."""
    return serial_opener(device.port, baudrate_of(device), parity=device.parity or "N")


@dataclass(slots=True)
class _Workshop:
    config: Config
    around: Surroundings
    buses: dict[str, ModbusBus] = field(default_factory=dict)

    def trace(self, bus: str, *, secret: bool = False) -> Trace:
        mask = mask_frames if secret else plain_hex
        trace = Trace(bus, self.around.clock.monotonic, mask=mask)
        if self.around.on_frame is not None:
            trace.subscribe(self.around.on_frame)
        return trace

    def modbus(self, bus: str, device: Device) -> ModbusBus:
        """Devices on one port share one bus, with one order of requests."""
        key = device.port or bus
        if key not in self.buses:
            self.buses[key] = ModbusBus(
                self.around.open_line(bus, device), self.trace(bus), baudrate=baudrate_of(device)
            )
        return self.buses[key]


def _cctalk(shop: _Workshop, bus: str, device: Device) -> CoinAcceptor:
    return CoinAcceptorDriver(
        shop.around.open_line(bus, device),
        shop.around.emit,
        shop.trace(bus),
        stored_cursor=shop.around.stored_cursor,
        fitting=AcceptorFitting(address=device.address or 2, echo=EchoMode(device.echo)),
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
        shop.trace(bus, secret=True),
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
    )


def _meter(shop: _Workshop, bus: str, device: Device, connector: ConnectorId) -> ModbusMeterDriver:
    return ModbusMeterDriver(
        shop.modbus(bus, device),
        shop.around.emit,
        clock=shop.around.clock,
        connector=connector,
        unit=device.address or 1,
        model=device.kind,
    )


def _relay(shop: _Workshop, bus: str, device: Device, connector: ConnectorId) -> LeaseTimerDriver:
    return LeaseTimerDriver(
        shop.modbus(bus, device),
        shop.around.emit,
        clock=shop.around.clock,
        connector=connector,
        unit=device.address or 1,
        relay=RelayMap(relay=device.relay),
    )


COIN_ACCEPTORS = {"cctalk": _cctalk}
CARD_READERS = {"pn532": _pn532}
BOARDS = {"openevse": _openevse}
LEASES = {"modbus_relay": _relay}
METERS = dict.fromkeys(("sdm630", "sdm120", "sdm72", "sdm72v2"), _meter)


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
    if device is None or device.kind == "none":
        return None
    return _known(openers, f"devices.{name}", device)(shop, name, device)


def _known(openers: Mapping[str, Opener], key: str, device: Device) -> Opener:
    if device.kind not in openers:
        raise DeviceUnknown(f"{key}.kind {device.kind!r} is none of {', '.join(sorted(openers))}")
    return openers[device.kind]
