"""What the frames on each wire mean, in words for somebody who watches the bench."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from simulator.meaning.cctalk import CcTalkReader
from simulator.meaning.cctalk_hopper import HopperReader
from simulator.meaning.cctalk_notes import NoteReader
from simulator.meaning.escpos import PrinterReader
from simulator.meaning.inputs import InputsReader
from simulator.meaning.modbus import ModbusReader
from simulator.meaning.pn532 import Pn532Reader
from simulator.meaning.rapi import RapiReader
from simulator.meaning.said import Said
from simulator.meaning.zvt import ZvtReader


class Reader(Protocol):
    """Follows both directions of one wire."""

    def heard(self, direction: str, chunk: bytes) -> list[Said]: ...


READERS: dict[str, Callable[[], Reader]] = {
    "coin_acceptor": CcTalkReader,
    "note_validator": NoteReader,
    "hopper": HopperReader,
    "card_reader": Pn532Reader,
    "bank_terminal": ZvtReader,
    "printer": PrinterReader,
    "evse": RapiReader,
    "meter": ModbusReader,
    "lease_timer": ModbusReader,
    "cabinet": InputsReader,
}


@dataclass(frozen=True, slots=True)
class WireWatch:
    """Turns the bytes of one bus into the bench's `wire` events (docs/bench.md)."""

    bus: str
    reader: Reader
    tell: Callable[[dict[str, str]], None]

    def heard(self, direction: str, chunk: bytes) -> None:
        for said in self.reader.heard(direction, chunk):
            self.tell(
                {"bus": self.bus, "dir": direction, "hex": said.octets, "meaning": said.meaning}
            )


def watch(bus: str, tell: Callable[[dict[str, str]], None], speaks: str = "") -> WireWatch:
    """`bus` as in `evse:1`: the device's name, and its connector where it has one. `speaks`: the
    device whose words are spoken on it, if another.
    """
    return WireWatch(bus, READERS[speaks or bus.partition(":")[0]](), tell)


__all__ = ["READERS", "Reader", "Said", "WireWatch", "watch"]
