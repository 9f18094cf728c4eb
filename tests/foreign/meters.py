"""Energy meters by their makers' register lists."""

import struct

from tests.foreign.rtu import Unit, put_floats

VOLTS, AMPERES, WATTS, KWH, HERTZ = 231.5, 15.75, 3646.0, 1234.5, 49.98


def eastron(*, low_first: bool, **values: float) -> Unit:
    """Registers by address as `x0048`."""
    unit = Unit()
    put_floats(
        unit.input,
        {int(name[1:], 16): value for name, value in values.items()},
        low_first=low_first,
    )
    unit.holding |= {0xFC00: 0x0140, 0xFC01: 0x6F55}
    return unit


def sdm120(*, low_first: bool = False) -> Unit:
    names = (
        "x0000",
        "x0006",
        "x000C",
        "x0012",
        "x0018",
        "x001E",
        "x0024",
        "x0046",
        "x0048",
        "x004A",
    )
    values = (VOLTS, AMPERES, WATTS, WATTS, 0.0, 0.99, 8.0, HERTZ, KWH, 0.0)
    return eastron(low_first=low_first, **dict(zip(names, values, strict=True)))


def sdm630(*, low_first: bool = False) -> Unit:
    block = dict.fromkeys((f"x{at:04X}" for at in range(0, 0x108, 2)), 0.0)
    block |= dict.fromkeys((f"x{at:04X}" for at in range(0x156, 0x17C, 2)), KWH)
    phases = {"x0000": VOLTS, "x0002": VOLTS, "x0004": VOLTS, "x0006": AMPERES, "x000C": WATTS}
    totals = {"x0034": WATTS, "x003E": 0.99, "x0046": HERTZ, "x0048": KWH}
    return eastron(low_first=low_first, **(block | phases | totals))


def sdm72(*, low_first: bool = False) -> Unit:
    return eastron(low_first=low_first, x0034=WATTS, x0048=KWH, x004A=0.0, x0156=KWH)


def b23() -> Unit:
    unit = Unit()
    unit.holding |= dict.fromkeys(range(0x5000, 0x5010), 0)
    unit.holding |= dict.fromkeys(range(0x5B00, 0x5B40), 0xFFFF)  # what this variant does not have
    unit.holding |= {0x8900: 0x0012, 0x8901: 0xD687}
    wide = struct.unpack(">4H", struct.pack(">Q", round(KWH * 100)))
    unit.holding |= dict(zip(range(0x5000, 0x5004), wide, strict=True))
    for at in (0x5B00, 0x5B02, 0x5B04):
        _put_wide(unit, at, round(VOLTS * 10))
    for at, amperes in ((0x5B0C, AMPERES), (0x5B0E, 0.0), (0x5B10, 0.0)):
        _put_wide(unit, at, round(amperes * 100))
    for at, watts in ((0x5B14, WATTS), (0x5B16, WATTS), (0x5B18, 0.0), (0x5B1A, 0.0)):
        _put_wide(unit, at, round(watts * 100))
    unit.holding[0x5B2C] = round(HERTZ * 100)
    return unit


def _put_wide(unit: Unit, address: int, value: int) -> None:
    unit.holding[address], unit.holding[address + 1] = value >> 16, value & 0xFFFF
