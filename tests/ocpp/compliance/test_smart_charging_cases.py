"""Smart Charging, 2.22. Every case in amperes, as the station measures, and the vehicle follows."""

import asyncio
from datetime import datetime
from typing import Any

import pytest

from tests.support.compliance import TAG, Payload, Site, case, moment

DURATION_S = 300
DEVIATION_S = 5.0  # so long ago the schedules of the tool begin


def a_profile(
    number: int, purpose: str, periods: list[tuple[int, float]], duration: int, **other: Any
) -> Payload:
    since = moment(-DEVIATION_S)
    return {
        "chargingProfileId": number,
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Absolute",
        "chargingSchedule": {
            "startSchedule": since,
            "duration": duration,
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [
                {"startPeriod": start, "limit": limit, "numberPhases": 3}
                for start, limit in periods
            ],
        },
        **other,
    }


def six_amperes(purpose: str, **other: Any) -> Payload:
    return a_profile(1, purpose, [(0, 6.0)], DURATION_S + 60, **other)


def shortly_valid() -> Payload:
    return {"validFrom": moment(-DEVIATION_S), "validTo": moment(401 - DEVIATION_S)}


async def install(site: Site, profile: Payload, connector: int = 1) -> str:
    return await site.ask("SetChargingProfile", connectorId=connector, csChargingProfiles=profile)


async def composite(site: Site, duration: int = DURATION_S) -> list[tuple[float, float]]:
    """(start, limit) of every period, from the moment of the first profile's start on."""
    answer = await site.call(
        "GetCompositeSchedule", connectorId=1, duration=duration, chargingRateUnit="A"
    )
    schedule = answer["chargingSchedule"]
    assert (answer["status"], answer["connectorId"]) == ("Accepted", 1)
    assert (schedule["chargingRateUnit"], schedule["duration"]) == ("A", duration)
    begun = datetime.fromisoformat(answer["scheduleStart"])
    assert abs((datetime.fromisoformat(moment()) - begun).total_seconds()) <= 1
    return [
        (each["startPeriod"] + DEVIATION_S, each["limit"])
        for each in schedule["chargingSchedulePeriod"]
    ]


def near(*periods: tuple[float, float]) -> list[Any]:
    """Each start within a second and a half: seconds on the wire are whole."""
    first, *others = periods
    return [
        (pytest.approx(DEVIATION_S, abs=1.5), first[1]),
        *[(pytest.approx(start, abs=1.5), limit) for start, limit in others],
    ]


@case()
async def test_tc_056_a_default_profile_for_new_transactions(site: Site) -> None:
    assert await install(site, six_amperes("TxDefaultProfile")) == "Accepted"
    assert (await composite(site))[0][1] == 6
    await site.charging()
    await asyncio.sleep(6)
    assert site.station.world.current_ma(1) == pytest.approx(6000, abs=100)


@case()
async def test_tc_057_a_profile_of_the_running_transaction(site: Site) -> None:
    transaction = await site.charging()
    assert site.station.world.current_ma(1) == 16_000
    profile = six_amperes("TxProfile", transactionId=transaction)
    assert await install(site, profile) == "Accepted"
    assert (await composite(site))[0][1] == 6
    await asyncio.sleep(6)
    assert site.station.world.current_ma(1) == pytest.approx(6000, abs=100)


@case()
async def test_tc_058_1_no_profile_of_a_transaction_where_none_runs(site: Site) -> None:
    assert await install(site, six_amperes("TxProfile", transactionId=1)) == "Rejected"


@case()
async def test_tc_058_2_no_profile_of_another_transaction(site: Site) -> None:
    transaction = await site.charging()
    profile = six_amperes("TxProfile", transactionId=transaction + 1)
    assert await install(site, profile) == "Rejected"
    await asyncio.sleep(6)
    assert site.station.world.current_ma(1) == 16_000


@case()
async def test_tc_082_a_default_profile_while_a_transaction_runs(site: Site) -> None:
    await site.charging()
    assert await install(site, six_amperes("TxDefaultProfile")) == "Accepted"
    assert (await composite(site))[0][1] == 6
    await asyncio.sleep(6)
    assert site.station.world.current_ma(1) == pytest.approx(6000, abs=100)


@case()
async def test_tc_066_three_purposes_together(site: Site) -> None:
    transaction = await site.charging()
    station = a_profile(1, "ChargePointMaxProfile", [(0, 10)], 86_400)
    default = a_profile(
        2,
        "TxDefaultProfile",
        [(0, 6), (60, 10), (120, 8), (180, 15), (260, 8)],
        300,
        **shortly_valid(),
    )
    running = a_profile(
        3,
        "TxProfile",
        [(0, 8), (50, 11), (140, 16), (200, 6), (240, 12)],
        260,
        transactionId=transaction,
        **shortly_valid(),
    )
    assert await install(site, station, 0) == "Accepted"
    assert await install(site, default) == "Accepted"
    assert await install(site, running) == "Accepted"
    found = await composite(site, 400)
    assert found[:4] == near((0, 8), (50, 10), (200, 6), (240, 10))
    # After the TxProfile the default counts again (errata 3.43), then the station's limit alone.
    assert found[4:] == [
        (pytest.approx(260, abs=1.5), 8),
        (pytest.approx(300, abs=1.5), 10),
    ]


@case()
async def test_tc_067_profiles_are_cleared_by_id_by_filter_and_all(site: Site) -> None:
    first = a_profile(1, "TxDefaultProfile", [(0, 6), (60, 8), (200, 10)], 400, stackLevel=1)
    second = a_profile(2, "TxDefaultProfile", [(0, 7), (100, 9)], 400, **shortly_valid())
    third = a_profile(3, "ChargePointMaxProfile", [(0, 11), (200, 12)], 86_400)
    assert await install(site, first) == "Accepted"
    assert await install(site, second) == "Accepted"
    assert await install(site, third, 0) == "Accepted"
    assert (await composite(site, 350))[0][1] == 6
    assert await site.ask("ClearChargingProfile", id=1) == "Accepted"
    assert await composite(site, 350) == near((0, 7), (100, 9))
    answer = await site.ask(
        "ClearChargingProfile", chargingProfilePurpose="TxDefaultProfile", stackLevel=0
    )
    assert answer == "Accepted"
    assert await composite(site, 350) == near((0, 11), (200, 12))
    assert await site.ask("ClearChargingProfile") == "Accepted"
    assert await composite(site, 350) == near((0, 32))  # what the connector is built for
    assert await site.ask("ClearChargingProfile") == "Unknown"


@case()
async def test_tc_072_two_stack_levels(site: Site) -> None:
    lower = a_profile(1, "TxDefaultProfile", [(0, 6), (100, 8), (200, 10)], 400, **shortly_valid())
    upper = a_profile(
        2, "TxDefaultProfile", [(0, 7), (100, 9)], 150, stackLevel=1, **shortly_valid()
    )
    assert await install(site, lower) == "Accepted"
    assert await install(site, upper) == "Accepted"
    assert await composite(site, 350) == near((0, 7), (100, 9), (150, 8), (200, 10))


@case()
async def test_tc_059_started_from_afar_with_a_profile(site: Site) -> None:
    await site.charging(chargingProfile=six_amperes("TxProfile"))
    assert (await composite(site))[0][1] == 6
    await asyncio.sleep(6)
    assert site.station.world.current_ma(1) == pytest.approx(6000, abs=100)


@case()
async def test_tc_060_a_start_with_a_profile_of_another_purpose_is_rejected(site: Site) -> None:
    await site.plug()
    await site.status("Preparing")
    answer = await site.ask(
        "RemoteStartTransaction",
        connectorId=1,
        idTag=TAG,
        chargingProfile=six_amperes("TxDefaultProfile"),
    )
    assert answer in {"Rejected", "PropertyConstraintViolation"}
    await site.silent("StartTransaction", for_s=5)
