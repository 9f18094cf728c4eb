"""The wall clock jumps in the middle of a charge, and is set right by the central system minutes later.

Price and energy are those of a charge whose clock stood right; each message is told once, and what
was stamped before the jump keeps its time.
"""

import json
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest

from simulator.play_options import StationOptions
from simulator.report import Report
from simulator.scenario_file import parse
from simulator.virtual_station import play_virtual
from simulator.vtime import START_OF_TIME

JUMPS = {
    "right": "wait: 1ms",
    "1970": "fault: {device: clock, kind: lost}",
    "an_hour_ahead": "fault: {device: clock, kind: wrong, by: 1h}",
    "decades_ahead": "fault: {device: clock, kind: wrong, by: 21900d}",
}
CUTS = {
    "no_cut": ("wait: 2s", "wait: 6s"),
    "core": ("kill: core", "wait: 8s"),
    "power": ("power: cut", "wait: 3s", "power: restore", "wait: 5s"),
}
STORY = """
title: clock
given:
  config: {{tariff.energy: 0.45, tariff.charging_minute: 0.10, tariff.session: 0}}
  cards: {{GC-1: {{balance: 20.00}}}}
steps:
  - expect: {{screen: home, within: 30s}}
  - plug: {{connector: 1, ev: {{soc: 20, max_a: 16, battery_kwh: 60}}}}
  - tap: GC-1
  - touch: start
  - expect: {{contactor: {{1: closed}}, within: 20s}}
  - wait: 3m
  - {jump}
  - wait: 5s
{cut}
  - wait: 12m
  - expect: {{contactor: {{1: closed}}}}
  - unplug: {{connector: 1, by_force: true}}
  - wait: 2m
  - expect: {{ocpp: {{sent: StartTransaction}}, times: 1}}
  - expect: {{ocpp: {{sent: StopTransaction}}, times: 1}}
  - expect: {{ocpp: {{sent: DataTransfer, where: {{messageId: Session.Receipt}}}}, times: 1}}
  - expect: {{ledger: balanced, connector: {{1: Available}}, within: 30s}}
"""


@cache
def played(jump: str, cut: str) -> Report:
    steps = "\n".join(f"  - {step}" for step in CUTS[cut])
    text = STORY.format(jump=JUMPS[jump], cut=steps)
    return play_virtual(parse(text), StationOptions())


def told(report: Report, action: str) -> list[dict[str, Any]]:
    return [
        frame["payload"]
        for frame in report.record.ocpp
        if frame["dir"] == "sent" and frame["type"] == 2 and frame["action"] == action
    ]


def receipt(report: Report) -> dict[str, Any]:
    (found,) = [
        json.loads(payload["data"])
        for payload in told(report, "DataTransfer")
        if payload["messageId"] == "Session.Receipt"
    ]
    return dict(found)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("jump", JUMPS)
def test_price_and_times_are_those_of_a_clock_that_stood_right(jump: str) -> None:
    report, right = played(jump, "no_cut"), played("right", "no_cut")
    assert [(f.line, f.expected, f.was) for f in report.failures] == []
    assert receipt(report)["lines"] == receipt(right)["lines"]
    (start,), (stop,) = told(report, "StartTransaction"), told(report, "StopTransaction")
    assert start["timestamp"] == told(right, "StartTransaction")[0]["timestamp"]
    (as_right,) = told(right, "StopTransaction")
    late = datetime.fromisoformat(stop["timestamp"]) - datetime.fromisoformat(as_right["timestamp"])
    assert abs(late) <= timedelta(seconds=1)
    assert stop["meterStop"] == as_right["meterStop"]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("cut", ["core", "power"])
@pytest.mark.parametrize("jump", JUMPS)
def test_cut_right_after_the_jump_leaves_one_honest_charge(jump: str, cut: str) -> None:
    report = played(jump, cut)
    wrong = [f for f in report.failures if "contactor" not in f.expected]
    assert [(f.line, f.expected, f.was) for f in wrong] == []
    (start,), (stop,) = told(report, "StartTransaction"), told(report, "StopTransaction")
    began, ended = (datetime.fromisoformat(each["timestamp"]) for each in (start, stop))
    assert began <= ended <= START_OF_TIME + timedelta(seconds=report.virtual_s + 5)
    billed = receipt(report)
    assert billed["energyWh"] == stop["meterStop"] - start["meterStart"]
    times = [line for line in billed["lines"] if line["item"] == "charging"]
    assert times
