"""What a reservation costs before the first kilowatt-hour: what its charge must be able to pay."""

from datetime import datetime, timedelta

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.pricing import tariff_usage
from chargepoint.domain.pricing.tariff import Component, Consumption, Tariff, price
from chargepoint.domain.pricing.tariff_conditions import Moment
from chargepoint.domain.units import Minor, Watt, Wh

_TERMINAL_S = 300  # a card with its PIN, and a second try
_UNIT = 100  # minor units


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


def due(talk: Talk, tariff: Tariff, tag: str = "", *, ahead_s: int = 0) -> Minor:
    """The fee of the reservation that a start on the connector in focus would use up."""
    data, now = talk.data.point.data, talk.now.utc
    used = data.kept.by_id(data.claimed, now)
    if used is None and tag:
        used = data.kept.usable_by(tag, None, now)
    if used is None:
        return Minor(0)
    return fee(tariff, used.since, now + timedelta(seconds=ahead_s))


def least(talk: Talk, tariff: Tariff, tag: str = "") -> Minor:
    """What a start on the connector in focus needs at least: `session.minimum`, and the fee of the
    reservation that it would use up. Less would end before any energy flowed.
    """
    return Minor(talk.settings.minimum + due(talk, tariff, tag))


def hold(talk: Talk) -> Minor:
    """What a bank card is asked for: the fee comes on top, so that the charge itself has the whole
    `bank.hold`. It grows until the terminal is done, and is held in whole units.
    """
    plain = max(talk.settings.hold, talk.settings.minimum)
    kept = due(talk, talk.settings.tariff, ahead_s=_TERMINAL_S)
    return Minor(plain - -kept // _UNIT * _UNIT)
