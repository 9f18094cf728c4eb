"""OCPP-J 1.6 §4.2, frame by frame."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.ocpp import frames
from chargepoint.ocpp.frames import Call, Error, ErrorCode, Malformed, Result, Unanswerable, parse

LIMIT = 1000

# Copied from OCPP-J 1.6 §4.2.1, §4.2.2 and errata J 3.9.
BOOT = (
    '[2,"19223201","BootNotification",'
    '{"chargePointVendor":"VendorX","chargePointModel":"SingleSocketCharger"}]'
)
BOOT_ANSWER = (
    '[3,"19223201",{"status":"Accepted","currentTime":"2013-02-01T20:53:32.486Z",'
    '"heartbeatInterval":300}]'
)
NOT_SUPPORTED = '[4,"162376037","NotSupported","SendLocalList.req not implemented",{}]'


def test_the_examples_of_the_specification_are_read_and_written() -> None:
    call, result, error = (parse(text, LIMIT) for text in (BOOT, BOOT_ANSWER, NOT_SUPPORTED))
    assert isinstance(call, Call)
    assert call.action == "BootNotification"
    assert frames.encode_call(call) == BOOT
    assert isinstance(result, Result)
    assert frames.encode_result(result) == BOOT_ANSWER
    assert error == Error("162376037", "NotSupported", "SendLocalList.req not implemented")
    assert isinstance(error, Error)
    assert frames.encode_error(error) == NOT_SUPPORTED


def test_null_is_an_empty_payload() -> None:
    assert parse('[2,"1","Heartbeat",null]', LIMIT) == Call("1", "Heartbeat", {})
    assert parse('[3,"1",null]', LIMIT) == Result("1", {})


@pytest.mark.parametrize(
    ("text", "message_id"),
    [
        ("", "-1"),
        ("{", "-1"),
        ("{}", "-1"),
        ("[]", "-1"),
        ('"text"', "-1"),
        ("[true]", "-1"),
        ('["2","1","Heartbeat",{}]', "-1"),
        ("[2]", "-1"),
        ('[2,"1"]', "1"),
        ('[2,"1","Heartbeat"]', "1"),
        ('[2,"1","Heartbeat",{},{}]', "1"),
        ('[2,"1","Heartbeat",[]]', "1"),
        ('[2,"1",7,{}]', "1"),
        ('[2,7,"Heartbeat",{}]', "7"),
        ('[2,null,"Heartbeat",{}]', "-1"),
        ('[2,"1","Heartbeat",{"x":NaN}]', "-1"),
        ('[2,"1","Heartbeat",{"x":"\\ud800"}]', "1"),
        ('[2,"\\udfff","Heartbeat",{}]', "-1"),
        ('[2,"1","Heartbeat",{"x":' + "9" * 990 + "}]", "1"),
        ("[" * 900, "-1"),
        ('[2,"1","Heartbeat",{"x":"' + "y" * LIMIT + '"}]', "1"),
        ("y" * (LIMIT + 1), "-1"),
    ],
)
def test_a_frame_of_the_wrong_shape_is_a_formation_violation(text: str, message_id: str) -> None:
    frame = parse(text, LIMIT)
    assert isinstance(frame, Malformed), frame
    assert (frame.error.id, frame.error.code) == (message_id, "FormationViolation")


def test_nesting_that_the_encoder_cannot_follow_is_a_formation_violation() -> None:
    for depth in range(900, 1000, 3):
        text = '[2,"1","Heartbeat",{"\\u0041":' + "[" * depth + "]" * depth + "}]"
        frame = parse(text, 10_000)
        assert isinstance(frame, Call | Malformed)


def test_a_unique_id_over_36_characters_is_answered_under_that_id() -> None:
    frame = parse(f'[2,"{"i" * 37}","Heartbeat",{{}}]', LIMIT)
    assert isinstance(frame, Malformed)
    assert frame.error.id == "i" * 37
    assert frame.error.code is ErrorCode.PROPERTY_CONSTRAINT_VIOLATION
    assert isinstance(parse(f'[2,"{"i" * 36}","Heartbeat",{{}}]', LIMIT), Call)


@pytest.mark.parametrize(
    ("text", "message_id"),
    [
        ('[9,"1",{}]', None),
        ("[-2]", None),
        ('[3,"1"]', "1"),
        ('[3,"1",[]]', "1"),
        ('[3,"1",{},{}]', "1"),
        ('[4,"1"]', "1"),
        ("[3]", None),
        ("[4,5]", None),
    ],
)
def test_broken_answers_and_unknown_types_ask_for_no_answer(
    text: str, message_id: str | None
) -> None:
    frame = parse(text, LIMIT)
    assert isinstance(frame, Unanswerable)
    assert frame.id == message_id


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("FormatViolation", "FormationViolation"),
        ("FormationViolation", "FormationViolation"),
        ("OccurrenceConstraintViolation", "OccurenceConstraintViolation"),
        ("SomethingElse", "SomethingElse"),
    ],
)
def test_both_spellings_of_an_error_code_are_understood(word: str, meaning: str) -> None:
    assert parse(f'[4,"1","{word}","",{{}}]', LIMIT) == Error("1", meaning)


def test_an_error_without_description_and_details_is_still_an_error() -> None:
    assert parse('[4,"1","GenericError"]', LIMIT) == Error("1", "GenericError")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.text() | json_values.map(json.dumps) | st.lists(json_values).map(json.dumps))
def test_any_text_is_some_frame_and_its_answer_is_valid_json(text: str) -> None:
    frame = parse(text, LIMIT)
    if isinstance(frame, Malformed):
        answer = json.loads(frames.encode_error(frame.error))
        assert answer[0] == 4
        assert isinstance(answer[1], str)


@settings(deadline=None)
@given(st.text(max_size=36), st.text(), st.dictionaries(st.text(), st.integers() | st.text()))
def test_a_call_survives_the_wire(message_id: str, action: str, payload: dict[str, object]) -> None:
    call = Call(message_id, action, payload)
    assert parse(frames.encode_call(call), 1_000_000) == call
