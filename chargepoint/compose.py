"""Composition root: every object of the core, from a configuration and the outside world. No logic."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from chargepoint.app.bank_desk import BankDesk
from chargepoint.app.cashier import Cashier
from chargepoint.app.door import StationGate
from chargepoint.app.gate import Gate
from chargepoint.app.health import Health
from chargepoint.app.invoicing import Invoicing
from chargepoint.app.lease import LeaseKeeper
from chargepoint.app.money_desk import MoneyDesk
from chargepoint.app.offline_allowance import OfflineAllowance
from chargepoint.app.point_actor import PointActor
from chargepoint.app.printing import PrintDesk
from chargepoint.app.refunds import RefundDesk, RefundSettings
from chargepoint.app.station_actor import StationActor
from chargepoint.app.supervisor import Supervisor
from chargepoint.contract import Intent, Snapshot
from chargepoint.domain import topup_talk
from chargepoint.domain.devices import CoinCursor, MeterSampled
from chargepoint.domain.dialogue import DialogueMachine, opening_data
from chargepoint.domain.dialogue_context import PointSeen, TopUp
from chargepoint.domain.dialogue_events import (
    BankChanged,
    ChangeLevel,
    DiskStalled,
    InvoiceIssued,
    KioskChanged,
    Pressed,
)
from chargepoint.domain.now import Now
from chargepoint.domain.point import PointData
from chargepoint.domain.record import Batch
from chargepoint.domain.units import ConnectorId, Minor
from chargepoint.ocpp.backend16 import Ocpp16Backend
from chargepoint.ocpp.link import Connect, Observe
from chargepoint.ocpp.station16 import Reading
from chargepoint.ocpp.translate import StationIdentity
from chargepoint.payment_ports import NoteCursorStore, PaymentHardware, Persist
from chargepoint.ports import Clock, Driver, Emit, Entropy, Hardware, Watchdog
from chargepoint.settings import (
    dialogue_settings_of,
    offline_rules_of,
    panel_of,
    point_settings_of,
    receipt_settings_of,
)
from chargepoint.store.journal import Journal
from chargepoint.uilink.presence import Presence
from config.schema import Config

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


class Core:
    """The running station. `start` returns at once; `stop` cancels and closes nothing it did not open."""

    def __init__(self, config: Config, world: World) -> None:
        self._config = config
        self._world = world
        self._supervisor = Supervisor(self._crashed, self._gave_up)
        self._points: dict[ConnectorId, PointActor] = {}
        self._keepers: dict[ConnectorId, LeaseKeeper] = {}
        self.hardware = world.open_hardware(self._emit, world.journal.coin_cursor)
        self._money_gate = Gate(world.journal)
        self._bank = BankDesk(
            self._money_gate,
            world.journal,
            answered=lambda result: self.station.post(result),  # noqa: PLW0108 - the station comes after it
            changed=lambda online, count: self.station.post(BankChanged(online, count)),
        )
        self.payment = world.open_payment(self._emit, self._bank.persist, world.journal.note_cursor)
        if self.payment.bank_terminal is not None:
            self._bank.connect(self.payment.bank_terminal)
        self.station = self._build_station()
        allowance = OfflineAllowance(
            offline_rules_of(config), world.clock, world.journal.offline_spent
        )
        self.station.limited = allowance.limited
        self._invoicing = Invoicing(
            self._money_gate,
            world.journal,
            world.clock,
            receipt_settings_of(config),
            timezone=config.station.timezone,
            issued=self._invoice_issued,
        )
        self.station.billed = self._invoicing.issue_due
        self._refunds = self._build_refunds()
        self._connect_printer()
        self._cashier = self._build_cashier()
        self._money_desk = self._build_money_desk()
        self.presence = Presence(lambda alive: self.station.post(KioskChanged(alive)))
        self._build_points()
        self.door = self._build_door()
        self.backend = self._build_backend()
        self.door.connect(self.backend)
        self._money_desk.connect(self.backend)
        self.station.connect(self._points, self.backend, self._money_desk)

    # --- life ---

    async def start(self) -> None:
        """Boot: saved states first, then devices, so that every fact meets its history."""
        await self._world.journal.begin_boot()
        await self._finish_saved_topups()
        for connector, record in self._world.journal.saved_points().items():
            if connector in self._points:
                self._points[connector].restore(record)
        self._invoicing.issue_due()
        keep = self._supervisor.keep
        for connector, point in self._points.items():
            keep(point.run, f"point:{connector}")
            keep(self._keepers[connector].run, f"lease:{connector}")
        keep(self.station.run, "station")
        for name, driver in self._drivers():
            keep(driver.run, name)
        keep(self.backend.run, "backend")
        keep(self._refunds.run, "refunds")
        keep(self._health().run, "health")
        if self.payment.bank_terminal is not None:
            keep(self._bank.run, "bank_desk")
        if self.payment.hoppers:
            self._supervisor.spawn(self._cashier.open(), "cashier")
        if self.hardware.card_reader is not None:
            self.hardware.card_reader.arm()
        self._world.watchdog.ready()

    async def stop(self) -> None:
        """In order: every contactor open, then every task ended."""
        await asyncio.gather(*(keeper.retire() for keeper in self._keepers.values()))
        await self._supervisor.stop()

    async def abandon(self) -> None:
        """End every task as a killed process does: nothing is made safe, nothing is said."""
        await self._supervisor.stop()

    def keep(self, run: Callable[[], Awaitable[None]], name: str) -> None:
        """One more task under the same supervision (the kiosk's server)."""
        self._supervisor.keep(run, name)

    # --- what the kiosk and its link use ---

    def subscribe(self, subscriber: Callable[[Snapshot], None]) -> Callable[[], None]:
        return self.station.feed.subscribe(subscriber)

    def intent(self, intent: Intent) -> None:
        self.station.post(Pressed(intent.id, intent.screen_seq, intent.session))

    # --- parts ---

    def _emit(self, event: object) -> None:
        self.station.emit(event)  # type: ignore[arg-type]  # Emit's own argument

    def _invoice_issued(self, issued: InvoiceIssued) -> None:
        self.station.post(issued)
        self.backend.wake()

    def _build_station(self) -> StationActor:
        config, world = self._config, self._world
        seen = {
            ConnectorId(n): PointSeen(data=PointData(ConnectorId(n)))
            for n in range(1, config.station.connectors + 1)
        }
        data = opening_data(seen, self._saved_credit(), config.station.language)
        now = Now(world.clock.monotonic(), world.clock.utc())
        dialogue = DialogueMachine(
            data, dialogue_settings_of(config, self.hardware, self.payment), now
        )
        return StationActor(
            dialogue,
            self.hardware,
            world.journal,
            world.clock,
            world.entropy,
            panel=panel_of(config),
            spawn=self._supervisor.spawn,
        )

    async def _finish_saved_topups(self) -> None:
        """Coins that went in for a card before a cut reach that card now; what had, is booked."""
        journal, currency = self._world.journal, self._config.station.currency
        for reference, amount in journal.saved_topups("confirmed").items():
            await journal.append(Batch(postings=(topup_talk.credited(reference, amount),)))
        for reference, amount in journal.saved_topups(None).items():
            card = journal.get(f"{topup_talk.SAVED_CARD}{reference}")
            if card is not None:
                topup = TopUp(reference, card, inserted=amount)
                message = topup_talk.message(topup, currency, self._world.clock.utc())
                await journal.append(Batch(deliveries=(message,)))

    def _build_refunds(self) -> RefundDesk:
        world, receipt = self._world, receipt_settings_of(self._config)
        desk = RefundDesk(
            self._money_gate,
            world.journal,
            self._invoicing,
            clock=world.clock,
            entropy=world.entropy,
            settings=RefundSettings(self._config.cash.voucher_days, receipt.issues_invoices),
            queued=lambda: self.backend.wake(),  # noqa: PLW0108 - the backend comes after it
        )
        desk.connect(self.payment.bank_maintenance)
        return desk

    def _connect_printer(self) -> None:
        if self.payment.printer is None:
            return
        station = self._config.station
        desk = PrintDesk(
            self.payment.printer,
            self._world.journal,
            receipt_settings_of(self._config),
            letterhead=(station.id, station.phone, station.timezone),
            failed=self.station.post,
        )
        spawn = self._supervisor.spawn
        self.station.print_receipt = lambda order: spawn(desk.print(order), "printer:receipt")

    def _build_cashier(self) -> Cashier:
        floats = {
            Minor(int(value)): device.float_coins
            for value, device in self._config.devices.hopper.items()
        }
        return Cashier(
            self.payment.hoppers,
            self._money_gate,
            self._world.journal,
            floats=floats,
            level_changed=lambda payable: self.station.post(ChangeLevel(payable)),
        )

    def _build_money_desk(self) -> MoneyDesk:
        return MoneyDesk(
            self.station.post,
            self._supervisor.spawn,
            self._world.journal.is_booked,
            cashier=self._cashier,
            bank=self._bank,
            notes=self.payment.note_validator,
        )

    def _saved_credit(self) -> dict[ConnectorId, Minor]:
        """Credit is the sum of its account; this copy is rebuilt at every boot."""
        found = {}
        for account, amount in self._world.journal.balances().items():
            if account == "unassigned":
                found[ConnectorId(0)] = Minor(amount)
            elif account.startswith("credit:"):
                found[ConnectorId(int(account.removeprefix("credit:")))] = Minor(amount)
        return found

    def _build_points(self) -> None:
        for connector, hardware in self.hardware.connectors.items():
            keeper = LeaseKeeper(
                hardware.board, hardware.lease, self._supervisor.spawn, f"lease:{connector}"
            )
            self._keepers[connector] = keeper
            self._points[connector] = PointActor(
                connector,
                hardware,
                keeper,
                self._world.journal,
                self._world.clock,
                settings=point_settings_of(self._config),
                spawn=self._supervisor.spawn,
                heard=self.station.heard,
            )

    def _build_door(self) -> StationGate:
        return StationGate(
            self.station,
            self.hardware,
            self._world.clock,
            self._world.entropy,
            point_settings=point_settings_of(self._config),
            spawn=self._supervisor.spawn,
            restart=lambda _hard: self._world.on_exit("restart"),
            correct_clock=self._world.correct_clock,
            delivered=self._money_desk.delivered,
        )

    def _build_backend(self) -> Ocpp16Backend:
        config, world = self._config, self._world
        return Ocpp16Backend(
            identity=StationIdentity(
                id=config.station.id,
                vendor=config.station.vendor,
                model=config.station.model,
                serial=config.station.serial,
                firmware=config.station.firmware,
            ),
            connect=world.connect,
            door=self.door,
            news=self.door,
            outbox=world.journal,
            settings=world.journal,
            clock=world.clock,
            entropy=world.entropy,
            connectors=config.station.connectors,
            config_keys=config.ocpp,
            overrides=world.overrides,
            observe=world.observe_ocpp,
            readings=self._reading,
        )

    def _reading(self, connector: ConnectorId) -> Reading | None:
        """The newest values of a connector, for a central system that asks between samples."""
        point = self._points.get(connector)
        data = point.seen.data if point else None
        if data is None or data.register is None:
            return None
        sample = MeterSampled(connector, data.register, data.power, data.current, data.voltage)
        return Reading(sample, data.session.id if data.session else None)

    def _drivers(self) -> list[tuple[str, Driver]]:
        found: list[tuple[str, Driver]] = []
        for connector, parts in self.hardware.connectors.items():
            found += [
                (f"evse:{connector}", parts.board),
                (f"lease_timer:{connector}", parts.lease),
                (f"meter:{connector}", parts.meter),
            ]
        if self.hardware.coin_acceptor is not None:
            found.append(("coin_acceptor", self.hardware.coin_acceptor))
        if self.hardware.card_reader is not None:
            found.append(("card_reader", self.hardware.card_reader))
        found += [(f"hopper:{hopper.value}", hopper) for hopper in self.payment.hoppers]
        shared = {
            "note_validator": self.payment.note_validator,
            "bank_terminal": self.payment.bank_terminal,
            "printer": self.payment.printer,
        }
        found += [(name, driver) for name, driver in shared.items() if driver is not None]
        return found

    def _health(self) -> Health:
        world = self._world
        return Health(
            world.watchdog,
            list(self._keepers.values()),
            lambda: world.journal.oldest_wait_s(world.clock.monotonic()),
            lambda stalled: self.station.post(DiskStalled(stalled)),
        )

    # --- when something breaks ---

    def _crashed(self, name: str, error: BaseException) -> None:
        """Make safe, write it down; a point starts again through recovery."""
        why = f"{name}: {type(error).__name__}: {error}"
        if name.startswith("point:") and name.count(":") == 1:
            connector = ConnectorId(int(name.split(":")[1]))
            point = self._points[connector]
            point.make_safe(why)
            point.recover(self._world.journal.saved_points().get(connector))
            return
        self.station.incident("task.crashed", why)

    def _gave_up(self, name: str) -> None:
        for keeper in self._keepers.values():
            keeper.open(keeper.newest)
        self._world.on_exit(f"{name} crashed too often")
