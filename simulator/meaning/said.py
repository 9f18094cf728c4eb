"""One frame as it is shown."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """`octets`: upper-case hex, secrets masked."""

    octets: str
    meaning: str


def hexadecimal(octets: bytes) -> str:
    return octets.hex(" ").upper()
