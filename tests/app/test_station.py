"""The station as the kiosk meets it, over fake devices, in virtual time."""

import asyncio

import pytest

from chargepoint.domain.devices import (
    CardRemoved,
    CoinCursor,
    CoinSeen,
    DeviceIncident,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    DeviceRef,
    GreenCardRead,
)
from chargepoint.domain.dialogue.events import KioskChanged
from chargepoint.domain.units import Minor
from chargepoint.ports import PointStatus
from tests.support.station_site import CARD, ONE, TWO, Site, at_the_site
from tests.support.stations import answer


def test_coin_becomes_credit_on_the_screen_and_start_reaches_the_lock() -> None:
    async def story(site: Site) -> None:
        await site.plug()
        await site.emit(CoinSeen(Minor(200), CoinCursor("C1", 1, 1, 1)))
        await asyncio.sleep(0.2)
        assert site.screen == "cash_in"
        await site.press("start")
        assert ("set_lock", True) in site.boards[ONE].told
        assert site.backend.wakes == 1

    at_the_site(story)


def test_card_is_asked_about_outside_the_loop() -> None:
    async def story(site: Site) -> None:
        site.backend.answer = answer()
        await site.plug()
        await site.emit(GreenCardRead(CARD, "04AA"), CardRemoved())
        assert site.station.dialogue.state == "gc_wait"
        await asyncio.sleep(0.2)
        assert site.screen == "gc_ok"

    at_the_site(story)


def test_acceptor_follows_the_conversation() -> None:
    async def story(site: Site) -> None:
        assert site.acceptor.levels[-1][0] == "accept"
        site.station.post(KioskChanged(alive=False))
        await asyncio.sleep(0.01)
        assert site.acceptor.levels[-1][0] == "inhibit"
        generations = [generation for _, generation in site.acceptor.levels]
        assert generations == sorted(generations)

    at_the_site(story)


@pytest.mark.parametrize(
    ("reason", "trace", "code"),
    [
        ("no answer to 5 polls", ("0.1 > 02 00",), "coin_acceptor.silent"),
        ("no answer to 5 polls", ("0.1 > 02 00", "0.2 < ff ff"), "coin_acceptor.garbled"),
        ("port unplugged", (), "coin_acceptor.unplugged"),
        ("/dev/chargepoint/coins is in use by another program", (), "coin_acceptor.port_in_use"),
    ],
)
def test_device_that_goes_is_written_down_with_what_is_wrong(
    reason: str, trace: tuple[str, ...], code: str
) -> None:
    async def story(site: Site) -> None:
        coins = DeviceRef(DeviceKind.COIN_ACCEPTOR)
        await site.emit(DeviceOffline(coins, reason, trace), DeviceOnline(coins))
        assert site.journal.incident_codes() == [code]

    at_the_site(story)


def test_connectors_facts_go_to_their_point_and_incidents_to_nobody() -> None:
    async def story(site: Site) -> None:
        meter = DeviceRef(DeviceKind.METER, ONE)
        await site.emit(DeviceIncident(meter, "meter.odd", "odd", ("01",)))
        assert site.journal.incident_codes() == ["meter.odd"]
        await site.emit(DeviceOffline(meter, "silent"))
        assert site.points[ONE].seen.data.faults == {"meter_lost"}
        assert not site.points[TWO].seen.data.faults

    at_the_site(story)


def test_status_is_reported_from_the_first_truth_on() -> None:
    async def story(site: Site) -> None:
        await site.plug()
        words = [r.status for r in site.backend.reports if r.connector == ONE]
        assert words[0] is PointStatus.AVAILABLE
        assert words[-1] is PointStatus.PREPARING

    at_the_site(story)


def test_countdown_and_clock_tick_by_themselves() -> None:
    async def story(site: Site) -> None:
        site.backend.answer = answer()
        await site.emit(GreenCardRead(CARD, "04AA"))
        before = site.station.feed.newest
        await asyncio.sleep(70)
        after = site.station.feed.newest
        assert before is not None
        assert after is not None
        assert after.clock != before.clock

    at_the_site(story)


def test_observer_hears_the_conversation_move() -> None:
    async def story(site: Site) -> None:
        moves: list[tuple[str, str, str]] = []
        site.station.observe = lambda *move: moves.append(move)
        await site.press("greencard")
        assert moves == [("dialogue", "home", "gc_tap")]

    at_the_site(story)
