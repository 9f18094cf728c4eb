"""The bank terminal's wire in words."""

from pathlib import Path

import pytest

from drivers.zvt.codec import encode_block
from simulator.devices.bank_terminal_books import Booking
from simulator.devices.bank_terminal_messages import BRANDS, Style, approved, receipt
from simulator.meaning import READERS
from simulator.meaning.zvt import ZvtReader

VECTORS = Path(__file__).parents[1] / "support" / "vectors" / "zvt.txt"
BOOKING = Booking("reserve", 231, 975, 4000)


def said(octets: str, direction: str = "rx") -> list[tuple[str, str]]:
    reader = READERS["bank_terminal"]()
    reader.heard("tx", bytes.fromhex("10 02 05 01 00 10 03 10 06"))
    return [(each.octets, each.meaning) for each in reader.heard(direction, bytes.fromhex(octets))]


@pytest.mark.parametrize(
    ("block", "meaning"),
    [
        ("10 02 06 23 03 87 FF FF 10 03 FB BD", "what is reserved?"),
        ("10 02 06 1E 04 B8 87 FF FF 10 03 B6 4B", "reserved: nothing"),
        ("10 02 06 1E 04 B8 87 10 10 10 10 10 03 81 62", "reserved: 1010"),
        (
            "10 02 06 24 0D 87 02 31 04 00 00 00 00 12 05 49 09 78 10 03 2C 39",
            "book 12.05 € of receipt 0231",
        ),
        ("10 02 06 25 08 19 40 87 02 31 49 09 78 10 03 6B C6", "release receipt 0231"),
        ("10 02 04 FF 01 0A 10 03 F5 7D", "present card"),
        ("10 02 06 0F 00 10 03 C6 33", "completion"),
        ("06", "received"),
        ("15", "say again"),
        ("41 41", "no message"),
    ],
)
def test_a_block_is_told_in_words(block: str, meaning: str) -> None:
    assert [words for _, words in said(block)] == [meaning]


def test_every_recorded_block_has_a_meaning_and_shows_no_password() -> None:
    blocks = [
        line.split("|")[1].partition("#")[0]
        for line in VECTORS.read_text().splitlines()
        if line.startswith("zvt ")
    ]
    for block in blocks:
        ((octets, meaning),) = said(block)
        assert meaning
        assert "12 34 56" not in octets


def test_results_and_receipts_are_told_without_the_card() -> None:
    result = approved(BOOKING, Style(), BRANDS["mastercard"])
    ((octets, meaning),) = said(encode_block(result).hex())
    assert meaning == "approved 40.00 €, receipt 0231"
    assert "55 98 83" not in octets
    line = receipt(BOOKING, Style())[1]
    assert said(encode_block(line).hex())[0][1] == "prints: Beleg-Nr. 0231"


def test_messages_without_blocks_are_read_too() -> None:
    reader = ZvtReader()
    command = bytes.fromhex("06 22 0D 19 40 49 09 78 04 00 00 00 00 25 00")
    (asked,) = reader.heard("tx", command[:2] + bytes([len(command) - 3]) + command[3:])
    assert asked.meaning == "reserve 25.00 €"
    (refused,) = reader.heard("rx", bytes.fromhex("06 1E 01 71"))
    assert refused.meaning == "aborted 71: insufficient"
    (declined,) = reader.heard("rx", bytes.fromhex("04 0F 02 27 78"))
    assert declined.meaning == "declined 78: expired"
    (damaged,) = reader.heard("rx", bytes.fromhex("04 0F 0A 27 00 04 EE EE EE EE EE EE 87"))
    assert damaged.meaning == "status information"
