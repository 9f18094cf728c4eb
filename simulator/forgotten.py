"""Money that a power cut takes out of the world's memory: kept by a device, in no durable commit.

A money device remembers what it kept until its power goes, the journal what was durable by then. What
neither has is lost to the books, and nobody but the simulation knows of it piece by piece.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from simulator.devices.coin_acceptor import SimulatedCoinAcceptor
from simulator.devices.note_validator import SimulatedNoteValidator
from simulator.hardware import SimulatedHardware

Row = tuple[int, int, int]
"""Epoch, sequence and counter of the last event of a device that is durable."""


class Forgotten:
    """Outlives the cores; looks at the journal as a stranger does, at what is durable only."""

    def __init__(self, hardware: SimulatedHardware, journal: Path) -> None:
        self._hardware = hardware
        self._journal = journal
        self._at_power_up: dict[str, Row] = {}
        self.power_came()

    def power_came(self) -> None:
        """A row that is still the same later is of events that the devices have forgotten."""
        self._at_power_up = self._rows()

    def power_goes(self) -> Iterator[int]:
        """Values in minor units; to be asked while the devices still have their memory."""
        rows = self._rows()
        for device in self._hardware.fitted.values():
            if isinstance(device, SimulatedCoinAcceptor | SimulatedNoteValidator):
                row = rows.get(device.serial)
                is_of_this_life = row is not None and row != self._at_power_up.get(device.serial)
                yield from device.kept_since(row[2] if row and is_of_this_life else 0)

    def _rows(self) -> dict[str, Row]:
        if not self._journal.exists():
            return {}
        with closing(sqlite3.connect(f"file:{self._journal}?mode=ro", uri=True)) as journal:
            known = "SELECT 1 FROM sqlite_master WHERE name = 'device_cursor'"
            if journal.execute(known).fetchone() is None:
                return {}
            asked = "SELECT serial, epoch, sequence, counter FROM device_cursor"
            return {serial: (e, s, c) for serial, e, s, c in journal.execute(asked)}
