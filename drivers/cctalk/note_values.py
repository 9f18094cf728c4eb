"""Bill identifiers `CCVVVVI` and country scaling to money (part 3, appendix 10; headers 156, 157)."""

from dataclasses import dataclass

BILL_ID_LENGTH = 7
SCALING_BYTES = 3
_MINOR_PER_MAJOR = 100


@dataclass(frozen=True, slots=True)
class Scaling:
    """One answer to header 156: a bill's figure times `factor`, with so many decimals."""

    factor: int
    decimals: int


def parse_scaling(payload: bytes) -> Scaling | None:
    """None: the validator does not know the country, and says so with zeros."""
    factor = int.from_bytes(payload[:2], "little")
    return Scaling(factor, payload[2]) if factor else None


def value_of_bill(bill_id: str, country: str, scaling: Scaling) -> int | None:
    """Minor units of a bill of `country`; None for other money and empty positions.

    EU0005A with factor 100 and two decimals is 5.00.
    """
    figure = bill_id[2:6]
    if len(bill_id) != BILL_ID_LENGTH or bill_id[:2] != country:
        return None
    if not (figure.isascii() and figure.isdecimal()):
        return None
    scaled = int(figure) * scaling.factor * _MINOR_PER_MAJOR
    value, rest = divmod(scaled, 10**scaling.decimals)
    return None if rest else value or None
