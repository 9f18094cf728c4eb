"""The signed record of the last charge, where a meter keeps it in its registers as text.

    holding registers from `register`:   length in bytes | two characters each …

Meters differ in where; the address is configured, and without one nothing is read.
"""

from drivers.modbus.bus import ModbusBus, Priority
from drivers.modbus.codec import read_holding_registers
from drivers.modbus.reading import Seal
from drivers.ocmf import NotOcmf, Record, parse, verify

MOST_REGISTERS = 120
LONGEST = 2_500  # characters, as long as OCPP's signed values may be


async def signed_record(bus: ModbusBus, unit: int, seal: Seal) -> Record:
    """Raises NotOcmf, NotGenuine, and what the bus raises."""
    (length,) = await _registers(bus, unit, seal.register, 1)
    if not 0 < length <= LONGEST:
        raise NotOcmf(f"a record of {length} bytes")
    words: list[int] = []
    wanted = (length + 1) // 2
    while len(words) < wanted:
        count = min(MOST_REGISTERS, wanted - len(words))
        words += await _registers(bus, unit, seal.register + 1 + len(words), count)
    octets = b"".join(word.to_bytes(2, "big") for word in words)[:length]
    try:
        record = parse(octets.decode("utf-8"))
    except UnicodeDecodeError as wrong:
        raise NotOcmf("no text") from wrong
    verify(record, seal.public_key)
    return record


async def _registers(bus: ModbusBus, unit: int, address: int, count: int) -> list[int]:
    request = read_holding_registers(unit, address, count)
    return list((await bus.ask(request, Priority.READING)).registers)
