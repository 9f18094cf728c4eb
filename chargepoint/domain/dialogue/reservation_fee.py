"""What a reservation costs before the first kilowatt-hour: what its charge must be able to pay."""

from datetime import datetime

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.pricing import tariff_usage
from chargepoint.domain.pricing.tariff import Component, Consumption, Tariff, price
from chargepoint.domain.pricing.tariff_conditions import Moment
from chargepoint.domain.units import Minor, Watt, Wh


def fee(tariff: Tariff, since: datetime, until: datetime) -> Minor:
    """Of the time in which the connector was kept, at whatever prices held (session.opened)."""
    kept_s = max(0, int((until - since).total_seconds()))
    if not kept_s:
        return Minor(0)
    if not tariff.has_conditions:
        whole = price(tariff, Consumption(reserved_s=kept_s))
        return Minor(whole - price(tariff, Consumption()))
    begin = Moment(tariff.local(since), Wh(0), Watt(0), 0, 0)
    kept = Component.RESERVATION_TIME
    usage = tariff_usage.add_time((), tariff, kept, begin, kept_s * 1000)
    return price(tariff, Consumption(usage=usage))


def least(talk: Talk, tariff: Tariff, tag: str = "") -> Minor:
    """What a start on the connector in focus needs at least: `session.minimum`, and the fee of the
    reservation that it would use up. Less would end before any energy flowed.
    """
    data, now = talk.data.point.data, talk.now.utc
    used = data.kept.by_id(data.claimed, now)
    if used is None and tag:
        used = data.kept.usable_by(tag, None, now)
    due = Minor(0) if used is None else fee(tariff, used.since, now)
    return Minor(talk.settings.minimum + due)
