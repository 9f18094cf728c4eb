"""Eastron SDM meters: input registers (function 04), pairs of 16 bits holding a float32.

Big-endian, high word first, on every meter seen so far; a line of meters that turns the words is
said so in the configuration.
"""

import struct
from dataclasses import replace

from drivers.modbus.reading import READ_HOLDING, READ_INPUT, Model, Number, Probe, Words

_SERIAL = Probe(READ_HOLDING, 0xFC00)  # u32
_ABB_ENERGY = Probe(READ_HOLDING, 0x5000, 4)
IMPORT_KWH = 0x0048


def floats(words: Words) -> dict[int, Number]:
    found: dict[int, Number] = {}
    for address, registers in words.items():
        octets = struct.pack(f">{len(registers)}H", *registers)
        numbers = struct.unpack(f">{len(registers) // 2}f", octets)
        found.update(zip(range(address, address + len(registers), 2), numbers, strict=True))
    return found


def floats_low_first(words: Words) -> dict[int, Number]:
    turned = {
        address: [
            word for at in range(0, len(registers), 2) for word in registers[at : at + 2][::-1]
        ]
        for address, registers in words.items()
    }
    return floats(turned)


_THREE_PHASE = Model(
    function=READ_INPUT,
    reads=((0x0000, 0x12), (0x0034, 0x18)),
    decode=floats,
    voltage=0x0000,
    currents=(0x0006, 0x0008, 0x000A),
    power=0x0034,
    energy=IMPORT_KWH,
    phases=((0x0000, 0x0006, 0x000C), (0x0002, 0x0008, 0x000E), (0x0004, 0x000A, 0x0010)),
    power_factor=0x003E,
    frequency=0x0046,
    serial=_SERIAL,
    lacks=(_ABB_ENERGY,),
)
_IMPORT_L1 = Probe(READ_INPUT, 0x015A)

SDM = {
    "sdm630": replace(_THREE_PHASE, has=(_IMPORT_L1,)),
    "sdm72v2": replace(_THREE_PHASE, lacks=(_ABB_ENERGY, _IMPORT_L1)),
    # Its registers are islands: a read across the gaps is refused.
    "sdm120": Model(
        function=READ_INPUT,
        reads=((0x0000, 2), (0x0006, 2), (0x000C, 2), (0x0046, 2), (IMPORT_KWH, 2)),
        decode=floats,
        voltage=0x0000,
        currents=(0x0006,),
        power=0x000C,
        energy=IMPORT_KWH,
        phases=((0x0000, 0x0006, 0x000C),),
        frequency=0x0046,
        serial=_SERIAL,
        lacks=(_ABB_ENERGY, Probe(READ_INPUT, 0x0002)),  # a second phase
    ),
    "sdm72": Model(
        function=READ_INPUT,
        reads=((0x0034, 2), (IMPORT_KWH, 2)),
        decode=floats,
        voltage=None,
        currents=(),
        power=0x0034,
        energy=IMPORT_KWH,
        serial=_SERIAL,
        lacks=(_ABB_ENERGY, Probe(READ_INPUT, 0x0000)),  # it shows no voltages
    ),
}
