"""What a configuration key is: its name, factory value, access, and the check of its values."""

from collections.abc import Callable
from dataclasses import dataclass

Check = Callable[[str], str]
"""The value in its one spelling; raises ValueError with the reason."""


@dataclass(frozen=True, slots=True)
class Key:
    """`is_write_only`: a secret, never listed. `is_of_site`: the site file may set it, OCPP may not."""

    name: str
    default: str
    check: Check
    is_read_only: bool = False
    needs_reboot: bool = False
    is_write_only: bool = False
    is_of_site: bool = False


def constant(name: str, value: int | str) -> Key:
    """A read-only key: it describes the station."""
    return Key(name, str(value), fixed, is_read_only=True)


def fixed(text: str) -> str:
    return text


def whole(low: int, high: int) -> Check:
    def check(text: str) -> str:
        if not (text.isascii() and text.isdigit() and len(text) <= 10):
            raise ValueError(f"{text!r} is not a whole number")
        if not low <= int(text) <= high:
            raise ValueError(f"{text} is not within {low}..{high}")
        return str(int(text))

    return check


def boolean(text: str) -> str:
    if text.lower() not in {"true", "false"}:
        raise ValueError(f"{text!r} is neither true nor false")
    return text.lower()


def line(most_chars: int) -> Check:
    """Printable text of one line."""

    def check(text: str) -> str:
        if not text.isprintable() or len(text) > most_chars:
            raise ValueError(f"more than {most_chars} characters, or not printable")
        return text.strip()

    return check


def items(text: str) -> list[str]:
    """The members of a CSL, as the standard calls it."""
    return [item.strip() for item in text.split(",") if item.strip()]
