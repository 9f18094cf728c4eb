"""What breaks real stacks, points 1 to 10: transactions and the offline queue, played on the real core.

Each test names its point of the field notes and asserts what this station does instead.
"""

import asyncio
import itertools
from pathlib import Path
from typing import Any

import pytest

from chargepoint.domain.devices import Pilot
from simulator.vtime import run_virtual
from tests.support.live_core import LiveStation, a_live_station
from tests.support.ocpp_peer import SILENCE, After, CallError

ACCEPTED = {"status": "Accepted"}
TRANSACTION = ("StartTransaction", "MeterValues", "StopTransaction")


def transactions(station: LiveStation) -> list[str]:
    return [action for action in station.central.actions if action in TRANSACTION]


def offline(station: LiveStation) -> Any:
    station.central.is_up = False
    return station.central.drop()


def test_01_one_queue_for_a_transaction_and_other_messages_overtake(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path, MeterValueSampleInterval="5") as station:
            late = After(30, {"transactionId": 1, "idTagInfo": ACCEPTED})
            station.central.answers["StartTransaction"] = late
            await station.remote_charge(20)
            assert transactions(station) == ["StartTransaction"]
            await asyncio.sleep(30)
            first_values = station.central.times_of("MeterValues")[0]
            assert first_values >= station.central.times_of("StartTransaction")[0] + 30
            await station.unplug()
            await station.drained()
            assert transactions(station)[-1] == "StopTransaction"
            values = [v["meterValue"][0]["timestamp"] for v in station.central.of("MeterValues")]
            assert values == sorted(values)

    run_virtual(story())


def test_02_ids_are_rewritten_also_when_the_reply_was_lost_and_repeated(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path, MeterValueSampleInterval="20") as station:
            answered = {"transactionId": 77, "idTagInfo": ACCEPTED}
            station.central.answers["StartTransaction"] = [SILENCE, answered]
            await station.remote_charge(25)
            await offline(station)  # the reply is lost with the link
            await asyncio.sleep(60)
            await station.unplug()
            station.central.is_up = True
            await station.drained()
            assert station.central.count("StartTransaction") == 2
            ids = {each["transactionId"] for each in station.central.of("MeterValues")}
            ids |= {each["transactionId"] for each in station.central.of("StopTransaction")}
            assert ids == {77}

    run_virtual(story())


def test_03_sessions_started_and_stopped_offline_survive_reboots_in_order(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path, AllowOfflineTxForUnknownId="true") as station:
            await offline(station)
            await station.card_charge(30)
            await station.unplug()
            await station.restart()
            await station.card_charge(30)  # a second session, offline, after such a reboot
            await station.unplug()
            await station.restart()
            station.central.is_up = True
            await station.drained()
            started = station.central.of("StartTransaction")
            stopped = station.central.of("StopTransaction")
            assert transactions(station) == ["StartTransaction", "StopTransaction"] * 2
            assert [s["meterStart"] for s in started] == [1000, stopped[0]["meterStop"]]
            assert [s["transactionId"] for s in stopped] == [1, 2]
            assert stopped[1]["meterStop"] > started[1]["meterStart"]

    run_virtual(story())


def test_04_a_stop_comes_from_the_queue_once_after_boot(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            await station.remote_charge(30)
            await offline(station)
            await station.unplug()
            for _ in range(3):
                await station.restart(away_s=1000)
            station.central.is_up = True
            await station.drained()
            await asyncio.sleep(300)
            assert transactions(station) == ["StartTransaction", "StopTransaction"]
            assert station.central.of("StopTransaction")[0]["reason"] == "EVDisconnected"

    run_virtual(story())


def test_05_after_so_many_attempts_the_message_is_dropped_and_the_queue_goes_on(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        keys = {
            "TransactionMessageAttempts": "3",
            "TransactionMessageRetryInterval": "10",
            "MeterValueSampleInterval": "100",
        }
        async with a_live_station(tmp_path, **keys) as station:
            station.central.answers["MeterValues"] = [CallError(), CallError(), CallError(), {}]
            await station.remote_charge(120)
            await station.unplug()
            await station.drained()
            first, *others = station.central.times_of("MeterValues")
            assert [round(at - first) for at in others] == [10, 30]
            assert station.central.count("StopTransaction") == 1

    run_virtual(story())


def test_06_every_retry_has_a_new_id_and_none_is_rapid(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            answered = {"transactionId": 5, "idTagInfo": ACCEPTED}
            station.central.answers["StartTransaction"] = [SILENCE, CallError(), answered]
            await station.remote_charge(400)
            starts = [h for h in station.central.heard if h.action == "StartTransaction"]
            assert len({start.id for start in starts}) == 3
            pauses = [b.at_s - a.at_s for a, b in itertools.pairwise(starts)]
            assert min(pauses) >= 60
            await station.unplug()
            await station.drained()
            assert station.central.of("StopTransaction")[0]["transactionId"] == 5

    run_virtual(story())


@pytest.mark.parametrize("plug_first", [True, False])
@pytest.mark.parametrize("gap_s", [0.0, 0.001, 0.05])
def test_07_remote_start_and_plug_that_race_start_once(
    tmp_path: Path, plug_first: bool, gap_s: float
) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:

            async def start() -> None:
                payload = {"idTag": "TAG", "connectorId": 1}
                assert await station.says("RemoteStartTransaction", **payload) == "Accepted"

            async def plug() -> None:
                station.sockets[1].move(Pilot.C)  # type: ignore[index]  # a connector by number

            acts = (plug, start) if plug_first else (start, plug)
            async with asyncio.TaskGroup() as group:
                group.create_task(acts[0]())
                await asyncio.sleep(gap_s)
                group.create_task(acts[1]())
            await start()  # repeated, as central systems do
            await asyncio.sleep(60)
            assert station.central.count("StartTransaction") == 1
            assert station.state() == "session/energised"

    run_virtual(story())


def test_08_zero_is_a_transaction_id_and_a_refused_token_stops(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            refused = {"transactionId": 0, "idTagInfo": {"status": "Invalid"}}
            station.central.answers["StartTransaction"] = refused
            await station.remote_charge(10)
            (stopped,) = station.central.of("StopTransaction")
            assert (stopped["transactionId"], stopped["reason"]) == (0, "DeAuthorized")

    run_virtual(story())


@pytest.mark.parametrize(("stops", "last"), [("true", "Finishing"), ("false", "SuspendedEVSE")])
def test_08_a_refused_token_has_the_energy_it_is_granted(
    tmp_path: Path, stops: str, last: str
) -> None:
    async def story() -> None:
        keys = {"MaxEnergyOnInvalidId": "100", "StopTransactionOnInvalidId": stops}
        async with a_live_station(tmp_path, **keys) as station:
            refused = {"transactionId": 3, "idTagInfo": {"status": "Blocked"}}
            station.central.answers["StartTransaction"] = refused
            await station.remote_charge(60)
            assert station.statuses()[-1] == "Charging"
            await asyncio.sleep(60)
            assert station.statuses()[-1] == last
            assert station.central.count("StopTransaction") == (stops == "true")
            await asyncio.sleep(600)
            assert 1100 <= station.sockets[1].energy_wh <= 1105  # type: ignore[index]  # by number

    run_virtual(story())


def test_09_power_loss_ends_at_the_meters_own_register_without_a_token(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            await station.remote_charge(100)
            await station.restart(away_s=3600)
            await station.drained()
            (stopped,) = station.central.of("StopTransaction")
            register = int(station.sockets[1].energy_wh)  # type: ignore[index]  # by number
            assert (stopped["reason"], stopped["meterStop"]) == ("PowerLoss", register)
            assert "idTag" not in stopped
            await station.unplug()
            await station.remote_charge(10)  # nothing is stuck
            assert station.central.count("StartTransaction") == 2

    run_virtual(story())


def test_09_a_short_power_loss_truly_resumes(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            await station.remote_charge(100)
            await station.restart(away_s=20)
            await asyncio.sleep(60)
            assert station.state() == "session/energised"
            await station.unplug()
            await station.drained()
            (stopped,) = station.central.of("StopTransaction")
            assert stopped["reason"] == "EVDisconnected"
            assert stopped["meterStop"] > 1150

    run_virtual(story())


@pytest.mark.parametrize("kind", ["Soft", "Hard"])
def test_10_reset_in_a_transaction_answers_stops_flushes_and_restarts(
    tmp_path: Path, kind: str
) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            await station.remote_charge(30)
            slow = After(5, {})
            station.central.answers["StopTransaction"] = slow
            before = len(station.central.frames)
            assert await station.says("Reset", type=kind) == "Accepted"
            await asyncio.sleep(20)
            frames = station.central.frames[before:]
            assert frames[0][0] == 3  # the answer first
            (stopped,) = station.central.of("StopTransaction")
            assert (stopped["reason"], stopped["idTag"]) == (f"{kind}Reset", "TAG")
            assert station.exits == ["restart"]
            assert station.is_drained()  # before it goes down
            assert station.statuses()[-1] == "Finishing"
            assert "Unavailable" not in station.statuses()

    run_virtual(story())
