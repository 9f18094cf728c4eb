"""RAPI lines: by hand from the protocol description, then properties over any bytes."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.rapi.codec import (
    BOARD_LINE_LIMIT,
    HOST_LINE_LIMIT,
    Checksum,
    Command,
    Decoder,
    Event,
    Frame,
    Garbage,
    Reply,
    board_decoder,
    encode,
    host_decoder,
)

VECTORS = [
    tuple(line.split(" ", 1))
    for line in (Path(__file__).parents[1] / "support/vectors/rapi.txt").read_text().splitlines()
    if line and not line.startswith("#")
]

words = st.text("0123456789abcdefABCDEF.-", min_size=1, max_size=8)
arguments = st.lists(words, max_size=5).map(tuple)
sequences = st.none() | st.integers(1, 255)
commands = st.builds(
    Command, st.sampled_from(["GS", "SC", "FE", "S5", "SY", "F0"]), arguments, sequences
)
replies = st.builds(Reply, st.booleans(), arguments, sequences)
events = st.builds(Event, st.sampled_from(["AT", "AB", "AN", "WF", "ST"]), arguments)


def decoder_for(speaker: str) -> Decoder:
    return host_decoder() if speaker == "host" else board_decoder()


def wide_decoder_for(frame: Frame) -> Decoder:
    return host_decoder() if isinstance(frame, Command) else board_decoder()


@pytest.mark.parametrize(("speaker", "line"), VECTORS)
def test_line_of_the_specification_decodes_and_encodes_to_itself(speaker: str, line: str) -> None:
    (frame,) = decoder_for(speaker).feed(line.encode() + b"\r")
    assert not isinstance(frame, Garbage)
    checksum = Checksum.SUM if line[-3] == "*" else Checksum.XOR
    if "  " in line:  # the board's own double space, which we read and never write
        assert frame == Reply(ok=True, arguments=("ABCDEF01FF23",))
    else:
        assert encode(frame, checksum) == line.encode() + b"\r"


@pytest.mark.parametrize(
    ("octets", "frame"),
    [
        (b"$GS :01^2B\r", Command("GS", (), 1)),
        (b"$SC 16 V^65\r", Command("SC", ("16", "V"))),
        (b"$GS\r", Command("GS")),
        (b"$FE*AF\r", Command("FE")),
        (b"$GS :00\r", Command("GS", (":00",))),
        (b"$ST 0 0 0 0^23\r", Command("ST", ("0", "0", "0", "0"))),
    ],
)
def test_command_is_read_with_its_arguments_and_id(octets: bytes, frame: Command) -> None:
    assert host_decoder().feed(octets) == [frame]


@pytest.mark.parametrize(
    ("octets", "frame"),
    [
        (b"$OK 03 125 03 0540 :01^0C\r", Reply(True, ("03", "125", "03", "0540"), 1)),
        (b"$NK^21\r", Reply(False)),
        (b"$AT 06 00 16 0580^3D\r", Event("AT", ("06", "00", "16", "0580"))),
        (b"$WF 02^17\r", Event("WF", ("02",))),
    ],
)
def test_what_a_board_says_is_told_apart_by_its_first_token(octets: bytes, frame: Frame) -> None:
    assert board_decoder().feed(octets) == [frame]


@pytest.mark.parametrize(
    "octets", [b"$OK^21\r", b"$OK\r", b"$XY^18\r", b"$O\xcbK^00\r", b"noise\r", b"$ok^20\r"]
)
def test_what_is_no_frame_is_garbage(octets: bytes) -> None:
    (garbage,) = board_decoder().feed(octets)
    assert isinstance(garbage, Garbage)


def test_line_for_a_terminal_needs_no_checksum() -> None:
    assert encode(Command("GS"), Checksum.NONE) == b"$GS\r"


def test_lower_case_checksum_says_the_same() -> None:
    assert board_decoder().feed(b"$OK 1 M^5c\r") == board_decoder().feed(b"$OK 1 M^5C\r")
    (garbage,) = board_decoder().feed(b"$OK 1 M^5d\r")
    assert isinstance(garbage, Garbage)
    assert garbage.is_corrupt


def test_dollar_restarts_the_line() -> None:
    found = host_decoder().feed(b"$SC 1$FS^31\r")
    assert found[1:] == [Command("FS")]
    assert isinstance(found[0], Garbage)


def test_event_between_request_and_reply_is_told_apart() -> None:
    found = board_decoder().feed(b"$AT 03 03 16 0540^37\r$OK 03 125 03 0540 :01^0C\r")
    assert [type(one) for one in found] == [Event, Reply]


def test_line_longer_than_the_firmware_s_buffer_is_dropped() -> None:
    longest = encode(Command("FP", ("0", "0", "a" * 20)))
    assert len(longest) == BOARD_LINE_LIMIT + 1
    assert host_decoder().feed(longest) == [Command("FP", ("0", "0", "a" * 20))]
    found = host_decoder().feed(encode(Command("FP", ("0", "0", "a" * 21))) + b"$FS^31\r")
    assert found[-1] == Command("FS")
    assert not any(isinstance(one, Command) for one in found[:-1])


@given(replies | events, st.sampled_from([Checksum.XOR, Checksum.SUM]))
def test_every_frame_of_a_board_survives_the_wire(frame: Frame, checksum: Checksum) -> None:
    assert wide_decoder_for(frame).feed(encode(frame, checksum)) == [frame]


@given(st.lists(replies | events, max_size=4), st.data())
def test_any_chunking_gives_the_same_frames(frames: list[Frame], data: st.DataObject) -> None:
    octets = b"".join(encode(frame) for frame in frames)
    decoder, found = board_decoder(), []
    while octets:
        size = data.draw(st.integers(1, len(octets)))
        found += decoder.feed(octets[:size])
        octets = octets[size:]
    assert found == frames


@given(st.binary(max_size=300), replies)
def test_frame_after_garbage_is_found(noise: bytes, frame: Reply) -> None:
    assert board_decoder().feed(noise + encode(frame))[-1] == frame


@given(replies, st.data())
def test_single_wrong_byte_is_never_another_reply(frame: Reply, data: st.DataObject) -> None:
    octets = bytearray(encode(frame))
    place = data.draw(st.integers(0, len(octets) - 1))
    octets[place] ^= data.draw(st.integers(1, 255))
    assert all(isinstance(one, Garbage) for one in board_decoder().feed(bytes(octets)))


def test_hundred_thousand_random_streams_neither_raise_nor_grow() -> None:
    chance = random.Random(20_260_101)
    alphabet = b"$^*:\r\n 0123456789ABCDEFGOKNSTaf\x00\xff"
    for _ in range(1_000):
        decoder = board_decoder() if chance.random() < 0.5 else host_decoder()
        for _ in range(100):
            decoder.feed(bytes(chance.choices(alphabet, k=chance.randrange(24))))
            assert decoder.held <= 2 * HOST_LINE_LIMIT
