"""Core, 2.1: the station comes up and registers."""

import asyncio

import pytest

from tests.support.compliance import FIRST_INTERVAL_S, Site, boot_answer, case, moment

HEARTBEAT_S = 40


async def comes_up(site: Site) -> None:
    """Asks again when it was told to, tells every status, then beats."""
    first_s = site.station.now_s
    site.answers("BootNotification", boot_answer("Accepted", HEARTBEAT_S), times=1)
    await site.next("BootNotification")
    assert site.station.now_s - first_s == pytest.approx(FIRST_INTERVAL_S, abs=1)
    await site.statuses("Available", "Available", "Available")
    await site.next("Heartbeat", within_s=HEARTBEAT_S + 1)
    beat_s = site.station.now_s
    await site.next("Heartbeat", within_s=HEARTBEAT_S + 1)
    assert site.station.now_s - beat_s == pytest.approx(HEARTBEAT_S, abs=0.5)


@case(boot="Rejected")
async def test_tc_001_rejected_first_then_accepted(site: Site) -> None:
    told = await site.next("BootNotification")
    assert told["chargePointVendor"]
    assert told["chargePointModel"]
    await comes_up(site)
    sent = [each["action"] for each in site.station.record.ocpp if each["dir"] == "sent"]
    assert sent[:2] == ["BootNotification"] * 2  # nothing in between


@case(boot="Pending")
async def test_tc_002_pending_first_and_configured_meanwhile(site: Site) -> None:
    await site.next("BootNotification")
    asked_s = site.station.now_s
    everything = await site.call("GetConfiguration")
    assert "MeterValueSampleInterval" in {each["key"] for each in everything["configurationKey"]}
    await site.configure(MeterValueSampleInterval=17)
    answer = await site.ask("RemoteStartTransaction", connectorId=1, idTag="ANY")
    assert answer == "Rejected"  # §4.2
    assert not {each["action"] for each in site.unread()} & {"StatusNotification", "Heartbeat"}
    assert site.station.now_s - asked_s < 1
    await comes_up(site)
    assert await site.value_of("MeterValueSampleInterval") == "17"


@case()
async def test_the_support_itself_notices_what_is_missing(site: Site) -> None:
    with pytest.raises(AssertionError, match="Authorize"):
        await site.next("Authorize", within_s=1.0)
    assert moment() < moment(1.0)
    await asyncio.sleep(0)
