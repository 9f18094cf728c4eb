"""OCPP 1.6 configuration keys in force: who wins, what is durable, what the app is told.

Who wins: `--set` over the journal, the journal over the site file, the site file over the factory.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chargepoint.errors import ChargepointError
from chargepoint.ocpp.key_catalogue import DAY_S, station_keys
from chargepoint.ocpp.key_types import items
from chargepoint.ports import Policy, Settings

_SETTING = "ocpp."


async def _nothing(_value: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class KeyRule:
    """What a change by the central system must pass and cause: asked, before it is durable, and
    after it was answered."""

    may_become: Callable[[str], bool] = lambda _value: True
    prepare: Callable[[str], Awaitable[None]] = _nothing
    follow: Callable[[str], Awaitable[None]] = _nothing


class KeysInvalid(ChargepointError):
    """Configured values that no OCPP key takes; one problem a line."""


class Change(StrEnum):
    """OCPP 1.6 §7.22."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    REBOOT_REQUIRED = "RebootRequired"
    NOT_SUPPORTED = "NotSupported"


def check_configured(
    values: Mapping[str, str], connectors: int
) -> tuple[dict[str, str], list[str]]:
    """Values by their keys' own names, and what is wrong with the others, one line each."""
    keys = {key.name.lower(): key for key in station_keys(connectors)}
    checked: dict[str, str] = {}
    problems: list[str] = []
    for name, value in values.items():
        key = keys.get(name.lower())
        if key is None:
            problems.append(f"ocpp.{name}: no such configuration key")
        elif key.is_read_only and not key.is_of_site:
            problems.append(f"ocpp.{name}: read-only, it describes the station")
        else:
            try:
                checked[key.name] = key.check(value)
            except ValueError as error:
                problems.append(f"ocpp.{name}: {error}")  # checks never repeat a secret
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
        self.rules: dict[str, KeyRule] = {}
        """By key name, for keys whose change the station must be ready for."""
        self._settings = settings
        self._keys = {key.name.lower(): key for key in station_keys(connectors)}
        names = [key.name for key in self._keys.values() if not key.is_read_only]
        found = {name: settings.get(_SETTING + name) for name in names}
        # Nobody else writes these, so the journal is read once.
        self._stored = {name: value for name, value in found.items() if value is not None}
        self._policy: Policy | None = None  # of the values in force, once somebody asked
        self._configured, wrong = check_configured(configured, connectors)
        self._overrides, wrong_overrides = check_configured(overrides, connectors)
        if wrong or wrong_overrides:
            raise KeysInvalid("\n".join([*wrong, *wrong_overrides]))

    def text(self, name: str) -> str:
        key = self._keys[name.lower()]
        if key.is_read_only and not key.is_of_site:
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
        return tuple(items(self.text(name)))

    def listed(self, names: Sequence[str]) -> tuple[list[dict[str, str | bool]], list[str]]:
        """What GetConfiguration answers: known keys with values, unknown names. No names: all."""
        wanted = names or [key.name for key in self._keys.values()]
        known: list[dict[str, str | bool]] = []
        unknown: list[str] = []
        for name in wanted:
            key = self._keys.get(name.lower())
            if key is None:
                unknown.append(name)
            elif key.is_write_only:
                known.append({"key": key.name, "readonly": False})
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
        rule = self.rules.get(key.name, KeyRule())
        if not rule.may_become(checked):
            return Change.REJECTED
        await rule.prepare(checked)
        await self._store(key.name, checked)
        return Change.REBOOT_REQUIRED if key.needs_reboot else Change.ACCEPTED

    async def follow(self, name: str) -> None:
        """What an accepted change causes, once it was answered."""
        key = self._keys[name.lower()]
        await self.rules.get(key.name, KeyRule()).follow(self.text(key.name))

    async def put(self, name: str, value: str) -> None:
        """The station's own change: no rule is asked, and what rules above the journal still does."""
        await self._store(name, value)

    async def adopt_heartbeat(self, interval_s: int) -> None:
        """BootNotification.conf sets the interval (§4.2); 0 leaves the choice to us."""
        if 0 < interval_s <= DAY_S and interval_s != self.number("HeartbeatInterval"):
            await self._store("HeartbeatInterval", str(interval_s))

    async def _store(self, name: str, value: str) -> None:
        await self._settings.put(_SETTING + name, value)
        self._stored[name] = value
        self._policy = None
        self.changed.set()

    def policy(self) -> Policy:
        """What of this the app must obey."""
        if self._policy is None:
            self._policy = self._read_policy()
        return self._policy

    def _read_policy(self) -> Policy:
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
            tells_unplugged=self.flag("CustomIdleFeeAfterStop"),
            session_cost_s=self.number("SessionCostInterval"),
        )
