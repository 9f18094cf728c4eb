"""Spanish tax numbers: DNI, NIE, and those of companies (RD 1065/2007 §18-22), with their check."""

import re

_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_PERSON = re.compile(r"([0-9XYZKLM])([0-9]{7})([A-Z])")
_COMPANY = re.compile(r"([ABCDEFGHJNPQRSUVW])([0-9]{7})([0-9A-J])")
_CONTROL_LETTERS = "JABCDEFGHI"
_ONLY_LETTER, _ONLY_DIGIT = "NPQRSW", "ABEH"


def tax_number(text: str) -> str | None:
    """Without spaces, dashes and ES; None when it is none, or has a typing error."""
    number = re.sub(r"[\s.\-]", "", text).upper().removeprefix("ES")
    if person := _PERSON.fullmatch(number):
        first = person[1]
        digits = {"X": "0", "Y": "1", "Z": "2"}.get(first, first if first.isdigit() else "")
        is_right = _LETTERS[int(digits + person[2]) % 23] == person[3]
        return number if is_right else None
    if company := _COMPANY.fullmatch(number):
        return number if company[3] in _controls(company[1], company[2]) else None
    return None


def _controls(kind: str, digits: str) -> str:
    doubled = [int(each) * 2 for each in digits[::2]]
    total = sum(each // 10 + each % 10 for each in doubled) + sum(map(int, digits[1::2]))
    control = (10 - total % 10) % 10
    letter = "" if kind in _ONLY_DIGIT else _CONTROL_LETTERS[control]
    digit = "" if kind in _ONLY_LETTER else str(control)
    return letter + digit
