"""How the line of each kind of device is set, and how it is opened in the product."""

from config.devices import Device
from config.schema import Config
from drivers.lines import DeviceUnknown
from drivers.port import OpenPort
from drivers.serial_port import Parity, serial_opener
from drivers.tcp_port import tcp_opener
from drivers.zvt.settings import TCP_PORT

ZVT_TCP = "zvt_tcp"
HEIDELBERG = "heidelberg"

_BAUDRATES = {
    "cctalk": 9600,
    "pn532": 115_200,
    "openevse": 115_200,
    "sdm120": 2400,
    HEIDELBERG: 19_200,
    "b23": 19_200,
}
_DEFAULT_BAUDRATE = 9600
_STOPBITS = {"zvt": 2}
_PARITIES: dict[str, Parity] = {HEIDELBERG: "E", "b23": "E"}
_SILENCE_S = {HEIDELBERG: 0.1}  # between frames on its line, whoever they are for


def baudrate_of(device: Device) -> int:
    return device.baudrate or _BAUDRATES.get(device.kind, _DEFAULT_BAUDRATE)


def serial_line(bus: str, device: Device) -> OpenPort:
    """The product's lines: real serial ports, and the network where the kind says so."""
    if device.kind == ZVT_TCP:
        return _tcp_line(bus, device.port)
    return serial_opener(
        device.port,
        baudrate_of(device),
        parity=device.parity or _PARITIES.get(device.kind, "N"),
        stopbits=_STOPBITS.get(device.kind, 1),
    )


def _tcp_line(bus: str, address: str) -> OpenPort:
    """`host:port`, or a host alone for the port that is usual."""
    host, colon, number = address.partition(":")
    if not host or (colon and not number.isdecimal()):
        raise DeviceUnknown(f"devices.{bus}.port {address!r} is no host:port")
    return tcp_opener(host, int(number) if colon else TCP_PORT)


def silence_s(config: Config, device: Device) -> float:
    """Between frames on the line of `device`: what the most particular unit on it needs."""
    fitted = config.devices
    others = [*fitted.evse.values(), *fitted.meter.values(), *fitted.lease_timer.values()]
    on_line = [device, *(one for one in others if one.port == device.port and one.port)]
    return max(_SILENCE_S.get(one.kind, 0.0) for one in on_line)
