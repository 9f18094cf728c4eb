"""Coin identifiers `CCVVVI` to money: country, value in cents, issue (part 3, appendix 3)."""

import re

_NOT_PROGRAMMED = "......"
_MULTIPLIER = {"K": 1_000, "M": 1_000_000, "G": 1_000_000_000}
_PLAIN = re.compile(r"\d{3}")
_SCALED = re.compile(r"(?=.*\d)(\d{0,2})([KMG])(\d{0,2})")


def value_of_coin(coin_id: str, country: str) -> int | None:
    """Minor units of a coin of `country`; None for tokens, other money and empty positions.

    `1K0` is 1000, `10K` 10 000, `M10` 100 000: the letter stands at the decimal point.
    Fractions of a minor unit (`.50`, `50m`) are no money that this project counts.
    """
    if len(coin_id) != 6 or coin_id == _NOT_PROGRAMMED or coin_id[:2] != country:
        return None
    digits = coin_id[2:5]
    if _PLAIN.fullmatch(digits):
        return int(digits) or None
    scaled = _SCALED.fullmatch(digits)
    if scaled is None:
        return None
    whole, letter, fraction = scaled.groups()
    value, rest = divmod(int(whole + fraction) * _MULTIPLIER[letter], 10 ** len(fraction))
    return None if rest else value or None
