"""Scenario files: the contract's example parses; a wrong file names every mistake with its line."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from simulator.scenario_file import ScenarioWrong, flat, load, parse, step_from_json
from simulator.scenario_text import Refused
from simulator.shapes import Span

EXAMPLE = """\
title: Coin and note, ten minutes, change paid back
given:                                  # all optional
  time: 2026-11-21T08:00:00+01:00
  config: {tariff.energy: 0.45, tariff.session: 0}   # overrides, dotted keys
  hopper: {"1.00": 20, "0.10": 40}      # coins in the payout hoppers
  cards: {GC-1: {balance: 20.00, plan: prepaid}}
  central: up                           # up | down | rejecting | slow
seed: 7
steps:
  - coin: 2.00                          # at HOME: opens the cash journey
  - note: 5.00
  - plug: {connector: 1, ev: {soc: 20, battery_kwh: 40, max_a: 16, phases: 1}}
  - touch: start
  - expect: {screen: charging, within: 30s}
  - wait: 10m
  - touch: stop
  - enter_code: own                     # the four digits this customer was shown
  - unplug: {connector: 1}
  - expect: {paid_out: 6.80, within: 1m}
  - expect: {ledger: balanced}
  - expect: {ocpp: {sent: StopTransaction, where: {reason: Local}}, times: 1}
"""

EVERY_STEP = """\
title: every step
steps:
  - ev: {connector: 1, soc: 55, ready: false, draw_a: 6, diode: short, ventilation: true}
  - coin_jam: true
  - take_change: true
  - tap: GC-1
  - tap: {uid: "04A1B2C3", clone: true}
  - tap: {token: "DEADBEEF", connector: 1}
  - tap: {card: GC-1, clone: true}
  - remove_card: true
  - bank: approve
  - bank: {approve: true, delay: 20s}
  - bank: remove_early
  - bank: silent
  - enter_code: "1234"
  - touch: {x: 12, y: 40.5}
  - touch: {id: start, connector: 2}
  - hold: {id: service, for: 5s}
  - key: next
  - jack: in
  - fault: {device: evse, kind: weld, connector: 1}
  - clear: {device: evse, kind: weld}
  - power: cut
  - power: {cut_at_commit: 3}
  - power: {cut_before_commit: 3}
  - power: {cut_after_effect: 3}
  - power: restore
  - kill: core
  - kill: ui
  - central: slow
  - central: {send: RemoteStartTransaction, payload: {idTag: "$GC-1.number", connectorId: 1}}
  - central: {answer: Authorize, with: {idTagInfo: {status: Blocked}}, times: 2}
  - service: {login: "0000"}
  - service: {do: collect_cash, box: 1}
  - note_to_reader: look here
  - parallel: [[{wait: 250ms}, {coin: 0.5}], [{wait: 1d}]]
  - repeat: {times: 3, steps: [{wait: 2h}]}
  - never: {contactor: {2: closed}}
  - expect: {says: Hello, button: start, connector: {1: Charging}, current_a: {1: {max: 16}}}
  - expect: {lock: {"1": locked}, credit: {1: 7.00}, cost: {min: 1, max: 2.12}, captured: 12.05}
  - expect: {balance: {GC-1: 17.88}, owed: 0.00, ledger: {"credit:1": 7.00}, returned: 2.00}
  - expect: {device: {coin_acceptor: inhibited, "evse:2": offline}, incident: evse.weld}
"""


def test_example_of_the_contract_when_read_then_money_is_exact() -> None:
    scenario = parse(EXAMPLE)
    assert scenario.seed == 7
    assert scenario.given.time == datetime(2026, 11, 21, 7, tzinfo=UTC)
    assert scenario.given.config == {"tariff.energy": "0.45", "tariff.session": "0"}
    assert scenario.given.hopper == {"1.00": 20, "0.10": 40}
    assert scenario.given.cards["GC-1"]["balance"] == Decimal("20.00")
    assert scenario.steps[0].arguments == {"minor": 200}
    assert (scenario.steps[4].line, scenario.steps[4].number) == (14, 5)
    assert scenario.steps[4].arguments == {"wanted": {"screen": "charging"}, "within": 30.0}
    assert scenario.steps[9].arguments["wanted"]["paid_out"] == Span(Decimal(680), Decimal(680))
    assert scenario.steps[11].arguments["wanted"]["ocpp"]["where"] == {"reason": "Local"}


def test_every_step_of_the_contract_when_read_then_accepted() -> None:
    steps = list(flat(parse(EVERY_STEP).steps))
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    assert steps[-1].arguments["wanted"]["device"] == {
        "coin_acceptor": "inhibited",
        "evse:2": "offline",
    }


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("- coin: two", "a number is needed, not 'two'"),
        ("- coin: 0.005", "two decimals at most"),
        ("- coin: 0", "more than nothing"),
        ("- coin: .inf", "a number is needed"),
        ("- coin: Infinity", "finite"),
        ("- wait: 10", "a duration such as"),
        ("- plug: {conector: 1}", "unknown key 'conector'"),
        ("- plug: {ev: {soc: 3}}", "key 'connector' is missing"),
        ("- plug: {connector: 0}", "a whole number from 1"),
        ("- jump: high", "unknown step 'jump'; known: plug"),
        ("- central: sideways", "one of up, down, rejecting, slow"),
        ("- expect: {within: 3s}", "nothing is expected"),
        ("- expect: {screen: home, times: 3}", "times counts OCPP messages"),
        ("- never: {screen: home, within: 3s}", "never holds to the end"),
        ("- expect: {connector: {1: Busy}}", "one of Available"),
        ("- expect: {device: {toaster: online}}", "unknown device 'toaster'"),
        ("- expect: {cost: {least: 3}}", "a number is needed, not 'least'"),
        ("- {wait: 1s, coin: 1}", "a step is one key"),
        ("- coin_jam: false", "only true makes sense"),
        ("- tap: {uid: XYZ}", "a UID of 4, 7 or 10 bytes"),
        ("- tap: [GC-1]", "a plain value is needed"),
        ("- tap: {clone: true}", "a table with one of card, token, uid"),
        ("- enter_code: start", "own, voucher, or digits"),
        ("- repeat: {times: 0, steps: []}", "a whole number from 1"),
        ("- ev: {connector: 1, ready: maybe}", "true or false"),
        ("- wait: 1s\n  - wait: 1s: 2", "not YAML"),
    ],
)
def test_wrong_step_when_read_then_refused_with_line_and_reason(step: str, reason: str) -> None:
    with pytest.raises(ScenarioWrong) as raised:
        parse(f"title: wrong\nsteps:\n  {step}\n", "wrong.yaml")
    problem = raised.value.problems[0]
    assert reason in problem.reason
    assert problem.line in {3, 4}
    assert str(raised.value).startswith(f"wrong.yaml:{problem.line}: ")


def test_wrong_file_when_read_then_every_problem_is_reported_in_order() -> None:
    with pytest.raises(ScenarioWrong) as raised:
        parse(
            "given:\n  time: yesterday\n  central: {}\nsteps:\n  - coin: x\n"
            "  - parallel: [[{wait: 1}], [{tap: {}}]]\nspeed: 3\n",
        )
    assert [problem.line for problem in raised.value.problems] == [1, 2, 3, 5, 6, 6, 7]


@pytest.mark.parametrize(
    "text",
    ["", "- a", "title: x", "title: x\nsteps: 3", "a: &a [*a]", "title: x\ntitle: y", "? [a]\n: b"],
)
def test_text_that_is_no_scenario_when_read_then_refused(text: str) -> None:
    with pytest.raises(ScenarioWrong):
        parse(text)


def test_file_when_missing_or_not_text_then_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioWrong, match="No such file"):
        load(tmp_path / "none.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"title: \xff")
    with pytest.raises(ScenarioWrong, match="not UTF-8"):
        load(tmp_path / "bytes.yaml")


def test_step_of_the_interface_when_json_then_as_in_a_file() -> None:
    assert step_from_json('{"coin": 2.00}').arguments == {"minor": 200}
    step = step_from_json(json.dumps({"plug": {"connector": 1, "ev": {"ready": True}}}))
    assert step.arguments == {"connector": 1, "ev": {"ready": True}}
    sent = step_from_json(
        '{"central": {"send": "Reset", "payload": {"type": "Soft", "n": [1, null]}}}'
    )
    assert sent.arguments["payload"] == {"type": "Soft", "n": [1, None]}
    for wrong in ("", "[]", '{"coin": 1, "note": 5}', '{"coin": NaN}', "[" * 100_000):
        with pytest.raises(Refused):
            step_from_json(wrong)
