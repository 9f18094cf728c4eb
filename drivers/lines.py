"""Which devices may be on one serial line, and one bus for those that are."""

from collections.abc import Callable

from chargepoint.errors import ChargepointError
from config.devices import Device
from config.schema import Config
from drivers.cctalk.codec import BILL_VALIDATOR, COIN_ACCEPTOR, HOPPER
from drivers.port import OpenPort
from drivers.shared_line import SharedLine

NOT_FITTED = "none"

OpenLine = Callable[[str, Device], OpenPort]
"""(bus name, configuration) to an opener; the simulator has one for lines in memory."""

# Both frame formats may be on one line: whoever is not meant skips a frame by its length, which is
# in the same place in both. A reply with CRC names no sender, but its checksum is none of the other
# format's; so a late one is told from the others' while no more than one device speaks it.
_ON_A_BUS = frozenset({"cctalk", "cctalk_hopper", "cctalk_notes"})
_USUAL_ADDRESSES = {
    "cctalk": COIN_ACCEPTOR,
    "cctalk_hopper": HOPPER,
    "cctalk_notes": BILL_VALIDATOR,
}


class DeviceUnknown(ChargepointError):
    """A `kind` no driver has, a line it cannot be on, or one that safety needs and is missing."""


def sharing(config: Config, open_line: OpenLine) -> OpenLine:
    """`open_line`, where ccTalk devices that name one port are on one bus.

    One for a whole station: acceptor and hoppers are built apart, and may share it all the same.
    """
    ports = [device.port for device in _money_devices(config).values() if device.kind in _ON_A_BUS]
    shared: dict[str, SharedLine] = {}

    def open_shared(bus: str, device: Device) -> OpenPort:
        if device.kind not in _ON_A_BUS or ports.count(device.port) < 2:
            return open_line(bus, device)
        if device.port not in shared:
            shared[device.port] = SharedLine(open_line(bus, device))
        return shared[device.port].open_port

    return open_shared


def _money_devices(config: Config) -> dict[str, Device]:
    """By key, those that have a port."""
    devices = config.devices
    money = {
        "coin_acceptor": devices.coin_acceptor,
        "note_validator": devices.note_validator,
        "bank_terminal": devices.bank_terminal,
        **{f"hopper.{value}": device for value, device in devices.hopper.items()},
    }
    return {
        name: device
        for name, device in money.items()
        if device is not None and device.kind != NOT_FITTED and device.port
    }


def require_lines_that_fit(config: Config) -> None:
    """Only ccTalk devices with different addresses may share a line."""
    users: dict[str, dict[int, str]] = {}
    for name, device in _money_devices(config).items():
        address = device.address or _USUAL_ADDRESSES.get(device.kind, 0)
        others = users.setdefault(device.port, {})
        is_bus = device.kind in _ON_A_BUS and all(
            _money_devices(config)[each].kind in _ON_A_BUS for each in others.values()
        )
        if others and not is_bus:
            other = next(iter(others.values()))
            raise DeviceUnknown(
                f"devices.{name}.port {device.port} is that of devices.{other}:"
                " only a coin acceptor, a note validator and hoppers may share a line"
            )
        if address in others:
            raise DeviceUnknown(
                f"devices.{name}.address {address} is that of devices.{others[address]}"
                f" on {device.port}"
            )
        others[address] = name
