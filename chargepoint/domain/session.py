"""A session: one customer at one connector, from Start to the final price. A value, pure updates.

A session is not a transaction: the transaction is what OCPP bills and ends at the open contactor;
the session ends when its price is final (decisions §4).
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chargepoint.domain.changed import changed
from chargepoint.domain.delivery import StopReason
from chargepoint.domain.pricing import tariff_ahead, tariff_usage
from chargepoint.domain.pricing.tariff import (
    Component,
    Consumption,
    Tariff,
    Usage,
    load_tariff,
    price,
)
from chargepoint.domain.pricing.tariff_conditions import Moment
from chargepoint.domain.supply.metering import SignedValue, load_signed
from chargepoint.domain.units import Minor, SessionId, Watt, Wh

_LOOK_AHEAD_S = 10  # the contactor opens when the budget would not last this long


class Means(StrEnum):
    """How a session is paid. Each says who pays at the end (domain/money/settlement.py)."""

    CASH = "cash"
    BANK = "bank"
    GREENCARD = "greencard"
    TOKEN = "token"  # noqa: S105 - a remote start or a foreign card, billed centrally


class EndCause(StrEnum):
    """Why a session ended, in the customer's terms; `StopReason` is OCPP's."""

    CUSTOMER = "customer"
    REMOTE = "remote"
    UNPLUGGED = "unplugged"
    SPENT = "spent"
    FAULT = "fault"
    NOT_STARTED = "not_started"  # no vehicle asked for power in time
    NO_ENERGY = "no_energy"
    POWER_LOSS = "power_loss"
    RESERVED = "reserved"  # the connector is somebody else's from now on
    REFUSED = "refused"  # the central system refused the token after the start
    RESTART = "restart"


STOP_REASONS: dict[EndCause, StopReason] = {
    EndCause.CUSTOMER: StopReason.LOCAL,
    EndCause.REMOTE: StopReason.REMOTE,
    EndCause.UNPLUGGED: StopReason.EV_DISCONNECTED,
    EndCause.SPENT: StopReason.LOCAL,
    EndCause.FAULT: StopReason.OTHER,
    EndCause.NOT_STARTED: StopReason.OTHER,
    EndCause.NO_ENERGY: StopReason.OTHER,
    EndCause.POWER_LOSS: StopReason.POWER_LOSS,
    EndCause.RESERVED: StopReason.OTHER,
    EndCause.REFUSED: StopReason.DE_AUTHORIZED,
    EndCause.RESTART: StopReason.SOFT_RESET,
}


@dataclass(frozen=True, slots=True)
class BankHold:
    """An open reservation on a bank card: found again by these at the terminal (ZVT 87, 0B, 29)."""

    reference: str
    receipt_number: str
    trace: str
    terminal_id: str
    amount: Minor
    masked_pan: str = ""


@dataclass(frozen=True, slots=True)
class StartOrder:
    """Everything a point needs to start: decided, priced and named before it is asked."""

    session: SessionId
    means: Means
    id_tag: str
    tariff: Tariff
    limit: Minor | None  # the most this session may cost; None: no limit
    code: str = ""  # four digits that stop a cash or bank-card session
    hold: BankHold | None = None
    included: Wh = Wh(0)  # energy of a flat rate that costs nothing
    offline: bool = False
    remote: bool = False
    parent_tag: str | None = None  # the group of the token, if the one who judged it said so
    reserved_s: int = 0  # how long a reservation that this start uses kept the connector


@dataclass(frozen=True, slots=True)
class Session:
    order: StartOrder
    started_at: datetime
    register_start: Wh
    register: Wh  # last believed reading
    limit: Minor | None
    charging_ms: int = 0  # contactor closed
    idle_ms: int = 0  # plugged, and the vehicle or the customer wants no energy
    elapsed_ms: int = 0
    meter_number: int = 0  # MeterValues sent so far
    cause: EndCause | None = None
    reason: StopReason | None = None
    ended: bool = False  # the transaction has its StopTransaction
    estimated: bool = False  # the final register is the last believed one, the meter was lost
    fault: str = ""
    signed: SignedValue | None = None  # the meter's own record of this charge
    usage: Usage = ()  # where prices have conditions: what was consumed at which
    read_at: datetime | None = None  # the newest reading: what flows from then on has its prices
    read_power: Watt = Watt(0)
    reserved_until: datetime | None = None  # of the reservation that this session used
    sampled_register: Wh | None = None  # of the periodic values before
    aligned_register: Wh | None = None  # of the clock-aligned values before
    grace: Wh | None = None  # the token was refused after the start: at most this much in all
    grace_stops: bool = True  # then the transaction ends, else only its energy
    is_denied: bool = False  # the grace is used up and the transaction goes on without energy
    was_paused: bool = False  # by the station, before the vehicle took its first energy
    waits_from_ms: int = 0  # of its time: the vehicle is waited for, anew after a pause or a cut
    stopped_by: str | None = None  # another token of the same group

    @property
    def id(self) -> SessionId:
        return self.order.session

    @property
    def group(self) -> str | None:
        """Whose tokens may end it besides its own (OCPP 1.6 §4.10)."""
        is_by_token = self.order.means in (Means.GREENCARD, Means.TOKEN)
        return self.order.parent_tag if is_by_token else None

    @property
    def energy(self) -> Wh:
        return Wh(max(0, self.register - self.register_start))

    @property
    def consumption(self) -> Consumption:
        """What is billed: energy beyond what a plan includes."""
        return self._consumption(self.energy)

    def _consumption(self, energy: int, more_s: int = 0) -> Consumption:
        billed = Wh(max(0, energy - self.order.included))
        charging_s = self.charging_ms // 1000 + more_s
        idle_s, reserved_s = self.idle_ms // 1000, self.order.reserved_s
        return Consumption(billed, charging_s, idle_s, self.usage, reserved_s)

    # --- consuming ---

    def moment(self, utc: datetime, power: Watt) -> Moment:
        """What the tariff's conditions look at."""
        local = self.order.tariff.local(utc)
        return Moment(local, self.energy, power, self.charging_ms, self.idle_ms)

    @property
    def _last_read(self) -> Moment:
        return self.moment(self.read_at or self.started_at, self.read_power)

    def opened(self) -> "Session":
        """At its start: the fee of that moment is due, and the time it was reserved before."""
        tariff, reserved_s = self.order.tariff, self.order.reserved_s
        usage = tariff_usage.opened(tariff, self._last_read)
        if tariff.has_conditions and reserved_s > 0:
            since = self.moment(self.started_at - timedelta(seconds=reserved_s), Watt(0))
            kept = Component.RESERVATION_TIME
            usage = tariff_usage.add_time(usage, tariff, kept, since, reserved_s * 1000)
        return replace(self, usage=usage)

    def priced(self, before: "Session", power: Watt, utc: datetime) -> "Session":
        """This session with a new register: what flowed since `before` has the prices of then."""
        tariff = self.order.tariff
        if not tariff.has_conditions:
            return self
        usage = tariff_usage.add_energy(
            self.usage,
            tariff,
            before._last_read,  # noqa: SLF001 - an older value of this session
            energy=Wh(self.energy - before.energy),
            included=self.order.included,
        )
        return changed(self, usage=usage, read_at=utc, read_power=power)

    def charged(self, gone_ms: int, until: datetime) -> "Session":
        """`gone_ms` more with the contactor closed."""
        usage = self._timed(Component.CHARGING_TIME, gone_ms, until)
        return changed(self, charging_ms=self.charging_ms + gone_ms, usage=usage)

    def idled(self, gone_ms: int, until: datetime) -> "Session":
        usage = self._timed(Component.IDLE_TIME, gone_ms, until)
        return changed(self, idle_ms=self.idle_ms + gone_ms, usage=usage)

    def _timed(self, component: Component, gone_ms: int, until: datetime) -> Usage:
        tariff = self.order.tariff
        if not tariff.has_conditions:
            return ()
        before = self.moment(until - timedelta(milliseconds=gone_ms), self.read_power)
        return tariff_usage.add_time(self.usage, tariff, component, before, gone_ms)

    # --- the price ---

    @property
    def exact_cost(self) -> Minor:
        """By tariff, limit not applied. No energy, no price (decisions §3)."""
        return price(self.order.tariff, self.consumption) if self.energy else Minor(0)

    @property
    def cost(self) -> Minor:
        """What the customer is shown and asked: never above the limit."""
        if self.limit is None:
            return self.exact_cost
        return Minor(min(self.exact_cost, self.limit))

    def will_overspend(self, power: Watt) -> bool:
        """True when the next ten seconds at `power` would pass the limit (decisions §2)."""
        if self.limit is None:
            return False
        energy = self.energy + -(-power * _LOOK_AHEAD_S // 3600)
        ahead = self._consumption(energy, _LOOK_AHEAD_S)
        if not self.order.tariff.has_conditions:
            return price(self.order.tariff, ahead) > self.limit
        first = self._last_read
        last = replace(
            first,
            local=first.at(_LOOK_AHEAD_S * 1000),
            energy=Wh(energy),
            charging_ms=first.charging_ms + _LOOK_AHEAD_S * 1000,
        )
        used = self.consumption
        billed = Wh(ahead.energy - used.energy)
        tariff = self.order.tariff
        return tariff_usage.price_ahead(tariff, used, first, last, billed=billed) > self.limit

    def seconds_left(self, power: Watt) -> int | None:
        """How long the budget lasts at `power`; None without limit, price or power."""
        if self.limit is None or power <= 0:
            return None
        now = self.moment(self.read_at or self.started_at, power)
        return tariff_ahead.seconds_within(
            self.order.tariff, self.limit, self.consumption, now, self.order.included
        )

    def ending(self, cause: EndCause, reason: StopReason | None = None) -> "Session":
        """The first cause stands."""
        if self.cause is not None:
            return self
        return replace(self, cause=cause, reason=reason or STOP_REASONS[cause])


def dump_order(order: StartOrder) -> dict[str, Any]:
    return asdict(order)


def load_order(body: dict[str, Any]) -> StartOrder:
    hold = body.get("hold")
    return StartOrder(
        **{
            **body,
            "means": Means(body["means"]),
            "tariff": load_tariff(body["tariff"]),
            "hold": None if hold is None else BankHold(**hold),
        }
    )


def dump_session(session: Session) -> dict[str, Any]:
    body = asdict(session)
    body["started_at"] = session.started_at.isoformat()
    for name in ("read_at", "reserved_until"):
        at: datetime | None = body[name]
        body[name] = None if at is None else at.isoformat()
    return body


def load_session(body: dict[str, Any]) -> Session:
    cause, reason, read_at = body["cause"], body["reason"], body.get("read_at")
    reserved_until = body.get("reserved_until")
    return Session(
        **{
            **body,
            "order": load_order(body["order"]),
            "started_at": datetime.fromisoformat(body["started_at"]),
            "cause": None if cause is None else EndCause(cause),
            "reason": None if reason is None else StopReason(reason),
            "usage": tuple((Component(c), place, n) for c, place, n in body.get("usage", ())),
            "signed": load_signed(body.get("signed")),
            "read_at": None if read_at is None else datetime.fromisoformat(read_at),
            "reserved_until": reserved_until and datetime.fromisoformat(reserved_until),
        }
    )
