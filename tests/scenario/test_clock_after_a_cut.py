"""The clock is wrong after a power cut, and the central system sets it right, at once or an hour later.

Whatever it was wrong by: each transaction is told once, no time on the wire lies in the future or
before the station was switched on, and the books balance.
"""

import json
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest

from simulator.play_options import StationOptions
from simulator.report import Report
from simulator.scenario_file import parse
from simulator.virtual_station import play_virtual
from simulator.vtime import START_OF_TIME

CLOCKS = {
    "right": "wait: 1s",
    "lost": "fault: {device: clock, kind: lost}",
    "an_hour_ahead": "fault: {device: clock, kind: wrong, by: 1h}",
    "decades_ahead": "fault: {device: clock, kind: wrong, by: 21900d}",
}
LINKS = {"at_once": ("wait: 1s", "wait: 1s"), "late": ("central: down", "central: up")}

CUT_WHILE_CHARGING = """
title: clock
given:
  config: {{tariff.energy: 45.00, tariff.session: 0}}
steps:
  - plug: {{connector: 1, ev: {{soc: 20, max_a: 16}}}}
  - coin: 2.00
  - touch: start
  - expect: {{contactor: {{1: closed}}, within: 20s}}
  - wait: 6s
  - power: cut
  - {away}
  - {clock}
  - wait: 3s
  - power: restore
  - wait: 2m
  - {back}
  - wait: 1m
  - unplug: {{connector: 1}}
  - wait: 1m
  - expect: {{ocpp: {{sent: StartTransaction}}, times: 1}}
  - expect: {{ocpp: {{sent: StopTransaction}}, times: 1}}
  - expect: {{ocpp: {{sent: DataTransfer, where: {{messageId: Session.Receipt}}}}, times: 1}}
  - expect: {{ledger: balanced, connector: {{1: Available}}}}
"""

BEGUN_BEFORE_THE_CLOCK_IS_RIGHT = """
title: clock
given:
  config: {{tariff.energy: 45.00, tariff.session: 0}}
steps:
  - power: cut
  - {away}
  - {clock}
  - wait: 3s
  - power: restore
  - expect: {{screen: home, device: {{coin_acceptor: online}}, within: 60s}}
  - plug: {{connector: 1, ev: {{soc: 20, max_a: 16}}}}
  - coin: 2.00
  - touch: start
  - expect: {{contactor: {{1: closed}}, within: 20s}}
  - wait: 2m
  - {back}
  - wait: 1m
  - unplug: {{connector: 1}}
  - wait: 1m
  - expect: {{ocpp: {{sent: StartTransaction}}, times: 1}}
  - expect: {{ocpp: {{sent: StopTransaction}}, times: 1}}
  - expect: {{ocpp: {{sent: DataTransfer, where: {{messageId: Session.Receipt}}}}, times: 1}}
  - expect: {{ledger: balanced, connector: {{1: Available}}}}
"""
STORIES = {"cut": CUT_WHILE_CHARGING, "begun": BEGUN_BEFORE_THE_CLOCK_IS_RIGHT}
LEEWAY = timedelta(seconds=5)


def played(story: str, clock: str, link: str) -> Report:
    away, back = LINKS[link]
    text = STORIES[story].format(clock=CLOCKS[clock], away=away, back=back)
    return play_virtual(parse(text), StationOptions())


def told(report: Report, action: str) -> list[tuple[datetime, dict[str, Any]]]:
    """When it went over the wire by the world's clock, and what it said."""
    return [
        (START_OF_TIME + timedelta(seconds=frame["t"]), frame["payload"])
        for frame in report.record.ocpp
        if frame["dir"] == "sent" and frame["type"] == 2 and frame["action"] == action
    ]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(("story", "clock", "link"), list(product(STORIES, CLOCKS, LINKS)))
def test_times_are_honest_and_nothing_is_told_twice(story: str, clock: str, link: str) -> None:
    report = played(story, clock, link)
    assert [(f.line, f.expected, f.was) for f in report.failures] == []
    assert report.balanced
    ((_, start),) = told(report, "StartTransaction")
    ((stop_sent, stop),) = told(report, "StopTransaction")
    began, ended = moment(start["timestamp"]), moment(stop["timestamp"])
    closed = [
        START_OF_TIME + timedelta(seconds=e["t"])
        for e in report.record.physical
        if (e["what"], e["value"]) == ("contactor", "closed")
    ]
    assert abs(began - closed[0]) < timedelta(seconds=30)
    assert began <= ended <= stop_sent + LEEWAY
    (document,) = [
        json.loads(payload["data"])
        for _, payload in told(report, "DataTransfer")
        if payload["messageId"] == "Session.Receipt"
    ]
    assert began <= moment(document["time"]) <= stop_sent + timedelta(minutes=6)
    assert moment(document["localTime"]) == moment(document["time"]).replace(microsecond=0)


@pytest.mark.parametrize("clock", ["lost", "decades_ahead"])
@pytest.mark.parametrize(("link", "reason"), [("at_once", "Local"), ("late", "PowerLoss")])
def test_a_charge_goes_on_only_where_the_time_away_is_known(
    clock: str, link: str, reason: str
) -> None:
    """The lock never opened and seconds passed; the central system says so, or nobody does."""
    ((_, stop),) = told(played("cut", clock, link), "StopTransaction")
    assert stop["reason"] == reason


def test_a_clock_that_was_wrong_once_does_not_spoil_the_next_life() -> None:
    """Corrected from far ahead; then another cut, and no central system to ask."""
    story = CUT_WHILE_CHARGING.format(
        clock=CLOCKS["decades_ahead"], away="wait: 1s", back="wait: 1s"
    )
    story += """
  - power: cut
  - central: down
  - wait: 3s
  - power: restore
  - expect: {screen: voucher_in, within: 60s}
  - touch: back
  - expect: {device: {coin_acceptor: online}, within: 10s}
  - plug: {connector: 1, ev: {soc: 20, max_a: 16}}
  - coin: 2.00
  - touch: start
  - expect: {contactor: {1: closed}, within: 20s}
  - wait: 1m
  - unplug: {connector: 1}
  - wait: 1m
  - central: up
  - wait: 2m
"""
    report = play_virtual(
        parse(story),
        StationOptions(),
    )
    assert [(f.line, f.expected, f.was) for f in report.failures] == []
    starts = [moment(start["timestamp"]) for _, start in told(report, "StartTransaction")]
    assert len(starts) == 2
    assert starts[1] < START_OF_TIME + timedelta(seconds=report.virtual_s)
