"""T_SET, T_SW, T_AVAIL's window: what is changed of the station itself, each with its reasons."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.service.orders import Deed
from chargepoint.domain.service.steps import go, note, perform, say, service
from chargepoint.domain.service.values import Fact, Key

# What may be changed here: keys of the site's configuration, and every value there is to choose.
# Prices, accounts, addresses and whatever decides on safety are not among them.
EDITABLE: Mapping[str, tuple[str, ...]] = {
    "kiosk.theme": ("auto", "day", "night"),
    "kiosk.locator": ("0", "5", "10", "20", "30", "60"),
    "kiosk.quiet_from": ("20", "21", "22", "23", "24"),
    "kiosk.quiet_until": ("0", "6", "7", "8", "9"),
    "session.minimum": ("0.50", "1.00", "2.00", "5.00"),
    "cards.offline_limit": ("0", "5.00", "10.00", "20.00"),
    "station.language": ("es", "ca", "eu", "gl", "en", "fr", "de", "pt", "it", "nl"),
}

# Begin and end of a window, local hours; `now` begins at once.
WINDOWS: Mapping[str, tuple[int | None, int]] = {
    "now": (None, 2),
    "night": (2, 5),
    "morning": (8, 12),
    "afternoon": (14, 18),
}


# --- settings -------------------------------------------------------------------------------------


def setting_facts(talk: Talk) -> tuple[Fact, ...]:
    values = EDITABLE.get(service(talk).subject, ())
    if service(talk).subject == "station.language":
        values = tuple(value for value in values if value in talk.settings.languages)
    return tuple(Fact(f"raw|{value}", id=value) for value in values)


def setting_chosen(talk: Talk, value: str) -> None:
    """The file is checked as a whole before it is exchanged (config/edit.py)."""
    key = service(talk).subject
    perform(talk, Deed.SET, f"{key}={value}")
    talk.serve(page="t_set", subject="")


# --- software -------------------------------------------------------------------------------------


def software_keys(talk: Talk) -> tuple[Key, ...]:
    """The amount is how many packages wait for the next start."""
    sheet = service(talk).sheet
    waits = sheet is not None and sheet.amount > 0
    if waits:
        return (Key("t_reboot"), Key("t_take_back"))
    return (Key("t_install"), Key("t_roll_back"), Key("t_reboot"))


def software_pressed(talk: Talk, button: str) -> None:
    if button == "t_take_back":
        perform(talk, Deed.TAKE_BACK)
    else:
        go(talk, button)


def install(talk: Talk, _button: str) -> None:
    """It waits for a restart, which a charge holds up (`reboot`)."""
    perform(talk, Deed.INSTALL)
    talk.serve(page="t_sw")


def roll_back(talk: Talk, _button: str) -> None:
    perform(talk, Deed.ROLL_BACK)
    talk.serve(page="t_sw")


def reboot(talk: Talk, _button: str) -> None:
    """Nobody's charge is interrupted by hand."""
    if any(seen.session is not None for seen in talk.data.points.values()):
        note(talk, "reboot", "refused")
        say(talk, "not_while_charging", is_good=False)
        return
    perform(talk, Deed.REBOOT)


# --- maintenance window ---------------------------------------------------------------------------


def window_facts(_talk: Talk) -> tuple[Fact, ...]:
    return tuple(Fact(f"window.{name}", id=name) for name in WINDOWS)


def window_keys(_talk: Talk) -> tuple[Key, ...]:
    return (Key("t_no_window"),)


def window_chosen(talk: Talk, name: str) -> None:
    begin, end = window(name, talk.now.utc, talk.settings.timezone)
    perform(talk, Deed.WINDOW, f"{begin.isoformat()}/{end.isoformat()}")
    talk.serve(page="t_avail", subject="")


def window_dropped(talk: Talk, _button: str) -> None:
    perform(talk, Deed.WINDOW, "")
    talk.serve(page="t_avail", subject="")


def window(name: str, utc: datetime, timezone: str) -> tuple[datetime, datetime]:
    """The next one of this name that has not begun."""
    first, last = WINDOWS[name]
    if first is None:
        return utc, utc + timedelta(hours=last)
    zone = ZoneInfo(timezone)
    here = utc.astimezone(zone)
    begin = here.replace(hour=first, minute=0, second=0, microsecond=0)
    if begin <= here:
        begin += timedelta(days=1)
    end = begin.replace(hour=last)
    utc_zone = utc.tzinfo
    return begin.astimezone(utc_zone), end.astimezone(utc_zone)
