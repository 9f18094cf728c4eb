"""A small station on site: its file, its simulated devices on lines, a kernel's view of a panel."""

from collections.abc import Callable
from pathlib import Path

from chargepoint.commission.inspection import Place
from chargepoint.ocpp.security.vault import FolderVault
from chargepoint.ports import Clock, Entropy
from config.devices import Device
from config.loader import load
from drivers.lines import OpenLine
from drivers.port import OpenPort
from simulator.fitting import Choice, Wiring, fit
from simulator.hardware import SimulatedHardware
from simulator.pipes import Line, MemoryLine
from simulator.world import World

SITE = """\
[station]
id = "CP-7"
serial = "SN-7"
connectors = 1

[kiosk]
size = "1024x600"

[devices.coin_acceptor]
kind = "cctalk"
port = "{folder}/coin_acceptor"

[devices.card_reader]
kind = "pn532"
port = "{folder}/card_reader"

[devices.printer]
kind = "escpos80"
port = "{folder}/printer"

[devices.evse.1]
kind = "openevse"
port = "{folder}/evse:1"

[devices.lease_timer.1]
kind = "modbus_relay"
port = "{folder}/lease_timer"

[devices.meter.1]
kind = "sdm630"
port = "{folder}/meter:1"

[cards]
key_file = "{folder}/cards.key"
"""
KEY = "8f2a1c9d3e4b5a6978c0d1e2f3a4b5c6"


def write_site(folder: Path, site: str = SITE) -> Path:
    """The site file and the cards' key."""
    file = folder / "site.toml"
    file.write_text(site.format(folder=folder), "utf-8")
    key = folder / "cards.key"
    key.write_text(KEY, "ascii")
    key.chmod(0o600)
    return file


def kernel_view(folder: Path, *, mode: str = "1024x600", touch: bool = True) -> Path:
    """/sys of a board with one display."""
    output = folder / "sys/class/drm/card1-HDMI-A-1"
    output.mkdir(parents=True)
    (output / "status").write_text("connected\n", "ascii")
    (output / "modes").write_text(f"{mode}\n640x480\n", "ascii")
    (output / "edid").write_bytes(bytes(21) + bytes([22, 13]) + bytes(105))
    (folder / "sys/class/input").mkdir()
    if touch:
        device = folder / "sys/class/input/event0/device"
        (device / "capabilities").mkdir(parents=True)
        (device / "name").write_text("ILITEK Multi-Touch\n", "ascii")
        (device / "capabilities/abs").write_text("2608000 3\n", "ascii")
    return folder / "sys"


class Bench:
    """Lines in memory behind the names of the site file."""

    def __init__(self, file: Path, clock: Clock, entropy: Entropy) -> None:
        self.config = load(file, environment={})
        self.file, self.clock, self.entropy = file, clock, entropy
        self.lines: dict[str, MemoryLine] = {}
        self.world = World(range(1, self.config.station.connectors + 1))
        self.devices = self._fitted(self._line)

    def place(self, folder: Path) -> Place:
        return Place(
            config=self.config,
            file=self.file,
            vault=FolderVault(folder / "security"),
            clock=self.clock,
            entropy=self.entropy,
            open_line=self.open_line,
            pins=list,
            sys=folder / "sys",
        )

    @property
    def open_line(self) -> OpenLine:
        def opened(_bus: str, device: Device) -> OpenPort:
            return self.lines[Path(device.port).name].open_port

        return opened

    def _line(self, wiring: Wiring) -> Line:
        line = MemoryLine(wiring.name, self.entropy, baudrate=wiring.baudrate, echo=wiring.echo)
        self.lines[wiring.name] = line
        return line

    def _fitted(self, open_line: Callable[[Wiring], Line]) -> SimulatedHardware:
        return fit(
            self.world,
            open_line,
            {},
            self.entropy,
            happened=lambda *_: None,
            choice=Choice(configured=self.config.devices),
        )
