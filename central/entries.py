"""What every part of a provisioning file is: strict, unchangeable, in camelCase, with known names."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, ConfigDict
from pydantic.alias_generators import to_camel

STRICT = ConfigDict(
    strict=True, frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=False
)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone") from None
    return name


TimeZone = Annotated[str, AfterValidator(_zone)]
