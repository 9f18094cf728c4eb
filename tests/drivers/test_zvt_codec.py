"""ZVT bytes: recorded messages and blocks, any chunking, any garbage, fields, text, masks."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.trace import Direction
from drivers.zvt import bitmaps, tlv
from drivers.zvt.apdu import (
    LONGEST,
    LONGEST_PAYLOAD,
    TAKEN,
    Apdu,
    Kind,
    Malformed,
    decode,
    encode,
    refused,
    size_of,
)
from drivers.zvt.bitmaps import Field
from drivers.zvt.codec import (
    Control,
    Damaged,
    Found,
    Garbage,
    SerialDecoder,
    TcpDecoder,
    crc16,
    encode_block,
)
from drivers.zvt.codes import prompt_of, reason_of, state_in_words
from drivers.zvt.commands import ABORT, STATUS_ENQUIRY, Commands
from drivers.zvt.receipt_text import MOST_LINES, ReceiptText
from drivers.zvt.result import NotBookable, code_of, open_receipts, receipt_of, status_of
from drivers.zvt.settings import ZvtSettings
from drivers.zvt.trace_text import describe, mask_messages
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
from simulator.entropy import SeededEntropy

VECTORS = Path(__file__).parents[1] / "support" / "vectors" / "zvt.txt"
RECORDED_RESULT = next(
    bytes.fromhex(line.removeprefix("apdu ").partition("#")[0])
    for line in VECTORS.read_text().splitlines()
    if line.startswith("apdu ")
)


def vectors() -> list[object]:
    """(message, serial block) of each `zvt` line."""
    found = []
    for line in VECTORS.read_text().splitlines():
        if line.startswith("zvt "):
            octets, _, meaning = line.removeprefix("zvt ").partition("#")
            message, block = map(bytes.fromhex, octets.split("|"))
            found.append(pytest.param(message, block, id=meaning.strip()))
    return found


def hexed(digits: str) -> bytes:
    return bytes.fromhex(digits)


def merged(found: list[Found]) -> list[Found]:
    """Runs of garbage joined: where a chunk ends is no property of garbage."""
    joined: list[Found] = []
    for each in found:
        if joined and isinstance(each, Garbage) and isinstance(joined[-1], Garbage):
            joined[-1] = Garbage(joined[-1].octets + each.octets)
        else:
            joined.append(each)
    return joined


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[start:end] for start, end in pairwise(edges)]


def fed(decoder: SerialDecoder | TcpDecoder, chunks: list[bytes]) -> list[Found]:
    return merged([item for chunk in chunks for item in decoder.feed(chunk)])


kinds = st.integers(0, 0xFFFF)
apdus = st.builds(Apdu, kinds, st.binary(max_size=300))
known_apdus = st.builds(Apdu, st.sampled_from(Kind), st.binary(max_size=300))
# What makes trouble: the framing's own bytes, many of them.
nasty = st.lists(st.sampled_from([0x10, 0x02, 0x03, 0x06, 0x15, 0xFF, 0x00, 0x41]), max_size=80)


# --- recorded bytes -----------------------------------------------------------------------------


@pytest.mark.parametrize(("message", "block"), vectors())
def test_every_recorded_message_decodes_and_encodes_to_itself(message: bytes, block: bytes) -> None:
    apdu = decode(message)
    assert encode(apdu) == message
    assert encode_block(apdu) == block
    assert SerialDecoder().feed(block) == [apdu]
    assert SerialDecoder().feed(b"\x06" + block + b"\x15") == [Control.ACK, apdu, Control.NAK]
    assert fed(SerialDecoder(), [bytes([octet]) for octet in block]) == [apdu]
    assert TcpDecoder().feed(message) == [apdu]


def test_crc_is_kermit() -> None:
    assert crc16(b"123456789") == 0x2189


def test_the_recorded_result_says_what_was_reserved() -> None:
    fields = bitmaps.parse(decode(RECORDED_RESULT).payload)
    receipt = receipt_of(fields, known=None, asked=0)  # type: ignore[arg-type]
    assert (code_of(fields), fields.is_complete) == (0, True)
    assert (receipt.amount, receipt.receipt_number, receipt.trace) == (2500, "0231", "000975")
    assert (receipt.terminal_id, receipt.date_time) == ("52523535", "04-05 22:55:58")
    assert (receipt.masked_pan, receipt.card_name) == ("559883******8074", "MasterCard")
    assert fields.get(Field.EXPIRY) == hexed("2405")
    assert fields.get(Field.CARD_TYPE) == b"\x06"
    assert fields.get(Field.AUTHORISATION) == b"750071\0\0"


def test_the_driver_sends_the_recorded_commands() -> None:
    feig = Commands(ZvtSettings(password="123456", merchant_prefix="AC"))
    plain = Commands(ZvtSettings(password="123456"))
    sent = {
        encode_block(each).hex()
        for each in (
            feig.register(),
            feig.reserve("384HH2", 2500),  # type: ignore[arg-type]
            feig.give_back("MF2246", "0491", 1295),  # type: ignore[arg-type]
            plain.book("", "0231", 1205),  # type: ignore[arg-type]
            plain.release("0231"),
            plain.enquire_open(),
            plain.end_of_day(),
            TAKEN,
            STATUS_ENQUIRY,
            ABORT,
            refused(0x83),
            refused(0x66),
        )
    }
    recorded = {block.hex() for _, block in (each.values for each in vectors())}  # type: ignore[attr-defined]
    assert sent <= recorded


# --- any bytes ----------------------------------------------------------------------------------


@given(apdus)
def test_a_message_round_trips_through_its_block(apdu: Apdu) -> None:
    assert decode(encode(apdu)) == apdu
    assert SerialDecoder().feed(encode_block(apdu)) == [apdu]


@pytest.mark.parametrize("size", [0, 1, 254, 255, 256, 65_535])
@pytest.mark.parametrize("octet", [0x10, 0x41])
def test_every_length_round_trips(size: int, octet: int) -> None:
    apdu = Apdu(Kind.PRINT_BLOCK, bytes([octet]) * size)
    assert SerialDecoder().feed(encode_block(apdu)) == [apdu]
    assert TcpDecoder().feed(encode(apdu)) == [apdu]
    assert (encode(apdu)[2] == 0xFF) == (size >= 255)


@given(st.lists(known_apdus, max_size=5), st.lists(st.integers(0, 4000)))
def test_chunks_do_not_matter(messages: list[Apdu], places: list[int]) -> None:
    blocks = b"".join(encode_block(each) for each in messages)
    assert fed(SerialDecoder(), cut(blocks, places)) == messages
    stream = b"".join(encode(each) for each in messages)
    assert fed(TcpDecoder(), cut(stream, places)) == messages


@given(st.binary(max_size=60) | nasty.map(bytes), st.lists(st.integers(0, 4000)))
def test_garbage_is_cut_like_it_is_whole(garbage: bytes, places: list[int]) -> None:
    whole, parts = SerialDecoder(), SerialDecoder()
    assert fed(parts, cut(garbage, places)) == merged(whole.feed(garbage))
    assert parts.held == whole.held


@given(st.binary(max_size=60) | nasty.map(bytes), apdus)
def test_after_garbage_and_a_pause_the_next_block_is_found(garbage: bytes, apdu: Apdu) -> None:
    decoder = SerialDecoder()
    decoder.feed(garbage)
    decoder.give_up()
    assert decoder.feed(encode_block(apdu)) == [apdu]


@given(apdus, st.integers(0, 400))
def test_after_a_block_that_was_cut_off_the_next_is_found(apdu: Apdu, length: int) -> None:
    block = encode_block(apdu)
    decoder = SerialDecoder()
    decoder.feed(block[: length % (len(block) - 2)])
    assert STATUS_ENQUIRY in decoder.feed(encode_block(STATUS_ENQUIRY)) + decoder.feed(
        encode_block(STATUS_ENQUIRY)
    )


@given(apdus, st.integers(0), st.integers(1, 255))
def test_a_damaged_block_is_never_taken_for_another(apdu: Apdu, place: int, wrong: int) -> None:
    block = bytearray(encode_block(apdu))
    block[place % len(block)] ^= wrong
    found = SerialDecoder().feed(bytes(block))
    assert [each for each in found if isinstance(each, Apdu)] in ([], [apdu])


def test_what_was_taken_for_a_checksum_may_begin_the_next_block() -> None:
    block = encode_block(STATUS_ENQUIRY)
    for cut_off in ("10 02 06 00 00 10 03", "10 02 06 00 00 10 03 AA"):
        found = SerialDecoder().feed(hexed(cut_off) + block)
        assert isinstance(found[0], Damaged)
        assert found[-1] == STATUS_ENQUIRY


def test_a_block_longer_than_it_announces_is_given_up_at_once() -> None:
    decoder = SerialDecoder()
    (damaged,) = decoder.feed(hexed("10 02 06 0F 00 41"))
    assert isinstance(damaged, Damaged)
    assert decoder.held == 0


def test_a_block_shorter_than_it_announces_is_damaged_though_its_checksum_is_right() -> None:
    plain = hexed("06 0F 05 00")
    crc = crc16(plain + b"\x03").to_bytes(2, "little")
    (found,) = SerialDecoder().feed(b"\x10\x02" + plain + b"\x10\x03" + crc)
    assert isinstance(found, Damaged)


def test_tcp_messages_of_no_known_class_are_garbage() -> None:
    assert TcpDecoder().feed(hexed("80 00 00 99 12")) == [TAKEN, Garbage(hexed("99 12"))]


@pytest.mark.parametrize("seed", range(4))
def test_hundred_thousand_random_streams_neither_raise_nor_pile_up(seed: int) -> None:
    entropy = SeededEntropy(seed, "zvt")
    pool = entropy.token(1 << 16)
    for number in range(25_000):
        start = entropy.below(len(pool) - 24)
        stream = pool[start : start + 24]
        if number % 2:  # beginnings that lead deep into the decoder
            stream = b"\x10\x02" + stream.replace(b"\x41", b"\x10\x03")
        decoder = SerialDecoder()
        for found in decoder.feed(stream):
            if isinstance(found, Apdu):
                _read_everything(found.payload)
        assert decoder.held <= len(stream)
        TcpDecoder().feed(stream)
        _read_everything(stream)


def _read_everything(payload: bytes) -> None:
    fields = bitmaps.parse(payload)
    tuple(tlv.every(fields.tlv(), 0x08))
    open_receipts(payload)
    status_of(payload)
    text_of(payload)


def test_an_endless_block_is_bounded() -> None:
    decoder = SerialDecoder()
    decoder.feed(b"\x10\x02\x06\xd3\xff\xff\xff")
    for _ in range(100):
        decoder.feed(bytes(1024))
    assert decoder.held <= 2 * LONGEST
    tcp = TcpDecoder()
    for _ in range(100):
        tcp.feed(b"\x06\xd3\xff\xff\xff" + bytes(1019))
        assert tcp.held <= LONGEST


def test_what_is_no_message_is_refused() -> None:
    for wrong in ("", "06", "06 0F", "06 0F 01", "06 0F 00 00", "06 0F FF 01"):
        with pytest.raises(Malformed):
            decode(hexed(wrong))
    with pytest.raises(ValueError, match="no ZVT message"):
        Apdu(Kind.PRINT_BLOCK, bytes(LONGEST_PAYLOAD + 1))
    with pytest.raises(ValueError, match="no ZVT message"):
        Apdu(0x10000)
    assert size_of(b"\x06\x0f\xff\x01") is None


# --- fields -------------------------------------------------------------------------------------


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
    fields = bitmaps.parse(hexed("27 00") + hexed(hidden))
    assert fields.fields == {Field.RESULT: b"\0"}
    assert not fields.is_complete


def test_tracks_and_card_numbers_do_not_leave_the_parser() -> None:
    fields = bitmaps.parse(
        hexed("22 F0 F8 41 11 11 11 11 11 11 11 23 F0 F2 41 11 24 F0 F0 F1 41 2D F0 F1 42 19 60")
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
    assert masked_pan(hexed(octets)) == shown


@given(st.text("0123456789", min_size=13, max_size=19))
def test_no_receipt_shows_a_whole_card_number(pan: str) -> None:
    assert pan not in without_pans(f"Karte {pan} ok")
    assert pan not in masked_pan(hexed(pan + "F" * (len(pan) % 2)))
    grouped = " ".join(pan[at : at + 4] for at in range(0, len(pan), 4))
    shown = without_pans(f"Karte {grouped} ok")
    assert len(shown) == len(f"Karte {grouped} ok")
    assert sum(each.isdigit() for each in shown) == 10
    assert (
        without_pans("TA-Nr 000975 BNr 0231 T-ID 52523535") == "TA-Nr 000975 BNr 0231 T-ID 52523535"
    )


def test_bcd_is_two_digits_to_a_byte() -> None:
    assert bcd(1205, 6) == hexed("00 00 00 00 12 05")
    assert number_of(hexed("00 00 00 00 12 05")) == 1205
    assert digits_of(hexed("02 31")) == "0231"
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


# --- TLV ----------------------------------------------------------------------------------------

tags = st.sampled_from([0x07, 0x08, 0x1A, 0x4C, 0x1F07, 0x1F16, 0x1F62, 0x1F8001])
entries = st.lists(st.builds(tlv.Entry, tags, st.binary(max_size=300)), max_size=6)


@given(entries)
def test_tlv_round_trips(written: list[tlv.Entry]) -> None:
    assert tlv.parse(tlv.encode(*written)) == tuple(written)


@pytest.mark.parametrize(
    ("size", "octets"), [(0, "00"), (0x7F, "7F"), (0x80, "81 80"), (256, "82 01 00")]
)
def test_tlv_lengths_are_ber(size: int, octets: str) -> None:
    assert tlv.encode_length(size) == hexed(octets)
    assert tlv.read_length(hexed(octets)) == (size, b"")


def test_tlv_refuses_what_it_cannot_write_and_ends_where_it_cannot_read() -> None:
    with pytest.raises(ValueError, match="too many"):
        tlv.encode_length(65_536)
    for unreadable in ("1F", "1F 80", "07", "07 83 00", "07 81", "07 82 01"):
        assert tlv.parse(hexed(unreadable)) == ()
    assert tlv.parse(hexed("07 05 41")) == (tlv.Entry(0x07, b"A"),)


def test_tlv_values_are_found_by_path_and_at_any_depth() -> None:
    recorded = tlv.parse(hexed("E9 0E 1F 62 02 41 43 1F 63 06 33 38 34 48 48 32"))
    assert tlv.find(recorded, 0xE9, 0x1F62) == b"AC"
    assert tlv.find(recorded, 0xE9, 0x1F63) == b"384HH2"
    assert tlv.find(recorded, 0xE9, 0x07) is None
    assert tlv.find(recorded, 0x07) is None
    assert tlv.find(recorded) is None
    assert list(tlv.every(recorded, 0x1F63)) == [b"384HH2"]


# --- what messages mean -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "receipts"),
    [
        ("B8 87 FF FF", ()),
        ("B8 87 10 10", ("1010",)),
        ("B8 06 0A 23 08 08 02 01 23 08 02 45 67", ("0123", "4567")),
        # As in the notes, with a container that announces more than there is.
        ("B8 06 11 23 09 08 02 01 23 08 02 45 67", ("0123", "4567")),
        ("B8 87 01 23 06 0A 23 08 08 02 01 23 08 02 45 67", ("0123", "4567")),
        ("B8 06 00", ()),
        ("B8", None),
        ("6C", None),
        ("", None),
        ("B8 87 01 23 99 01", None),  # hides what else is open
    ],
)
def test_the_open_reservations_are_read_in_both_forms(
    payload: str, receipts: tuple[str, ...] | None
) -> None:
    assert open_receipts(hexed(payload)) == receipts


@pytest.mark.parametrize(
    ("payload", "status", "software"),
    [
        (b"\xf0\xf0\xf5GER-1\x51", 0x51, "GER-1"),
        (b"\xf0\xf0\xf5GER-1", 0, "GER-1"),
        (b"\x9c", 0x9C, ""),
        (b"", 0, ""),
    ],
)
def test_the_state_of_the_terminal_is_read(payload: bytes, status: int, software: str) -> None:
    assert status_of(payload) == (status, software)


def test_a_result_without_verdict_or_receipt_cannot_be_booked() -> None:
    with pytest.raises(NotBookable, match="succeeded"):
        code_of(bitmaps.parse(b""))
    with pytest.raises(NotBookable, match="names no receipt"):
        receipt_of(bitmaps.parse(b"\x27\x00"), known=None, asked=1)  # type: ignore[arg-type]
    receipt = receipt_of(bitmaps.parse(b"\x27\x00"), known="0231", asked=7)  # type: ignore[arg-type]
    assert (receipt.receipt_number, receipt.amount, receipt.date_time) == ("0231", 7, "")


def test_receipts_come_as_lines_or_as_a_block() -> None:
    lines = ReceiptText(TextEncoding.AUTO)
    lines.add(Apdu(Kind.PRINT_LINE, b"\x40* *  H\x84ndlerbeleg  * *"))
    lines.add(Apdu(Kind.PRINT_LINE, b"\x81 4111 1111 1111 1111"))
    assert lines.lines == ("* *  Händlerbeleg  * *", " 4111 11** **** 1111")
    block = tlv.encode(
        tlv.Entry(0x1F07, b"\x02"), tlv.Entry(0x25, tlv.encode(tlv.Entry(0x07, b"Danke")))
    )
    lines.add(Apdu(Kind.PRINT_BLOCK, bitmaps.encode((Field.TLV, block))))
    assert lines.lines == ("Danke",)


def test_an_endless_receipt_is_bounded() -> None:
    lines = ReceiptText(TextEncoding.AUTO)
    for _ in range(MOST_LINES + 5):
        lines.add(Apdu(Kind.PRINT_LINE, b"\x00x"))
    assert len(lines.lines) == MOST_LINES


@pytest.mark.parametrize(
    ("status", "prompt"),
    [
        (0x0A, "present_card"),
        (0x0B, "remove_card"),
        (0x4A, "remove_card"),
        (0x01, "enter_pin"),
        (0x15, "enter_pin"),
        (0x17, "wait"),
        (0x04, "wait"),
        (0x99, "wait"),
        (0xFF, "watch_terminal"),
    ],
)
def test_a_state_asks_the_customer_for_one_thing(status: int, prompt: str) -> None:
    assert prompt_of(status) == prompt


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (0x05, "declined"),
        (0x33, "declined"),
        (0x64, "unreadable"),
        (0x6C, "timeout"),
        (0x71, "insufficient"),
        (0x78, "expired"),
        (0x9C, "busy"),
        (0xDC, "removed"),
        (0xA1, "terminal"),
        (0xB7, "terminal"),
    ],
)
def test_a_refusal_has_a_reason_that_the_screen_knows(code: int, reason: str) -> None:
    assert reason_of(code) == reason


def test_states_of_the_terminal_are_told_in_words() -> None:
    assert state_in_words(0x51) == "status 51 initialisation required"
    assert state_in_words(0x44) == "status 44 out of service"


def test_settings_that_no_terminal_knows_are_refused() -> None:
    with pytest.raises(ValueError, match="six digits"):
        ZvtSettings(password="12345x")
    with pytest.raises(ValueError, match="eight digits"):
        ZvtSettings(terminal_id="123")


# --- the flight recorder ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("octets", "shown"),
    [
        ("06 00 06 12 34 56 DE 09 78", "06 00 06 ** ** ** DE 09 78"),
        ("06 50 03 12 34 56", "06 50 03 ** ** **"),
        # A length that does not fit: whatever it is, only its head is kept.
        ("04 0F 0F 27 00 22 F0 F8 41 11 11", "04 0F 0F 27 00 22 ** ** ** ** **"),
        ("04 0F 09 27 00 22 F0 F2 41 11 19 60", "04 0F 09 27 00 22 F0 F2 ** ** 19 60"),
        ("06 1E 01 6C", "06 1E 01 6C"),
        ("06 0F 05 F0 F0 F1 41 00", "06 0F 05 F0 F0 F1 41 00"),
        ("06 0F 05 F0 F0 F9 41 00", "06 0F 05 F0 ** ** ** **"),
        ("04 FF 01 0A", "04 FF 01 0A"),
        ("80 00 00", "80 00 00"),
        ("15", "15"),
        ("06 0F 05 99 01 02 03 04", "06 0F 05 99 ** ** ** **"),
    ],
)
def test_the_recorder_hides_passwords_and_cards(octets: str, shown: str) -> None:
    assert mask_messages(Direction.RECEIVED, hexed(octets)) == shown


def test_the_recorder_hides_card_numbers_in_texts() -> None:
    line = Apdu(Kind.PRINT_LINE, b"\x00PAN 4111 1111 1111 1111")
    assert "34 31 31 31" not in mask_messages(Direction.RECEIVED, encode(line))
    assert "50 41 4E" in mask_messages(Direction.RECEIVED, encode(line))


def test_messages_are_described_in_words() -> None:
    assert describe(TAKEN) == "taken"
    assert describe(refused(0x9C)) == "refused: 9C"
    assert describe(Apdu(Kind.END_OF_DAY)) == "end of day"
    assert describe(Apdu(0x0FA1)) == "message 0FA1"
