"""The messages between core and kiosk: what is sent is what is read, and nothing else is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint import contract
from chargepoint.contract import (
    Alive,
    Button,
    ContractViolated,
    Hello,
    Intent,
    Snapshot,
    Station,
    Tab,
    decode,
    encode,
)

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = st.integers(-(2**40), 2**40)
scalars = st.none() | st.booleans() | numbers | words
snapshots = st.builds(
    Snapshot,
    sequence=numbers,
    screen_seq=numbers,
    screen=words,
    language=words,
    easy=st.booleans(),
    connector=st.integers(1, 4),
    session=words,
    online=st.booleans(),
    params=st.dictionaries(words, scalars | st.lists(numbers) | st.lists(words), max_size=5),
    buttons=st.lists(st.builds(Button, words, st.booleans(), words), max_size=5).map(tuple),
    tabs=st.lists(st.builds(Tab, st.integers(1, 4), words, words), max_size=4).map(tuple),
    station=st.builds(Station, name=words, max_power=numbers, languages=st.just(("es", "en"))),
    earcon=words,
)
messages = (
    snapshots
    | st.builds(Intent, words, numbers, numbers, words, st.floats(0, 60))
    | st.builds(Hello, numbers, numbers)
    | st.builds(Alive, numbers)
)


@given(messages)
def test_message_is_read_as_it_was_written(message: contract.Message) -> None:
    line = encode(message)
    assert line.endswith(b"\n")
    assert b"\n" not in line[:-1]
    assert decode(line) == message


@given(st.binary(max_size=200))
def test_noise_is_refused_and_nothing_else_happens(line: bytes) -> None:
    with pytest.raises(ContractViolated):
        decode(line)


def a_line(**changes: Any) -> bytes:
    body = json.loads(encode(Intent("start", 3, 1)))
    body.update(changes)
    return json.dumps(body).encode()


@pytest.mark.parametrize(
    "line",
    [
        b"[1, 2]",
        b"null",
        a_line(v=2),
        a_line(kind="order"),
        a_line(kind=None),
        a_line(more=1),
        a_line(id=5),
        a_line(screen_seq="3"),
        a_line(screen_seq=None),
        a_line(session=[1]),
        b'{"v":1,"kind":"intent","id":"start"}',
        b'{"v":1,"kind":"snapshot","sequence":1,"screen_seq":1,"screen":"home","buttons":"abc"}',
        b'{"v":1,"kind":"snapshot","sequence":1,"screen_seq":1,"screen":"home","station":5}',
        b"[" * 100_000,
        b'{"v":1,"kind":"alive","frame":1' + b"0" * 5000 + b"}",
    ],
)
def test_what_is_no_message_of_this_version_is_refused(line: bytes) -> None:
    with pytest.raises(ContractViolated):
        decode(line)


def test_line_without_end_is_refused() -> None:
    with pytest.raises(ContractViolated, match="70000 bytes"):
        decode(b" " * 70_000)


def test_whole_seconds_are_a_time_too() -> None:
    assert decode(a_line(held_s=2)) == Intent("start", 3, 1, held_s=2)


def test_parameters_are_integers_or_zero() -> None:
    shown = Snapshot(1, 1, "home", params={"cost_minor": 45, "reason": "lock", "none": None})
    assert shown.param("cost_minor") == 45
    assert [shown.param(name) for name in ("reason", "none", "missing")] == [0, 0, 0]
