"""What the central system may ask about charging profiles, and where they are kept; no OCPP version's words."""

from collections.abc import Awaitable, Collection
from dataclasses import dataclass
from typing import Protocol

from chargepoint.domain.supply.charging_profile import Capabilities, Epoch, Profile, Selection
from chargepoint.domain.supply.composite_schedule import Step, Supply
from chargepoint.domain.units import ConnectorId, SessionId


@dataclass(frozen=True, slots=True)
class Plan:
    """The limits of `duration_s` from `since` on, as they are known now. A step always has one."""

    since: Epoch
    duration_s: int
    steps: tuple[Step, ...]
    supply: Supply


class ChargingProfiles(Protocol):
    """The profiles in force. What is installed or cleared is durable when the call returns."""

    @property
    def capabilities(self) -> Capabilities: ...

    def running(self, connector: ConnectorId) -> SessionId | None:
        """The session whose transaction runs at this connector."""
        ...

    async def install(self, profile: Profile) -> bool:
        """False: nobody could carry it out, or there is no room; nothing has changed then."""
        ...

    async def clear(self, selection: Selection) -> int:
        """How many are gone."""
        ...

    def plan(self, connector: ConnectorId, duration_s: int) -> Plan:
        """Connector 0: what the connectors may take together."""
        ...


class StartProfiles(Protocol):
    """The profile that a remote start brings: durable before its session, gone when none begins."""

    async def attach(self, profile: Profile, session: SessionId, connector: ConnectorId) -> bool:
        """False: nobody could carry it out."""
        ...

    def reconsider(self) -> None:
        """The wall clock was set, or something else that limits depend on has changed."""
        ...

    def release(self, session: SessionId) -> None:
        """The start was taken or refused: from now on the profile lives as its session does."""
        ...


class ProfileStore(Protocol):
    def all(self) -> list[Profile]: ...

    def change(self, removed: Collection[int], added: Collection[Profile]) -> Awaitable[None]:
        """One transaction; durable when the awaitable is done."""
        ...
