"""What is drawn for a card: its number, the code and the support number of its letter. Pure but for
the entropy that is given.
"""

from central.entropy import Entropy
from central.greencard.accounts import luhn_is_right

PREFIX = "9724"  # ISO/IEC 7812-1: 9 is for national use, 724 is Spain
NUMBER_DIGITS = 16
_SUPPORT_DIGITS = 10
_CODE_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 that nobody takes for each other
_CODE_LENGTH = 10  # 50 bits
_DRAWN_BYTES = 16  # so many that the remainder's bias is nothing


def with_check_digit(payload: str) -> str:
    """ISO/IEC 7812-1 annex B."""
    return next(f"{payload}{digit}" for digit in range(10) if luhn_is_right(f"{payload}{digit}"))


def card_number(entropy: Entropy, prefix: str = PREFIX) -> str:
    return with_check_digit(prefix + _digits(entropy, NUMBER_DIGITS - 1 - len(prefix)))


def support_number(entropy: Entropy) -> str:
    """The first digit is none that people leave out."""
    digits = _digits(entropy, _SUPPORT_DIGITS)
    return digits if digits[0] != "0" else f"9{digits[1:]}"


def activation_code(entropy: Entropy) -> str:
    return "".join(_CODE_SIGNS[byte % 32] for byte in entropy.token(_CODE_LENGTH))


def _digits(entropy: Entropy, count: int) -> str:
    drawn = int.from_bytes(entropy.token(_DRAWN_BYTES)) % 10**count
    return f"{drawn:0{count}d}"
