"""One reading of a meter: where a model keeps its values, and what values can be believed at all.

Whether a reading can follow the one before is not judged here (chargepoint/domain/supply/believable.py).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from chargepoint.domain.supply.metering import NO_DETAILS, Details, Phase
from chargepoint.domain.units import MilliAmp, MilliVolt, Watt, Wh
from chargepoint.errors import ChargepointError
from chargepoint.quick import quickly_made

READ_HOLDING, READ_INPUT = 0x03, 0x04

HIGHEST_V = 400.0
HIGHEST_A = 250.0
HIGHEST_W = 100_000.0
HIGHEST_KWH = 100_000_000.0  # eight digits, more than any of these shows
LEAST_KWH = 0.0001  # a register counts in steps of 0.001 at least
# No quantity is that small and not nought: it is a number whose words were turned.
LEAST = 1e-30
REVERSED_W = -50.0  # less is noise; more means a current transformer the wrong way round
BELIEVED_HZ = (40.0, 70.0)

Number = float | Fraction
"""Fraction where a register is a scaled integer: 0.01 kWh is 10 Wh, not a little less."""

Values = Mapping[int, Number]
Words = Mapping[int, list[int]]
"""Registers by the address of the read that they came from."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A read whose answer, or refusal, says of which type a meter is."""

    function: int
    address: int
    count: int = 2


class Implausible(ChargepointError):
    """The meter answered, and what it says cannot be true."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Where a meter keeps the signed record of its last charge, and the key that verifies it.

    `is_required`: nothing else is sold, so that a record which proves nothing is a fault.
    """

    register: int
    public_key: bytes
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """`reads`: address and count of each request. A model without volts or amperes reports 0.

    `has`: what this type answers, beside its reads; `lacks`: what it refuses, or answers with zeros.
    """

    function: int
    reads: tuple[tuple[int, int], ...]
    decode: Callable[[Words], dict[int, Number]]
    voltage: int | None
    currents: tuple[int, ...]
    power: int
    energy: int
    phases: tuple[tuple[int, int, int], ...] = ()  # voltage, current, power of each
    power_factor: int | None = None
    frequency: int | None = None
    serial: Probe | None = None
    has: tuple[Probe, ...] = ()
    lacks: tuple[Probe, ...] = ()
    seal: Seal | None = None


@quickly_made
@dataclass(frozen=True, slots=True)
class Reading:
    register: Wh
    power: Watt
    current: MilliAmp  # of the phase that carries most
    voltage: MilliVolt  # of the first phase
    details: Details = NO_DETAILS


def reading(model: Model, values: Values) -> Reading:
    """Raises Implausible."""
    wanted = (model.energy, model.power, *model.currents, *_present(model.voltage))
    for address in wanted:
        if not math.isfinite(values[address]):
            raise Implausible(f"register {address:04X} holds {values[address]}")
        if 0 < abs(float(values[address])) < LEAST:
            raise Implausible(f"register {address:04X} holds {values[address]}: words turned?")
    energy_kwh, power_w = values[model.energy], values[model.power]
    voltage_v = 0.0 if model.voltage is None else values[model.voltage]
    currents_a = [values[address] for address in model.currents]
    if energy_kwh and not LEAST_KWH <= energy_kwh <= HIGHEST_KWH:
        raise Implausible(f"register stands at {energy_kwh} kWh")
    if not REVERSED_W <= power_w <= HIGHEST_W:
        raise Implausible(f"power is {power_w} W")
    if not 0 <= voltage_v <= HIGHEST_V:
        raise Implausible(f"voltage is {voltage_v} V")
    if not all(0 <= current_a <= HIGHEST_A for current_a in currents_a):
        raise Implausible(f"currents are {currents_a} A")
    return Reading(
        whole_wh(energy_kwh),
        Watt(round(power_w)),
        MilliAmp(round(max(currents_a, default=0.0) * 1000)),
        MilliVolt(round(voltage_v * 1000)),
        _details(model, values),
    )


def _details(model: Model, values: Values) -> Details:
    """Nothing is billed by these: one that cannot be true is left out, the reading stands."""
    return Details(
        phases=_phases(model, values),
        power_factor_milli=_milli(values, model.power_factor, -1.0, 1.0),
        frequency_milli=_milli(values, model.frequency, *BELIEVED_HZ),
    )


def _phases(model: Model, values: Values) -> tuple[Phase, ...]:
    found: list[Phase] = []
    for voltage, current, power in model.phases:
        voltage_mv = _milli(values, voltage, 0.0, HIGHEST_V)
        current_ma = _milli(values, current, 0.0, HIGHEST_A)
        power_mw = _milli(values, power, REVERSED_W, HIGHEST_W)
        if voltage_mv is None or current_ma is None or power_mw is None:
            return ()
        found.append(
            Phase(MilliVolt(voltage_mv), MilliAmp(current_ma), Watt(round(power_mw / 1000)))
        )
    return tuple(found)


def _milli(values: Values, address: int | None, lowest: float, highest: float) -> int | None:
    value = math.nan if address is None else values.get(address, math.nan)
    return round(value * 1000) if lowest <= value <= highest else None


def whole_wh(energy_kwh: Number) -> Wh:
    """Floored, exactly: a float multiplied by 1000 could round up to a watt-hour not yet counted."""
    numerator, denominator = energy_kwh.as_integer_ratio()
    return Wh(numerator * 1000 // denominator)


def _present(address: int | None) -> tuple[int, ...]:
    return () if address is None else (address,)
