"""What only the whole site shows: who shares a port, what is missing, files that are not what they should be.

Found by `python -m config check`; with `--here`, on the board itself, also whether ports and files are there.
"""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from config.devices import Device
from config.known_names import (
    KINDS,
    OCPP_NUMBERS,
    OCPP_SWITCHES,
    OCPP_TEXT_OF_LANGUAGE,
    OCPP_TEXTS,
)
from config.schema import Config

NOT_FITTED = "none"
# Kinds that may share a line, by what is spoken on it. Everything else has its line to itself.
_BUSES = {
    **dict.fromkeys(("cctalk", "cctalk_hopper", "cctalk_notes"), "ccTalk"),
    **dict.fromkeys(("sdm630", "sdm120", "sdm72", "sdm72v2", "b23"), "Modbus"),
    **dict.fromkeys(("modbus_relay", "modbus_inputs", "modbus_io", "heidelberg"), "Modbus"),
}
_PER_CONNECTOR = ("evse", "lease_timer", "meter")


@dataclass(frozen=True, slots=True)
class Flaw:
    key: str
    text: str
    remedy: str
    is_error: bool = True


def fitted(config: Config) -> dict[str, Device]:
    """Every device by its key, in the order of the file."""
    found: dict[str, Device] = {}
    for name in type(config.devices).model_fields:
        entry = getattr(config.devices, name)
        if isinstance(entry, Device):
            found[f"devices.{name}"] = entry
        elif isinstance(entry, dict):
            found |= {f"devices.{name}.{key}": each for key, each in entry.items()}
    return {key: device for key, device in found.items() if device.kind != NOT_FITTED}


def flaws(config: Config, *, here: bool) -> tuple[Flaw, ...]:
    found = [*_kinds(config), *_lines(config), *_missing(config), *_unsigned(config)]
    found += [*_limits(config), *_ocpp(config)]
    if here:
        found += [*_ports(config), *_files(config)]
    return tuple(found)


def _kinds(config: Config) -> Iterator[Flaw]:
    for key, device in fitted(config).items():
        known = KINDS[key.split(".")[1]]
        if device.kind not in known:
            remedy = f"one of {', '.join(known)}, or {NOT_FITTED}"
            yield Flaw(f"{key}.kind", f"{device.kind!r} is not known", remedy)


def _ocpp(config: Config) -> Iterator[Flaw]:
    """Names match without regard to case, as in OCPP."""
    switches = {name.lower() for name in OCPP_SWITCHES}
    numbers = {name.lower(): limits for name, limits in OCPP_NUMBERS.items()}
    texts = {name.lower() for name in OCPP_TEXTS}
    for name, value in config.ocpp.items():
        plain = name.lower()
        if plain in switches and value.lower() not in {"true", "false"}:
            yield Flaw(
                f"ocpp.{name}", f"{value!r} is neither true nor false", "write true or false"
            )
        elif plain in numbers:
            low, high = numbers[plain]
            if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
                text = f"{value!r} is no whole number from {low} to {high}"
                yield Flaw(f"ocpp.{name}", text, f'write it as "{low}"')
        elif plain not in switches | texts and not plain.startswith(OCPP_TEXT_OF_LANGUAGE.lower()):
            near = get_close_matches(plain, switches | numbers.keys() | texts, 1)
            known = {each.lower(): each for each in (*OCPP_SWITCHES, *OCPP_NUMBERS, *OCPP_TEXTS)}
            remedy = f"{known[near[0]]} is meant?" if near else "docs/ocpp.md has those there are"
            yield Flaw(f"ocpp.{name}", "no key that a site file may set", remedy)


def _lines(config: Config) -> Iterator[Flaw]:
    """Two devices on one port: on a bus with an address each, or not at all."""
    by_port: dict[str, list[tuple[str, Device]]] = {}
    for key, device in fitted(config).items():
        if device.port:
            by_port.setdefault(device.port, []).append((key, device))
    for users in by_port.values():
        yield from _of_one_line(users)


def _of_one_line(users: list[tuple[str, Device]]) -> Iterator[Flaw]:
    first_key, first = users[0]
    port, bus = first.port, _BUSES.get(first.kind)
    seen = {(first.address, first.relay): first_key}
    for key, device in users[1:]:
        place = (device.address, device.relay)
        if bus is None or _BUSES.get(device.kind) != bus:
            text = f"{port} is {first_key}'s, and {device.kind} cannot share its line"
            yield Flaw(f"{key}.port", text, "give it a port of its own")
        elif place in seen and bus == "Modbus":
            text = f"{seen[place]} has the same address at {port}"
            yield Flaw(f"{key}.address", text, "give each device of a bus its own address")
        elif (device.baudrate, device.parity) != (first.baudrate, first.parity):
            text = f"another speed or parity than {first_key} at {port}"
            yield Flaw(f"{key}.baudrate", text, "set all devices of a bus alike", is_error=False)
        seen.setdefault(place, key)


def _missing(config: Config) -> Iterator[Flaw]:
    devices = config.devices
    if not any(getattr(devices, name) for name in _PER_CONNECTOR):
        yield Flaw(
            "devices", "no connector has a charging board", "add devices.evse.1", is_error=False
        )
        return
    for name in _PER_CONNECTOR:
        for number in range(1, config.station.connectors + 1):
            device = getattr(devices, name).get(str(number))
            if device is None or device.kind == NOT_FITTED:
                remedy = "fit it: without a lease a contactor outlives a dead computer"
                if name != "lease_timer":
                    remedy = f"each connector needs {', '.join(_PER_CONNECTOR)}"
                yield Flaw(f"devices.{name}.{number}", "is missing", remedy)
    for key, device in fitted(config).items():
        is_own = key.startswith("devices.lease_timer") and device.kind != "modbus_relay"
        if not device.port and not is_own:
            yield Flaw(f"{key}.port", "is empty", "name its serial device, or host:port")


def _unsigned(config: Config) -> Iterator[Flaw]:
    for key, device in fitted(config).items():
        if device.ocmf_required and not (device.ocmf_register and device.ocmf_key):
            remedy = "ocmf_register says where its records are, ocmf_key verifies them"
            yield Flaw(f"{key}.ocmf_required", "nothing can be sold", remedy)


def _limits(config: Config) -> Iterator[Flaw]:
    station = config.station
    watts = station.current_a * station.voltage_v * station.phases
    for number, power in enumerate(station.powers_w, start=1):
        if power > watts:
            text = f"{power} W are shown for connector {number}, and {watts} W can flow"
            remedy = "correct connector_power_w, current_a, voltage_v or phases"
            yield Flaw("station.connector_power_w", text, remedy, is_error=False)


def _ports(config: Config) -> Iterator[Flaw]:
    told = set()
    for key, device in fitted(config).items():
        port = device.port
        if not port or port in told or not port.startswith("/"):
            continue
        told.add(port)
        path = Path(port)
        if not path.exists():
            near = sorted(str(each) for each in path.parent.glob("*"))[:6]
            remedy = f"there are: {', '.join(near)}" if near else "is the adapter plugged in? dmesg"
            yield Flaw(f"{key}.port", f"{port} does not exist", remedy)
        elif not stat.S_ISCHR(path.stat().st_mode):
            yield Flaw(f"{key}.port", f"{port} is no serial device", "see docs/install.md")
        elif port.startswith("/dev/tty"):
            text = f"{port} may name another device after the next start"
            yield Flaw(f"{key}.port", text, "use a name of the udev rules", is_error=False)


def _files(config: Config) -> Iterator[Flaw]:
    central, cards = config.central, config.cards
    for key, name in (
        ("central.root_file", central.root_file),
        ("central.manufacturer_root_file", central.manufacturer_root_file),
    ):
        if not name:
            continue
        try:
            text = Path(name).read_text("ascii")
        except (OSError, ValueError) as why:
            yield Flaw(key, f"{name} cannot be read: {why}", "copy the PEM file there")
            continue
        if "-----BEGIN CERTIFICATE-----" not in text:
            yield Flaw(key, f"{name} holds no certificate", "PEM is needed, not DER")
    if cards.key_file:
        path = Path(cards.key_file)
        if not path.is_file():
            yield Flaw("cards.key_file", f"{path} is no file", "32 hex digits, mode 600")
        elif path.stat().st_mode & 0o077:
            yield Flaw("cards.key_file", f"others may read {path}", f"chmod 600 {path}")
