"""What the core is given: everything outside of it, real or simulated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from chargepoint.app.housekeeping import (
    ChangeSetting,
    Export,
    Install,
    no_export,
    no_packages,
    no_site_file,
)
from chargepoint.app.pins import CheckPins, check_at_once
from chargepoint.commission.live import NoSite, SiteView
from chargepoint.domain.devices import CoinCursor
from chargepoint.domain.service.values import Fact
from chargepoint.maintenance_ports import NoSlots, Slots
from chargepoint.ocpp.firmware import is_signed
from chargepoint.ocpp.link import Connect, Observe
from chargepoint.ocpp.security.suite import SecurityWorld
from chargepoint.payment_ports import NoteCursorStore, PaymentHardware, Persist
from chargepoint.ports import Clock, Emit, Entropy, Hardware, Watchdog
from chargepoint.reachability import Walk, no_network
from chargepoint.security_ports import (
    Installed,
    Installer,
    InstallFailed,
    Transfer,
    TransferFailed,
    Verify,
)
from chargepoint.store.journal import Journal


class NoTransfer:
    """Of a station that reaches nothing but its central system."""

    async def download(self, url: str, name: str) -> Path:
        raise TransferFailed(f"{name}: no transfers here", is_final=True)

    async def upload(self, url: str, name: str, content: bytes) -> None:
        raise TransferFailed(f"{name}: no transfers here", is_final=True)

    def knows(self, url: str) -> bool:
        return False


class NoInstaller:
    """Of a station whose software somebody else brings."""

    async def install(self, package: Path, job: str) -> None:
        raise InstallFailed(f"{job}: nobody installs software here")

    async def outcome(self, job: str) -> Installed:
        return Installed.FAILED


OpenPayment = Callable[[Emit, Persist, NoteCursorStore], PaymentHardware]


def no_payment_devices(_emit: Emit, _persist: Persist, _cursor: NoteCursorStore) -> PaymentHardware:
    """A station with a coin acceptor and cards only."""
    return PaymentHardware()


@dataclass(frozen=True, slots=True)
class World:
    """Everything outside the core, real or simulated."""

    clock: Clock
    entropy: Entropy
    journal: Journal
    connect: Connect
    open_hardware: Callable[[Emit, Callable[[str], CoinCursor | None]], Hardware]
    watchdog: Watchdog
    on_exit: Callable[[str], None]  # "restart", or what went wrong for good
    correct_clock: Callable[[datetime], None]
    observe_ocpp: Observe
    overrides: Mapping[str, str]  # ocpp.KEY given on the command line
    open_payment: OpenPayment = no_payment_devices
    check_pins: CheckPins = check_at_once
    change_setting: ChangeSetting = no_site_file
    export: Export = no_export
    install: Install = no_packages  # from a stick
    slots: Slots = field(default_factory=NoSlots)
    host: Callable[[], tuple[Fact, ...]] = tuple  # lines about the computer, for technicians
    security: SecurityWorld = field(default_factory=SecurityWorld)
    transfer: Transfer = field(default_factory=NoTransfer)
    installer: Installer = field(default_factory=NoInstaller)
    verify: Verify = is_signed
    site: SiteView = field(default_factory=NoSite)
    walk: Walk = no_network  # below the link to the central system
    knows_time: bool = True  # False: the clock of this computer was behind what the journal knows
    system_time: Callable[[], datetime | None] = lambda: None  # once, when somebody has set it
