"""Core, 2.4, 2.5 and 2.11: the cache, and charges started and stopped from afar."""

import asyncio

from tests.support.compliance import OTHER_TAG, TAG, Site, case


async def cached(site: Site) -> None:
    """The token has charged here once."""
    await site.configure(AuthorizationCacheEnabled="true")
    await site.plug()
    await site.status("Preparing")
    await site.authorised()
    await site.press("start")
    await site.started()
    await site.present()
    await site.stopped(idTag=TAG)
    await site.unplug()
    await site.status("Available")


@case()
async def test_tc_007_a_remembered_token_starts_without_being_asked_about(site: Site) -> None:
    await cached(site)
    await site.configure(AuthorizeRemoteTxRequests="true", LocalPreAuthorize="true")
    asked = len(site.sent("Authorize"))
    await site.charging()
    assert len(site.sent("Authorize")) == asked


@case()
async def test_tc_061_a_cleared_cache_remembers_nobody(site: Site) -> None:
    await site.configure(
        AuthorizationCacheEnabled="true", LocalPreAuthorize="true", ConnectionTimeOut=20
    )
    await site.authorised()
    await site.status("Preparing")
    await site.press("cancel")
    await site.status("Available")
    asked = len(site.sent("Authorize"))
    await asyncio.sleep(5)
    await site.present()
    await site.status("Preparing")
    assert len(site.sent("Authorize")) == asked  # remembered
    await site.press("cancel")
    await site.status("Available")
    assert await site.ask("ClearCache") == "Accepted"
    await asyncio.sleep(5)
    await site.present()
    await site.next("Authorize", idTag=TAG)


@case()
async def test_tc_010_plugged_in_then_started_from_afar(site: Site) -> None:
    assert await site.value_of("AuthorizeRemoteTxRequests") == "false"
    await site.charging()
    assert site.sent("Authorize") == []


@case()
async def test_tc_011_1_started_from_afar_then_plugged_in(site: Site) -> None:
    await site.configure(AuthorizeRemoteTxRequests="true")
    assert await site.value_of("AuthorizeRemoteTxRequests") == "true"
    assert await site.ask("RemoteStartTransaction", connectorId=1, idTag=TAG) == "Accepted"
    await site.together(
        ("Authorize", {"idTag": TAG}),
        ("StatusNotification", {"connectorId": 1, "status": "Preparing"}),
    )
    await site.plug()
    await site.started()


@case()
async def test_tc_011_2_started_from_afar_and_never_plugged_in(site: Site) -> None:
    await site.configure(ConnectionTimeOut=20)
    assert await site.ask("RemoteStartTransaction", connectorId=1, idTag=TAG) == "Accepted"
    await site.status("Preparing")
    asked_s = site.station.now_s
    await site.status("Available")
    assert 19 < site.station.now_s - asked_s < 22
    await site.silent("StartTransaction", for_s=5)


@case()
async def test_tc_012_stopped_from_afar(site: Site) -> None:
    transaction = await site.charging()
    assert await site.ask("RemoteStopTransaction", transactionId=transaction) == "Accepted"
    await site.stopped(transactionId=transaction, reason="Remote")
    await site.unplug()
    await site.status("Available")


@case()
async def test_tc_026_a_start_where_somebody_charges_is_rejected(site: Site) -> None:
    await site.configure(LocalPreAuthorize="false")
    await site.charging()
    answer = await site.ask("RemoteStartTransaction", connectorId=1, idTag=OTHER_TAG)
    assert answer == "Rejected"
    await site.silent("StartTransaction", "StopTransaction", for_s=5)
    assert site.is_charging()


@case()
async def test_tc_027_a_start_at_connector_0_is_rejected(site: Site) -> None:
    await site.plug()
    await site.status("Preparing")
    answer = await site.ask("RemoteStartTransaction", connectorId=0, idTag=TAG)
    assert answer in {"Rejected", "PropertyConstraintViolation"}
    await site.silent("StartTransaction", for_s=5)


@case()
async def test_tc_028_a_stop_of_an_unknown_transaction_is_rejected(site: Site) -> None:
    transaction = await site.charging()
    answer = await site.ask("RemoteStopTransaction", transactionId=transaction + 1000)
    assert answer == "Rejected"
    await site.silent("StopTransaction", for_s=5)
    assert site.is_charging()
