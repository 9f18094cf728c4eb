"""The configuration of a simulated site: what the user gave, and the devices that are fitted here."""

from collections.abc import Callable, Mapping
from pathlib import Path

from config import loader
from config.schema import Config
from simulator.cards import BENCH_MASTER_KEY, BENCH_PROFILE
from simulator.fitting import (
    COIN_WIRING,
    LEASE_WIRING,
    READER_WIRING,
    RELAY_OF,
    Wiring,
    evse_wiring,
    meter_wiring,
)
from simulator.play_options import StationOptions

KEY_FILE = "card.key"

PortOf = Callable[[Wiring], str]
"""Where the charge point finds a simulated line: a path, or any name in virtual time."""


def base_config(options: StationOptions, given: Mapping[str, str]) -> Config:
    """What was asked for, without devices; raises ConfigurationWrong."""
    return loader.load(options.config, {**dict(given), **dict(options.overrides)})


def overrides(
    options: StationOptions, given: Mapping[str, str], state: Path, port_of: PortOf
) -> dict[str, str]:
    """Every dotted key that makes the site: devices, then the scenario's, then the command line's."""
    base = base_config(options, given)
    return {
        **_devices(base.station.connectors, port_of),
        "cards.application": BENCH_PROFILE.application_id.hex().upper(),
        "cards.key_file": str(_key_file(state)),
        "state.dir": str(state),
        **given,
        **dict(options.overrides),
        **_real_devices(options),
    }


def _devices(connectors: int, port_of: PortOf) -> dict[str, str]:
    keys = {
        "devices.coin_acceptor.kind": "cctalk",
        "devices.coin_acceptor.port": port_of(COIN_WIRING),
        "devices.card_reader.kind": "pn532",
        "devices.card_reader.port": port_of(READER_WIRING),
    }
    for connector in range(1, connectors + 1):
        keys |= {
            f"devices.evse.{connector}.kind": "openevse",
            f"devices.evse.{connector}.port": port_of(evse_wiring(connector)),
            f"devices.meter.{connector}.kind": "sdm630",
            f"devices.meter.{connector}.port": port_of(meter_wiring(connector)),
            f"devices.lease_timer.{connector}.kind": "modbus_relay",
            f"devices.lease_timer.{connector}.port": port_of(LEASE_WIRING),
            f"devices.lease_timer.{connector}.relay": str(RELAY_OF[connector]),
        }
    return keys


def _real_devices(options: StationOptions) -> dict[str, str]:
    """`--device evse:1=/dev/ttyUSB0`."""
    return {f"devices.{name.replace(':', '.')}.port": path for name, path in options.devices}


def _key_file(state: Path) -> Path:
    """The bench's own key guards nothing; the driver asks for a file all the same."""
    path = state / KEY_FILE
    path.touch(mode=0o600, exist_ok=True)
    path.write_text(BENCH_MASTER_KEY.hex(), encoding="ascii")
    return path
