"""PN532 frames in the order of the user manual, then whatever a broken line makes of them."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.greencard import pn532
from drivers.greencard.pn532 import (
    MAX_LENGTH,
    Ack,
    Command,
    Decoder,
    Frame,
    Garbage,
    Nack,
    Refused,
    Response,
    encode,
)

VECTORS = Path(__file__).parents[1] / "support" / "vectors" / "pn532.txt"
LARGEST_FRAME = 3 + 5 + MAX_LENGTH + 1
KINDS = {"command": Command, "response": Response}
BARE = {"ack": Ack(), "nack": Nack(), "refused": Refused()}


def _vectors() -> list[tuple[bytes, Frame]]:
    found: list[tuple[bytes, Frame]] = []
    for line in VECTORS.read_text(encoding="ascii").splitlines():
        if line.startswith("#"):
            continue
        words = line.split()
        at = next(i for i, word in enumerate(words) if word in KINDS or word in BARE)
        octets = bytes.fromhex("".join(words[:at]))
        kind, *rest = words[at:]
        if kind in BARE:
            found.append((octets, BARE[kind]))
        else:
            code, *parameters = rest
            found.append((octets, KINDS[kind](int(code, 16), bytes.fromhex("".join(parameters)))))
    return found


def frames_of(parts: list[Frame | Garbage]) -> list[Frame]:
    return [part for part in parts if not isinstance(part, Garbage)]


def garbage_of(parts: list[Frame | Garbage]) -> bytes:
    """Zeros between frames are padding, so they do not count."""
    octets = b"".join(part.octets for part in parts if isinstance(part, Garbage))
    return octets.replace(b"\x00", b"")


payloads = st.binary(max_size=MAX_LENGTH - 2)
frames = st.one_of(
    st.just(Ack()),
    st.just(Nack()),
    st.just(Refused()),
    st.builds(Command, st.integers(0, 255), payloads),
    st.builds(Response, st.integers(0, 255), payloads),
)


@pytest.mark.parametrize(("octets", "frame"), _vectors())
def test_frame_from_the_manual_is_encoded_and_decoded_byte_for_byte(
    octets: bytes, frame: Frame
) -> None:
    assert encode(frame) == octets
    assert Decoder().feed(octets) == [frame]


def test_normal_frame_carries_255_bytes_and_extended_frame_takes_over_from_256() -> None:
    longest_normal = encode(Command(0x40, bytes(253)))
    assert longest_normal[3:5] == bytes([255, 1])
    shortest_extended = encode(Command(0x40, bytes(254)))
    # LENM 01, LENL 00: together with LCS FF they sum up to zero.
    assert shortest_extended[3:8] == bytes.fromhex("FFFF0100FF")
    assert shortest_extended[8:10] == bytes.fromhex("D440")


def test_extended_frame_copied_by_hand_is_read() -> None:
    octets = bytes.fromhex("0000FF FFFF 0003FD D54B00 E0 00")
    assert Decoder().feed(octets) == [Response(0x4B, b"\x00")]


def test_frame_longer_than_the_reader_takes_is_refused() -> None:
    with pytest.raises(ValueError, match="266 bytes"):
        encode(Command(0x40, bytes(264)))


def test_wake_up_bytes_before_a_frame_are_no_part_of_it() -> None:
    parts = Decoder().feed(pn532.WAKE_UP + encode(Command(0x14, b"\x01")))
    assert frames_of(parts) == [Command(0x14, b"\x01")]
    assert pn532.START_CODE not in pn532.WAKE_UP


@pytest.mark.parametrize(
    "damaged",
    [
        "0000FF 02FD D40229 00",  # LEN + LCS
        "0000FF 02FE D4022B 00",  # DCS
        "0000FF FFFF 000302 D54B00E0 00",  # LENM + LENL + LCS
        "0000FF FFFF 010AF5 D54B00E0 00",  # 266 bytes: longer than any frame
        "0000FF FFFF 000000 00",  # no content
        "0000FF 01FF D42C 00",  # TFI without a command
        "0000FF 02FE D60228 00",  # TFI of nobody
    ],
)
def test_damaged_frame_is_garbage_and_the_next_one_is_found(damaged: str) -> None:
    parts = Decoder().feed(bytes.fromhex(damaged) + encode(Ack()))
    assert frames_of(parts) == [Ack()]
    assert garbage_of(parts)


def test_frame_cut_short_does_not_swallow_the_whole_one_after_it() -> None:
    cut = encode(Response(0x41, bytes(30)))[:-10]
    parts = Decoder().feed(cut + encode(Ack()) + encode(Response(0x4B, b"\x00")))
    assert frames_of(parts) == [Ack(), Response(0x4B, b"\x00")]


def test_started_frame_can_be_given_up() -> None:
    decoder = Decoder()
    start = encode(Response(0x41, bytes(5)))[1:8]
    assert decoder.feed(start) == []
    assert decoder.is_inside_frame
    assert decoder.give_up() == Garbage(start)
    assert not decoder.is_inside_frame
    assert decoder.feed(encode(Ack())) == [Ack()]


@given(st.lists(frames, max_size=5), st.data())
def test_any_frames_in_any_chunks_come_out_as_they_went_in(
    sent: list[Frame], data: st.DataObject
) -> None:
    stream = b"".join(encode(frame) for frame in sent)
    decoder = Decoder()
    received: list[Frame | Garbage] = []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        received += decoder.feed(stream[:size])
        stream = stream[size:]
    assert received == sent


@given(st.binary(max_size=60), frames, st.binary(max_size=60), st.integers(1, 9))
def test_chunking_never_changes_what_is_found(
    before: bytes, frame: Frame, after: bytes, size: int
) -> None:
    stream = before + encode(frame) + after
    at_once = Decoder().feed(stream)
    decoder = Decoder()
    piecewise = [
        part
        for start in range(0, len(stream), size)
        for part in decoder.feed(stream[start : start + size])
    ]
    assert frames_of(piecewise) == frames_of(at_once)
    assert garbage_of(piecewise) == garbage_of(at_once)


@given(st.binary(max_size=40).filter(lambda noise: b"\x00" not in noise), frames)
def test_noise_without_a_start_code_hides_no_frame(noise: bytes, frame: Frame) -> None:
    assert frames_of(Decoder().feed(noise + encode(frame))) == [frame]


def test_hundred_thousand_random_streams_never_break_the_decoder_nor_fill_it() -> None:
    dice = random.Random(532)
    alphabet = bytes([0x00, 0xFF, 0x01, 0x02, 0xFE, 0xD4, 0xD5, 0x7F])
    decoder = Decoder()
    for round_number in range(100_000):
        length = dice.randrange(40)
        if round_number % 2:
            stream = dice.randbytes(length)
        else:  # bytes that make up headers
            stream = bytes(dice.choices(alphabet, k=length))
        decoder.feed(stream)
        assert decoder.pending <= LARGEST_FRAME
    decoder.give_up()
    assert decoder.feed(encode(Ack())) == [Ack()]
