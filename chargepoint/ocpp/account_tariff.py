"""The `tariff` of `GreenCard.Account`: its plain prices, and those with conditions where it has any.

The plain prices are those of the moment of the answer, for whoever reads no more than them. Each
list names a component as OCPP 2.1 `TariffType` does; of each the first price that holds counts:

    "timezone": "Europe/Madrid",
    "energy": [{"milli": 20500, "conditions": {"startTimeOfDay": "22:00", "endTimeOfDay": "06:00"}},
               {"milli": 41000}]

`milli` is 1/1000 minor unit per kWh, per minute or per session, VAT included.
"""

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.pricing.tariff_conditions import ConditionalPrice, Conditions

_LARGEST = 1 << 53
_MOST_PRICES = 32
_LISTS = {
    "energy": "energy",
    "charging_time": "chargingTime",
    "idle_time": "idleTime",
    "fixed_fee": "fixedFee",
    "reservation_time": "reservationTime",
}
_TEXTS = {
    "startTimeOfDay": "start_time_of_day",
    "endTimeOfDay": "end_time_of_day",
    "validFromDate": "valid_from_date",
    "validToDate": "valid_to_date",
}
_NUMBERS = {
    "minPower": "min_power_w",
    "maxPower": "max_power_w",
    "minEnergy": "min_energy_wh",
    "maxEnergy": "max_energy_wh",
    "minChargingTime": "min_charging_time_s",
    "maxChargingTime": "max_charging_time_s",
    "minIdleTime": "min_idle_time_s",
    "maxIdleTime": "max_idle_time_s",
}


def account_tariff(content: dict[str, Any]) -> Tariff:
    """Raises KeyError, TypeError or ValueError: half a price list is none."""
    lists = {name: _prices(content.get(wire) or []) for name, wire in _LISTS.items()}
    return Tariff(
        currency=str(content["currency"]),
        vat_percent=whole(content.get("vatPercent", 0)),
        energy_milli_per_kwh=whole(content["energyMilliPerKwh"]),
        charging_milli_per_minute=whole(content.get("chargingMilliPerMinute", 0)),
        idle_milli_per_minute=whole(content.get("idleMilliPerMinute", 0)),
        idle_grace_minutes=whole(content.get("idleGraceMinutes", 0)),
        session_minor=whole(content.get("sessionMinor", 0)),
        reservation_milli_per_minute=whole(content.get("reservationMilliPerMinute", 0)),
        zone=_zone(content.get("timezone", "UTC")),
        **lists,
    )


def _prices(listed: Any) -> tuple[ConditionalPrice, ...]:
    if not isinstance(listed, list) or len(listed) > _MOST_PRICES:
        raise TypeError("prices with conditions are not a list, or too many")
    return tuple(
        ConditionalPrice(whole(each["milli"]), _conditions(each.get("conditions") or {}))
        for each in listed
    )


def _conditions(content: dict[str, Any]) -> Conditions:
    """A condition that is not known here must not be overlooked: the price would hold too often."""
    if unknown := set(content) - {*_TEXTS, *_NUMBERS, "dayOfWeek"}:
        raise ValueError(f"unknown condition {min(unknown)}")
    known: dict[str, Any] = {
        **{_TEXTS[name]: str(content[name]) for name in _TEXTS if name in content},
        **{_NUMBERS[name]: whole(content[name]) for name in _NUMBERS if name in content},
    }
    days = tuple(str(day) for day in content.get("dayOfWeek", ()))
    return Conditions(day_of_week=days, **known)


def _zone(name: object) -> str:
    try:
        ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone") from error
    return str(name)


def whole(value: object) -> int:
    """Money and energy are whole numbers of a size that exists; 12.0 and True are not."""
    if type(value) is not int:
        raise TypeError(f"{value!r} is not a whole number")
    if abs(value) > _LARGEST:
        raise ValueError("number too large")
    return value
