"""Smart Charging (OCPP 1.6 §3.13, §5.5, §5.7, §5.16): profiles in and out of the standard's words.

What the schema cannot say and the standard calls an invalid value is a CALLERROR; what nobody could
carry out is `Rejected`. What a profile means is the domain's affair.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from chargepoint.charging_ports import ChargingProfiles, Plan
from chargepoint.domain.supply.charging_profile import (
    DAY_S,
    STATION,
    WEEK_S,
    Epoch,
    Period,
    Profile,
    Purpose,
    RateUnit,
    Schedule,
    Selection,
)
from chargepoint.domain.supply.composite_schedule import Step
from chargepoint.domain.units import ConnectorId, SessionId
from chargepoint.errors import ChargepointError
from chargepoint.ocpp import translate
from chargepoint.ocpp.frames import ErrorCode, Payload
from chargepoint.ocpp.profile import Handler, VendorMessageId, status
from chargepoint.ocpp.rpc import Answer, Refusal
from chargepoint.ports import Clock, Outbox

logger = logging.getLogger(__name__)

_PURPOSES = {
    "ChargePointMaxProfile": Purpose.STATION_MAX,
    "TxDefaultProfile": Purpose.SESSION_DEFAULT,
    "TxProfile": Purpose.SESSION,
}
_RECURRENCES = {"Daily": DAY_S, "Weekly": WEEK_S}
_MILLI = 1000
_TENTH = 10
_LARGEST_ID = 2**63 - 1
_LARGEST_RATE = 1e9  # beyond any connection; larger numbers are no larger limit


class ProfileImpossible(ChargepointError):
    """A profile that nobody could carry out: answered Rejected."""


class SmartChargingProfile:
    def __init__(
        self, profiles: ChargingProfiles, outbox: Outbox, clock: Clock, connectors: int
    ) -> None:
        self._profiles = profiles
        self._outbox = outbox
        self._clock = clock
        self._connectors = connectors

    @property
    def answers(self) -> Mapping[str, Handler]:
        return {
            "ClearChargingProfile": self._clear,
            "GetCompositeSchedule": self._get_composite,
            "SetChargingProfile": self._set,
        }

    @property
    def vendor_answers(self) -> Mapping[VendorMessageId, Handler]:
        return {}

    async def _set(self, payload: Payload) -> Answer:
        """§5.16. An unknown connector is an invalid value (errata 3.39)."""
        if not STATION <= payload["connectorId"] <= self._connectors:
            code = ErrorCode.PROPERTY_CONSTRAINT_VIOLATION
            raise Refusal(code, f"no connector {payload['connectorId']} here")
        connector, body = ConnectorId(payload["connectorId"]), payload["csChargingProfiles"]
        try:
            session = self._session_of(body, connector)
            profile = profile_of(body, connector, self._clock.utc(), session)
        except ProfileImpossible as error:
            logger.info("charging profile refused", extra={"reason": str(error)})
            return status("Rejected")
        return status("Accepted" if await self._profiles.install(profile) else "Rejected")

    def _session_of(self, body: Payload, connector: ConnectorId) -> SessionId | None:
        """A TxProfile needs its transaction to run at this connector (§3.13.1)."""
        remote_id = body.get("transactionId")
        if _PURPOSES[body["chargingProfilePurpose"]] is not Purpose.SESSION:
            if remote_id is not None:
                raise ProfileImpossible("a transaction is named for a TxProfile only")
            return None
        if connector == STATION:
            raise ProfileImpossible("a TxProfile is for one connector")
        running = self._profiles.running(connector)
        if running is None:
            raise ProfileImpossible("no transaction runs here")
        if remote_id is not None and self._remote_session(remote_id) != running:
            raise ProfileImpossible("another transaction runs here")
        return running

    def _remote_session(self, remote_id: int) -> SessionId | None:
        return self._outbox.session_of(remote_id) if abs(remote_id) <= _LARGEST_ID else None

    async def _clear(self, payload: Payload) -> Answer:
        """§5.5, §6.13."""
        purpose = payload.get("chargingProfilePurpose")
        selection = Selection(
            id=payload.get("id"),
            connector=payload.get("connectorId"),
            purpose=None if purpose is None else _PURPOSES[purpose],
            stack_level=payload.get("stackLevel"),
        )
        return status("Accepted" if await self._profiles.clear(selection) else "Unknown")

    async def _get_composite(self, payload: Payload) -> Answer:
        """§5.7: from now on, in amperes unless watts are asked for."""
        connector, duration_s = payload["connectorId"], payload["duration"]
        if not STATION <= connector <= self._connectors or duration_s <= 0:
            return status("Rejected")
        unit = RateUnit(payload.get("chargingRateUnit", RateUnit.AMPERE))
        plan = self._profiles.plan(ConnectorId(connector), duration_s)
        schedule = _schedule(plan, unit, self._profiles.capabilities.max_periods)
        start = datetime.fromtimestamp(plan.since, UTC)
        return Answer(
            {
                "status": "Accepted",
                "connectorId": connector,
                "scheduleStart": translate.to_timestamp(start),
                "chargingSchedule": schedule,
            }
        )


# --- in -----------------------------------------------------------------------------------------


def start_profile_of(body: Payload, now: datetime) -> Profile:
    """The profile in a RemoteStartTransaction; its session and connector are not known yet (§5.16.2)."""
    if _PURPOSES[body["chargingProfilePurpose"]] is not Purpose.SESSION:
        raise ProfileImpossible("a remote start takes a TxProfile only")
    if "transactionId" in body:
        raise ProfileImpossible("the transaction has no id yet")  # errata 3.41
    return profile_of(body, STATION, now, None)


def profile_of(
    body: Payload, connector: ConnectorId, now: datetime, session: SessionId | None
) -> Profile:
    """Raises ProfileImpossible, and Refusal for a value outside its type (§7.8)."""
    if body["stackLevel"] < 0:
        raise Refusal(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "stackLevel is negative")
    if abs(body["chargingProfileId"]) > _LARGEST_ID:
        raise ProfileImpossible("an id of this size cannot be kept")
    purpose = _PURPOSES[body["chargingProfilePurpose"]]
    recurrence = body.get("recurrencyKind")
    is_recurring = body["chargingProfileKind"] == "Recurring"
    if is_recurring and recurrence is None:
        raise ProfileImpossible("recurring, and nobody says how often")
    return Profile(
        id=body["chargingProfileId"],
        connector=connector,
        purpose=purpose,
        stack_level=body["stackLevel"],
        schedule=_schedule_of(body, purpose, now),
        # The recurrence counts for recurring profiles only (errata 3.56).
        repeats_s=_RECURRENCES[recurrence] if is_recurring and recurrence else None,
        valid_from=_epoch(body.get("validFrom")),
        valid_to=_epoch(body.get("validTo")),
        session=session,
    )


def _schedule_of(body: Payload, purpose: Purpose, now: datetime) -> Schedule:
    schedule = body["chargingSchedule"]
    minimum = schedule.get("minChargingRate")
    return Schedule(
        unit=RateUnit(schedule["chargingRateUnit"]),
        periods=tuple(_period(period) for period in schedule["chargingSchedulePeriod"]),
        start=_start(body, purpose, now),
        duration_s=schedule.get("duration"),
        minimum_milli=None if minimum is None else _milli(minimum),
    )


def _start(body: Payload, purpose: Purpose, now: datetime) -> Epoch | None:
    """Relative to the session unless it says when; the station itself has no session (§7.13)."""
    if body["chargingProfileKind"] == "Relative":
        return None
    start = _epoch(body["chargingSchedule"].get("startSchedule"))
    if start is None and purpose is Purpose.STATION_MAX:
        return Epoch(int(now.timestamp()))
    return start


def _period(body: Mapping[str, Any]) -> Period:
    return Period(int(body["startPeriod"]), _milli(body["limit"]), body.get("numberPhases"))


def _milli(rate: float) -> int:
    return round(max(-_LARGEST_RATE, min(rate, _LARGEST_RATE)) * _MILLI)


def _epoch(text: str | None) -> Epoch | None:
    if text is None:
        return None
    moment = translate.from_timestamp(text)
    if moment is None:
        raise ProfileImpossible(f"{text} is no time")
    return Epoch(int(moment.timestamp()))


# --- out ----------------------------------------------------------------------------------------


def _schedule(plan: Plan, unit: RateUnit, most_periods: int) -> Payload:
    """No startSchedule (errata 3.57). What has more periods than allowed ends earlier, and says so."""
    told = _told(plan, unit)
    duration_s = plan.duration_s
    if len(told) > most_periods:
        duration_s = told[most_periods]["startPeriod"]
        told = told[:most_periods]
    return {
        "duration": duration_s,
        "chargingRateUnit": unit.value,
        "chargingSchedulePeriod": told,
    }


def _told(plan: Plan, unit: RateUnit) -> list[Payload]:
    """Neighbours that differ by less than a tenth become one."""
    found: list[Payload] = []
    for step in plan.steps:
        period = _period_told(step, plan, unit)
        if not found or _rate(found[-1]) != _rate(period):
            found.append(period)
    return found


def _period_told(step: Step, plan: Plan, unit: RateUnit) -> Payload:
    assert step.limit is not None  # a plan always has one
    return {
        "startPeriod": step.start - plan.since,
        "limit": step.limit.tenths(unit, plan.supply) / _TENTH,
        "numberPhases": step.limit.phases,
    }


def _rate(period: Payload) -> Sequence[Any]:
    return period["limit"], period["numberPhases"]
