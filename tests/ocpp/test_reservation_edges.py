"""Reservations where two things happen at once, on the real core (OCPP 1.6 §4.9, §5.13)."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from chargepoint.domain.effects import Claim, Start
from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.session import Means, StartOrder
from chargepoint.domain.units import SessionId
from simulator.vtime import run_virtual
from tests.support.live_core import ONE, TWO, LiveStation, a_live_station


async def _reserve(station: LiveStation, connector: int, tag: str = "TAG") -> None:
    expiry = (station.clock.utc() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    wanted = {"connectorId": connector, "expiryDate": expiry, "idTag": tag, "reservationId": 7}
    assert await station.says("ReserveNow", **wanted) == "Accepted"


def test_unplugged_after_proving_a_reservation_is_told_by_way_of_available(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            await _reserve(station, 1)
            station.core.station.points[ONE].post(Claim(7))
            await station.plug()
            await station.unplug()
            assert station.statuses() == [
                "Available",
                "Reserved",
                "Preparing",
                "Available",
                "Reserved",
            ]

    run_virtual(story())


@pytest.mark.parametrize("is_plugged", [False, True])
def test_two_strangers_in_the_same_instant_leave_one_connector_for_whom_it_was_promised(
    is_plugged: bool, tmp_path: Path
) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            await _reserve(station, 0)
            if is_plugged:
                await station.plug(ONE)
                await station.plug(TWO)
            async with asyncio.TaskGroup() as group:
                asked = [
                    group.create_task(
                        station.says("RemoteStartTransaction", idTag=f"X{n}", connectorId=n)
                    )
                    for n in (1, 2)
                ]
            assert sorted(each.result() for each in asked) == ["Accepted", "Rejected"]
            await station.plug(ONE)
            await station.plug(TWO)
            await asyncio.sleep(20)
            assert station.central.count("StartTransaction") == 1

    run_virtual(story())


def test_two_starts_in_one_tick_leave_one_connector(tmp_path: Path) -> None:
    """Both orders are in the points' mailboxes before either point has begun."""

    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            await _reserve(station, 0)
            await station.plug(ONE)
            await station.plug(TWO)
            for connector in (ONE, TWO):
                order = StartOrder(
                    SessionId(f"S{connector}"),
                    Means.TOKEN,
                    f"X{connector}",
                    Tariff(energy_milli_per_kwh=45_000),
                    None,
                    remote=True,
                )
                station.core.station.points[connector].post(Start(order))
            await asyncio.sleep(20)
            assert station.central.count("StartTransaction") == 1

    run_virtual(story())
