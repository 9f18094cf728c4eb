"""Core, 2.13 and 2.14: power that fails, and a central system that is away."""

import asyncio
from datetime import datetime
from itertools import pairwise

import pytest

from tests.support.compliance import INVALID_TAG, TAG, Site, case

SAMPLE_S = 10


@case(config={"session.resume_limit": "0"})
async def test_tc_032_2_a_power_cut_ends_the_charge(site: Site) -> None:
    transaction = await site.charging()
    await asyncio.sleep(30)
    begun_wh = site.sent("StartTransaction")[-1]["meterStart"]
    charged_wh = site.station.world.register_mwh(1) / 1000
    await site.power_cycle()
    await site.next("BootNotification", within_s=60)
    booted = site.read
    stop = await site.next("StopTransaction", transactionId=transaction, reason="PowerLoss")
    assert stop["meterStop"] - begun_wh == pytest.approx(charged_wh, abs=2)
    assert "idTag" not in stop
    site.read = booted
    await site.together(
        ("StatusNotification", {"connectorId": 0, "status": "Available"}),
        ("StatusNotification", {"connectorId": 1, "status": "Finishing"}),
        ("StatusNotification", {"connectorId": 2, "status": "Available"}),
    )
    assert not site.is_charging()
    assert len(site.sent("StopTransaction")) == 1


@case()
async def test_tc_032_2_a_short_power_cut_is_resumed_and_the_same_token_stops(site: Site) -> None:
    transaction = await site.charging()
    await site.power_cycle()
    await site.next("BootNotification", within_s=60)
    await site.together(
        ("StatusNotification", {"connectorId": 1, "status": "Charging"}), within_s=60
    )
    assert site.is_charging()
    await site.present(TAG)
    stop = await site.stopped(transactionId=transaction, idTag=TAG)
    assert stop.get("reason", "Local") == "Local"
    assert len(site.sent("StartTransaction")) == 1


@case()
async def test_tc_034_what_is_unavailable_stays_so_through_a_power_cut(site: Site) -> None:
    answer = await site.ask("ChangeAvailability", connectorId=0, type="Inoperative")
    assert answer == "Accepted"
    await site.statuses("Unavailable", "Unavailable", "Unavailable")
    await site.power_cycle()
    await site.next("BootNotification", within_s=60)
    await site.statuses("Unavailable", "Unavailable", "Unavailable")
    await site.plug()
    await site.silent("StatusNotification", for_s=10)


@case()
async def test_tc_036_meter_values_wait_for_the_link_in_their_order(site: Site) -> None:
    await site.configure(MeterValueSampleInterval=SAMPLE_S)
    transaction = await site.charging()
    await site.next("MeterValues")
    await asyncio.sleep(1)  # it is answered: else it would be sent again
    await site.offline()
    before = len(site.sent("MeterValues"))
    await asyncio.sleep(4 * SAMPLE_S)
    assert len(site.sent("MeterValues")) == before
    await site.online()
    for _ in range(6):
        await site.next("MeterValues", within_s=60, transactionId=transaction)
    taken = [
        datetime.fromisoformat(each["meterValue"][0]["timestamp"])
        for each in site.sent("MeterValues")
    ]
    gaps_s = [(late - soon).total_seconds() for soon, late in pairwise(taken)]
    assert gaps_s == [pytest.approx(SAMPLE_S, abs=0.5)] * len(gaps_s)


async def charging_offline(site: Site, token: str) -> None:
    await site.offline()
    await site.plug()
    await site.present(token)
    await site.press("start")
    await asyncio.sleep(10)
    assert site.is_charging()
    assert site.sent("StartTransaction") == []


async def for_offline(site: Site, listed: str, **keys: str) -> None:
    entry = {"idTag": listed, "idTagInfo": {"status": "Accepted"}}
    answer = await site.ask(
        "SendLocalList", listVersion=1, updateType="Full", localAuthorizationList=[entry]
    )
    assert answer == "Accepted"
    await site.configure(
        LocalAuthorizeOffline="true",
        LocalAuthListEnabled="true",
        AuthorizationCacheEnabled="true",
        AllowOfflineTxForUnknownId="true",
        **keys,
    )


@case()
async def test_tc_037_1_begun_offline_with_a_valid_token(site: Site) -> None:
    await for_offline(site, TAG)
    await charging_offline(site, TAG)
    await site.online()
    start, _ = await site.together(
        ("StartTransaction", {"connectorId": 1, "idTag": TAG}),
        ("StatusNotification", {"connectorId": 1, "status": "Charging"}),
        within_s=60,
    )
    sent_s = site.station.record.ocpp[-1]["t"]
    begun = datetime.fromisoformat(start["timestamp"])
    assert (begun - datetime(2026, 1, 1, 8, tzinfo=begun.tzinfo)).total_seconds() < sent_s - 5
    assert site.is_charging()


@case()
async def test_tc_037_2_begun_offline_with_an_invalid_token_is_only_suspended(site: Site) -> None:
    await for_offline(
        site, INVALID_TAG, StopTransactionOnInvalidId="false", MaxEnergyOnInvalidId="0"
    )
    await charging_offline(site, INVALID_TAG)
    await site.online()
    await site.together(
        ("StartTransaction", {"connectorId": 1, "idTag": INVALID_TAG}),
        ("StatusNotification", {"connectorId": 1, "status": "SuspendedEVSE"}),
        within_s=60,
    )
    told = [each["status"] for each in site.sent("StatusNotification") if each["connectorId"] == 1]
    assert told[-2:] == ["Charging", "SuspendedEVSE"]
    await site.silent("StopTransaction", for_s=30)
    assert not site.is_charging()


@case()
async def test_tc_037_3_begun_offline_with_an_invalid_token_is_ended(site: Site) -> None:
    await for_offline(
        site, INVALID_TAG, StopTransactionOnInvalidId="true", MaxEnergyOnInvalidId="0"
    )
    await charging_offline(site, INVALID_TAG)
    await site.online()
    await site.together(
        ("StartTransaction", {"connectorId": 1, "idTag": INVALID_TAG}),
        ("StatusNotification", {"connectorId": 1, "status": "Charging"}),
        ("StopTransaction", {"reason": "DeAuthorized"}),
        ("StatusNotification", {"connectorId": 1, "status": "Finishing"}),
        within_s=60,
    )
    assert not site.is_charging()


@case()
async def test_tc_038_ended_offline(site: Site) -> None:
    transaction = await site.charging()
    await site.offline()
    await site.present(TAG)
    await asyncio.sleep(5)
    assert not site.is_charging()
    assert site.sent("StopTransaction") == []
    await site.online()
    stop = await site.stopped(transactionId=transaction, idTag=TAG)
    assert stop.get("reason", "Local") == "Local"


@case()
async def test_tc_039_begun_and_ended_offline(site: Site) -> None:
    await for_offline(site, TAG)
    await charging_offline(site, TAG)
    await site.present(TAG)
    await asyncio.sleep(5)
    await site.unplug()
    await asyncio.sleep(5)
    await site.online()
    start = await site.next("StartTransaction", within_s=60, connectorId=1, idTag=TAG)
    stop = await site.next("StopTransaction")
    assert stop["transactionId"] == site.transaction()
    assert stop.get("reason", "Local") == "Local"
    assert stop["timestamp"] > start["timestamp"]
    assert stop["meterStop"] >= start["meterStart"]
    await site.silent("StartTransaction", "StopTransaction", for_s=60)
