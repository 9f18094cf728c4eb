"""The flight recorder names every frame and keeps no secret."""

import pytest

from drivers.greencard.pn532 import Ack, Command, Garbage, Refused, Response, encode
from drivers.greencard.trace_text import describe, mask_frames
from drivers.trace import Direction

SECRET = bytes.fromhex("C0FFEE") * 6


def masked(octets: bytes) -> str:
    return mask_frames(Direction.RECEIVED, octets)


@pytest.mark.parametrize(
    "octets",
    [
        encode(Command(0x40, b"\x01\xaf" + SECRET)),
        encode(Command(0x40, bytes.fromhex("0190AF000012") + SECRET + b"\x00")),
        encode(Response(0x41, b"\x00\xaf" + SECRET)),
        encode(Response(0x41, b"\x00" + SECRET + b"\x91\xaf")),
        encode(Response(0x41, b"\x00\x00" + SECRET))[:-6],  # cut short
        b"\x55" * 6 + SECRET,  # start code lost
        encode(Response(0x41, b"\x00\x00" + SECRET))[:-2] + b"\x00\x00",  # checksum damaged
    ],
)
def test_secret_is_masked_in_whole_and_in_damaged_frames(octets: bytes) -> None:
    text = masked(octets).replace(" ", "")
    assert "C0FFEE" not in text
    assert "**" in text


def test_frames_without_secrets_are_shown_whole() -> None:
    for frame in (Ack(), Refused(), Command(0x4A, b"\x01\x00"), Response(0x4B, b"\x00")):
        assert masked(encode(frame)) == encode(frame).hex(" ").upper()
    select = Command(0x40, bytes.fromhex("01905A000003DEC0F500"))
    assert "**" not in masked(encode(select))


def test_uid_keeps_its_last_two_bytes() -> None:
    listing = Response(0x4B, bytes.fromhex("0101034420 07 04112233445566 0675778102 80"))
    text = masked(encode(listing))
    assert "** ** ** ** ** 55 66 06 75" in text
    assert text.endswith("** 00")
    assert "04 11" not in text


def test_listing_too_short_for_a_uid_is_shown() -> None:
    assert masked(encode(Response(0x4B, b"\x01\x01"))).startswith("00 00 FF 04")


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (Ack(), "ACK"),
        (Refused(), "REFUSED"),
        (Garbage(b"x"), "no frame"),
        (Command(0x4A), "in list passive target"),
        (Response(0x4B), "in list passive target done"),
        (Command(0xEE), "EE"),
        (Command(0x40, bytes.fromhex("01AA00")), "card: authenticate aes"),
        (Command(0x40, bytes.fromhex("0190AA0000010000")), "card: authenticate aes"),
        (Command(0x40, b"\x01"), "card"),
        (Response(0x41, bytes.fromhex("0091AE")), "card: authentication"),
        (Response(0x41, bytes.fromhex("00AE")), "card: authentication"),
        (Response(0x41, b"\x00"), "card"),
        (Response(0x41, b"\x01"), "card: no answer"),
    ],
)
def test_frame_is_described_in_words(
    frame: Ack | Refused | Garbage | Command | Response, words: str
) -> None:
    assert describe(frame) == words
