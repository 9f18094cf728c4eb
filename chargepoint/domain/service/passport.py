"""What a device says of itself, and the end of what it counts here.

A serial number's *epoch* ends when the device leaves: what its counter does elsewhere is not ours.
If it ever comes back it has a new baseline and a new epoch, and no posting key is used twice.
"""

from dataclasses import dataclass

from chargepoint.domain.units import Minor

_CLOSED = "device.closed."


def closed_key(serial: str) -> str:
    """The journal's setting that holds the epoch of `serial` that has ended."""
    return f"{_CLOSED}{serial}"


def serial_key(device: str) -> str:
    """The journal's setting that holds the serial number of the device that counted last."""
    return f"device.serial.{device}"


@dataclass(frozen=True, slots=True)
class Passport:
    """As found when it was identified last.

    `values`: of the coins or notes that it knows. `locks`: what keeps it from working for us: pin,
    cipher. `booked`: epoch and sequence up to which its events are in the books, as `3:418`; empty:
    none, or a device that counts no money. `why`: what is wrong with it.
    """

    serial: str = ""
    firmware: str = ""
    address: int = 0
    values: tuple[Minor, ...] = ()
    locks: tuple[str, ...] = ()
    booked: str = ""
    is_online: bool | None = None
    why: str = ""

    @property
    def epoch(self) -> str:
        return self.booked.partition(":")[0]
