"""The configuration keys of this station (OCPP 1.6 §9, errata 3.83), profile by profile.

Absent, because the station has neither lamp nor blinking: BlinkRepeat, LightIntensity.
"""

from collections.abc import Callable

from chargepoint.domain.supply.charging_profile import Capabilities
from chargepoint.ocpp.key_prices import price_keys
from chargepoint.ocpp.key_security import FIRMWARE_KEYS, LINK_KEYS, SECURITY_KEYS
from chargepoint.ocpp.key_types import Check, Key, boolean, constant, items, whole
from chargepoint.ocpp.meter_values import MEASURANDS

MAX_KEYS_PER_REQUEST = 64
# Ten thousand tokens of the longest kind still fit the longest frame that is read.
LOCAL_LIST_TOKENS = 10_000
DAY_S = 86_400
_PHASES = ("NotApplicable", "Unknown", "RST", "RTS", "SRT", "STR", "TRS", "TSR")


def _measurands(text: str) -> str:
    """§3.16.4: one measurand that is not supported refuses the whole list."""
    chosen = items(text)
    for item in chosen:
        if item not in MEASURANDS:
            raise ValueError(f"measurand {item!r} is not supported")
    if len(set(chosen)) != len(chosen):
        raise ValueError("a measurand is named twice")
    return ",".join(chosen)


def _phase_rotation(connectors: int) -> Check:
    def check(text: str) -> str:
        chosen = items(text)
        for item in chosen:
            connector, _, rotation = item.partition(".")
            if rotation not in _PHASES or connector not in map(str, range(connectors + 1)):
                raise ValueError(f"{item!r} is no phase rotation of this station")
        return ",".join(chosen)

    return check


def core_keys(connectors: int) -> tuple[Key, ...]:
    """§9.1, in its order."""
    rotation = ",".join(f"{number}.Unknown" for number in range(1, connectors + 1))
    measurands = ",".join(MEASURANDS[:4])
    most = len(MEASURANDS)
    return (
        Key("AllowOfflineTxForUnknownId", "false", boolean),
        Key("AuthorizationCacheEnabled", "true", boolean),
        Key("AuthorizeRemoteTxRequests", "false", boolean),
        Key("ClockAlignedDataInterval", "0", whole(0, DAY_S)),
        Key("ConnectionTimeOut", "60", whole(1, DAY_S)),
        Key("ConnectorPhaseRotation", rotation, _phase_rotation(connectors)),
        constant("ConnectorPhaseRotationMaxLength", connectors + 1),
        constant("GetConfigurationMaxKeys", MAX_KEYS_PER_REQUEST),
        Key("HeartbeatInterval", "300", whole(1, DAY_S)),
        Key("LocalAuthorizeOffline", "true", boolean),
        Key("LocalPreAuthorize", "false", boolean),
        Key("MaxEnergyOnInvalidId", "0", whole(0, 1_000_000)),
        Key("MessageTimeout", "35", whole(31, 600)),
        Key("MeterValuesAlignedData", MEASURANDS[0], _measurands),
        constant("MeterValuesAlignedDataMaxLength", most),
        Key("MeterValuesSampledData", measurands, _measurands),
        constant("MeterValuesSampledDataMaxLength", most),
        Key("MeterValueSampleInterval", "60", whole(0, DAY_S)),
        Key("MinimumStatusDuration", "0", whole(0, 3600)),
        constant("NumberOfConnectors", connectors),
        Key("ResetRetries", "1", whole(0, 10)),
        Key("StopTransactionOnEVSideDisconnect", "true", boolean),
        Key("StopTransactionOnInvalidId", "true", boolean),
        Key("StopTxnAlignedData", "", _measurands),
        constant("StopTxnAlignedDataMaxLength", most),
        Key("StopTxnSampledData", "", _measurands),
        constant("StopTxnSampledDataMaxLength", most),
        Key("TransactionMessageAttempts", "3", whole(1, 100)),
        Key("TransactionMessageRetryInterval", "60", whole(0, DAY_S)),
        Key("UnlockConnectorOnEVSideDisconnect", "true", boolean),
        # Read when a link is opened, so only the next one has it.
        Key("WebSocketPingInterval", "30", whole(0, DAY_S), needs_reboot=True),
    )


def _local_list_keys(_connectors: int) -> tuple[Key, ...]:
    """§9.2."""
    return (
        Key("LocalAuthListEnabled", "true", boolean),
        constant("LocalAuthListMaxLength", LOCAL_LIST_TOKENS),
        constant("SendLocalListMaxLength", LOCAL_LIST_TOKENS),
    )


def _reservation_keys(_connectors: int) -> tuple[Key, ...]:
    """§9.3."""
    return (constant("ReserveConnectorZeroSupported", "true"),)


def _smart_charging_keys(_connectors: int) -> tuple[Key, ...]:
    """§9.4."""
    promised = Capabilities()
    return (
        constant("ChargeProfileMaxStackLevel", promised.max_stack_level),
        constant("ChargingScheduleAllowedChargingRateUnit", "Current,Power"),
        constant("ChargingScheduleMaxPeriods", promised.max_periods),
        constant("ConnectorSwitch3to1PhaseSupported", "false"),
        constant("MaxChargingProfilesInstalled", promised.max_profiles),
    )


def _no_keys(_connectors: int) -> tuple[Key, ...]:
    return ()


PROFILES: dict[str, Callable[[int], tuple[Key, ...]]] = {
    "Core": core_keys,
    "FirmwareManagement": lambda _connectors: FIRMWARE_KEYS,
    "LocalAuthListManagement": _local_list_keys,
    "Reservation": _reservation_keys,
    "RemoteTrigger": _no_keys,
    "SmartCharging": _smart_charging_keys,
}
"""What is built, by its word in SupportedFeatureProfiles, and the keys it brings (connectors)."""


def station_keys(connectors: int) -> tuple[Key, ...]:
    """Every key this station answers for."""
    keys = [key for keys_of in PROFILES.values() for key in keys_of(connectors)]
    return (
        *keys,
        *LINK_KEYS,
        *SECURITY_KEYS,
        *price_keys(connectors),
        constant("SupportedFeatureProfiles", ",".join(PROFILES)),
        constant("SupportedFeatureProfilesMaxLength", len(PROFILES)),
    )
