"""Settings of the screen, its sounds, and where the slots of this cabinet are."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from config.sections import Section, Whole


class Kiosk(Section):
    socket: str = Field("", description="Unix socket; empty: beside the journal")
    size: str = Field("1024x600", pattern=r"^\d{3,4}x\d{3,4}$")
    theme: Literal["auto", "day", "night"] = "auto"
    locator: Whole = Field(
        10,
        ge=0,
        le=60,
        description="seconds between two soft tones by which the idle station is found without"
        " sight; 0: none",
    )
    quiet_from: Whole = Field(22, ge=0, le=24, description="local hour; no locator tone from it on")
    brightness_day: Whole = Field(100, ge=10, le=100, description="% of the backlight by day")
    brightness_night: Whole = Field(
        45, ge=10, le=100, description="% of the backlight from 20 to 7 o'clock; sun raises it"
    )
    quiet_until: Whole = Field(7, ge=0, le=24, description="local hour; no locator tone before it")


PLACES = (
    *("coin_slot", "note_slot", "coin_tray", "bank_terminal", "card_reader", "printer"),
    *("jack", "socket_1", "socket_2", "socket_3", "socket_4"),
)


class Place(Section):
    """Where a slot is, from the middle of the tactile keys: spoken to who cannot see it."""

    right_cm: Whole = Field(0, ge=-200, le=200, description="cm to the right; below 0: left")
    up_cm: Whole = Field(0, ge=-200, le=200, description="cm above; below 0: below")


def _place(name: str) -> str:
    if name not in PLACES:
        raise ValueError(f"{name!r} is none of {', '.join(PLACES)}")
    return name


PlaceName = Annotated[str, AfterValidator(_place)]
