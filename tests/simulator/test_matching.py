"""Partial matching of payloads, references, and the report's stable bytes."""

import json
from typing import Any

import pytest

from simulator.matching import matches, substituted
from simulator.report import Failure, Record, Report, to_bytes


@pytest.mark.parametrize(
    ("wanted", "actual"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": {"b": "x"}}, {"a": {"b": "x", "c": 0}}),
        ([{"k": 1}], [{"k": 0}, {"k": 1, "v": 2}]),
        ({"n": {"min": 1, "max": 3}}, {"n": 2}),
        ({"n": {"min": 1}}, {"n": "2.5"}),
        ({"tag": 9724000000000001}, {"tag": "9724000000000001"}),
        ({"data": {"total": 5}}, {"data": '{"total": 5, "x": 1}'}),
        ({"ok": True, "no": None}, {"ok": True, "no": None}),
        ({}, {"a": 1}),
    ],
)
def test_payload_when_it_has_what_is_wanted_then_it_matches(wanted: Any, actual: Any) -> None:
    assert matches(wanted, actual)


@pytest.mark.parametrize(
    ("wanted", "actual"),
    [
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, [1]),
        ([1], {"a": 1}),
        ([1, 2], [1]),
        ({"ok": True}, {"ok": 1}),
        ({"ok": 1}, {"ok": True}),
        ({"n": {"min": 3}}, {"n": 2}),
        ({"n": {"max": 3}}, {"n": "many"}),
        ({"data": {"total": 5}}, {"data": "no JSON"}),
        ({"x": "a"}, {"x": ["a"]}),
    ],
)
def test_payload_when_something_is_missing_then_it_does_not_match(wanted: Any, actual: Any) -> None:
    assert not matches(wanted, actual)


def test_references_when_substituted_then_whole_values_keep_their_type() -> None:
    known = {("connector-1", "transactionId"): 7, ("GC-1", "number"): "97"}
    written = {"id": "$connector-1.transactionId", "list": ["no. $GC-1.number", 3], "cost": "$5"}
    assert substituted(written, lambda name, field: known[name, field]) == {
        "id": 7,
        "list": ["no. 97", 3],
        "cost": "$5",
    }


def a_report(*failures: Failure) -> Report:
    record = Record()
    record.screen(0.0004, "home")
    record.screen(1.0, "home")
    record.frame(1.23456, {"dir": "sent", "type": 2, "id": "1", "action": "A", "payload": {"é": 1}})
    record.happened(9.1, "contactor", 1, "closed")
    return Report("T", 7, 642.0, None, failures, record, True, {"b": 2, "a": 1}, ())


def test_report_when_written_then_it_has_the_shape_of_the_contract() -> None:
    written = json.loads(to_bytes([a_report(Failure(9, 21, "home", "oos"))]))
    assert list(written) == [
        "title", "passed", "seed", "virtual_s", "wall_s", "failures",
        "screens", "ocpp", "ledger", "physical", "incidents",
    ]  # fmt: skip
    assert written["passed"] is False
    assert written["wall_s"] is None
    assert written["failures"] == [{"step": 9, "line": 21, "expected": "home", "was": "oos"}]
    assert written["screens"] == [{"t": 0.0, "id": "home"}]
    assert written["ocpp"][0]["t"] == 1.235
    assert written["ledger"] == {"balanced": True, "accounts": {"a": 1, "b": 2}}
    assert written["physical"] == [
        {"t": 9.1, "what": "contactor", "connector": 1, "value": "closed"}
    ]


def test_reports_when_several_then_a_list() -> None:
    both = json.loads(to_bytes([a_report(), a_report()]))
    assert [each["passed"] for each in both] == [True, True]
