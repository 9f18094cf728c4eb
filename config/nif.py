"""The control character of a Spanish tax number (NIF): a typing error must not reach an invoice."""

import re

_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"  # of a person's number, by its remainder modulo 23
_COMPANY_LETTERS = "JABCDEFGHI"
_PERSON = re.compile(r"[0-9XYZ]\d{7}[A-Z]")
_COMPANY = re.compile(r"[ABCDEFGHJNPQRSUVW]\d{7}[0-9A-J]")


def is_nif(text: str) -> bool:
    """True for DNI, NIE and company numbers whose control character fits."""
    if _PERSON.fullmatch(text):
        digits = text[:-1].translate(str.maketrans("XYZ", "012"))
        return _LETTERS[int(digits) % len(_LETTERS)] == text[-1]
    return bool(_COMPANY.fullmatch(text)) and text[-1] in _company_control(text[1:-1])


def _company_control(digits: str) -> str:
    """As digit or as letter: which of them depends on the kind of company, and both are in use."""
    doubled = (int(digit) * 2 for digit in digits[::2])
    total = sum(int(digit) for digit in digits[1::2]) + sum(n // 10 + n % 10 for n in doubled)
    control = -total % 10
    return f"{control}{_COMPANY_LETTERS[control]}"
