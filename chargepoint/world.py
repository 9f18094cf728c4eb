"""What the core is given: everything outside of it, real or simulated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chargepoint.app.pins import CheckPins, check_at_once
from chargepoint.domain.devices import CoinCursor
from chargepoint.domain.service.values import Fact
from chargepoint.ocpp.link import Connect, Observe
from chargepoint.ocpp.security.suite import SecurityWorld
from chargepoint.payment_ports import NoteCursorStore, PaymentHardware, Persist
from chargepoint.ports import Clock, Emit, Entropy, Hardware, Watchdog
from chargepoint.store.journal import Journal

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
    host: Callable[[], tuple[Fact, ...]] = tuple  # lines about the computer, for technicians
    security: SecurityWorld = field(default_factory=SecurityWorld)
