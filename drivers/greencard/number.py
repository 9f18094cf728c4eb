"""The account number in the card's file: 16 digits, the last a Luhn check digit (ISO/IEC 7812-1)."""

from drivers.greencard.desfire import CardError

NUMBER_LENGTH = 16


class NumberInvalid(CardError):
    """The card is genuine and holds no valid account number: it was issued wrongly."""


def luhn_digit(payload: str) -> str:
    """The check digit that completes `payload`."""
    total = 0
    for place, digit in enumerate(reversed(payload)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def is_account_number(text: str) -> bool:
    is_digits = len(text) == NUMBER_LENGTH and text.isascii() and text.isdigit()
    return is_digits and luhn_digit(text[:-1]) == text[-1]


def account_number(content: bytes) -> str:
    """The number stored as ASCII digits; raises NumberInvalid without quoting it."""
    text = content.decode("latin-1")
    if not is_account_number(text):
        raise NumberInvalid("file does not hold a 16-digit number with its check digit")
    return text
