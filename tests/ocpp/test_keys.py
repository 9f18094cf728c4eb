"""Configuration keys: types, ranges, access, who wins, what the app is told."""

import asyncio

import pytest

from chargepoint.ocpp.key_catalogue import PROFILES, station_keys
from chargepoint.ocpp.keys import Change, Keys, KeysInvalid
from chargepoint.ports import Policy
from tests.support.fakes import MemorySettings

# OCPP 1.6 §9.1, required keys of the Core profile.
REQUIRED = [
    "AuthorizeRemoteTxRequests",
    "ClockAlignedDataInterval",
    "ConnectionTimeOut",
    "ConnectorPhaseRotation",
    "GetConfigurationMaxKeys",
    "HeartbeatInterval",
    "LocalAuthorizeOffline",
    "LocalPreAuthorize",
    "MeterValuesAlignedData",
    "MeterValuesSampledData",
    "MeterValueSampleInterval",
    "NumberOfConnectors",
    "ResetRetries",
    "StopTransactionOnEVSideDisconnect",
    "StopTransactionOnInvalidId",
    "StopTxnAlignedData",
    "StopTxnSampledData",
    "SupportedFeatureProfiles",
    "TransactionMessageAttempts",
    "TransactionMessageRetryInterval",
    "UnlockConnectorOnEVSideDisconnect",
]


def _keys(
    settings: MemorySettings | None = None,
    configured: dict[str, str] | None = None,
    overrides: dict[str, str] | None = None,
) -> Keys:
    return Keys(
        settings or MemorySettings(),
        connectors=2,
        configured=configured or {},
        overrides=overrides or {},
    )


def _change(keys: Keys, name: str, value: str) -> Change:
    return asyncio.run(keys.change(name, value))


def test_every_required_key_of_the_core_profile_is_there() -> None:
    assert set(REQUIRED) <= {key.name for key in station_keys(2)}


def test_every_factory_value_passes_its_own_check() -> None:
    for key in station_keys(2):
        if not key.is_write_only:  # a secret has no factory value
            assert key.check(key.default) == key.default, key.name


def test_profiles_tell_the_truth() -> None:
    assert _keys().items("SupportedFeatureProfiles") == tuple(PROFILES)


def test_override_wins_over_journal_over_site_file_over_factory() -> None:
    settings = MemorySettings()
    keys = _keys(settings, {"HeartbeatInterval": "100"})
    assert keys.number("HeartbeatInterval") == 100
    assert _change(keys, "heartbeatinterval", "200") is Change.ACCEPTED
    assert _keys(settings, {"HeartbeatInterval": "100"}).number("HeartbeatInterval") == 200
    forced = _keys(settings, overrides={"HeartbeatInterval": "50"})
    assert forced.number("HeartbeatInterval") == 50
    assert _change(forced, "HeartbeatInterval", "60") is Change.REJECTED
    assert _keys().number("HeartbeatInterval") == 300


def test_the_interval_of_boot_notification_yields_to_an_override() -> None:
    keys = _keys(overrides={"HeartbeatInterval": "50"})
    asyncio.run(keys.adopt_heartbeat(600))
    assert keys.number("HeartbeatInterval") == 50


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HeartbeatInterval", "0"),
        ("HeartbeatInterval", "86401"),
        ("HeartbeatInterval", "1.5"),
        ("HeartbeatInterval", ""),
        ("HeartbeatInterval", "٣"),
        ("HeartbeatInterval", "9" * 400),
        ("LocalPreAuthorize", "yes"),
        ("MeterValuesSampledData", "Voltage,SoC"),
        ("MeterValuesSampledData", "Voltage,Voltage"),
        ("StopTxnSampledData", "SoC"),
        ("ConnectorPhaseRotation", "3.RST"),
        ("ConnectorPhaseRotation", "1.ABC"),
        ("SupportedFeatureProfiles", "Core"),
        ("GetConfigurationMaxKeys", "5"),
    ],
)
def test_a_value_out_of_range_is_rejected_and_nothing_changes(name: str, value: str) -> None:
    settings = MemorySettings()
    keys = _keys(settings)
    before = keys.text(name)
    assert _change(keys, name, value) is Change.REJECTED
    assert keys.text(name) == before
    assert settings.writes == 0


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("LocalPreAuthorize", "TRUE", "true"),
        ("ConnectionTimeOut", "030", "30"),
        ("MeterValuesSampledData", " Voltage , Current.Import ", "Voltage,Current.Import"),
        ("MeterValuesSampledData", "", ""),
        ("ConnectorPhaseRotation", "0.RST, 1.RST, 2.RTS", "0.RST,1.RST,2.RTS"),
        ("StopTxnAlignedData", "", ""),
    ],
)
def test_a_value_is_kept_in_its_one_spelling(name: str, value: str, stored: str) -> None:
    keys = _keys()
    assert _change(keys, name, value) is Change.ACCEPTED
    assert keys.text(name) == stored


def test_an_unknown_key_is_not_supported() -> None:
    for name in ("Nonsense", "BlinkRepeat"):
        assert _change(_keys(), name, "1") is Change.NOT_SUPPORTED


def test_every_wrong_configured_value_is_named_at_once() -> None:
    with pytest.raises(KeysInvalid) as caught:
        _keys(
            configured={"HeartbeatInterval": "often", "Nonsense": "1"},
            overrides={"NumberOfConnectors": "4"},
        )
    text = str(caught.value)
    assert text.count("\n") == 2
    for name in ("ocpp.HeartbeatInterval", "ocpp.Nonsense", "ocpp.NumberOfConnectors"):
        assert name in text


def test_the_policy_follows_the_keys() -> None:
    assert _keys().policy() == Policy()
    keys = _keys(
        configured={
            "ConnectionTimeOut": "5",
            "MeterValueSampleInterval": "0",
            "ClockAlignedDataInterval": "900",
            "AuthorizeRemoteTxRequests": "true",
            "LocalAuthorizeOffline": "false",
            "AllowOfflineTxForUnknownId": "true",
            "StopTransactionOnEVSideDisconnect": "false",
            "UnlockConnectorOnEVSideDisconnect": "false",
            "StopTransactionOnInvalidId": "false",
            "MaxEnergyOnInvalidId": "500",
        }
    )
    assert keys.policy() == Policy(5, 0, 900, True, False, True, False, False, False, 500)
