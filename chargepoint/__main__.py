"""`python -m chargepoint`: the core process of one charge point.

Exit codes: 0 stopped or restart wanted, 1 broken at run time, 2 the configuration is wrong.
"""

import argparse
import asyncio
import gc
import json
import logging
import logging.handlers
import os
import queue
import select
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from typing_extensions import override

from chargepoint import compose
from chargepoint.app.card_vat import CardVatChanged
from chargepoint.app.clock import SystemClock, SystemEntropy
from chargepoint.app.health import SystemdWatchdog
from chargepoint.app.pins import check_in_thread
from chargepoint.commission.on_board import SiteOnBoard
from chargepoint.domain.devices import CoinCursor
from chargepoint.errors import ChargepointError
from chargepoint.host import host_facts
from chargepoint.ocpp.firmware import is_signed
from chargepoint.ocpp.keys import KeysInvalid
from chargepoint.ocpp.security import x509
from chargepoint.ocpp.security.suite import SecurityWorld
from chargepoint.ocpp.security.trust import CENTRAL, MANUFACTURER
from chargepoint.ocpp.security.vault import FolderVault
from chargepoint.ocpp.security.x509 import CertificateWrong
from chargepoint.ocpp.websocket import Access, websocket_connect
from chargepoint.payment_ports import NoteCursorStore, PaymentHardware, Persist
from chargepoint.ports import Emit, Hardware
from chargepoint.reachability import over_the_network
from chargepoint.site_file import ExportFolder, SiteFile
from chargepoint.slots import SlotInstaller
from chargepoint.stick import StickPackages
from chargepoint.store.journal import Journal, open_threaded
from chargepoint.store.schema import JournalBroken
from chargepoint.transfer import NetworkTransfer
from chargepoint.uilink.server import UiServer
from chargepoint.world import World
from config.loader import ConfigurationWrong, load, overrides_of
from config.schema import Config
from drivers.factory import Surroundings, build_hardware, build_payment_hardware
from drivers.lines import DeviceUnknown, sharing
from drivers.port_kinds import serial_line

log = logging.getLogger("chargepoint")

CONFIGURATION_WRONG = 2
# Starting again corrects no file, and twenty starts in ten minutes make systemd restart the board, under
# the hands of whoever is correcting it (config/system/chargepoint.service).
HELD_S = 60.0

# No station ran this software before.
_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """One event, one line."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": self.formatTime(record),
            "level": record.levelname,
            "from": record.name,
            "what": record.getMessage(),
        }
        line.update({k: v for k, v in vars(record).items() if k not in _STANDARD})
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def install_logging(level: str) -> Callable[[], None]:
    """Loop threads put records in a queue; one thread writes them. Returns the way to stop it."""
    stream = logging.StreamHandler()
    stream.setFormatter(JsonLines())
    line: queue.SimpleQueue[Any] = queue.SimpleQueue()
    to_queue = logging.handlers.QueueHandler(line)
    # The handler formats before the queue; only the one behind it shall add level and name.
    to_queue.setFormatter(logging.Formatter("%(message)s"))
    logging.basicConfig(level=level, handlers=[to_queue])
    logging.getLogger("websockets").setLevel(logging.WARNING)
    listener = logging.handlers.QueueListener(line, stream)
    listener.start()
    return listener.stop


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chargepoint", description=__doc__)
    parser.add_argument("--config", type=Path, metavar="FILE", help="site configuration (TOML)")
    parser.add_argument(
        "--set", dest="overrides", action="append", default=[], metavar="KEY=VALUE",
        help="override one setting, dotted, as station.id=CP-7; repeatable",
    )  # fmt: skip
    parser.add_argument("--state", type=Path, metavar="DIR", help="folder of the journal")
    parser.add_argument("--log-level", default="INFO", choices=["DEBUG", "INFO", "WARNING"])
    return parser.parse_args(arguments)


@dataclass(slots=True)
class Exit:
    """Why the process ends; the first reason counts."""

    wanted: asyncio.Event = field(default_factory=asyncio.Event)
    code: int = 0

    def now(self, reason: str, code: int = 0) -> None:
        if not self.wanted.is_set():
            log.info("ending", extra={"why": reason})
            self.code = code
            self.wanted.set()


async def run(
    config: Config, overrides: dict[str, str], state: Path, file: Path | None = None
) -> int:
    """One life of the core."""
    clock, entropy, ending = SystemClock(), SystemEntropy(), Exit()
    journal = open_threaded(
        str(state / "journal.sqlite"), clock, lambda error: ending.now(f"journal: {error}", 1)
    )
    knows_time = clock.never_before(journal.newest_moment() or _EARLIEST)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.now, number.name)

    open_line = sharing(config, serial_line)

    def hardware(emit: Emit, cursor: Callable[[str], CoinCursor | None]) -> Hardware:
        return build_hardware(config, Surroundings(emit, clock, entropy, cursor, open_line))

    def payment(emit: Emit, persist: Persist, cursor: NoteCursorStore) -> PaymentHardware:
        around = Surroundings(emit, clock, entropy, journal.coin_cursor, open_line)
        return build_payment_hardware(config, replace(around, stored_note_cursor=cursor), persist)

    def trusted_roots() -> tuple[str, ...]:
        return core.backend.trusted_roots()

    folder = state / "security"
    site = SiteOnBoard(config, file, folder, clock, entropy, pins=journal.service_pins)
    await site.look()
    slots = SlotInstaller(state / "slots")
    core = compose.Core(
        config,
        World(
            clock=clock,
            entropy=entropy,
            journal=journal,
            connect=websocket_connect(_access(config)),
            open_hardware=hardware,
            watchdog=SystemdWatchdog(),
            on_exit=lambda why: ending.now(why, 0 if why == "restart" else 1),
            correct_clock=clock.correct,
            observe_ocpp=lambda _direction, _text: None,
            overrides=_ocpp_keys(overrides),
            open_payment=payment,
            check_pins=check_in_thread,
            host=host_facts(state),
            security=_security(config, state),
            transfer=NetworkTransfer(state / "transfer", trusted_roots),
            installer=slots,
            slots=slots,
            change_setting=SiteFile(file).change,
            install=StickPackages(
                config.service.packages,
                state / "transfer",
                root_file=config.central.manufacturer_root_file,
                verify=is_signed,
                installer=slots,
                clock=clock,
            ).install,
            export=ExportFolder(Path(config.service.export)).put,
            site=site,
            walk=over_the_network(_access(config)),
            knows_time=knows_time,
            system_time=clock.system_time,
        ),
    )
    server = UiServer(
        config.kiosk.socket or str(state / "kiosk.socket"),
        core.subscribe,
        core.intent,
        core.presence,
        listen=core.listen,
        on_ability=core.told,
        on_shown=core.shown,
    )
    core.station.observe = _note_move
    await core.start()
    core.keep(server.run, "uilink")
    # All that lasts as long as this process is made by now. Going through its hundred thousand objects
    # in search of cycles took 50 ms, in which no stop would have been carried out.
    gc.freeze()
    await ending.wanted.wait()
    await _leave(core, journal, clean=ending.code == 0)
    return ending.code


def _note_move(machine: str, before: str, after: str) -> None:
    log.info("state changed", extra={"machine": machine, "before": before, "after": after})


async def _leave(core: compose.Core, journal: Journal, *, clean: bool) -> None:
    await core.stop()
    if clean:
        await journal.mark_clean()
    journal.close()


def _access(config: Config) -> Access:
    return Access(
        base_url=config.central.url,
        station_id=config.station.id,
        password=config.central.password,
        secure_url=config.central.secure_url,
        fallback_url=config.central.fallback_url,
    )


def _security(config: Config, state: Path) -> SecurityWorld:
    """Raises CertificateWrong for a root that is none."""
    central = config.central
    files = ((CENTRAL, central.root_file), (MANUFACTURER, central.manufacturer_root_file))
    try:
        roots = [(use, Path(name).read_text("ascii")) for use, name in files if name]
        for _, pem in roots:
            x509.read_one(pem)
    except (OSError, ValueError) as error:
        raise CertificateWrong(f"central.root_file, manufacturer_root_file: {error}") from error
    return SecurityWorld(
        vault=FolderVault(state / "security"),
        roots=roots,
        has_site_password=bool(central.password),
        has_second_central=bool(central.fallback_url),
    )


def _ocpp_keys(overrides: dict[str, str]) -> dict[str, str]:
    return {k.removeprefix("ocpp."): v for k, v in overrides.items() if k.startswith("ocpp.")}


def _wait(limit_s: float) -> None:
    """A signal to end ends it."""
    select.select([], [], [], limit_s)


def main(arguments: list[str] | None = None, *, wait: Callable[[float], object] = _wait) -> int:
    code = _main(parse(arguments))
    if code == CONFIGURATION_WRONG and os.environ.get("NOTIFY_SOCKET"):
        wait(HELD_S)
    return code


def _main(chosen: argparse.Namespace) -> int:
    try:
        overrides = overrides_of(chosen.overrides)
        config = load(chosen.config, overrides)
    except ConfigurationWrong as wrong:
        sys.stderr.write(f"{wrong}\n{len(wrong.problems)} error(s), nothing was started\n")
        return CONFIGURATION_WRONG
    state = chosen.state or Path(config.state.dir or "state")
    state.mkdir(parents=True, exist_ok=True)
    stop_logging = install_logging(chosen.log_level)
    try:
        return asyncio.run(run(config, overrides, state, chosen.config))
    except (DeviceUnknown, JournalBroken, ChargepointError) as error:
        log.critical("could not start", extra={"why": str(error)})
        is_configured = not isinstance(error, DeviceUnknown | KeysInvalid | CardVatChanged)
        return 1 if is_configured else CONFIGURATION_WRONG
    finally:
        stop_logging()
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
