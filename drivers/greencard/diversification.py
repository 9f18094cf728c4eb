"""One key per card from one master key (NXP AN10922 §2.2, AES-128).

A key taken out of one card opens that card alone; the master key is on no card.
"""

from drivers.greencard import aes

_AES_128 = b"\x01"
_MAX_INPUT = 31


def diversify(master: bytes, diversification_input: bytes) -> bytes:
    """The card's key. `diversification_input` is UID || application id || system id, 1..31 bytes.

    The input is always padded to two blocks, even when one would hold it: for up to 15 bytes of
    input this is not the CMAC that the longer case equals.
    """
    if not 1 <= len(diversification_input) <= _MAX_INPUT:
        raise ValueError(f"diversification input of {len(diversification_input)} bytes, not 1..31")
    k1, k2 = aes.cmac_subkeys(master)
    message = _AES_128 + diversification_input
    mask = k1 if len(message) == 2 * aes.BLOCK else k2
    if len(message) < 2 * aes.BLOCK:
        message = (message + b"\x80").ljust(2 * aes.BLOCK, b"\x00")
    last = aes.xor(message[aes.BLOCK :], mask)
    return aes.encrypt(master, aes.ZERO_IV, message[: aes.BLOCK] + last)[-aes.BLOCK :]
