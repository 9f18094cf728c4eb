"""Answers what an OCPP 1.6 central system may ask of the station (§5).

A request is checked against the schema before it comes here; what the schema cannot say is checked
here. What a request causes is sent after its answer.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from chargepoint.domain.delivery import MeterValuesTaken
from chargepoint.domain.devices import MeterSampled
from chargepoint.domain.supply.charging_profile import Profile as ChargingProfile
from chargepoint.domain.units import ConnectorId, SessionId
from chargepoint.ocpp import meter_values, translate
from chargepoint.ocpp.authcache import AuthCache
from chargepoint.ocpp.frames import ErrorCode, Payload
from chargepoint.ocpp.key_catalogue import MAX_KEYS_PER_REQUEST
from chargepoint.ocpp.keys import Change, Keys
from chargepoint.ocpp.profile import Handler, Profile, Trigger, TriggerId, VendorMessageId
from chargepoint.ocpp.registration import Registration, Standing
from chargepoint.ocpp.rpc import Answer, Caller, CallFailed, LinkDown, Refusal
from chargepoint.ocpp.smart_charging import ProfileImpossible, start_profile_of
from chargepoint.ocpp.status import STATION, Statuses
from chargepoint.ports import CentralNews, Clock, Outbox, StationDoor, UnlockResult

logger = logging.getLogger(__name__)

_TRIGGERED_MESSAGES = 32


@dataclass(frozen=True, slots=True)
class Reading:
    """The latest sample of a connector's meter, and the session it belongs to, if any."""

    sample: MeterSampled
    session: SessionId | None = None


Readings = Callable[[ConnectorId], Reading | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the requests act on."""

    connectors: int
    door: StationDoor
    news: CentralNews
    outbox: Outbox
    clock: Clock
    keys: Keys
    cache: AuthCache
    statuses: Statuses
    registration: Registration
    readings: Readings


class Station16:
    """`answer` is the handler of every request; `send_triggered` sends what TriggerMessage asked."""

    def __init__(
        self,
        around: Surroundings,
        profiles: Iterable[Profile] = (),
        triggers: Mapping[TriggerId, Trigger] = MappingProxyType({}),
    ) -> None:
        self._around = around
        self._triggers = triggers
        self._triggered: asyncio.Queue[Callable[[Caller], Awaitable[None]]] = asyncio.Queue(
            _TRIGGERED_MESSAGES
        )
        self._answers: dict[str, Handler] = {
            "ChangeAvailability": self._change_availability,
            "ChangeConfiguration": self._change_configuration,
            "ClearCache": self._clear_cache,
            "DataTransfer": self._data_transfer,
            "ExtendedTriggerMessage": self._extended_trigger_message,
            "GetConfiguration": self._get_configuration,
            "RemoteStartTransaction": self._remote_start,
            "RemoteStopTransaction": self._remote_stop,
            "Reset": self._reset,
            "TriggerMessage": self._trigger_message,
            "UnlockConnector": self._unlock_connector,
        }
        self._vendor_answers: dict[VendorMessageId, Handler] = {}
        for profile in profiles:
            self._answers |= profile.answers
            self._vendor_answers |= profile.vendor_answers

    @property
    def actions(self) -> frozenset[str]:
        return frozenset(self._answers)

    async def answer(self, action: str, payload: Payload) -> Answer:
        return await self._answers[action](payload)

    async def send_triggered(self, caller: Caller) -> None:
        """Send triggered messages, also before the station is accepted (§4.2)."""
        while True:
            send = await self._triggered.get()
            try:
                await send(caller)
            except LinkDown:
                raise
            except CallFailed as error:
                logger.warning("triggered message failed", extra={"reason": repr(error)})

    # --- transactions ---------------------------------------------------------------------------

    async def _remote_start(self, payload: Payload) -> Answer:
        """§5.11. The profile it may bring is a TxProfile, and possible, or nothing starts."""
        connector = payload.get("connectorId")
        id_tag = payload["idTag"]
        try:
            profile = self._start_profile(payload)
        except ProfileImpossible:
            return _status("Rejected")
        accepted = (
            self._is_accepted()
            and bool(id_tag.strip())
            and (connector is None or self._is_connector(connector))
            and await self._around.door.remote_start(
                id_tag, None if connector is None else ConnectorId(connector), profile
            )
        )
        return _status("Accepted" if accepted else "Rejected")

    def _start_profile(self, payload: Payload) -> ChargingProfile | None:
        body = payload.get("chargingProfile")
        return None if body is None else start_profile_of(body, self._around.clock.utc())

    async def _remote_stop(self, payload: Payload) -> Answer:
        remote_id = translate.transaction_id(payload) if self._is_accepted() else None
        session = None if remote_id is None else self._around.outbox.session_of(remote_id)
        accepted = session is not None and await self._around.door.remote_stop(session)
        return _status("Accepted" if accepted else "Rejected")

    async def _unlock_connector(self, payload: Payload) -> Answer:
        """An unknown connector is NotSupported (errata 3.87)."""
        if not self._is_connector(payload["connectorId"]):
            return _status(UnlockResult.NOT_SUPPORTED)
        return _status(await self._around.door.unlock(ConnectorId(payload["connectorId"])))

    # --- station --------------------------------------------------------------------------------

    async def _change_availability(self, payload: Payload) -> Answer:
        connector = payload["connectorId"]
        if connector != STATION and not self._is_connector(connector):
            return _status("Rejected")
        operative = payload["type"] == "Operative"
        result = await self._around.door.change_availability(
            ConnectorId(connector), operative=operative
        )
        return _status(result)

    async def _reset(self, payload: Payload) -> Answer:
        """The answer leaves before anything stops: nobody may be left to send it afterwards."""
        is_hard = payload["type"] == "Hard"

        async def reset() -> None:
            if not await self._around.door.reset(hard=is_hard):
                self._around.news.incident("ocpp.reset_refused", payload["type"])

        return _status("Accepted", afterwards=reset)

    # --- configuration --------------------------------------------------------------------------

    async def _get_configuration(self, payload: Payload) -> Answer:
        names = payload.get("key", [])
        if len(names) > MAX_KEYS_PER_REQUEST:
            raise Refusal(
                ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION,
                f"GetConfigurationMaxKeys is {MAX_KEYS_PER_REQUEST}",
            )
        known, unknown = self._around.keys.listed(names)
        body: Payload = {"configurationKey": known}
        if unknown:
            body["unknownKey"] = unknown
        return Answer(body)

    async def _change_configuration(self, payload: Payload) -> Answer:
        keys, name = self._around.keys, payload["key"]
        change = await keys.change(name, payload["value"])
        if change not in {Change.ACCEPTED, Change.REBOOT_REQUIRED}:
            return _status(change)
        self._around.news.policy_changed(keys.policy())
        return _status(change, afterwards=lambda: keys.follow(name))

    async def _clear_cache(self, _payload: Payload) -> Answer:
        if not self._around.keys.flag("AuthorizationCacheEnabled"):
            return _status("Rejected")
        await self._around.cache.clear()
        return _status("Accepted")

    async def _data_transfer(self, payload: Payload) -> Answer:
        """§4.3: the profiles bring the vendor messages they know."""
        vendor = payload["vendorId"]
        known = self._vendor_answers.get((vendor, payload.get("messageId", "")))
        if known is not None:
            return await known(payload)
        vendors = {translate.VENDOR, *(name for name, _ in self._vendor_answers)}
        return _status("UnknownMessageId" if vendor in vendors else "UnknownVendorId")

    # --- TriggerMessage (§5.17) -----------------------------------------------------------------

    async def _trigger_message(self, payload: Payload) -> Answer:
        return self._trigger("TriggerMessage", payload)

    async def _extended_trigger_message(self, payload: Payload) -> Answer:
        """The same and three more (whitepaper §5.5)."""
        return self._trigger("ExtendedTriggerMessage", payload)

    def _trigger(self, action: str, payload: Payload) -> Answer:
        connector = payload.get("connectorId")
        match payload["requestedMessage"]:
            case "Heartbeat":
                return self._triggering(self._around.registration.heartbeat)
            case "StatusNotification":
                return self._trigger_status(connector)
            case "MeterValues":
                return self._trigger_meter_values(connector)
            case "BootNotification":
                return self._trigger_boot()
            case word if (trigger := self._triggers.get((action, word))) is not None:
                send = trigger()
                return _status("Rejected") if send is None else self._triggering(send)
            case _:
                return _status("NotImplemented")

    def _trigger_boot(self) -> Answer:
        registration = self._around.registration
        if not registration.may_be_asked():
            return _status("Rejected")

        async def ask() -> None:
            registration.ask()

        return _status("Accepted", afterwards=ask)

    def _trigger_status(self, connector: int | None) -> Answer:
        statuses = self._around.statuses
        wanted = statuses.connectors if connector is None else [ConnectorId(connector)]
        if not set(wanted) <= set(statuses.connectors):
            return _status("Rejected")
        return self._triggering(lambda caller: statuses.send_now(caller, wanted))

    def _trigger_meter_values(self, connector: int | None) -> Answer:
        """Readings of all connectors, or of the one named; there is no main meter (0)."""
        named = range(1, self._around.connectors + 1) if connector is None else [connector]
        readings = [
            reading
            for number in named
            if self._is_connector(number)
            and (reading := self._around.readings(ConnectorId(number))) is not None
        ]
        if not readings:
            return _status("Rejected")
        at = self._around.clock.utc()

        async def send(caller: Caller) -> None:
            for reading in readings:
                values = self._meter_values(reading, at)
                if values is not None:
                    await caller.call("MeterValues", values)

        return self._triggering(send)

    def _meter_values(self, reading: Reading, at: datetime) -> Payload | None:
        sample, session = reading.sample, reading.session
        taken = MeterValuesTaken(
            session=session or SessionId(""),
            connector=sample.connector,
            number=0,
            at=at,
            register=sample.register,
            power=sample.power,
            current=sample.current,
            voltage=sample.voltage,
            details=sample.details,
        )
        measurands = self._around.keys.items("MeterValuesSampledData")
        remote_id = None if session is None else self._around.outbox.remote_id(session)
        return meter_values.meter_values(taken, measurands, remote_id=remote_id, context="Trigger")

    def _triggering(self, send: Callable[[Caller], Awaitable[None]]) -> Answer:
        if self._triggered.full():
            return _status("Rejected")

        async def trigger() -> None:
            self._triggered.put_nowait(send)

        return _status("Accepted", afterwards=trigger)

    # --- checks ---------------------------------------------------------------------------------

    def _is_accepted(self) -> bool:
        """RemoteStart and RemoteStop are not allowed while pending (§4.2)."""
        return self._around.registration.standing is Standing.ACCEPTED

    def _is_connector(self, number: int) -> bool:
        return 1 <= number <= self._around.connectors


def _status(status: str, afterwards: Callable[[], Awaitable[None]] | None = None) -> Answer:
    return Answer({"status": str(status)}, afterwards)
