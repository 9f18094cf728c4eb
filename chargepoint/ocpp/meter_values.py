"""What was measured, as OCPP 1.6 `SampledValue`s: MeterValues.req and `transactionData` (§3.16).

A measurand that the hardware did not say is left out; a total stands beside the phases of a
three-phase supply where the meter gives one. Values are never made up.
"""

import base64
import json
from collections.abc import Callable, Iterable
from datetime import datetime

from chargepoint.domain.delivery import (
    Delivery,
    MeterValuesTaken,
    TransactionEnded,
    TransactionStarted,
)
from chargepoint.domain.supply.metering import Phase, Values
from chargepoint.domain.units import Wh
from chargepoint.ocpp.frames import Payload
from chargepoint.ocpp.translate import to_timestamp

MOST_TRANSACTION_VALUES = 32
"""Moments in one StopTransaction: with every measurand of three phases some 70 kB."""


def _thousandths(milli: int) -> str:
    sign = "-" if milli < 0 else ""
    whole, rest = divmod(abs(milli), 1000)
    return f"{sign}{whole}.{rest:03d}"


def _one(text: str | None, unit: str = "") -> list[dict[str, str]]:
    if text is None:
        return []
    return [{"value": text, "unit": unit} if unit else {"value": text}]


def _milli(value: int | None, unit: str = "") -> list[dict[str, str]]:
    return _one(None if value is None else _thousandths(value), unit)


def _by_phase(
    phases: tuple[Phase, ...], name: Callable[[int], str], value: Callable[[Phase], str], unit: str
) -> list[dict[str, str]]:
    return [
        {"value": value(phase), "unit": unit, "phase": name(number)}
        for number, phase in enumerate(phases, start=1)
    ]


def _line(number: int) -> str:
    return f"L{number}"


def _to_neutral(number: int) -> str:
    return f"L{number}-N"


def _register(register: Wh, _values: Values) -> list[dict[str, str]]:
    return _one(str(register), "Wh")


def _interval(_register: Wh, values: Values) -> list[dict[str, str]]:
    interval = values.details.interval
    return _one(None if interval is None else str(interval), "Wh")


def _power(_register: Wh, values: Values) -> list[dict[str, str]]:
    phases = _by_phase(values.details.phases, _line, lambda phase: str(phase.power), "W")
    return [*_one(str(values.power), "W"), *phases]


def _current(_register: Wh, values: Values) -> list[dict[str, str]]:
    phases = values.details.phases
    found = _by_phase(phases, _line, lambda phase: _thousandths(phase.current), "A")
    return found or _milli(values.current, "A")


def _voltage(_register: Wh, values: Values) -> list[dict[str, str]]:
    phases = values.details.phases
    found = _by_phase(phases, _to_neutral, lambda phase: _thousandths(phase.voltage), "V")
    return found or _milli(values.voltage, "V")


def _current_offered(_register: Wh, values: Values) -> list[dict[str, str]]:
    return _milli(values.details.offered, "A")


def _power_offered(_register: Wh, values: Values) -> list[dict[str, str]]:
    """The offered current at the voltage measured, over the phases that are there."""
    offered = values.details.offered
    voltages = [phase.voltage for phase in values.details.phases] or [values.voltage]
    if offered is None or not any(voltages):
        return []
    return _one(str(round(offered * sum(voltages) / 1_000_000)), "W")


def _power_factor(_register: Wh, values: Values) -> list[dict[str, str]]:
    return _milli(values.details.power_factor_milli)


def _frequency(_register: Wh, values: Values) -> list[dict[str, str]]:
    """In Hertz; 1.6 has no word for that unit (errata 3.86)."""
    return _milli(values.details.frequency_milli)


def _temperature(_register: Wh, values: Values) -> list[dict[str, str]]:
    return _milli(values.details.temperature_milli, "Celsius")


_SAYS: dict[str, Callable[[Wh, Values], list[dict[str, str]]]] = {
    "Energy.Active.Import.Register": _register,
    "Power.Active.Import": _power,
    "Current.Import": _current,
    "Voltage": _voltage,
    "Energy.Active.Import.Interval": _interval,
    "Current.Offered": _current_offered,
    "Power.Offered": _power_offered,
    "Power.Factor": _power_factor,
    "Frequency": _frequency,
    "Temperature": _temperature,
}
MEASURANDS = tuple(_SAYS)
"""Every measurand that some meter or board of ours can give. No SoC: AC says nothing of it."""


def sampled(
    register: Wh, values: Values, measurands: Iterable[str], context: str
) -> list[dict[str, str]]:
    """`measurands` in the order they were asked for."""
    return [
        {**found, "context": context, "measurand": measurand}
        for measurand in measurands
        for found in _SAYS[measurand](register, values)
    ]


def values_of(taken: MeterValuesTaken) -> Values:
    return Values(taken.power, taken.current, taken.voltage, taken.details)


def meter_values(
    taken: MeterValuesTaken,
    measurands: tuple[str, ...],
    *,
    remote_id: int | None,
    context: str | None = None,
) -> Payload | None:
    """MeterValues.req; None when nothing that is asked for was measured.

    `context` overrides what follows from the delivery (Trigger, Other).
    """
    how = context or ("Sample.Clock" if taken.clock_aligned else "Sample.Periodic")
    found = sampled(taken.register, values_of(taken), measurands, how)
    if not found:
        return None
    payload: Payload = {
        "connectorId": taken.connector,
        "meterValue": [_moment(taken.at, found)],
    }
    if remote_id is not None:
        payload["transactionId"] = remote_id
    return payload


def transaction_data(
    ended: TransactionEnded,
    history: Iterable[Delivery],
    periodic: tuple[str, ...],
    aligned: tuple[str, ...],
) -> list[Payload]:
    """`transactionData` of StopTransaction.req: begin, what was sampled on the way, end.

    A long transaction is thinned evenly, its begin and end always stay.
    """
    begin: list[Payload] = []
    on_the_way: list[Payload] = []
    for delivery in history:
        match delivery:
            case TransactionStarted():
                begin = _edge(delivery, periodic, "Transaction.Begin")
            case MeterValuesTaken(clock_aligned=is_aligned):
                wanted = aligned if is_aligned else periodic
                payload = meter_values(delivery, wanted, remote_id=None)
                on_the_way += payload["meterValue"] if payload else []
            case _:
                pass
    end = _edge(ended, periodic, "Transaction.End")
    return [*begin, *_thinned(on_the_way, MOST_TRANSACTION_VALUES - 2), *end]


def _edge(
    delivery: TransactionStarted | TransactionEnded, measurands: tuple[str, ...], context: str
) -> list[Payload]:
    found = sampled(delivery.register, delivery.values, measurands, context)
    return [_moment(delivery.at, found)] if found else []


def signed_value(ended: TransactionEnded) -> dict[str, str]:
    """OCA application note "Signed Meter Values" 1.0: one record holds begin and end, so it is said
    once, at the end; the signing method is inside the record.
    """
    assert ended.signed is not None
    key = f"oca:base16:asn1:{ended.signed.key}"
    value = {
        "signedMeterData": _base64(ended.signed.text),
        "signingMethod": "",
        "encodingMethod": "OCMF",
        "publicKey": _base64(key),
    }
    return {
        "value": json.dumps(value),
        "context": "Transaction.End",
        "format": "SignedData",
        "measurand": "Energy.Active.Import.Register",
    }


def with_signed(measured: list[Payload], ended: TransactionEnded) -> list[Payload]:
    if ended.signed is None:
        return measured
    return [*measured, _moment(ended.at, [signed_value(ended)])]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8")).decode("ascii")


def _moment(at: datetime, found: list[dict[str, str]]) -> Payload:
    return {"timestamp": to_timestamp(at), "sampledValue": found}


def _thinned(moments: list[Payload], most: int) -> list[Payload]:
    if len(moments) <= most:
        return moments
    return [moments[place * len(moments) // most] for place in range(most)]
