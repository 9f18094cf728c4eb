"""What the bench begins with: two Green Cards, one of them blocked, and nobody there."""

from typing import Any

import yaml

from simulator.scenario_file import Scenario, parse

_YAML = """\
title: The bench
given:
  cards:
    GC-1: {balance: 20.00, points: 500}
    GC-2: {balance: 5.00, state: blocked}
steps:
  - note_to_reader: whatever somebody does on the page
"""


def opening() -> Scenario:
    return parse(_YAML, "the bench")


def given() -> dict[str, Any]:
    """The same, for a scenario that is to be played later."""
    found: dict[str, Any] = yaml.safe_load(_YAML)["given"]
    return found
