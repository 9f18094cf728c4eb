"""When a scenario may begin: the station has come up as far as it will."""

from collections.abc import Callable

from simulator.relay import CALLRESULT
from simulator.station import NotFitted, Station

BOOT_LIMIT_S = 30.0
LOOK_EVERY_S = 0.1
COMING_UP = frozenset({"boot", "recover"})


async def until_ready(
    station: Station, *, expects_link: bool, check: Callable[[], None] = lambda: None
) -> None:
    """Returns after 30 s in any case: a station that stays out of order is for the steps to find.

    `check` may raise when waiting is hopeless.
    """
    until_s = station.now_s + BOOT_LIMIT_S
    while station.now_s < until_s and not is_ready(station, expects_link=expects_link):
        check()
        await station.changes.wait(LOOK_EVERY_S)


def is_ready(station: Station, *, expects_link: bool) -> bool:
    screen = station.kiosk.screen()
    if screen is None or screen.id in COMING_UP:
        return False
    return _takes_coins(station) and (_is_accepted(station) or not expects_link)


def _takes_coins(station: Station) -> bool:
    try:
        return station.devices.state("coin_acceptor", None) != "inhibited"
    except NotFitted:
        return True


def _is_accepted(station: Station) -> bool:
    return any(
        frame["action"] == "BootNotification"
        and frame["type"] == CALLRESULT
        and frame["payload"].get("status") == "Accepted"
        for frame in station.record.ocpp
    )
