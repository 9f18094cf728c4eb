"""Eastron SDM meters: where each model keeps its values, and what values can be believed.

Input registers (function 04), pairs of 16 bits holding a big-endian float32, high word first.
"""

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from chargepoint.domain.metering import NO_DETAILS, Details, Phase
from chargepoint.domain.units import MilliAmp, MilliVolt, Watt, Wh
from chargepoint.errors import ChargepointError

SERIAL_NUMBER = (0xFC00, 2)  # holding registers, u32

HIGHEST_V = 400.0
HIGHEST_A = 250.0
HIGHEST_W = 100_000.0
REVERSED_W = -50.0  # less is noise; more means a current transformer the wrong way round
BELIEVED_HZ = (40.0, 70.0)
FASTEST_WH_PER_S = 30.0  # 108 kW: more than any socket of ours can carry
SLACK_WH = 20  # float32 steps by up to 16 Wh where six-digit meters roll over
STUCK_WH = 60  # energy that must have moved the register

Values = Mapping[int, float]


class Implausible(ChargepointError):
    """The meter answered, and what it says cannot be true."""


@dataclass(frozen=True, slots=True)
class Model:
    """`reads`: address and count of each request. A model without volts or amperes reports 0."""

    reads: tuple[tuple[int, int], ...]
    voltage: int | None
    currents: tuple[int, ...]
    power: int
    energy: int = 0x0048
    phases: tuple[tuple[int, int, int], ...] = ()  # voltage, current, power of each
    power_factor: int | None = None
    frequency: int | None = None

    def values(self, words: Mapping[int, list[int]]) -> dict[int, float]:
        """`words` by address of the read they came from."""
        found: dict[int, float] = {}
        for address, registers in words.items():
            octets = struct.pack(f">{len(registers)}H", *registers)
            numbers = struct.unpack(f">{len(registers) // 2}f", octets)
            found.update(zip(range(address, address + len(registers), 2), numbers, strict=True))
        return found


_THREE_PHASE = Model(
    reads=((0x0000, 0x12), (0x0034, 0x18)),
    voltage=0x0000,
    currents=(0x0006, 0x0008, 0x000A),
    power=0x0034,
    phases=((0x0000, 0x0006, 0x000C), (0x0002, 0x0008, 0x000E), (0x0004, 0x000A, 0x0010)),
    power_factor=0x003E,
    frequency=0x0046,
)
MODELS = {
    "sdm630": _THREE_PHASE,
    "sdm72v2": _THREE_PHASE,
    # Its registers are islands: a read across the gaps is refused.
    "sdm120": Model(
        reads=((0x0000, 2), (0x0006, 2), (0x000C, 2), (0x0048, 2)),
        voltage=0x0000,
        currents=(0x0006,),
        power=0x000C,
    ),
    "sdm72": Model(
        reads=((0x0034, 2), (0x0048, 2)),
        voltage=None,
        currents=(),
        power=0x0034,
    ),
}


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
    energy_kwh, power_w = values[model.energy], values[model.power]
    voltage_v = 0.0 if model.voltage is None else values[model.voltage]
    currents_a = [values[address] for address in model.currents]
    if energy_kwh < 0:
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


def whole_wh(energy_kwh: float) -> Wh:
    """Floored, exactly: a float multiplied by 1000 could round up to a watt-hour not yet counted."""
    numerator, denominator = energy_kwh.as_integer_ratio()
    return Wh(numerator * 1000 // denominator)


def _present(address: int | None) -> tuple[int, ...]:
    return () if address is None else (address,)


class Continuity:
    """Whether a reading can follow the one before: no step back, no leap, no standing still."""

    def __init__(self) -> None:
        self._last: Reading | None = None
        self._last_s = 0.0
        self._unregistered_wh = 0.0  # by power and time, since the register last moved

    @property
    def is_stuck(self) -> bool:
        return self._unregistered_wh > STUCK_WH

    def accept(self, now: Reading, now_s: float) -> None:
        """Raises Implausible and then keeps the reading before as the base."""
        last = self._last
        if last is not None:
            elapsed_s = now_s - self._last_s
            self._check_step(last, now, elapsed_s)
            moved = now.register > last.register
            flown_wh = max(0, now.power) * elapsed_s / 3600
            self._unregistered_wh = 0.0 if moved else self._unregistered_wh + flown_wh
        self._last, self._last_s = now, now_s

    def _check_step(self, last: Reading, now: Reading, elapsed_s: float) -> None:
        step_wh = now.register - last.register
        if step_wh < 0:
            raise Implausible(f"register went back from {last.register} to {now.register} Wh")
        if step_wh > FASTEST_WH_PER_S * elapsed_s + SLACK_WH:
            raise Implausible(
                f"register leapt from {last.register} to {now.register} Wh in {elapsed_s:.1f} s"
            )
