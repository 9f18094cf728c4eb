"""Composition of the service menu's shell: the desk, the pages, the watch over devices. No logic."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import metadata

from chargepoint.app.device_watch import DeviceWatch
from chargepoint.app.diagnostics import JournalLogs, technicians_file
from chargepoint.app.disputes import Disputes
from chargepoint.app.housekeeping import Housekeeping
from chargepoint.app.lease import LeaseKeeper
from chargepoint.app.maintenance_window import MaintenanceWindow
from chargepoint.app.ports import Spawn
from chargepoint.app.replacing import ReplacementHands
from chargepoint.app.service_desk import Hands, ServiceDesk
from chargepoint.app.service_sheets import ServiceSheets, Site
from chargepoint.app.station_actor import StationActor
from chargepoint.app.trials import TrialHands
from chargepoint.app.upkeep import Upkeep
from chargepoint.cabinet_parts import CabinetParts
from chargepoint.commission.live import LiveCommission
from chargepoint.commission.live_search import LiveSearch
from chargepoint.domain.devices import DeviceEvent
from chargepoint.domain.dialogue.context import DialogueData
from chargepoint.domain.service.login import saved
from chargepoint.domain.service.values import Fact
from chargepoint.domain.units import ConnectorId, Minor
from chargepoint.link_facts import link_facts, trace_facts
from chargepoint.maintenance_ports import Serviced
from chargepoint.money_parts import MoneyParts
from chargepoint.ocpp.backend16 import Ocpp16Backend
from chargepoint.ocpp.wire_trace import WireTrace
from chargepoint.ports import Hardware, LinkState
from chargepoint.reachability import Reachability
from chargepoint.store.journal import Journal
from chargepoint.world import World
from config.schema import Config, tariff_findings
from config.sections import milli, minor
from config.site_check import fitted


def serve_technicians(  # noqa: PLR0913 - the desk's whole surroundings, by name
    station: StationActor,
    config: Config,
    world: World,
    *,
    parts: tuple[Hardware, MoneyParts, CabinetParts],
    backend: Ocpp16Backend,
    trace: WireTrace,
    keepers: Mapping[ConnectorId, LeaseKeeper],
    house: Housekeeping,
    spawn: Spawn,
) -> DeviceWatch:
    """Connect the menu to the station; `expect` of the result names what is fitted."""
    hardware, money, cabinet = parts
    watch = DeviceWatch(world.clock)
    serviced = _serviced(hardware, money)
    commission = LiveCommission(
        config.station,
        world.site,
        world.journal,
        world.clock,
        watch=watch,
        points=station.seen,
    )
    reachability = Reachability(
        world.walk,
        world.connect,
        terms=lambda: backend.next_terms,
        is_online=lambda: backend.link is LinkState.ONLINE,
        clock=world.clock,
    )
    search = LiveSearch(
        world.site.ports,
        world.site.search,
        own=frozenset(device.port for device in fitted(config).values()),
        spawn=spawn,
        is_used=lambda: any(seen.is_used for seen in station.seen().values()),
    )
    site = Site(
        ocpp=_ocpp(config),
        tariff=_tariff(config),
        software=_software(config, world),
        settings=_settings(config),
        firmware=config.station.firmware,
        timezone=config.station.timezone,
        points=station.seen,
        link=lambda: backend.link,
        host=world.host,
        central=lambda: link_facts(backend.link_report, trace, world.clock.utc()),
        commission=lambda: (*commission.facts(), *search.facts()),
        trace=lambda chosen: trace_facts(trace, chosen),
        reach=reachability.facts,
        hoppers=tuple(hopper.value for hopper in money.hardware.hoppers),
        serviced=serviced,
        window=house.window.facts,
        slots=house.software,
        has_notes=money.hardware.note_validator is not None,
        has_printer=money.hardware.printer is not None,
        has_lamps=cabinet.signals.is_fitted,
    )
    sheets = ServiceSheets(world.journal.service_book(), watch, world.clock, site)
    desk = ServiceDesk(
        world.journal,
        sheets,
        Hands(
            hardware,
            money.cashier,
            money.print_desk,
            backend.wake,
            config.station.language,
            ReplacementHands(serviced, hardware, money.cashier, money.hardware.bank_terminal),
            TrialHands(
                serviced,
                hardware,
                keepers,
                points=station.seen,
                bank=money.hardware.bank_terminal,
                print_desk=money.print_desk,
                reach_central=lambda: _reached(backend, config),
                reach=reachability.try_out,
                signals=cabinet.signals,
            ),
            house,
            commission.report,
            _disputes(config, world).export,
            search.begin,
        ),
        clock=world.clock,
        check_pins=world.check_pins,
        post=station.post,
        spawn=spawn,
    )
    station.serve = desk.serve

    def watched(event: DeviceEvent) -> None:
        watch.note(event)
        cabinet.note(event)

    station.watch = watched
    _hold_what_is_replaced(station, money)
    return watch


def _disputes(config: Config, world: World) -> Disputes:
    site = config.station
    return Disputes(
        world.journal.service_book(),
        world.clock,
        station={"station": site.id, "serial": site.serial, "software": site.firmware},
        sign=world.site.sign,
        export=world.export,
    )


async def _reached(backend: Ocpp16Backend, config: Config) -> bool:
    """An Authorize of the token of cash: asked for at each boot of a charge, and changes nothing."""
    if backend.link is not LinkState.ONLINE:
        return False
    answer = await backend.authorise(config.cash.id_tag, ConnectorId(1), card=False)
    return not answer.offline


def house_of(config: Config, world: World, station: StationActor, trace: WireTrace) -> Housekeeping:
    book = world.journal.service_book()
    logs = JournalLogs(world.journal, config.station.id, config.station.firmware)

    def everything() -> tuple[str, bytes]:
        at = world.clock.utc().strftime("%Y%m%dT%H%M%SZ")
        doings = ((fact.label, fact.value) for fact in book.doings().facts)
        content = technicians_file(logs, doings, trace.newest_first())
        return f"{config.station.id}-{at}.log", content

    return Housekeeping(
        MaintenanceWindow(world.journal, world.clock, lambda: station.points),
        change=world.change_setting,
        export=world.export,
        logs=everything,
        restart=lambda: world.on_exit("restart"),
        slots=world.slots,
        install=world.install,
    )


def _serviced(hardware: Hardware, money: MoneyParts) -> dict[str, Serviced]:
    named: dict[str, object] = {
        "coin_acceptor": hardware.coin_acceptor,
        "note_validator": money.hardware.note_validator,
        **{f"hopper:{hopper.value}": hopper for hopper in money.hardware.hoppers},
    }
    return {name: device for name, device in named.items() if isinstance(device, Serviced)}


def _hold_what_is_replaced(station: StationActor, money: MoneyParts) -> None:
    """A hopper whose replacement a cut interrupted pays nobody until it is ended."""
    under_way = station.dialogue.data.service.replacement
    if under_way is not None and under_way.device.startswith("hopper:"):
        money.cashier.hold_from_boot(Minor(int(under_way.device.removeprefix("hopper:"))))


def upkeep_of(
    world: World, station: StationActor, watch: DeviceWatch, wake: Callable[[], None]
) -> Upkeep:
    return Upkeep(
        world.journal,
        world.clock,
        points=station.seen,
        watch=watch,
        book=world.journal.service_book(),
        wake=wake,
    )


def with_saved_service(data: DialogueData, journal: Journal) -> DialogueData:
    """The lock of the PIN pad and a collection under way outlive a restart."""
    return replace(data, service=saved(journal.get))


def _ocpp(config: Config) -> tuple[Fact, ...]:
    return (
        Fact("link.url", config.central.url),
        Fact("link.id", config.station.id),
        Fact("link.password", "link.set" if config.central.password else "link.none", "key"),
    )


def _tariff(config: Config) -> tuple[Fact, ...]:
    """The plain prices, and what the validator says of the whole."""
    prices = config.tariff
    rules = (prices.energy_rules, prices.charging_rules, prices.idle_rules, prices.session_rules)
    count = sum(len(each) for each in rules)
    found = tariff_findings(config)
    return (
        Fact("tariff.energy", str(milli(prices.energy)), "rate"),
        Fact("tariff.charging", str(milli(prices.charging_minute)), "rate"),
        Fact("tariff.idle", str(milli(prices.idle_minute)), "rate"),
        Fact("tariff.grace", f"{prices.idle_grace} min"),
        Fact("tariff.session", str(minor(prices.session)), "money"),
        Fact("tariff.vat", f"{prices.vat} %"),
        Fact("tariff.rules", str(count)),
        Fact("tariff.valid", "tariff.ok" if not found else "tariff.warned", "key", _mark(found)),
        *(Fact(f"raw|{each.key}", each.text, mark="warn") for each in found),
    )


def _mark(found: tuple[object, ...]) -> str:
    return "warn" if found else "ok"


def _software(config: Config, world: World) -> tuple[Fact, ...]:
    book = world.journal.service_book()
    return (
        Fact("sw.firmware", config.station.firmware),
        Fact("sw.package", metadata.version("chargepoint")),
        Fact("sw.model", f"{config.station.vendor} {config.station.model}"),
        Fact("sw.serial", config.station.serial),
        Fact("sw.schema", str(book.schema_version())),
    )


def _settings(config: Config) -> tuple[Fact, ...]:
    station = config.station
    return (
        Fact("set.name", station.name),
        Fact("set.connectors", str(station.connectors)),
        Fact("set.languages", " ".join(station.languages)),
        Fact("set.timezone", station.timezone),
        Fact("set.screen", config.kiosk.size),
        Fact("set.minimum", str(minor(config.session.minimum)), "money", id="session.minimum"),
        Fact("set.hold", str(minor(config.bank.hold)), "money"),
        Fact(
            "set.offline", str(minor(config.cards.offline_limit)), "money", id="cards.offline_limit"
        ),
        Fact("set.language", station.language, id="station.language"),
        Fact("set.theme", config.kiosk.theme, id="kiosk.theme"),
        Fact("set.locator", str(config.kiosk.locator), id="kiosk.locator"),
        Fact("set.quiet_from", f"{config.kiosk.quiet_from}:00", id="kiosk.quiet_from"),
        Fact("set.quiet_until", f"{config.kiosk.quiet_until}:00", id="kiosk.quiet_until"),
        Fact("set.change_unit", str(Minor(minor(config.cash.change_unit))), "money"),
        Fact("set.receipt", config.receipt.mode),
    )
