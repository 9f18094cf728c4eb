"""Events that only the machine itself can know, on the real core (whitepaper §8)."""

import asyncio
from pathlib import Path

from chargepoint.domain.devices import DoorMoved, Hazard, HazardRaised
from simulator.vtime import run_virtual
from tests.support.live_core import LiveStation, a_live_station


def _events(station: LiveStation, word: str) -> list[str]:
    rows = station._journal.security_events(None, None, 1000)
    return [info for _, each, info in rows if each == word]


def _told(station: LiveStation, word: str) -> int:
    told = station.central.of("SecurityEventNotification")
    return sum(each["type"] == word for each in told)


def test_an_opened_cabinet_without_a_technician_is_tampering_and_is_told(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            station.core.station.emit(DoorMoved(is_open=False))
            station.core.station.emit(DoorMoved(is_open=True))
            await asyncio.sleep(2)
            assert len(_events(station, "TamperDetectionActivated")) == 1
            assert _told(station, "TamperDetectionActivated") == 1

    run_virtual(story())


def test_the_cabinets_own_contact_is_tampering_too(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            station.core.station.emit(HazardRaised(Hazard.FLOOD))
            station.core.station.emit(HazardRaised(Hazard.TAMPER))
            await asyncio.sleep(2)
            assert _told(station, "TamperDetectionActivated") == 1

    run_virtual(story())


def test_a_disk_that_was_full_is_told_once_the_reserve_has_made_room(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            station._journal.on_full()
            await asyncio.sleep(2)
            assert _told(station, "MemoryExhaustion") == 1

    run_virtual(story())


def test_the_same_call_to_the_letter_is_noted_as_a_replay_once_an_hour(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            frame = '[2,"copied","RemoteStopTransaction",{"transactionId":1}]'
            for _ in range(3):
                await station.central.send(frame)
                await asyncio.sleep(1)
            await station.central.send('[2,"copied","RemoteStopTransaction",{"transactionId":2}]')
            await asyncio.sleep(1)
            assert _events(station, "AttemptedReplayAttacks") == ["RemoteStopTransaction"]
            await asyncio.sleep(3600)
            await station.central.send('[2,"copied","RemoteStopTransaction",{"transactionId":2}]')
            await asyncio.sleep(1)
            assert len(_events(station, "AttemptedReplayAttacks")) == 2

    run_virtual(story())


def test_a_new_link_may_count_its_ids_from_one_again(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            for _ in range(3):
                await station.central.send('[2,"1","GetConfiguration",{}]')
                await asyncio.sleep(1)
                await station.central.drop()
                await asyncio.sleep(10)
            assert _events(station, "AttemptedReplayAttacks") == []

    run_virtual(story())
