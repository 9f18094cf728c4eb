"""What breaks real stacks, points 20 to 26: status, availability, connectors."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from chargepoint.domain.devices import BoardFault, Pilot
from chargepoint.domain.point.offer import CurrentAllowed
from chargepoint.domain.units import MilliAmp
from simulator.vtime import run_virtual
from tests.support.live_core import ONE, TWO, LiveStation, a_live_station


def test_20_connection_timeout_runs_only_while_unplugged(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path, ConnectionTimeOut="30") as station:
            payload = {"idTag": "TAG", "connectorId": 1}
            assert await station.says("RemoteStartTransaction", **payload) == "Accepted"
            await asyncio.sleep(35)
            assert station.statuses() == ["Available", "Preparing", "Available"]
            assert await station.says("RemoteStartTransaction", **payload) == "Accepted"
            await asyncio.sleep(25)
            await station.plug(pilot=Pilot.B)  # in time, and a vehicle that is slow to ask
            await asyncio.sleep(60)
            assert station.central.count("StartTransaction") == 1
            await station.plug()
            await asyncio.sleep(5)
            assert station.statuses()[-1] == "Charging"

    run_virtual(story())


def test_20_plugged_and_nobody_who_pays_is_finishing_and_can_still_begin(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path, ConnectionTimeOut="30") as station:
            await station.plug()
            await asyncio.sleep(35)
            assert station.statuses() == ["Available", "Preparing", "Finishing"]
            await station.remote_charge(10)
            assert station.statuses()[-2:] == ["Preparing", "Charging"]

    run_virtual(story())


def test_21_triggered_status_covers_all_connectors_and_waits_for_no_minimum(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path, MinimumStatusDuration="300") as station:
            await station.plug(TWO)
            told = station.central.count("StatusNotification")
            ask = {"requestedMessage": "StatusNotification"}
            assert await station.says("TriggerMessage", **ask) == "Accepted"
            await asyncio.sleep(2)
            fresh = station.central.of("StatusNotification")[told:]
            assert [(each["connectorId"], each["status"]) for each in fresh] == [
                (0, "Available"),
                (1, "Available"),
                (2, "Preparing"),
            ]

    run_virtual(story())


@pytest.mark.parametrize("jams", [False, True])
def test_22_unlock_stops_first_and_tells_the_locks_own_result(tmp_path: Path, jams: bool) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            await station.remote_charge(30)
            station.sockets[ONE].jams = jams
            result = await station.says("UnlockConnector", connectorId=1)
            assert result == ("UnlockFailed" if jams else "Unlocked")
            await station.drained()
            assert station.central.of("StopTransaction")[0]["reason"] == "UnlockCommand"
            assert not station.sockets[ONE].closed

    run_virtual(story())


def test_23_availability_is_answered_before_the_status_it_causes(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            before = len(station.central.frames)
            inoperative = {"connectorId": 0, "type": "Inoperative"}
            assert await station.says("ChangeAvailability", **inoperative) == "Accepted"
            await asyncio.sleep(2)
            frames = station.central.frames[before:]
            assert [frame[0] for frame in frames] == [3, 2, 2, 2]
            assert {frame[3]["status"] for frame in frames[1:]} == {"Unavailable"}
            await station.restart()
            await asyncio.sleep(5)
            assert [station.statuses(c)[-1] for c in (0, 1, 2)] == ["Unavailable"] * 3
            operative = {"connectorId": 0, "type": "Operative"}
            assert await station.says("ChangeAvailability", **operative) == "Accepted"
            await asyncio.sleep(2)
            assert [station.statuses(c)[-1] for c in (0, 1, 2)] == ["Available"] * 3

    run_virtual(story())


def test_23_a_scheduled_unavailability_survives_and_does_not_flicker(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            await station.remote_charge(30)
            inoperative = {"connectorId": 1, "type": "Inoperative"}
            assert await station.says("ChangeAvailability", **inoperative) == "Scheduled"
            await station.restart()
            assert station.statuses()[-1] == "Charging"
            told = len(station.statuses())
            await station.unplug()
            await asyncio.sleep(30)
            assert "Available" not in station.statuses()[told:]
            assert station.statuses()[-1] == "Unavailable"

    run_virtual(story())


def test_23_connector_0_knows_three_words(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            for connector in (ONE, TWO):
                await station.plug(connector)
                station.sockets[connector].fault(BoardFault.OVERHEAT)
            await asyncio.sleep(2)
            assert station.statuses(0)[-1] == "Faulted"
            station.sockets[ONE].heal(BoardFault.OVERHEAT)
            await asyncio.sleep(2)
            assert station.statuses(0)[-1] == "Available"
            assert set(station.statuses(0)) <= {"Available", "Unavailable", "Faulted"}
            assert station.statuses(1)[-2:] == ["Faulted", "Preparing"]

    run_virtual(story())


async def _reserve(station: LiveStation, number: int = 5, minutes: int = 10) -> str:
    until = station.clock.utc() + timedelta(minutes=minutes)
    return await station.says(
        "ReserveNow",
        connectorId=1,
        expiryDate=until.strftime("%Y-%m-%dT%H:%M:%SZ"),
        idTag="TAG",
        reservationId=number,
    )


def test_24_an_expired_reservation_leaves_the_connector_available(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            assert await _reserve(station) == "Accepted"
            await station.restart()
            await asyncio.sleep(5)
            assert station.statuses()[-1] == "Reserved"  # it survives a reboot
            await asyncio.sleep(700)
            assert station.statuses()[-1] == "Available"

    run_virtual(story())


def test_24_a_cancelled_reservation_does_not_come_back(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            assert await _reserve(station) == "Accepted"
            assert await station.says("CancelReservation", reservationId=5) == "Accepted"
            await station.restart()
            await asyncio.sleep(5)
            assert station.statuses()[-1] == "Available"
            assert await station.says("CancelReservation", reservationId=5) == "Rejected"

    run_virtual(story())


def test_24_a_reservation_is_consumed_when_its_transaction_starts(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            assert await _reserve(station) == "Accepted"
            await station.remote_charge(20)
            assert station.central.of("StartTransaction")[0]["reservationId"] == 5
            await station.unplug()
            await asyncio.sleep(5)
            assert station.statuses()[-1] == "Available"

    run_virtual(story())


def test_25_the_stations_pause_outranks_the_vehicles(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            await station.remote_charge(20)
            point = station.core.station.points[ONE]
            await station.plug(pilot=Pilot.B)
            assert station.statuses()[-1] == "SuspendedEV"
            point.post(CurrentAllowed(MilliAmp(0)))
            await asyncio.sleep(2)
            assert station.statuses()[-1] == "SuspendedEVSE"
            await station.plug(pilot=Pilot.C)
            assert station.statuses()[-1] == "SuspendedEVSE"

    run_virtual(story())


def test_25_unplugged_at_the_vehicle_suspends_where_the_transaction_must_not_stop(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path, StopTransactionOnEVSideDisconnect="false") as station:
            await station.remote_charge(20)
            await station.unplug()
            await asyncio.sleep(5)
            assert station.statuses()[-1] == "SuspendedEV"
            assert station.central.count("StopTransaction") == 0
            await station.plug()
            assert station.statuses()[-1] == "Charging"

    run_virtual(story())


def test_26_a_hundred_and_sixty_transactions_leave_nothing_behind(tmp_path: Path) -> None:
    """Another stack stuck on its 147th."""

    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            for _ in range(160):
                await station.remote_charge(3)
                await station.unplug()
            await station.drained()
            assert station.central.count("StopTransaction") == 160
            assert station.state() == "idle/free"
            ids = [each["transactionId"] for each in station.central.of("StopTransaction")]
            assert ids == list(range(1, 161))

    run_virtual(story())
