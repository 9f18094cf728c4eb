"""What ZVT messages mean, and what the flight recorder keeps of them."""

import pytest

from drivers.trace import Direction
from drivers.zvt import bitmaps, tlv
from drivers.zvt.apdu import TAKEN, Apdu, Kind, encode, refused
from drivers.zvt.bitmaps import Field
from drivers.zvt.codes import prompt_of, reason_of, state_in_words
from drivers.zvt.receipt_text import MOST_LINES, ReceiptText
from drivers.zvt.result import NotBookable, code_of, open_receipts, receipt_of, status_of
from drivers.zvt.settings import ZvtSettings
from drivers.zvt.trace_text import describe, mask_messages
from drivers.zvt.values import TextEncoding

# --- what messages mean ---------------------------------------------------------------------------


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
    assert open_receipts(bytes.fromhex(payload)) == receipts


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


# --- the flight recorder --------------------------------------------------------------------------


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
    assert mask_messages(Direction.RECEIVED, bytes.fromhex(octets)) == shown


def test_the_recorder_hides_card_numbers_in_texts() -> None:
    line = Apdu(Kind.PRINT_LINE, b"\x00PAN 4111 1111 1111 1111")
    assert "34 31 31 31" not in mask_messages(Direction.RECEIVED, encode(line))
    assert "50 41 4E" in mask_messages(Direction.RECEIVED, encode(line))


def test_messages_are_described_in_words() -> None:
    assert describe(TAKEN) == "taken"
    assert describe(refused(0x9C)) == "refused: 9C"
    assert describe(Apdu(Kind.END_OF_DAY)) == "end of day"
    assert describe(Apdu(0x0FA1)) == "message 0FA1"
