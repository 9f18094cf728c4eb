"""A checksum is not stuffed: its bytes may be those that end a block, or begin one."""

import itertools

import pytest

from drivers.zvt.apdu import Apdu, Kind
from drivers.zvt.codec import SerialDecoder, encode_block


def ending_in(checksum: bytes) -> Apdu:
    """A status message whose block ends so; all payloads of two and three bytes are enough."""
    for size in (2, 3):
        for payload in itertools.product(range(256), repeat=size):
            apdu = Apdu(Kind.INTERMEDIATE_STATUS, bytes(payload))
            if encode_block(apdu).endswith(checksum):
                return apdu
    raise AssertionError(checksum)


@pytest.mark.parametrize("checksum", ["10 03", "10 02", "10 10", "03 10", "06 06", "15 10"])
def test_checksum_equal_to_control_bytes_ends_one_block_and_begins_none(checksum: str) -> None:
    apdu = ending_in(bytes.fromhex(checksum))
    block = encode_block(apdu)
    assert SerialDecoder().feed(block + block) == [apdu, apdu]
    decoder = SerialDecoder()
    found = [each for byte in block + block for each in decoder.feed(bytes([byte]))]
    assert found == [apdu, apdu]
    assert decoder.held == 0
