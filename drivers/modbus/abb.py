"""ABB B23 and B24: holding registers (function 03), integers with a scale, high word first.

All ones mean that a value is not available; that is beyond what can be, and refused as such.
"""

from fractions import Fraction

from drivers.modbus.reading import READ_HOLDING, READ_INPUT, Model, Number, Probe, Words

ENERGY = 0x5000
_U32_TENTHS = (0x5B00, 0x5B02, 0x5B04)  # volts
_U32_HUNDREDTHS = (0x5B0C, 0x5B0E, 0x5B10)  # amperes
_S32_HUNDREDTHS = (0x5B14, 0x5B16, 0x5B18, 0x5B1A)  # watts: total, then each phase
_FREQUENCY = 0x5B2C  # u16, 0.01 Hz


def integers(words: Words) -> dict[int, Number]:
    held = {
        address + place: word
        for address, registers in words.items()
        for place, word in enumerate(registers)
    }

    def unsigned(address: int, count: int) -> int:
        octets = b"".join(held[address + place].to_bytes(2, "big") for place in range(count))
        return int.from_bytes(octets, "big")

    def signed(address: int) -> int:
        value = unsigned(address, 2)
        return value - (1 << 32) if value >= 1 << 31 else value

    # Energy is 0.01 kWh wherever the configuration says that it is.
    found: dict[int, Number] = {
        address: Fraction(unsigned(address, 4), 100)
        for address, registers in words.items()
        if len(registers) == 4  # a u64
    }
    found |= {address: Fraction(unsigned(address, 2), 10) for address in _U32_TENTHS}
    found |= {address: Fraction(unsigned(address, 2), 100) for address in _U32_HUNDREDTHS}
    found |= {address: Fraction(signed(address), 100) for address in _S32_HUNDREDTHS}
    return found | {_FREQUENCY: Fraction(held[_FREQUENCY], 100)}


B23 = Model(
    function=READ_HOLDING,
    reads=((ENERGY, 4), (0x5B00, 0x2D)),
    decode=integers,
    voltage=0x5B00,
    currents=_U32_HUNDREDTHS,
    power=0x5B14,
    energy=ENERGY,
    phases=((0x5B00, 0x5B0C, 0x5B16), (0x5B02, 0x5B0E, 0x5B18), (0x5B04, 0x5B10, 0x5B1A)),
    frequency=_FREQUENCY,
    serial=Probe(READ_HOLDING, 0x8900),
    lacks=(Probe(READ_INPUT, 0x0000), Probe(READ_INPUT, 0x0034)),  # it knows no input registers
)
