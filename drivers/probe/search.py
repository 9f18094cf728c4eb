"""Finds the buses: each port is opened alone, asked protocol by protocol, and closed again.

Bounded: a port where nobody is takes about half a minute, and nothing is asked for ever.
"""

import stat
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chargepoint.ports import Clock
from drivers.port import BytePort, OpenPort, PortLost
from drivers.probe.found import Found, LineSetting, PortFound, PortState
from drivers.probe.modbus import UNITS, ask_units
from drivers.probe.questions import ask_board, ask_coins, ask_printer, ask_reader, ask_terminal
from drivers.serial_port import serial_opener
from drivers.trace import Trace

Question = Callable[[BytePort, Trace, LineSetting], Awaitable[list[Found]]]
Open = Callable[[str, LineSetting], OpenPort]

# Where udev puts adapters, best names first; a name that may change with the next start comes last.
PLACES = (
    "/dev/chargepoint/*",
    "/dev/chargepoint/by-path/*",
    "/dev/serial/by-id/*",
    "/dev/ttyUSB*",
    "/dev/ttyACM*",
)
_MODBUS = (
    LineSetting(9_600),
    LineSetting(19_200, "E"),
    LineSetting(2_400),
    LineSetting(9_600, "E"),
    LineSetting(19_200),
)


def serial_open(path: str, setting: LineSetting) -> OpenPort:
    return serial_opener(path, setting.baudrate, parity=setting.parity, stopbits=setting.stopbits)


def ports_here(places: Sequence[str] = PLACES) -> list[str]:
    """One name for each adapter: the first of `places` that has it."""
    named: dict[Path, str] = {}
    for pattern in places:
        folder = Path(pattern).parent
        for path in sorted(folder.glob(Path(pattern).name)):
            if path.exists() and stat.S_ISCHR(path.stat().st_mode):
                named.setdefault(path.resolve(), str(path))
    return list(named.values())


@dataclass(frozen=True, slots=True)
class Search:
    """`units`: the Modbus addresses that are tried."""

    clock: Clock
    open_line: Open = serial_open
    units: range = UNITS

    async def port(self, path: str) -> PortFound:
        """Ends with the first protocol that somebody speaks: a line speaks one."""
        for setting, question in self._questions():
            try:
                port = await self.open_line(path, setting)()
            except PortLost as lost:
                state = PortState.IN_USE if "in use" in str(lost) else PortState.UNUSABLE
                return PortFound(path, state, why=str(lost))
            try:
                found = await question(port, Trace(path, self.clock.monotonic), setting)
            except PortLost as lost:
                return PortFound(path, PortState.UNUSABLE, why=str(lost))
            finally:
                port.close()
            if found:
                return PortFound(path, PortState.ANSWERED, tuple(found))
        return PortFound(path, PortState.SILENT)

    def _questions(self) -> list[tuple[LineSetting, Question]]:
        asked: list[tuple[LineSetting, Question]] = [
            (LineSetting(9_600), ask_printer),
            (LineSetting(19_200), ask_printer),
            (LineSetting(115_200), ask_printer),
            (LineSetting(115_200), ask_board),
            (LineSetting(115_200), ask_reader),
            (LineSetting(9_600, stopbits=2), ask_terminal),
            (LineSetting(9_600), ask_coins),
        ]
        return [*asked, *((setting, self._units) for setting in _MODBUS)]

    async def _units(self, port: BytePort, trace: Trace, setting: LineSetting) -> list[Found]:
        return await ask_units(port, trace, setting, self.clock, self.units)
