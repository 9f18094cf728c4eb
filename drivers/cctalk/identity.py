"""Who is on the bus and which coins it knows, read from the device itself and never assumed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from chargepoint.domain.units import Minor
from chargepoint.errors import ChargepointError
from drivers.cctalk.bus import Ask
from drivers.cctalk.codec import Header
from drivers.cctalk.coin_values import value_of_coin
from drivers.exchange import NoAnswer

POSITIONS = range(1, 17)  # header 184
MASK_BYTES = 2  # headers 230 and 231, one bit a position
COIN_ID_LENGTH = 6
SERIAL_LENGTH = 3
CATEGORIES = frozenset({"coin acceptor"})


class WrongDevice(ChargepointError):
    """Something answers, and it is not what we can use here."""


@dataclass(frozen=True, slots=True)
class Identity:
    """`values`: what a coin of each programmed position is worth."""

    serial: str
    firmware: str
    values: Mapping[int, Minor]

    @property
    def masks(self) -> bytes:
        """Header 231: bit 0 of the first byte is position 1; 1 lets the coin in."""
        bits = sum(1 << (position - 1) for position in self.values)
        return bits.to_bytes(MASK_BYTES, "little")


async def require_one_of(ask: Ask, categories: Collection[str], wanted: str) -> None:
    """Raises WrongDevice, and what `ask` raises."""
    category = text(await ask(Header.EQUIPMENT_CATEGORY))
    if category.replace("_", " ").lower() not in categories:
        raise WrongDevice(f"a {category!r} answers where a {wanted} is expected")


async def serial_and_firmware(ask: Ask) -> tuple[str, str]:
    """Who it is, and what it calls itself. Raises what `ask` raises."""
    serial = await ask(Header.SERIAL_NUMBER, exactly=SERIAL_LENGTH)
    words = [
        await optional_text(ask, header)
        for header in (Header.MANUFACTURER, Header.PRODUCT_CODE, Header.SOFTWARE_REVISION)
    ]
    return str(int.from_bytes(serial, "little")), " ".join(word for word in words if word)


async def require_serial(ask: Ask, serial: str) -> None:
    """A counter that leapt may be another device's. Raises WrongDevice, and what `ask` raises."""
    here = await ask(Header.SERIAL_NUMBER, exactly=SERIAL_LENGTH)
    now = str(int.from_bytes(here, "little"))
    if now != serial:
        raise WrongDevice(f"{now} answers where {serial} was: it was exchanged")


async def identify(ask: Ask, country: str) -> Identity:
    """Raises WrongDevice, and what `ask` raises."""
    serial, firmware = await serial_and_firmware(ask)
    values = await _coin_values(ask, country)
    if not values:
        raise WrongDevice(f"no coin of {country} is programmed in the coin acceptor")
    return Identity(serial, firmware, values)


async def _coin_values(ask: Ask, country: str) -> dict[int, Minor]:
    values: dict[int, Minor] = {}
    for position in POSITIONS:
        value = value_of_coin(await _coin_id(ask, position), country)
        if value is not None:
            values[position] = Minor(value)
    return values


async def _coin_id(ask: Ask, position: int) -> str:
    """Empty for a position that this device does not have."""
    request = bytes([position])
    try:
        return text(await ask(Header.COIN_ID, request, exactly=COIN_ID_LENGTH))
    except NoAnswer:
        # Silence is how a device refuses a position. Only one that still answers has refused;
        # anything else is a broken line, and a coin must not be forgotten for that.
        await ask(Header.SIMPLE_POLL, exactly=0)
        return ""


async def optional_text(ask: Ask, header: Header) -> str:
    """Not every device has every name; it is silent then."""
    try:
        return text(await ask(header))
    except NoAnswer:
        await ask(Header.SIMPLE_POLL, exactly=0)
        return ""


def text(payload: bytes) -> str:
    return payload.decode("ascii", "replace").strip()
