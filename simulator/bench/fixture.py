"""What the bench begins with: every device fitted, two Green Cards, one of them blocked, nobody there."""

from typing import Any

import yaml

from simulator import site
from simulator.fitting import is_fitted
from simulator.play_options import StationOptions
from simulator.scenario_file import Scenario, parse

_CARDS: dict[str, Any] = {
    "GC-1": {"balance": "20.00", "points": 500},
    "GC-2": {"balance": "5.00", "state": "blocked"},
}
_KINDS = {
    "note_validator": "cctalk_notes",
    "bank_terminal": "zvt",
    "printer": "escpos80",
    "cabinet": "modbus_io",
}
_HOPPERS = {"2.00": 15, "1.00": 20, "0.50": 20, "0.20": 25, "0.10": 40}
_STEPS = [{"note_to_reader": "whatever somebody does on the page"}]


def opening(options: StationOptions, receipts: str = "") -> Scenario:
    """The station the bench builds; raises OptionWrong for a configuration that cannot be read.

    `receipts`: where the central system shows them. It is no part of a recording: each run has
    another address.
    """
    beginning = given(options)
    if receipts and not site.stated(options).receipt.link:
        beginning["config"] = {**beginning["config"], "receipt.link": receipts}
    written = {"title": "The bench", "given": beginning, "steps": _STEPS}
    return parse(yaml.safe_dump(written, sort_keys=False), "the bench")


def given(options: StationOptions) -> dict[str, Any]:
    """The same, for a scenario that is to be played later.

    A configuration file that speaks of a device has its way, and so has the command line.
    """
    devices = site.stated(options).devices
    config = {
        f"devices.{name}.kind": kind
        for name, kind in _KINDS.items()
        if getattr(devices, name) is None
    }
    hoppers = {} if any(map(is_fitted, devices.hopper.values())) else _HOPPERS
    found: dict[str, Any] = {"cards": _CARDS, "config": config}
    return {**found, "hopper": hoppers} if hoppers else found
