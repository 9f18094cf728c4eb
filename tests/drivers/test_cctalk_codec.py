"""ccTalk bytes: the specification's own frames, any chunking, any garbage; coin values, codes."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.cctalk import codes
from drivers.cctalk.codec import (
    LONGEST,
    Decoder,
    Frame,
    Garbage,
    Header,
    crc16,
    describe,
    encode,
)
from drivers.cctalk.coin_values import value_of_coin
from simulator.entropy import SeededEntropy

VECTORS = Path(__file__).parents[1] / "support" / "vectors" / "cctalk.txt"


def vectors(*kinds: str) -> list[object]:
    """Lines of the vector file of these kinds, as test parameters (kind, bytes)."""
    lines = [line for line in VECTORS.read_text().splitlines() if not line.startswith("#")]
    found = []
    for line in lines:
        octets, _, meaning = line.partition("#")
        kind, _, digits = octets.partition(" ")
        if kind in kinds:
            found.append(pytest.param(kind, bytes.fromhex(digits), id=meaning.strip()))
    return found


def frames_in(chunks: list[bytes], **options: int | bool) -> list[Frame]:
    decoder = Decoder(**options)  # type: ignore[arg-type]
    found = [item for chunk in chunks for item in decoder.feed(chunk)]
    return [item for item in found if isinstance(item, Frame)]


octets = st.integers(0, 255)
frames = st.builds(Frame, octets, octets, octets, st.binary(max_size=255))
crc_frames = st.builds(Frame, octets, st.none(), octets, st.binary(max_size=255))


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[start:end] for start, end in pairwise(edges)]


# --- the specification's own bytes --------------------------------------------------------------


@pytest.mark.parametrize(("kind", "printed"), vectors("cct", "crc"))
def test_every_printed_frame_decodes_and_encodes_to_itself(kind: str, printed: bytes) -> None:
    (frame,) = Decoder(crc=kind == "crc").feed(printed)
    assert isinstance(frame, Frame)
    assert encode(frame) == printed


@pytest.mark.parametrize(("kind", "printed"), vectors("bad"))
def test_every_known_misprint_is_no_frame(kind: str, printed: bytes) -> None:
    assert kind == "bad"
    decoder = Decoder()
    found = decoder.feed(printed)
    assert not any(isinstance(item, Frame) for item in found)


def test_the_fields_are_where_the_specification_has_them() -> None:
    (frame,) = Decoder().feed(bytes.fromhex("02 02 01 E7 FF FF 16"))
    assert frame == Frame(2, 1, Header.MODIFY_INHIBITS, b"\xff\xff")
    (frame,) = Decoder(crc=True).feed(bytes.fromhex("28 01 BC 9A 01 62"))
    assert frame == Frame(0x28, None, 154, b"\x01")


@pytest.mark.parametrize(
    ("covered", "crc"),
    [
        ("49D5F2", "A6B3"),
        ("2FBD9D", "90B2"),
        ("D953D1", "7BB5"),
        ("70B8D9640415", "FB00"),
        ("7261B94ED078", "93E3"),
        ("63FAD19FE619", "5BB3"),
    ],
)
def test_crc_is_the_published_one(covered: str, crc: str) -> None:
    assert f"{crc16(bytes.fromhex(covered)):04X}" == crc


def test_a_frame_that_does_not_fit_into_bytes_is_refused() -> None:
    for impossible in ((256, 1, 0), (2, -1, 0), (2, 1, 256)):
        with pytest.raises(ValueError, match="does not fit"):
            Frame(*impossible)
    with pytest.raises(ValueError, match="256 does not fit"):
        Frame(2, 1, 0, bytes(256))


# --- any bytes ----------------------------------------------------------------------------------


@given(frames)
def test_format_a_round_trips(frame: Frame) -> None:
    assert Decoder().feed(encode(frame)) == [frame]


@given(crc_frames)
def test_format_b_round_trips(frame: Frame) -> None:
    assert Decoder(crc=True).feed(encode(frame)) == [frame]


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=20))
def test_any_chunking_of_any_bytes_gives_the_same_frames(stream: bytes, places: list[int]) -> None:
    for options in ({}, {"destination": 1, "source": 2}, {"crc": True}):
        assert frames_in(cut(stream, places), **options) == frames_in([stream], **options)


@given(st.lists(frames, max_size=4), st.lists(st.integers(0, 1200), max_size=20))
def test_any_chunking_of_frames_gives_all_of_them(sent: list[Frame], places: list[int]) -> None:
    stream = b"".join(encode(frame) for frame in sent)
    assert frames_in(cut(stream, places)) == sent


@given(st.binary(max_size=40), st.binary(max_size=20), st.lists(st.integers(0, 60), max_size=8))
def test_a_host_finds_the_reply_behind_garbage(
    noise: bytes, payload: bytes, places: list[int]
) -> None:
    reply = Frame(1, 2, 0, payload)
    garbage = noise.replace(b"\x01", b"\x00")  # nothing that could begin a reply
    assert frames_in(cut(garbage + encode(reply), places), destination=1, source=2) == [reply]


@given(st.binary(max_size=30))
def test_after_silence_the_next_frame_is_found_whatever_was_held(noise: bytes) -> None:
    decoder = Decoder()
    decoder.feed(noise)
    decoder.reset()
    frame = Frame(2, 1, Header.READ_CREDIT)
    assert decoder.feed(encode(frame)) == [frame]


def test_every_byte_is_in_a_frame_in_garbage_or_held() -> None:
    frame = Frame(1, 2, 0, b"abc")
    decoder = Decoder(destination=1, source=2)
    found = decoder.feed(b"\x99\x98" + encode(frame) + b"\x01\x05\x03" + encode(frame)[:4])
    assert found == [Garbage(b"\x99\x98"), frame, Garbage(b"\x01\x05\x03")]
    assert decoder.held == 4
    assert decoder.reset() == encode(frame)[:4]
    assert decoder.held == 0


def test_a_hundred_thousand_random_streams_raise_nothing_and_hold_less_than_a_frame() -> None:
    entropy = SeededEntropy(2026, "cctalk")
    noise = entropy.token(1 << 16)
    decoder = Decoder()
    host = Decoder(destination=1, source=2)
    crc_host = Decoder(destination=1, crc=True)
    for _ in range(100_000):
        start = entropy.below(len(noise) - 24)
        stream = noise[start : start + 1 + start % 23]
        for each in (decoder, host, crc_host):
            each.feed(stream)
            assert each.held < LONGEST


# --- words and values ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (Frame(2, 1, Header.READ_CREDIT), "read credit"),
        (Frame(1, 2, 0), "ACK"),
        (Frame(1, 2, 0, b"x"), "reply"),
        (Frame(1, 2, 5), "NAK"),
        (Frame(1, 2, 6), "busy"),
        (Frame(2, 1, 77), "header 77"),
    ],
)
def test_a_frame_is_described_in_words(frame: Frame, words: str) -> None:
    assert describe(frame) == words


@pytest.mark.parametrize(
    ("coin_id", "value"),
    [
        ("EU001A", 1),
        ("EU002A", 2),
        ("EU005A", 5),
        ("EU010A", 10),
        ("EU020A", 20),
        ("EU050A", 50),
        ("EU100A", 100),
        ("EU200A", 200),
        ("EU1K0A", 1_000),
        ("EU10KA", 10_000),
        ("EUM10A", 100_000),
        ("EU1M0A", 1_000_000),
        ("EUG10A", 100_000_000),
        ("EUK25A", 250),
        ("......", None),
        ("EU....", None),
        ("EU.50A", None),
        ("EU50mA", None),
        ("EU000A", None),
        ("EUKKKA", None),
        ("EU..KA", None),
        ("GB100A", None),
        ("TK001A", None),
        ("EU100", None),
        ("", None),
    ],
)
def test_a_coin_id_is_worth(coin_id: str, value: int | None) -> None:
    assert value_of_coin(coin_id, "EU") == value


def test_codes_say_whether_the_coin_is_back_with_the_customer() -> None:
    assert codes.reason_returned(2) == codes.reason_returned(128) == codes.INHIBITED
    assert codes.reason_returned(25) == "slug"
    assert codes.reason_returned(36) is None
    assert codes.other_event(36) == "coin swallowed"
    assert codes.other_event(99) == "event 99"
    assert codes.fraud(20) == "coin on a string"
    assert codes.fraud(1) is None
    assert codes.fault(3) == "fault 3: credit sensor"
    assert codes.fault(200) == "fault 200: unknown"
