"""Composition root: every object of the core, from a configuration and the outside world. No logic."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from chargepoint.app.charging_desk import ChargingDesk
from chargepoint.app.door import StationGate
from chargepoint.app.health import Health
from chargepoint.app.kiosk_watch import KioskWatch
from chargepoint.app.lease import LeaseKeeper
from chargepoint.app.point_actor import PointActor
from chargepoint.app.reservations import ReservationDesk
from chargepoint.app.security_log import DurableSecurityLog
from chargepoint.app.security_watch import SecurityWatch
from chargepoint.app.station_actor import StationActor
from chargepoint.app.supervisor import Supervisor
from chargepoint.cabinet_parts import serve_cabinet
from chargepoint.contract import Ability, Intent, Key, Shown, Snapshot
from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.devices import MeterSampled
from chargepoint.domain.dialogue.events import (
    DiskStalled,
    KioskChanged,
    Pressed,
    VoiceChanged,
)
from chargepoint.domain.dialogue.machine import DialogueMachine, opening_data
from chargepoint.domain.now import Now
from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.security import SecurityWord
from chargepoint.domain.supply.charging_profile import Capabilities
from chargepoint.domain.units import ConnectorId
from chargepoint.maintenance_parts import MaintenanceDesk, timekeeper_of
from chargepoint.money_parts import MoneyParts
from chargepoint.notice_parts import notices_of, screens_of
from chargepoint.ocpp.backend16 import Ocpp16Backend
from chargepoint.ocpp.station16 import Reading
from chargepoint.ocpp.translate import StationIdentity
from chargepoint.ocpp.wire_trace import WireTrace
from chargepoint.service_parts import house_of, serve_technicians, upkeep_of, with_saved_service
from chargepoint.settings import (
    dialogue_settings_of,
    panel_of,
    point_settings_of,
    reservation_rules_of,
    wiring_of,
)
from chargepoint.uilink.presence import Presence
from chargepoint.world import World
from config.schema import Config


class Core:
    """The running station. `start` returns at once; `stop` cancels and closes nothing it did not open."""

    def __init__(self, config: Config, world: World) -> None:
        self._config = config
        self._world = world
        self._supervisor = Supervisor(self._crashed, self._gave_up)
        self._points: dict[ConnectorId, PointActor] = {}
        self._keepers: dict[ConnectorId, LeaseKeeper] = {}
        self.hardware = world.open_hardware(self._emit, world.journal.coin_cursor)
        self._money = MoneyParts(
            config,
            world,
            emit=self._emit,
            post=lambda event: self.station.post(event),  # noqa: PLW0108 - the station comes after it
            spawn=self._supervisor.spawn,
            wake=lambda: self.backend.wake(),  # noqa: PLW0108 - so does the backend
        )
        self._trace = WireTrace(world.clock)
        self._security = DurableSecurityLog(world.journal, world.clock, world.entropy, self._wake)
        self.station = self._build_station()
        self._money.serve(self.station)
        self.presence = Presence(lambda alive: self.station.post(KioskChanged(alive)))
        self._kiosk_watch = KioskWatch(
            self.station.emit, lambda works: self.station.post(VoiceChanged(works))
        )
        self._build_points()
        self._timekeeper = timekeeper_of(config, world, self._points, self._wake, self._security)
        self.reservations = self._build_reservations()
        self.charging = self._build_charging()
        self.notices, self.phone = notices_of(
            self.station,
            world,
            lambda: self._points,
            ask=self._ask_central,
            interval_s=lambda: self.backend.policy.session_cost_s,
            spawn=self._supervisor.spawn,
        )
        self.screens = screens_of(self.station, world.clock, self.presence)
        self._maintenance = MaintenanceDesk(
            config,
            world,
            self.station,
            self._security,
            queued=self._wake,
            restart=lambda: self._world.on_exit("restart"),
        )
        self.door = self._build_door()
        self.backend = self._build_backend()
        self.door.connect(self.backend)
        self._money.vouchers.connect(self.backend)
        self.station.connect(self._points, self.backend, self._money.desk)
        self._house = house_of(config, world, self.station, self._trace)
        self._cabinet = serve_cabinet(
            self.station,
            self.hardware,
            self._money,
            world.journal,
            sign_in_limit_s=config.service.sign_in_limit_s,
        )
        self._watch = serve_technicians(
            self.station,
            config,
            world,
            parts=(self.hardware, self._money, self._cabinet),
            backend=self.backend,
            trace=self._trace,
            keepers=self._keepers,
            house=self._house,
            spawn=self._supervisor.spawn,
        )
        self._upkeep = upkeep_of(world, self.station, self._watch, self._wake)
        self._watch_security()

    # --- life ---

    async def start(self) -> None:
        """Boot: saved states first, then devices, so that every fact meets its history."""
        await self._world.journal.begin_boot()
        self._security.note(SecurityWord.STARTED, f"firmware {self._config.station.firmware}")
        await self._money.recover()
        for connector, record in self._world.journal.saved_points().items():
            if connector in self._points:
                self._points[connector].restore(record, knows_time=self._world.knows_time)
        self.charging.boot()
        self._money.invoicing.issue_due()
        keep = self._supervisor.keep
        for connector, point in self._points.items():
            keep(point.run, f"point:{connector}")
            keep(self._keepers[connector].run, f"lease:{connector}")
        keep(self.station.run, "station")
        drivers = (*self.hardware.drivers(), *self._money.hardware.drivers())
        self._watch.expect(name for name, _ in drivers)
        for name, driver in drivers:
            keep(driver.run, name)
        keep(self.backend.run, "backend")
        if self._config.central.upkeep:
            keep(self._upkeep.run, "upkeep")
        self._maintenance.start(keep)
        keep(self._house.window.run, "maintenance_window")
        keep(self._cabinet.tamper.run, "tamper")
        self._money.start(keep)
        keep(self.reservations.run, "reservations")
        keep(self._timekeeper.run, "time")
        keep(self._health().run, "health")
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

    def listen(self, listener: Callable[[Key], None]) -> Callable[[], None]:
        return self.station.feed.listen(listener)

    def told(self, ability: Ability) -> None:
        """What the kiosk says it can and cannot do: a technician sees it, voice is offered or struck."""
        self._kiosk_watch.told(ability)
        self._cabinet.signals.told(ability)

    def shown(self, shown: Shown) -> None:
        """The words on the kiosk's screen."""
        self.screens.shown(shown)

    def intent(self, intent: Intent) -> None:
        self.station.feed.owe_answer()
        self.station.post(Pressed(intent.id, intent.screen_seq, intent.session, intent.held_s))

    # --- parts ---

    def _emit(self, event: object) -> None:
        self.station.emit(event)  # type: ignore[arg-type]  # Emit's own argument

    def _build_station(self) -> StationActor:
        config, world = self._config, self._world
        seen = {
            ConnectorId(n): PointSeen(data=PointData(ConnectorId(n)))
            for n in range(1, config.station.connectors + 1)
        }
        opening = opening_data(seen, self._money.saved_credit(), config.station.language)
        data = with_saved_service(opening, world.journal)
        now = Now(world.clock.monotonic(), world.clock.utc())
        dialogue = DialogueMachine(
            data, dialogue_settings_of(config, self.hardware, self._money.hardware), now
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

    def _build_reservations(self) -> ReservationDesk:
        desk = ReservationDesk(
            self._world.journal,
            self._world.clock,
            lambda: self._points,
            rules=reservation_rules_of(self._config),
            near=self.station.post,
        )
        self.station.reserved = desk.heard
        for connector, point in self._points.items():
            point.kept_now = partial(desk.kept_now, connector)
        return desk

    async def _ask_central(self, message_id: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        return await self.backend.ask(message_id, payload)

    def _build_charging(self) -> ChargingDesk:
        desk = ChargingDesk(
            self._world.journal.profiles,
            self._world.clock,
            wiring_of(self._config),
            Capabilities(),
            lambda: self._points,
            spawn=self._supervisor.spawn,
        )
        self.station.charging = desk.heard
        return desk

    def _build_door(self) -> StationGate:
        return StationGate(
            self.station,
            self.hardware,
            self._world.clock,
            self._world.entropy,
            point_settings=point_settings_of(self._config),
            spawn=self._supervisor.spawn,
            restart=self._restart,
            correct_clock=self._timekeeper.corrected,
            profiles=self.charging,
            delivered=self._vendor_delivered,
            is_drained=lambda: self._world.journal.head() is None,
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
            local_list=world.journal.local_list,
            reservations=self.reservations,
            notices=self.notices,
            phone=self.phone,
            screen=self.screens,
            charging=self.charging,
            clock=world.clock,
            entropy=world.entropy,
            connectors=config.station.connectors,
            config_keys=config.ocpp,
            overrides=world.overrides,
            observe=self._observe,
            readings=self._reading,
            security_world=replace(
                world.security, log=self._security, maintenance=self._maintenance
            ),
        )

    def _observe(self, direction: str, text: str) -> None:
        self._trace.observe(direction, text)
        self._world.observe_ocpp(direction, text)

    def _watch_security(self) -> None:
        """Behind the watch over devices: both see every fact."""
        station, devices = self.station, self.station.watch
        watch = SecurityWatch(
            self._security, lambda: station.dialogue.data.service.person is not None
        )

        def both(event: object) -> None:
            devices(event)  # type: ignore[arg-type]  # emit's own argument
            watch.note(event)

        station.watch = both
        self._world.journal.on_full = watch.disk_full

    def _vendor_delivered(self, message: VendorMessage, content: Mapping[str, Any]) -> None:
        self._upkeep.delivered(message)
        self._money.delivered(message, content)

    def _wake(self) -> None:
        self.backend.wake()

    def _restart(self, hard: bool) -> None:
        self._security.note(SecurityWord.RESET, "hard" if hard else "soft")
        self._world.on_exit("restart")

    def _reading(self, connector: ConnectorId) -> Reading | None:
        """The newest values of a connector, for a central system that asks between samples."""
        point = self._points.get(connector)
        data = point.seen.data if point else None
        if data is None or data.register is None:
            return None
        now = data.values
        sample = MeterSampled(
            connector, data.register, now.power, now.current, now.voltage, now.details
        )
        return Reading(sample, data.session.id if data.session else None)

    def _health(self) -> Health:
        world = self._world
        return Health(
            world.watchdog,
            list(self._keepers.values()),
            {"station": self.station, **{f"point:{c}": p for c, p in self._points.items()}},
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
