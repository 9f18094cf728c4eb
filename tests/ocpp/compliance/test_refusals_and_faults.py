"""Core, 2.10, 2.16, 2.23: who is not let in, what breaks, and messages of strangers."""

from tests.support.compliance import INVALID_TAG, TAG, Site, case


@case()
async def test_tc_023_an_invalid_token_starts_nothing(site: Site) -> None:
    await site.configure(LocalPreAuthorize="true", MinimumStatusDuration=10)
    await site.plug()
    await site.status("Preparing")
    await site.authorised(INVALID_TAG)
    await site.silent("StartTransaction", "StatusNotification", for_s=20)
    assert not site.is_charging()


@case()
async def test_tc_024_a_lock_that_does_not_close_is_a_fault_and_starts_nothing(site: Site) -> None:
    assert await site.ask("RemoteStartTransaction", connectorId=1, idTag=TAG) == "Accepted"
    await site.status("Preparing")
    await site.act("fault", device="evse", kind="lock_jam", connector=1)
    await site.plug()
    told = await site.status("Faulted")
    assert told["errorCode"] == "ConnectorLockFailure"
    await site.silent("StartTransaction", for_s=20)
    assert not site.is_charging()


@case()
async def test_tc_041_a_faulty_connector_starts_nothing(site: Site) -> None:
    await site.act("fault", device="meter", kind="unplugged", connector=1)
    told = await site.status("Faulted", within_s=60)
    assert told["errorCode"] == "PowerMeterFailure"
    await site.plug()
    await site.present(TAG)
    assert await site.ask("RemoteStartTransaction", connectorId=1, idTag=TAG) == "Rejected"
    await site.silent("StartTransaction", for_s=60)
    assert not site.is_charging()


@case()
async def test_tc_062_a_message_of_an_unknown_vendor_is_not_accepted(site: Site) -> None:
    answer = await site.ask("DataTransfer", vendorId="org.example", messageId="Any", data="x")
    assert answer == "UnknownVendorId"
