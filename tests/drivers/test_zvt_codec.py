"""ZVT blocks: recorded messages, any chunking, any garbage."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from drivers.zvt.commands import ABORT, STATUS_ENQUIRY, Commands
from drivers.zvt.result import code_of, open_receipts, receipt_of, status_of
from drivers.zvt.settings import ZvtSettings
from drivers.zvt.values import text_of
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


# --- recorded bytes -------------------------------------------------------------------------------


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
    assert fields.get(Field.EXPIRY) == bytes.fromhex("2405")
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


# --- any bytes ------------------------------------------------------------------------------------


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
        found = SerialDecoder().feed(bytes.fromhex(cut_off) + block)
        assert isinstance(found[0], Damaged)
        assert found[-1] == STATUS_ENQUIRY


def test_a_block_longer_than_it_announces_is_given_up_at_once() -> None:
    decoder = SerialDecoder()
    (damaged,) = decoder.feed(bytes.fromhex("10 02 06 0F 00 41"))
    assert isinstance(damaged, Damaged)
    assert decoder.held == 0


def test_a_block_shorter_than_it_announces_is_damaged_though_its_checksum_is_right() -> None:
    plain = bytes.fromhex("06 0F 05 00")
    crc = crc16(plain + b"\x03").to_bytes(2, "little")
    (found,) = SerialDecoder().feed(b"\x10\x02" + plain + b"\x10\x03" + crc)
    assert isinstance(found, Damaged)


def test_tcp_messages_of_no_known_class_are_garbage() -> None:
    assert TcpDecoder().feed(bytes.fromhex("80 00 00 99 12")) == [
        TAKEN,
        Garbage(bytes.fromhex("99 12")),
    ]


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
            decode(bytes.fromhex(wrong))
    with pytest.raises(ValueError, match="no ZVT message"):
        Apdu(Kind.PRINT_BLOCK, bytes(LONGEST_PAYLOAD + 1))
    with pytest.raises(ValueError, match="no ZVT message"):
        Apdu(0x10000)
    assert size_of(b"\x06\x0f\xff\x01") is None
