"""The signed record of the last charge, where a meter keeps it in its registers as text.

    holding registers from `register`:   length in bytes | two characters each …

Meters differ in where; the address is configured, and without one nothing is read.
"""

from chargepoint.domain.devices import MeterSigned, SealChecked
from chargepoint.domain.units import ConnectorId
from chargepoint.ports import Emit
from drivers.exchange import NoAnswer
from drivers.modbus.bus import ModbusBus, Priority, Refused
from drivers.modbus.codec import read_holding_registers
from drivers.modbus.reading import Seal
from drivers.ocmf import NotGenuine, NotOcmf, Record, parse, verify

PROVE_EVERY_S = 10.0
MOST_REGISTERS = 120
LONGEST = 2_500  # characters, as long as OCPP's signed values may be


class NoRecord(NotOcmf):
    """It keeps records, and has none yet."""


class Sealing:
    """What one meter signs, told to the core; where it is required, also that it proves nothing."""

    def __init__(
        self, bus: ModbusBus, unit: int, seal: Seal, emit: Emit, *, connector: ConnectorId
    ) -> None:
        self._bus = bus
        self._unit = unit
        self._seal = seal
        self._emit = emit
        self._connector = connector
        self._told_record = ""
        self._told_problem: str | None = None  # None: not told either way
        self._due_s = float("-inf")

    def forget(self) -> None:
        """Whoever answers next may be another one."""
        self._told_problem = None
        self._due_s = float("-inf")

    async def look_after(self, now_s: float) -> None:
        """Before anybody is sold anything, and as long as it is not well. Raises what the bus does."""
        if not self._seal.is_required or now_s < self._due_s:
            return
        problem = await self._problem()
        self._due_s = now_s + PROVE_EVERY_S if problem else float("inf")
        self._tell(problem)

    async def end_of_charge(self) -> str:
        """Tells the record; what is wrong with it, where the core does not hear it otherwise."""
        try:
            problem = await self._problem()
        except NoAnswer as silence:
            return str(silence)
        if not self._seal.is_required:
            return problem
        if problem:
            self._due_s = float("-inf")
        self._tell(problem)
        return ""

    async def _problem(self) -> str:
        try:
            record = await signed_record(self._bus, self._unit, self._seal)
        except NoRecord as nothing:
            return "" if self._seal.is_required else str(nothing)  # the core knows what it sold
        except (Refused, NotOcmf, NotGenuine) as unsigned:
            return str(unsigned)
        if record.text != self._told_record:
            self._told_record = record.text
            key = self._seal.public_key.hex()
            self._emit(MeterSigned(self._connector, record.text, key, record.last_at))
        return ""

    def _tell(self, problem: str) -> None:
        if problem != self._told_problem:
            self._told_problem = problem
            self._emit(SealChecked(self._connector, problem))


async def signed_record(bus: ModbusBus, unit: int, seal: Seal) -> Record:
    """Raises NoRecord, NotOcmf, NotGenuine, and what the bus raises."""
    (length,) = await _registers(bus, unit, seal.register, 1)
    if not length:
        raise NoRecord("a record of 0 bytes")
    if length > LONGEST:
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
