"""Fields of ZVT messages: their table, card numbers, digits, letters, TLV."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.zvt import bitmaps, tlv
from drivers.zvt.apdu import Malformed
from drivers.zvt.bitmaps import Field
from drivers.zvt.values import (
    TextEncoding,
    bcd,
    digits_of,
    encoded,
    masked_pan,
    number_of,
    text_of,
    without_pans,
)

# --- fields ---------------------------------------------------------------------------------------


def test_fields_of_every_length_round_trip() -> None:
    written = bitmaps.encode(
        (Field.AMOUNT, bcd(1205, 6)),
        (Field.CARD_NAME, b"girocard"),
        (Field.ADDITIONAL_TEXT, b"x" * 123),
        (Field.TLV, tlv.encode(tlv.Entry(0x07, b"y" * 200))),
        (Field.RECEIPT, bcd(231, 2)),
    )
    fields = bitmaps.parse(written)
    assert fields.is_complete
    assert fields.get(Field.ADDITIONAL_TEXT) == b"x" * 123
    assert fields.tlv() == (tlv.Entry(0x07, b"y" * 200),)
    assert fields.get(Field.RECEIPT) == b"\x02\x31"


@pytest.mark.parametrize(
    ("number", "content"),
    [(Field.AMOUNT, b"1"), (0x99, b""), (Field.CARD_NAME, bytes(100)), (0x60, bytes(1000))],
)
def test_a_field_that_the_table_forbids_is_not_written(number: int, content: bytes) -> None:
    with pytest.raises(ValueError, match=r"field|does not fit"):
        bitmaps.encode((number, content))


@pytest.mark.parametrize(
    "hidden", ["99 00 87 02 31", "04 00 00", "8B F1 0A", "8B F1", "06 84 00", "06", "60 F0 FA"]
)
def test_fields_behind_an_unreadable_one_are_not_guessed(hidden: str) -> None:
    fields = bitmaps.parse(bytes.fromhex("27 00") + bytes.fromhex(hidden))
    assert fields.fields == {Field.RESULT: b"\0"}
    assert not fields.is_complete


def test_tracks_and_card_numbers_do_not_leave_the_parser() -> None:
    fields = bitmaps.parse(
        bytes.fromhex(
            "22 F0 F8 41 11 11 11 11 11 11 11 23 F0 F2 41 11 24 F0 F0 F1 41 2D F0 F1 42 19 60"
        )
    )
    assert fields.fields == {Field.PAYMENT_TYPE: b"\x60"}
    assert fields.masked_pan == "411111******1111"


@pytest.mark.parametrize(
    ("octets", "shown"),
    [
        ("55 98 83 EE EE EE 80 74", "559883******8074"),
        ("67 12 34 56 78 90 12 34 56 7F", "671234*********4567"),
        ("EE EE EE EE EE EE 12 34", "************1234"),
        ("12 34 56 78", "****5678"),
        ("12 3F", "123"),
        ("12 3A 45", ""),
        ("", ""),
    ],
)
def test_a_card_number_shows_six_and_four_digits_at_most(octets: str, shown: str) -> None:
    assert masked_pan(bytes.fromhex(octets)) == shown


@given(st.text("0123456789", min_size=13, max_size=19))
def test_no_receipt_shows_a_whole_card_number(pan: str) -> None:
    assert pan not in without_pans(f"Karte {pan} ok")
    assert pan not in masked_pan(bytes.fromhex(pan + "F" * (len(pan) % 2)))
    grouped = " ".join(pan[at : at + 4] for at in range(0, len(pan), 4))
    shown = without_pans(f"Karte {grouped} ok")
    assert len(shown) == len(f"Karte {grouped} ok")
    assert sum(each.isdigit() for each in shown) == 10
    assert (
        without_pans("TA-Nr 000975 BNr 0231 T-ID 52523535") == "TA-Nr 000975 BNr 0231 T-ID 52523535"
    )


def test_bcd_is_two_digits_to_a_byte() -> None:
    assert bcd(1205, 6) == bytes.fromhex("00 00 00 00 12 05")
    assert number_of(bytes.fromhex("00 00 00 00 12 05")) == 1205
    assert digits_of(bytes.fromhex("02 31")) == "0231"
    for impossible in (-1, 10_000):
        with pytest.raises(ValueError, match="does not fit"):
            bcd(impossible, 2)
    with pytest.raises(Malformed):
        digits_of(b"\x0e")


@pytest.mark.parametrize(
    ("octets", "encoding", "text"),
    [
        (b"H\x84ndler", TextEncoding.AUTO, "Händler"),
        ("Händler".encode(), TextEncoding.AUTO, "Händler"),
        (b"H\xe4ndler", TextEncoding.LATIN_1, "Händler"),
        (b"a\x00\x07b", TextEncoding.AUTO, "ab"),
        (b"\xff", TextEncoding.UTF_8, "\ufffd"),
    ],
)
def test_text_is_read_in_the_terminals_letters(
    octets: bytes, encoding: TextEncoding, text: str
) -> None:
    assert text_of(octets, encoding) == text


def test_text_is_written_in_the_terminals_letters() -> None:
    assert encoded("Händler") == b"H\x84ndler"
    assert encoded("Händler", TextEncoding.AUTO) == b"H\x84ndler"
    assert encoded("ä", TextEncoding.LATIN_1) == b"\xe4"


# --- TLV ------------------------------------------------------------------------------------------


tags = st.sampled_from([0x07, 0x08, 0x1A, 0x4C, 0x1F07, 0x1F16, 0x1F62, 0x1F8001])
entries = st.lists(st.builds(tlv.Entry, tags, st.binary(max_size=300)), max_size=6)


@given(entries)
def test_tlv_round_trips(written: list[tlv.Entry]) -> None:
    assert tlv.parse(tlv.encode(*written)) == tuple(written)


@pytest.mark.parametrize(
    ("size", "octets"), [(0, "00"), (0x7F, "7F"), (0x80, "81 80"), (256, "82 01 00")]
)
def test_tlv_lengths_are_ber(size: int, octets: str) -> None:
    assert tlv.encode_length(size) == bytes.fromhex(octets)
    assert tlv.read_length(bytes.fromhex(octets)) == (size, b"")


def test_tlv_refuses_what_it_cannot_write_and_ends_where_it_cannot_read() -> None:
    with pytest.raises(ValueError, match="too many"):
        tlv.encode_length(65_536)
    for unreadable in ("1F", "1F 80", "07", "07 83 00", "07 81", "07 82 01"):
        assert tlv.parse(bytes.fromhex(unreadable)) == ()
    assert tlv.parse(bytes.fromhex("07 05 41")) == (tlv.Entry(0x07, b"A"),)


def test_tlv_values_are_found_by_path_and_at_any_depth() -> None:
    recorded = tlv.parse(bytes.fromhex("E9 0E 1F 62 02 41 43 1F 63 06 33 38 34 48 48 32"))
    assert tlv.find(recorded, 0xE9, 0x1F62) == b"AC"
    assert tlv.find(recorded, 0xE9, 0x1F63) == b"384HH2"
    assert tlv.find(recorded, 0xE9, 0x07) is None
    assert tlv.find(recorded, 0x07) is None
    assert tlv.find(recorded) is None
    assert list(tlv.every(recorded, 0x1F63)) == [b"384HH2"]
