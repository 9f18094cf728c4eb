"""Core, 2.8, 2.9 and 2.15: configuration keys, and the meter values they order."""

import asyncio
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from tests.support.compliance import Refused, Site, case

READ, WRITE, EITHER = True, False, None
REQUIRED = {
    "AuthorizeRemoteTxRequests": EITHER,
    "ClockAlignedDataInterval": WRITE,
    "ConnectionTimeOut": WRITE,
    "ConnectorPhaseRotation": WRITE,
    "GetConfigurationMaxKeys": READ,
    "HeartbeatInterval": WRITE,
    "LocalAuthorizeOffline": WRITE,
    "LocalPreAuthorize": WRITE,
    "MeterValuesAlignedData": WRITE,
    "MeterValuesSampledData": WRITE,
    "MeterValueSampleInterval": WRITE,
    "NumberOfConnectors": READ,
    "ResetRetries": WRITE,
    "StopTransactionOnInvalidId": WRITE,
    "StopTxnAlignedData": WRITE,
    "StopTxnSampledData": WRITE,
    "SupportedFeatureProfiles": READ,
    "TransactionMessageAttempts": WRITE,
    "TransactionMessageRetryInterval": WRITE,
    "UnlockConnectorOnEVSideDisconnect": EITHER,
    # Local Auth List Management
    "LocalAuthListEnabled": WRITE,
    "LocalAuthListMaxLength": READ,
    "SendLocalListMaxLength": READ,
    # Smart Charging
    "ChargeProfileMaxStackLevel": READ,
    "ChargingScheduleAllowedChargingRateUnit": READ,
    "ChargingScheduleMaxPeriods": READ,
    "MaxChargingProfilesInstalled": READ,
}
MEASURANDS = "Energy.Active.Import.Register,Current.Import,Voltage,Power.Active.Import"
INTERVAL_S = 20


async def listed(site: Site, **request: Any) -> dict[str, dict[str, Any]]:
    answer = await site.call("GetConfiguration", **request)
    assert not answer.get("unknownKey")
    return {each["key"]: each for each in answer["configurationKey"]}


@case()
async def test_tc_019_every_required_key_with_its_access(site: Site) -> None:
    assert list(await listed(site, key=["SupportedFeatureProfiles"])) == [
        "SupportedFeatureProfiles"
    ]
    everything = await listed(site)
    assert set(REQUIRED) <= set(everything)
    for name, is_read_only in REQUIRED.items():
        assert is_read_only in (EITHER, everything[name]["readonly"]), name
    most = int(
        (await listed(site, key=["GetConfigurationMaxKeys"]))["GetConfigurationMaxKeys"]["value"]
    )
    chosen = list(everything)[:most]
    assert list(await listed(site, key=chosen)) == chosen


@case()
async def test_tc_021_a_value_is_changed_and_read_back(site: Site) -> None:
    assert await site.value_of("MeterValueSampleInterval") != "33"
    await site.configure(MeterValueSampleInterval=33)
    assert await site.value_of("MeterValueSampleInterval") == "33"
    await site.power_cycle()
    await site.next("BootNotification", within_s=60)
    assert await site.value_of("MeterValueSampleInterval") == "33"


@case()
async def test_tc_040_1_an_unknown_key_is_not_supported(site: Site) -> None:
    assert await site.ask("ChangeConfiguration", key="Testing", value="true") == "NotSupported"


@case()
async def test_tc_040_2_a_value_out_of_range_is_rejected(site: Site) -> None:
    before = await site.value_of("MeterValueSampleInterval")
    answer = await site.ask("ChangeConfiguration", key="MeterValueSampleInterval", value="-1")
    assert answer in {"Rejected", "PropertyConstraintViolation"}
    assert await site.value_of("MeterValueSampleInterval") == before


async def three(site: Site, context: str, transaction: int) -> list[datetime]:
    """Times of three MeterValues, each with every measurand that is configured."""
    taken = []
    for _ in range(3):
        values = await site.next("MeterValues", connectorId=1, transactionId=transaction)
        for value in values["meterValue"]:
            assert {each["context"] for each in value["sampledValue"]} == {context}
            assert {each["measurand"] for each in value["sampledValue"]} == set(
                MEASURANDS.split(",")
            )
            taken.append(datetime.fromisoformat(value["timestamp"]))
    return taken


@case()
async def test_tc_070_sampled_values_at_their_interval(site: Site) -> None:
    await site.configure(
        MeterValueSampleInterval=INTERVAL_S,
        ClockAlignedDataInterval=0,
        MeterValuesSampledData=MEASURANDS,
    )
    assert await site.value_of("MeterValuesSampledData") == MEASURANDS
    transaction = await site.charging()
    taken = await three(site, "Sample.Periodic", transaction)
    gaps_s = [(late - soon).total_seconds() for soon, late in pairwise(taken)]
    assert gaps_s == [pytest.approx(INTERVAL_S, abs=0.5)] * 2


@case()
async def test_tc_071_clock_aligned_values_on_the_clock(site: Site) -> None:
    await site.configure(
        MeterValueSampleInterval=0,
        ClockAlignedDataInterval=INTERVAL_S,
        MeterValuesAlignedData=MEASURANDS,
    )
    await asyncio.sleep(7.3)
    transaction = await site.charging()
    taken = await three(site, "Sample.Clock", transaction)
    gaps_s = [(late - soon).total_seconds() for soon, late in pairwise(taken)]
    assert gaps_s == [pytest.approx(INTERVAL_S, abs=0.5)] * 2
    assert {each.second % INTERVAL_S for each in taken} == {0}


@case()
async def test_tc_019_more_keys_than_one_request_may_name_are_refused(site: Site) -> None:
    most = int(await site.value_of("GetConfigurationMaxKeys"))
    with pytest.raises(Refused, match="Occurence"):
        await site.call("GetConfiguration", key=["HeartbeatInterval"] * (most + 1))
