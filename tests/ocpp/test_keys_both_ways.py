"""What the keys that decide over people do, with either value, on the real core (OCPP 1.6 §9.1)."""

import asyncio
import itertools
from pathlib import Path

import pytest

from chargepoint.domain.devices import Pilot
from simulator.vtime import run_virtual
from tests.support.live_core import ONE, LiveStation, a_live_station

KNOWN, STRANGER = "7123450000000018", "7123450000000026"
BOTH = ["true", "false"]


def _blocked() -> dict[str, object]:
    return {"idTagInfo": {"status": "Blocked"}}


@pytest.mark.parametrize("asks", BOTH)
@pytest.mark.parametrize("is_good", [True, False])
def test_authorize_remote_tx_requests(asks: str, is_good: bool, tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            await station.sets("AuthorizeRemoteTxRequests", asks)
            if not is_good:
                station.central.answers["Authorize"] = _blocked()
            await station.remote_charge(10)
            await station.drained()
            told = [a for a in station.central.actions if a in ("Authorize", "StartTransaction")]
            if asks == "false":
                assert told == ["StartTransaction"]
            else:
                assert told == ["Authorize", "StartTransaction"][: 2 if is_good else 1]

    run_virtual(story())


@pytest.mark.parametrize(
    ("known_may", "unknown_may", "number"), list(itertools.product(BOTH, BOTH, [KNOWN, STRANGER]))
)
def test_local_authorize_offline_and_allow_offline_tx_for_unknown_id(
    known_may: str, unknown_may: str, number: str, tmp_path: Path
) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            await station.sets("LocalAuthorizeOffline", known_may)
            await station.sets("AllowOfflineTxForUnknownId", unknown_may)
            await _seen_once(station, KNOWN)
            begun = station.central.count("StartTransaction")
            await _cut_off(station)
            await _card_charge(station, number)
            station.central.is_up = True
            await station.drained()
            may = known_may if number == KNOWN else unknown_may
            started = station.central.of("StartTransaction")[begun:]
            assert [each["idTag"] for each in started] == [number] * (may == "true")

    run_virtual(story())


async def _seen_once(station: LiveStation, number: str) -> None:
    """The central system has accepted it, so the cache knows it."""
    await _card_charge(station, number)
    await station.unplug()
    await asyncio.sleep(60)


async def _card_charge(station: LiveStation, number: str) -> None:
    await station.plug()
    await station.card(number)
    await asyncio.sleep(10)
    await station.press("start")
    await asyncio.sleep(20)


async def _cut_off(station: LiveStation) -> None:
    station.central.is_up = False
    await station.central.drop()
    await asyncio.sleep(1)


@pytest.mark.parametrize("pre", BOTH)
def test_local_pre_authorize(pre: str, tmp_path: Path) -> None:
    """A listed token that is to be asked about begins without a question, or with one."""

    async def story() -> None:
        async with a_live_station(tmp_path, AuthorizeRemoteTxRequests="true") as station:
            await station.sets("LocalPreAuthorize", pre)
            listed = [{"idTag": "TAG", "idTagInfo": {"status": "Accepted"}}]
            sent = {"listVersion": 1, "updateType": "Full", "localAuthorizationList": listed}
            assert await station.says("SendLocalList", **sent) == "Accepted"
            await station.remote_charge(10)
            assert station.central.count("Authorize") == (0 if pre == "true" else 1)
            assert station.central.count("StartTransaction") == 1

    run_virtual(story())


@pytest.mark.parametrize(("seconds", "told"), [("0", ["Preparing", "Available"]), ("30", [])])
def test_minimum_status_duration(seconds: str, told: list[str], tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            await station.sets("MinimumStatusDuration", seconds)
            before = len(station.statuses())
            await station.plug()
            await asyncio.sleep(10)
            await station.unplug()
            await asyncio.sleep(60)
            assert station.statuses()[before:] == told

    run_virtual(story())


@pytest.mark.parametrize(("stops", "unlocks"), list(itertools.product(BOTH, BOTH)))
def test_stop_and_unlock_on_ev_side_disconnect(stops: str, unlocks: str, tmp_path: Path) -> None:
    """Unplugged at the vehicle: the cable still hangs in the socket, locked."""

    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            await station.sets("StopTransactionOnEVSideDisconnect", stops)
            await station.sets("UnlockConnectorOnEVSideDisconnect", unlocks)
            await station.remote_charge(20)
            socket = station.sockets[ONE]
            assert socket.locked
            await station.plug(pilot=Pilot.A)
            await asyncio.sleep(20)
            await station.drained()
            reasons = [each["reason"] for each in station.central.of("StopTransaction")]
            if stops == "false":
                assert (reasons, station.statuses()[-1]) == ([], "SuspendedEV")
                assert socket.locked, "the transaction goes on, and so does its lock"
                return
            assert reasons == ["EVDisconnected"]
            assert socket.locked == (unlocks == "false")
            assert station.statuses()[-1] == ("Available" if unlocks == "true" else "Finishing")

    run_virtual(story())
