"""OCPP 1.6 configuration keys (§9.1, errata 3.83): type, range, access, default, persistence.

Who wins: `--set` over the journal, the journal over the site file, the site file over the factory.
Absent, because the station has neither lamp nor blinking: BlinkRepeat, LightIntensity.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chargepoint.errors import ChargepointError
from chargepoint.ports import Policy, Settings

MEASURANDS = (
    "Energy.Active.Import.Register",
    "Power.Active.Import",
    "Current.Import",
    "Voltage",
)
PROFILES = "Core,RemoteTrigger"
MAX_KEYS_PER_REQUEST = 64
_DAY_S = 86_400
_SETTING = "ocpp."
_PHASES = ("NotApplicable", "Unknown", "RST", "RTS", "SRT", "STR", "TRS", "TSR")

Check = Callable[[str], str]
"""The value in its one spelling; raises ValueError with the reason."""


class KeysInvalid(ChargepointError):
    """Configured values that no OCPP key takes; one problem a line."""


class Change(StrEnum):
    """OCPP 1.6 §7.22."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    REBOOT_REQUIRED = "RebootRequired"
    NOT_SUPPORTED = "NotSupported"


@dataclass(frozen=True, slots=True)
class Key:
    name: str
    default: str
    check: Check
    is_read_only: bool = False
    needs_reboot: bool = False


def _whole(low: int, high: int) -> Check:
    def check(text: str) -> str:
        if not (text.isascii() and text.isdigit() and len(text) <= 10):
            raise ValueError(f"{text!r} is not a whole number")
        if not low <= int(text) <= high:
            raise ValueError(f"{text} is not within {low}..{high}")
        return str(int(text))

    return check


def _boolean(text: str) -> str:
    if text.lower() not in {"true", "false"}:
        raise ValueError(f"{text!r} is neither true nor false")
    return text.lower()


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _measurands(text: str) -> str:
    """§3.16.4: one measurand that is not supported refuses the whole list."""
    chosen = _items(text)
    for item in chosen:
        if item not in MEASURANDS:
            raise ValueError(f"measurand {item!r} is not supported")
    if len(set(chosen)) != len(chosen):
        raise ValueError("a measurand is named twice")
    return ",".join(chosen)


def _nothing(text: str) -> str:
    """StopTransaction carries no transactionData: §3.16.5, by an empty list."""
    if _items(text):
        raise ValueError("transaction data is not supported")
    return ""


def _phase_rotation(connectors: int) -> Check:
    def check(text: str) -> str:
        chosen = _items(text)
        for item in chosen:
            connector, _, rotation = item.partition(".")
            if rotation not in _PHASES or connector not in map(str, range(connectors + 1)):
                raise ValueError(f"{item!r} is no phase rotation of this station")
        return ",".join(chosen)

    return check


def _fixed(text: str) -> str:
    return text


def core_keys(connectors: int) -> tuple[Key, ...]:
    """Every key this station answers for, in the order of OCPP 1.6 §9.1."""
    rotation = ",".join(f"{number}.Unknown" for number in range(1, connectors + 1))
    measurands = ",".join(MEASURANDS)
    return (
        Key("AllowOfflineTxForUnknownId", "false", _boolean),
        Key("AuthorizationCacheEnabled", "true", _boolean),
        Key("AuthorizeRemoteTxRequests", "false", _boolean),
        Key("ClockAlignedDataInterval", "0", _whole(0, _DAY_S)),
        Key("ConnectionTimeOut", "60", _whole(1, _DAY_S)),
        Key("ConnectorPhaseRotation", rotation, _phase_rotation(connectors)),
        _constant("ConnectorPhaseRotationMaxLength", connectors + 1),
        _constant("GetConfigurationMaxKeys", MAX_KEYS_PER_REQUEST),
        Key("HeartbeatInterval", "300", _whole(1, _DAY_S)),
        Key("LocalAuthorizeOffline", "true", _boolean),
        Key("LocalPreAuthorize", "false", _boolean),
        Key("MaxEnergyOnInvalidId", "0", _whole(0, 1_000_000)),
        Key("MessageTimeout", "35", _whole(31, 600)),
        Key("MeterValuesAlignedData", MEASURANDS[0], _measurands),
        _constant("MeterValuesAlignedDataMaxLength", len(MEASURANDS)),
        Key("MeterValuesSampledData", measurands, _measurands),
        _constant("MeterValuesSampledDataMaxLength", len(MEASURANDS)),
        Key("MeterValueSampleInterval", "60", _whole(0, _DAY_S)),
        Key("MinimumStatusDuration", "0", _whole(0, 3600)),
        _constant("NumberOfConnectors", connectors),
        Key("ResetRetries", "1", _whole(0, 10)),
        Key("StopTransactionOnEVSideDisconnect", "true", _boolean),
        Key("StopTransactionOnInvalidId", "true", _boolean),
        Key("StopTxnAlignedData", "", _nothing),
        _constant("StopTxnAlignedDataMaxLength", 0),
        Key("StopTxnSampledData", "", _nothing),
        _constant("StopTxnSampledDataMaxLength", 0),
        Key("SupportedFeatureProfiles", PROFILES, _fixed, is_read_only=True),
        _constant("SupportedFeatureProfilesMaxLength", len(_items(PROFILES))),
        Key("TransactionMessageAttempts", "3", _whole(1, 100)),
        Key("TransactionMessageRetryInterval", "60", _whole(0, _DAY_S)),
        Key("UnlockConnectorOnEVSideDisconnect", "true", _boolean),
        # Read when a link is opened, so only the next one has it.
        Key("WebSocketPingInterval", "30", _whole(0, _DAY_S), needs_reboot=True),
    )


def _constant(name: str, value: int) -> Key:
    return Key(name, str(value), _fixed, is_read_only=True)


def check_configured(
    values: Mapping[str, str], connectors: int
) -> tuple[dict[str, str], list[str]]:
    """Values by their keys' own names, and what is wrong with the others, one line each."""
    keys = {key.name.lower(): key for key in core_keys(connectors)}
    checked: dict[str, str] = {}
    problems: list[str] = []
    for name, value in values.items():
        key = keys.get(name.lower())
        if key is None:
            problems.append(f"ocpp.{name}: no such configuration key")
        elif key.is_read_only:
            problems.append(f"ocpp.{name}: read-only, it describes the station")
        else:
            try:
                checked[key.name] = key.check(value)
            except ValueError as error:
                problems.append(f"ocpp.{name}: {error}")
    return checked, problems


class Keys:
    """The values in force. Names match without regard to case (CiString50Type)."""

    def __init__(
        self,
        settings: Settings,
        *,
        connectors: int,
        configured: Mapping[str, str],
        overrides: Mapping[str, str],
    ) -> None:
        """Raises KeysInvalid with every wrong configured value."""
        self.changed = asyncio.Event()
        """Set with every change; whoever waits for it clears it first."""
        self._settings = settings
        self._keys = {key.name.lower(): key for key in core_keys(connectors)}
        names = [key.name for key in self._keys.values() if not key.is_read_only]
        found = {name: settings.get(_SETTING + name) for name in names}
        # Nobody else writes these, so the journal is read once.
        self._stored = {name: value for name, value in found.items() if value is not None}
        self._configured, wrong = check_configured(configured, connectors)
        self._overrides, wrong_overrides = check_configured(overrides, connectors)
        if wrong or wrong_overrides:
            raise KeysInvalid("\n".join([*wrong, *wrong_overrides]))

    def text(self, name: str) -> str:
        key = self._keys[name.lower()]
        if key.is_read_only:
            return key.default
        for layer in (self._overrides, self._stored, self._configured):
            if key.name in layer:
                return layer[key.name]
        return key.default

    def number(self, name: str) -> int:
        return int(self.text(name))

    def flag(self, name: str) -> bool:
        return self.text(name) == "true"

    def items(self, name: str) -> tuple[str, ...]:
        return tuple(_items(self.text(name)))

    def listed(self, names: Sequence[str]) -> tuple[list[dict[str, str | bool]], list[str]]:
        """What GetConfiguration answers: known keys with values, unknown names. No names: all."""
        wanted = names or [key.name for key in self._keys.values()]
        known: list[dict[str, str | bool]] = []
        unknown: list[str] = []
        for name in wanted:
            key = self._keys.get(name.lower())
            if key is None:
                unknown.append(name)
            else:
                value = self.text(key.name)
                known.append({"key": key.name, "readonly": key.is_read_only, "value": value})
        return known, unknown

    async def change(self, name: str, value: str) -> Change:
        """ChangeConfiguration (§5.3). Accepted means durable and, from now on, in force."""
        key = self._keys.get(name.lower())
        if key is None:
            return Change.NOT_SUPPORTED
        if key.is_read_only or key.name in self._overrides:
            return Change.REJECTED
        try:
            checked = key.check(value)
        except ValueError:
            return Change.REJECTED
        await self._store(key.name, checked)
        return Change.REBOOT_REQUIRED if key.needs_reboot else Change.ACCEPTED

    async def adopt_heartbeat(self, interval_s: int) -> None:
        """BootNotification.conf sets the interval (§4.2); 0 leaves the choice to us."""
        if 0 < interval_s <= _DAY_S and interval_s != self.number("HeartbeatInterval"):
            await self._store("HeartbeatInterval", str(interval_s))

    async def _store(self, name: str, value: str) -> None:
        await self._settings.put(_SETTING + name, value)
        self._stored[name] = value
        self.changed.set()

    def policy(self) -> Policy:
        """What of this the app must obey."""
        return Policy(
            connection_timeout_s=self.number("ConnectionTimeOut"),
            meter_sample_s=self.number("MeterValueSampleInterval"),
            clock_aligned_s=self.number("ClockAlignedDataInterval"),
            authorize_remote=self.flag("AuthorizeRemoteTxRequests"),
            local_authorize_offline=self.flag("LocalAuthorizeOffline"),
            allow_offline_unknown=self.flag("AllowOfflineTxForUnknownId"),
            stop_on_ev_disconnect=self.flag("StopTransactionOnEVSideDisconnect"),
            unlock_on_ev_disconnect=self.flag("UnlockConnectorOnEVSideDisconnect"),
            stop_on_invalid_id=self.flag("StopTransactionOnInvalidId"),
            max_energy_on_invalid_wh=self.number("MaxEnergyOnInvalidId"),
        )
