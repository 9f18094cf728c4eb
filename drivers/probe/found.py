"""What a search finds: a device, how its line was set, and what each port came to."""

from dataclasses import dataclass
from enum import StrEnum

from drivers.serial_port import Parity


@dataclass(frozen=True, slots=True)
class LineSetting:
    """How a line is set while a question is asked."""

    baudrate: int
    parity: Parity = "N"
    stopbits: int = 1


@dataclass(frozen=True, slots=True)
class Found:
    """A device that answered. `kinds`: what the configuration may call it, likeliest first.

    `role`: the entry under `devices` that it could fill; `address`: ccTalk address or Modbus unit.
    """

    role: str
    kinds: tuple[str, ...]
    setting: LineSetting
    address: int = 0
    serial: str = ""
    words: str = ""  # what it calls itself


class PortState(StrEnum):
    ANSWERED = "answered"
    SILENT = "silent"
    IN_USE = "in_use"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class PortFound:
    path: str
    state: PortState
    devices: tuple[Found, ...] = ()
    why: str = ""
