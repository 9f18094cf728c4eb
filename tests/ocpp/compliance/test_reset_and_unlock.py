"""Core, 2.6, 2.7 and 2.12: resets, with and without a charge, and the lock."""

import asyncio

import pytest

from tests.support.compliance import Site, case

FIXED_CABLE = {"station.cable_a": "32"}


async def reset_without_transaction(site: Site, kind: str) -> None:
    answer = await site.ask("ChangeAvailability", connectorId=1, type="Inoperative")
    assert answer == "Accepted"
    await site.status("Unavailable")
    assert await site.ask("Reset", type=kind) == "Accepted"
    await site.next("BootNotification")
    await site.statuses("Available", "Unavailable", "Available")
    assert await site.ask("ChangeAvailability", connectorId=1, type="Operative") == "Accepted"
    await site.status("Available")


@case()
async def test_tc_013_hard_reset_keeps_what_is_unavailable(site: Site) -> None:
    await reset_without_transaction(site, "Hard")


@case()
async def test_tc_014_soft_reset_keeps_what_is_unavailable(site: Site) -> None:
    await reset_without_transaction(site, "Soft")


async def reset_while_charging(site: Site, kind: str) -> None:
    transaction = await site.charging()
    assert await site.ask("Reset", type=kind) == "Accepted"
    await site.together(
        ("StopTransaction", {"transactionId": transaction, "reason": f"{kind}Reset"}),
        ("BootNotification", {}),
    )
    assert not site.station.world.is_contactor_closed(1)
    told = [each for each in site.sent("StatusNotification") if each["connectorId"] == 1]
    assert "Unavailable" not in [each["status"] for each in told]
    after = await site.next("StatusNotification", connectorId=1)
    assert after["status"] in {"Finishing", "Preparing"}
    assert len(site.sent("StopTransaction")) == 1


@case()
async def test_tc_015_hard_reset_ends_the_charge(site: Site) -> None:
    await reset_while_charging(site, "Hard")


@case()
async def test_tc_016_soft_reset_ends_the_charge_before_it_goes_down(site: Site) -> None:
    await reset_while_charging(site, "Soft")
    actions = [each["action"] for each in site.station.record.ocpp if each["dir"] == "sent"]
    last_boot = len(actions) - 1 - actions[::-1].index("BootNotification")
    assert actions.index("StopTransaction") < last_boot


@case()
async def test_tc_017_1_unlock_without_a_charge(site: Site) -> None:
    assert await site.ask("UnlockConnector", connectorId=1) == "Unlocked"
    assert not site.is_locked()


@case(config=FIXED_CABLE)
async def test_tc_017_2_unlock_of_a_fixed_cable(site: Site) -> None:
    assert await site.ask("UnlockConnector", connectorId=1) == "NotSupported"


@case()
async def test_tc_018_1_unlock_ends_the_charge_first(site: Site) -> None:
    transaction = await site.charging()
    begun = site.read
    answered = await site.ask("UnlockConnector", connectorId=1)
    assert answered == "Unlocked"
    assert not site.is_locked()
    assert not site.is_charging()
    site.read = begun  # the charge may end before the answer
    await site.stopped(transactionId=transaction, reason="UnlockCommand")
    await site.unplug()
    await site.status("Available")


@case(config=FIXED_CABLE)
async def test_tc_018_2_unlock_of_a_fixed_cable_leaves_the_charge_alone(site: Site) -> None:
    await site.charging()
    assert await site.ask("UnlockConnector", connectorId=1) == "NotSupported"
    await site.silent("StopTransaction", for_s=10)
    assert site.is_charging()


@case()
async def test_tc_030_a_lock_that_does_not_open_says_so(site: Site) -> None:
    await site.charging()
    await site.act("fault", device="evse", kind="lock_jam", connector=1)
    assert await site.ask("UnlockConnector", connectorId=1) == "UnlockFailed"
    assert site.is_locked()


@case()
async def test_a_plug_before_welded_contacts_is_not_unlocked(site: Site) -> None:
    """Not even long after the charge; and nobody is told that it was."""
    await site.charging()
    await site.act("fault", device="evse", kind="weld", connector=1)
    await site.ask("UnlockConnector", connectorId=1)
    await asyncio.sleep(60)
    assert await site.ask("UnlockConnector", connectorId=1) == "UnlockFailed"
    assert site.is_locked()


@pytest.mark.parametrize("connector", [0, 3, 99])
def test_tc_031_unlock_of_an_unknown_connector(connector: int) -> None:
    @case()
    async def story(site: Site) -> None:
        assert await site.ask("UnlockConnector", connectorId=connector) == "NotSupported"

    story()
