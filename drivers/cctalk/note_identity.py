"""Who is on the bus and which notes it knows, read from the device itself and never assumed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from chargepoint.domain.units import Minor
from drivers.cctalk.bus import Ask
from drivers.cctalk.codec import Header
from drivers.cctalk.identity import WrongDevice, serial_and_firmware, text
from drivers.cctalk.note_values import (
    BILL_ID_LENGTH,
    SCALING_BYTES,
    parse_scaling,
    value_of_bill,
)
from drivers.exchange import NoAnswer

CATEGORIES = frozenset({"bill validator", "bill acceptor"})
USUAL_MASK_BYTES = 2
BITS = 8


@dataclass(frozen=True, slots=True)
class NoteIdentity:
    """`values`: what a note of each type is worth; types of other money are not in it."""

    serial: str
    firmware: str
    values: Mapping[int, Minor]
    mask_bytes: int = USUAL_MASK_BYTES

    def masks(self, wanted: Collection[Minor]) -> bytes:
        """Header 231: bit 0 of the first byte is type 1; 1 lets the note in."""
        bits = sum(1 << (kind - 1) for kind, value in self.values.items() if value in wanted)
        return bits.to_bytes(self.mask_bytes, "little")


async def identify_notes(ask: Ask, country: str) -> NoteIdentity:
    """Raises WrongDevice, and what `ask` raises."""
    serial, firmware = await serial_and_firmware(ask)
    mask_bytes = await _mask_bytes(ask)
    values = await _note_values(ask, country, types=mask_bytes * BITS)
    if not values:
        raise WrongDevice(f"no note of {country} is programmed in the note validator")
    return NoteIdentity(serial, firmware, values, mask_bytes)


async def _mask_bytes(ask: Ask) -> int:
    """One bit a note type; how many the device has, its own masks tell."""
    try:
        return len(await ask(Header.REQUEST_INHIBITS))
    except NoAnswer:
        await ask(Header.SIMPLE_POLL, exactly=0)
        return USUAL_MASK_BYTES


async def _note_values(ask: Ask, country: str, *, types: int) -> dict[int, Minor]:
    payload = await ask(Header.COUNTRY_SCALING, country.encode("ascii"), exactly=SCALING_BYTES)
    scaling = parse_scaling(payload)
    if scaling is None:
        raise WrongDevice(f"the note validator does not know the country {country}")
    values: dict[int, Minor] = {}
    for kind in range(1, types + 1):
        bill_id = await _bill_id(ask, kind)
        if bill_id is None:
            break
        value = value_of_bill(bill_id, country, scaling)
        if value is not None:
            values[kind] = Minor(value)
    return values


async def _bill_id(ask: Ask, kind: int) -> str | None:
    """None: the device has no such type, nor any above."""
    try:
        return text(await ask(Header.BILL_ID, bytes([kind]), exactly=BILL_ID_LENGTH))
    except NoAnswer:
        await ask(Header.SIMPLE_POLL, exactly=0)
        return None
