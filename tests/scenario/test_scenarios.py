"""Every scenario file passes in virtual time; those of `virtual/` would be too long otherwise, or
cut the power at a commit.
"""

from pathlib import Path

import pytest

from simulator.play_options import StationOptions
from simulator.report import Report, to_bytes
from simulator.scenario_file import Scenario, load
from simulator.virtual_station import play_virtual

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.rglob("*.yaml"))


def named(path: Path) -> str:
    return path.stem


def verdict(scenario: Scenario, report: Report) -> str:
    """Empty when it passed; else what a person needs to find the reason."""
    lines = [
        f"{scenario.path}:{failure.line}: expected {failure.expected}, was {failure.was}"
        for failure in report.failures
    ]
    return "\n".join(lines)


@pytest.mark.timeout(240)  # hours of a station, on a machine that may be busy with others
@pytest.mark.parametrize("path", FILES, ids=named)
def test_scenario_in_virtual_time_when_played_then_passed(path: Path) -> None:
    scenario = load(path)
    report = play_virtual(scenario, StationOptions())
    assert verdict(scenario, report) == ""
    assert report.balanced


def test_scenario_when_played_twice_then_the_same_report_byte_for_byte() -> None:
    scenario = load(FOLDER / "two_connectors_at_once.yaml")
    first, second = (play_virtual(scenario, StationOptions()) for _ in range(2))
    assert to_bytes([first]) == to_bytes([second])
