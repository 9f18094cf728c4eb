"""Core, 2.2 and 2.3: a charge begins and ends at the station."""

import asyncio

from tests.support.compliance import OTHER_TAG, TAG, THIRD_TAG, Site, case

PARENT = "FLEET"


def of_group(parent: str) -> dict[str, str]:
    return {"status": "Accepted", "parentIdTag": parent}


@case()
async def test_tc_003_plug_in_first(site: Site) -> None:
    await site.plug()
    await site.status("Preparing")
    await site.authorised()
    await site.press("start")
    await site.started()


@case()
async def test_tc_004_1_identification_first(site: Site) -> None:
    await site.authorised()
    await site.status("Preparing")
    await site.plug()
    await site.press("start")
    await site.started()


@case()
async def test_tc_004_2_identified_and_never_plugged_in(site: Site) -> None:
    await site.configure(ConnectionTimeOut=20)
    await site.authorised()
    await site.status("Preparing")
    asked_s = site.station.now_s
    await site.status("Available")
    assert 19 < site.station.now_s - asked_s < 22
    await site.plug()
    await site.status("Preparing")
    await site.silent("StartTransaction", for_s=10)


@case()
async def test_tc_068_only_the_token_of_the_start_stops(site: Site) -> None:
    await site.charging(2, THIRD_TAG)
    transaction = await site.charging()
    await site.present(OTHER_TAG)
    await site.silent("Authorize", "StopTransaction", for_s=10)
    assert site.is_charging()
    await site.present(TAG)
    stop = await site.stopped(transactionId=transaction, idTag=TAG)
    assert stop.get("reason", "Local") == "Local"


@case()
async def test_tc_069_a_token_of_the_same_group_stops(site: Site) -> None:
    await site.charging(2, THIRD_TAG)
    site.answers("Authorize", {"idTagInfo": of_group(PARENT)})
    site.answers("StartTransaction", {"transactionId": 71, "idTagInfo": of_group(PARENT)})
    transaction = await site.charging()
    await site.authorised(OTHER_TAG)
    stop = await site.stopped(transactionId=transaction, idTag=OTHER_TAG)
    assert stop.get("reason", "Local") == "Local"
    assert site.is_charging(2)


@case()
async def test_tc_069_a_token_of_another_group_stops_nothing(site: Site) -> None:
    await site.charging(2, THIRD_TAG)
    site.answers("StartTransaction", {"transactionId": 71, "idTagInfo": of_group(PARENT)})
    await site.charging()
    site.answers("Authorize", {"idTagInfo": of_group("OTHERS")})
    await site.authorised(OTHER_TAG)
    await site.silent("StopTransaction", for_s=10)
    assert site.is_charging()
    await site.act("expect", wanted={"screen": "gc_unknown"})


async def configured(site: Site, *, stop: bool, unlock: bool) -> None:
    await site.configure(
        MinimumStatusDuration=0,
        StopTransactionOnEVSideDisconnect=str(stop).lower(),
        UnlockConnectorOnEVSideDisconnect=str(unlock).lower(),
    )


def pull_at_the_car(site: Site) -> None:
    site.station.world.unplug(1, forced=True)


@case()
async def test_tc_005_1_unplugged_at_the_car_stops_and_lets_the_cable_go(site: Site) -> None:
    await configured(site, stop=True, unlock=True)
    transaction = await site.charging()
    pull_at_the_car(site)
    await site.stopped(transactionId=transaction, reason="EVDisconnected")
    await asyncio.sleep(4)  # the board looks first whether the contacts parted
    assert site.sent("StatusNotification")[-1]["status"] == "Available"
    assert not site.is_locked()


@case()
async def test_tc_005_2_unplugged_at_the_car_stops_and_keeps_the_cable(site: Site) -> None:
    await configured(site, stop=True, unlock=False)
    transaction = await site.charging()
    pull_at_the_car(site)
    await site.stopped(transactionId=transaction, reason="EVDisconnected")
    assert site.is_locked()
    assert await site.ask("UnlockConnector", connectorId=1) == "Unlocked"
    await site.status("Available")
    assert not site.is_locked()


@case()
async def test_tc_005_3_unplugged_at_the_car_only_suspends(site: Site) -> None:
    await configured(site, stop=False, unlock=False)
    transaction = await site.charging()
    pull_at_the_car(site)
    told = await site.status("SuspendedEV")
    assert "EV side disconnected" in told["info"]
    await site.silent("StopTransaction", for_s=30)
    assert await site.ask("RemoteStopTransaction", transactionId=transaction) == "Accepted"
    await site.stopped(transactionId=transaction, reason="Remote")
