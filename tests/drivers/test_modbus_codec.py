"""Modbus RTU frames: by hand from manuals, against our own CRC, then properties over any bytes."""

import random
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.pdu import ExceptionResponse, ModbusPDU

from drivers.modbus.codec import (
    BUFFER_LIMIT,
    AnswerFinder,
    encode,
    has_right_crc,
    read_coils,
    read_holding_registers,
    read_input_registers,
    write_coil,
    write_registers,
)
from drivers.modbus.reading import whole_wh
from simulator.devices.rtu import crc16

VECTORS = [
    (kind, bytes.fromhex(rest.split("#")[0]), rest.partition("#")[2].split())
    for kind, _, rest in (
        line.partition(" ")
        for line in (Path(__file__).parents[1] / "support/vectors/modbus.txt")
        .read_text()
        .splitlines()
    )
    if kind in {"ask", "say", "crc"}
]
ASKED = [(octets, note) for kind, octets, note in VECTORS if kind == "ask"]
SAID = [(octets, float(note[0])) for kind, octets, note in VECTORS if kind == "say"]

READ = read_input_registers(1, 0x0048, 2)
ANSWER = bytes.fromhex("01 04 04 44 9A 52 2B B2 24")


@pytest.mark.parametrize("octets", [octets for _, octets, _ in VECTORS])
def test_frame_of_a_manual_has_the_crc_that_we_compute(octets: bytes) -> None:
    assert has_right_crc(octets)
    assert crc16(octets[:-2]) == octets[-2:]


def test_crc_of_the_check_string() -> None:
    assert crc16(b"123456789") == bytes.fromhex("37 4B")


@pytest.mark.parametrize(("octets", "note"), ASKED)
def test_request_of_a_manual_is_what_we_send(octets: bytes, note: list[str]) -> None:
    function, unit, address, count = int(note[0]), int(note[1]), int(note[2], 16), int(note[3])
    build = read_input_registers if function == 4 else read_holding_registers
    assert encode(build(unit, address, count)) == octets


@pytest.mark.parametrize(("octets", "value"), SAID)
def test_answer_of_a_manual_holds_the_value_it_says(octets: bytes, value: float) -> None:
    answer = AnswerFinder(READ).feed(octets)
    assert answer is not None
    (found,) = struct.unpack(">f", struct.pack(">2H", *answer.registers))
    assert found == pytest.approx(value)


def test_register_is_floored_to_whole_watt_hours_exactly() -> None:
    (found,) = struct.unpack(">f", bytes.fromhex("44 9A 52 2B"))
    assert whole_wh(found) == 1_234_567
    assert whole_wh(0.001) == 1
    assert whole_wh(1.0 - 2**-24) == 999
    barely_below = 0.11699999999999999
    assert barely_below * 1000 == 117
    assert whole_wh(barely_below) == 116


def test_timed_relay_command_is_the_maker_s_example() -> None:
    request = write_coil(1, 0x0200, 7)
    assert encode(request) == bytes.fromhex("01 05 02 00 00 07 8D B0")
    assert AnswerFinder(request).feed(encode(request)) is not None


def test_echo_of_another_relay_or_time_is_no_answer() -> None:
    finder = AnswerFinder(write_coil(1, 0x0200, 30))
    assert finder.feed(encode(write_coil(1, 0x0201, 30))) is None
    assert finder.feed(encode(write_coil(1, 0x0200, 7))) is None


def test_registers_are_written_as_the_maker_says_and_only_their_own_echo_counts() -> None:
    request = write_registers(1, 261, 160)
    assert encode(request) == bytes.fromhex("01 10 01 05 00 01 02 00 A0 B6 BD")
    assert AnswerFinder(request).feed(bytes.fromhex("01 10 01 05 00 01 10 34")) is not None
    other = bytes.fromhex("01 10 01 06 00 01")
    assert AnswerFinder(request).feed(other + crc16(other)) is None


def test_refusal_is_an_answer() -> None:
    answer = AnswerFinder(READ).feed(bytes.fromhex("01 84 02 C2 C1"))
    assert isinstance(answer, ExceptionResponse)
    assert answer.exception_code == 2


def test_coils_are_read_as_bits() -> None:
    body = bytes.fromhex("15 01 01 05")
    answer = AnswerFinder(read_coils(0x15, 0, 3)).feed(body + crc16(body))
    assert answer is not None
    assert list(answer.bits[:3]) == [True, False, True]


@pytest.mark.parametrize(
    "octets",
    [
        bytes.fromhex("02 04 04 44 9A 52 2B F1 24"),  # another unit
        bytes.fromhex("01 04 04 44 9A 52 2B B2 25"),  # wrong CRC
        bytes.fromhex("01 04 08 44 9A 52 2B 00 00 00 00 00 00"),  # another length
    ],
)
def test_what_is_not_our_answer_is_not_taken(octets: bytes) -> None:
    assert AnswerFinder(READ).feed(octets) is None


def test_request_of_another_kind_is_not_ours_to_send() -> None:
    with pytest.raises(TypeError, match="no driver of ours"):
        AnswerFinder(ModbusPDU(dev_id=1))


def test_answer_that_announces_another_length_is_not_taken() -> None:
    body = bytes.fromhex("01 04 02 44 9A 52 2B")
    assert AnswerFinder(READ).feed(body + crc16(body)) is None


@given(st.binary(max_size=100), st.binary(max_size=20), st.data())
def test_answer_is_found_between_garbage_in_any_chunks(
    before: bytes, after: bytes, data: st.DataObject
) -> None:
    octets, finder, found = before + ANSWER + after, AnswerFinder(READ), None
    while octets and found is None:
        size = data.draw(st.integers(1, len(octets)))
        found = finder.feed(octets[:size])
        octets = octets[size:]
    assert found is not None


@given(st.data())
def test_single_wrong_byte_is_never_an_answer(data: st.DataObject) -> None:
    octets = bytearray(ANSWER)
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    assert AnswerFinder(READ).feed(bytes(octets)) is None


def test_hundred_thousand_random_streams_neither_raise_nor_grow() -> None:
    chance = random.Random(20_260_102)
    for _ in range(10_000):
        finder = AnswerFinder(READ)
        for _ in range(10):
            finder.feed(b"\x01\x04\x04" + chance.randbytes(chance.randrange(12)))
        assert len(finder.received) <= BUFFER_LIMIT
