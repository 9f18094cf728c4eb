"""What every section of the configuration is made of: strict models, money, whole numbers, flags."""

from decimal import Decimal, InvalidOperation
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

_MINOR_PER_MAJOR = 100
_MILLI = 1000


def _decimal(value: object) -> object:
    """Numbers are read as text: 0.45 must not pass through a float (decisions §4)."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        try:
            return Decimal(value)
        except InvalidOperation:
            raise ValueError(f"{value!r} is not a number") from None
    if isinstance(value, float):
        return Decimal(repr(value))
    return value


def _whole(value: object) -> object:
    """A command line brings text; a file brings integers."""
    return int(value) if isinstance(value, str) and value.lstrip("-").isdigit() else value


def _flag(value: object) -> object:
    return (
        {"true": True, "false": False}.get(value.lower(), value)
        if isinstance(value, str)
        else value
    )


def _listed(value: object) -> object:
    """A command line brings text, as L1,L2 or [L1, L2]; a file brings a list."""
    if not isinstance(value, str):
        return value
    parts = value.strip().removeprefix("[").removesuffix("]").split(",")
    return tuple(part.strip() for part in parts if part.strip())


def _whole_cents(value: Decimal) -> Decimal:
    minor(value)
    return value


Money = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=10_000, decimal_places=5)]
Cents = Annotated[Money, AfterValidator(_whole_cents)]
Whole = Annotated[int, BeforeValidator(_whole)]
Flag = Annotated[bool, BeforeValidator(_flag)]
LISTED = BeforeValidator(_listed)  # of a tuple


class Section(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


def minor(amount: Decimal) -> int:
    """EUR to cents; a fraction of a cent is a configuration error."""
    scaled = amount * _MINOR_PER_MAJOR
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} is not a whole number of cents")
    return int(scaled)


def milli(amount: Decimal) -> int:
    """EUR to 1/1000 cent."""
    return int(amount * _MINOR_PER_MAJOR * _MILLI)
