"""The configuration of a simulated site: what the user gave, and the devices that are fitted here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from config import loader
from config.loader import ConfigurationWrong
from config.schema import Config
from simulator.cards import BENCH_MASTER_KEY, BENCH_PROFILE
from simulator.fitting import (
    BANK_WIRING,
    CABINET_WIRING,
    COIN_WIRING,
    LEASE_WIRING,
    NOTE_WIRING,
    PRINTER_WIRING,
    READER_WIRING,
    RELAY_OF,
    Wiring,
    evse_wiring,
    hopper_wiring,
    is_fitted,
    meter_wiring,
)
from simulator.play_options import OptionWrong, StationOptions
from simulator.scenario_file import Scenario, ScenarioWrong, flat
from simulator.scenario_text import Problem
from simulator.shapes import MINOR_PER_MAJOR
from simulator.site_check import unfit

_PER_CONNECTOR = ("devices.evse.", "devices.lease_timer.", "devices.meter.")
KEY_FILE = "card.key"

PortOf = Callable[[Wiring], str]
"""Where the charge point finds a simulated line: a path, or any name in virtual time."""


@dataclass(frozen=True, slots=True)
class Site:
    """The resolved configuration, and the keys that make it of the file in `options`."""

    config: Config
    keys: Mapping[str, str]


def resolved(
    scenario: Scenario,
    options: StationOptions,
    state: Path,
    port_of: PortOf,
    extra: Mapping[str, str] | None = None,
) -> Site:
    """The station of a scenario; `extra` keys win over everything.

    What the scenario has wrong raises ScenarioWrong with its line, what the command line or its
    file has wrong OptionWrong.
    """
    asked = _asked(scenario, options)
    known = _known(scenario, options, asked)
    keys = {
        **_devices(known.station.connectors, port_of),
        **_cash_ports(known, port_of),
        "cards.application": BENCH_PROFILE.application_id.hex().upper(),
        "cards.key_file": str(_key_file(state)),
        "state.dir": str(state),
        **_on_one_bus(asked, port_of),
        **_real_devices(options),
        **(extra or {}),
    }
    return Site(_loaded(scenario, options, keys), keys)


def stated(options: StationOptions) -> Config:
    """What file and command line say, devices of the command line aside; raises OptionWrong."""
    others = {key: value for key, value in options.overrides if not key.startswith("devices.")}
    try:
        return loader.load(options.config, others)
    except ConfigurationWrong as wrong:
        raise OptionWrong(str(wrong)) from wrong


def check(scenario: Scenario, options: StationOptions) -> None:
    """Raises what `resolved` would, before anything is built."""
    known = _known(scenario, options, _asked(scenario, options))
    lines = scenario.given.config_lines
    wrong = unfit(scenario.given.config, known.station.connectors)
    if wrong:
        problems = tuple(Problem(lines[key], f"config {key}: {why}") for key, why in wrong.items())
        raise ScenarioWrong(scenario.path, problems)


def _known(scenario: Scenario, options: StationOptions, asked: Mapping[str, str]) -> Config:
    """With the usual devices where a connector is told of one of its three only."""
    others = {key: value for key, value in asked.items() if not key.startswith(_PER_CONNECTOR)}
    connectors = _loaded(scenario, options, others).station.connectors
    if others == asked:
        return _loaded(scenario, options, asked)
    return _loaded(scenario, options, {**_devices(connectors, lambda wiring: wiring.name), **asked})


def _asked(scenario: Scenario, options: StationOptions) -> dict[str, str]:
    return {
        **_hoppers(scenario.given.hopper),
        **_used(scenario),
        **scenario.given.config,
        **dict(options.overrides),
    }


def _hoppers(coins: Mapping[str, int]) -> dict[str, str]:
    """`given.hopper`: a hopper is there when it is said what it holds."""
    keys: dict[str, str] = {}
    for written, count in coins.items():
        place = f"devices.hopper.{int(Decimal(written) * MINOR_PER_MAJOR)}"
        keys |= {f"{place}.kind": "cctalk_hopper", f"{place}.float_coins": str(count)}
    return keys


def _used(scenario: Scenario) -> dict[str, str]:
    """A device that the file puts to use is there."""
    names = {step.kind for step in flat(scenario.steps)}
    keys: dict[str, str] = {}
    if "note" in names:
        keys["devices.note_validator.kind"] = "cctalk_notes"
    troubled = {step.arguments["device"] for step in flat(scenario.steps) if step.kind == "fault"}
    wanted = {key for step in flat(scenario.steps) for key in step.arguments.get("wanted", ())}
    if names & {"key", "jack"} or "cabinet" in troubled or wanted & {"lamp", "beeps"}:
        keys["devices.cabinet.kind"] = "modbus_io"
    if "bank" in names:
        keys["devices.bank_terminal.kind"] = "zvt"
    return keys


def _cash_ports(config: Config, port_of: PortOf) -> dict[str, str]:
    """The lines of those devices that not every station has."""
    devices, keys = config.devices, {}
    if is_fitted(devices.note_validator):
        keys["devices.note_validator.port"] = port_of(NOTE_WIRING)
    if is_fitted(devices.cabinet):
        keys["devices.cabinet.port"] = port_of(CABINET_WIRING)
    if is_fitted(devices.bank_terminal):
        keys["devices.bank_terminal.port"] = port_of(BANK_WIRING)
    if is_fitted(devices.printer):
        keys["devices.printer.port"] = port_of(PRINTER_WIRING)
    for value, hopper in devices.hopper.items():
        if is_fitted(hopper):
            keys[f"devices.hopper.{value}.port"] = port_of(hopper_wiring(int(value)))
    return keys


def _on_one_bus(asked: Mapping[str, str], port_of: PortOf) -> dict[str, str]:
    """`devices.hopper.100.port: coin_acceptor`: on the line of that other device."""
    lines = {wiring.name: wiring for wiring in (COIN_WIRING,)}
    return {
        key: port_of(lines[value]) if key.endswith(".port") and value in lines else value
        for key, value in asked.items()
    }


def _loaded(scenario: Scenario, options: StationOptions, keys: Mapping[str, str]) -> Config:
    try:
        return loader.load(options.config, keys)
    except ConfigurationWrong as wrong:
        lines = scenario.given.config_lines
        problems = [
            Problem(lines[key], f"config {key}: {problem.reason}")
            for problem in wrong.problems
            for key in _written(problem.key, lines)
        ]
        if problems:
            raise ScenarioWrong(scenario.path, tuple(problems)) from wrong
        raise OptionWrong(str(wrong)) from wrong


def _written(found: str, lines: Mapping[str, int]) -> list[str]:
    """The keys of the file that a problem is about: `tarif` stands there as `tarif.energy`."""
    return [k for k in lines if f"{k}.".startswith(f"{found}.") or f"{found}.".startswith(f"{k}.")]


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
