"""Prices that change by the clock while a charge runs: a promotion's hours, told and checked. Pure.

What a card is offered is one list of tariffs, each with the hours in which it holds; the first that
holds counts, so offers are never added up. The last one holds always. On the wire (`tariff_content`)
the plain prices stay those of the moment of the answer: a point that reads no more bills by them,
as before. Beside them stand lists per component, named as in OCPP 2.1 `TariffType`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from central.greencard.promotions import Hours
from central.greencard.tariffs import Tariff

_LISTS: Mapping[str, Callable[[Tariff], int]] = {
    "energy": lambda tariff: tariff.energy_milli_per_kwh,
    "chargingTime": lambda tariff: tariff.charging_milli_per_minute,
    "fixedFee": lambda tariff: tariff.session_minor * 1000,
}


@dataclass(frozen=True, slots=True)
class TimedTariff:
    """`tariff` holds in `hours`, unless an earlier one of its list does."""

    hours: Hours
    tariff: Tariff


def tariff_content(tariff: Tariff, timed: Iterable[TimedTariff], timezone: str) -> dict[str, Any]:
    """The `tariff` of `GreenCard.Account`."""
    content: dict[str, Any] = {
        "currency": tariff.currency,
        "vatPercent": tariff.vat_percent,
        "energyMilliPerKwh": tariff.energy_milli_per_kwh,
        "chargingMilliPerMinute": tariff.charging_milli_per_minute,
        "idleMilliPerMinute": tariff.idle_milli_per_minute,
        "idleGraceMinutes": tariff.idle_grace_minutes,
        "sessionMinor": tariff.session_minor,
    }
    if tariff.reservation_milli_per_minute:
        content["reservationMilliPerMinute"] = tariff.reservation_milli_per_minute
    lists = _lists(tuple(timed))
    return {**content, "timezone": timezone, **lists} if lists else content


def _lists(timed: tuple[TimedTariff, ...]) -> dict[str, Any]:
    """Of the components that change; an old answer has none."""
    found: dict[str, Any] = {}
    for name, milli_of in _LISTS.items():
        if len({milli_of(each.tariff) for each in timed}) > 1:
            found[name] = [
                {"milli": milli_of(each.tariff), "conditions": _conditions(each.hours)}
                for each in timed
            ]
    return found


def _conditions(hours: Hours) -> dict[str, Any]:
    """`until_date` is included, `validToDate` is not."""
    found: dict[str, Any] = {
        "startTimeOfDay": hours.start_time,
        "endTimeOfDay": hours.end_time,
        "dayOfWeek": list(hours.days),
        "validFromDate": hours.from_date,
        "validToDate": "",
    }
    if hours.until_date:
        found["validToDate"] = (
            date.fromisoformat(hours.until_date) + timedelta(days=1)
        ).isoformat()
    return {name: value for name, value in found.items() if value}


def holding(timed: tuple[TimedTariff, ...], local: datetime) -> Tariff:
    """The last of them has no hours."""
    return next(each.tariff for each in timed if each.hours.hold_at(local))


def tariffs_between(
    timed: tuple[TimedTariff, ...], first: datetime, last: datetime, timezone: str
) -> list[Tariff]:
    """Every tariff that holds at some moment between, each once."""
    zone = ZoneInfo(timezone)
    found: list[Tariff] = []
    for moment in _moments(timed, first, last, zone):
        tariff = holding(timed, moment.astimezone(zone))
        if tariff not in found:
            found.append(tariff)
    return found


def _moments(
    timed: tuple[TimedTariff, ...], first: datetime, last: datetime, zone: ZoneInfo
) -> Iterable[datetime]:
    """The ends, and between them each named time and each full hour, where clocks are changed."""
    named = {time.fromisoformat(text) for each in timed for text in each.hours.named if text}
    named |= {time(hour) for hour in range(24)}
    yield first
    day = first.astimezone(zone).date()
    while day <= last.astimezone(zone).date():
        for at in named:
            for fold in (0, 1):
                moment = datetime.combine(day, at, zone).replace(fold=fold).astimezone(UTC)
                if first < moment <= last:
                    yield moment
        day += timedelta(days=1)
