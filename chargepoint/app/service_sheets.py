"""The pages of the service menu that show the machine: devices, meters, link, prices, software."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

from chargepoint.app.device_watch import DeviceSeen, DeviceWatch
from chargepoint.app.projection import local_time
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.service.passport import Passport
from chargepoint.domain.service.upkeep import letter
from chargepoint.domain.service.values import Fact, Sheet
from chargepoint.domain.units import ConnectorId, Minor, SessionId
from chargepoint.maintenance_ports import Serviced
from chargepoint.ports import Clock, LinkState

_DAY = timedelta(days=1)
_TIMED = ("session.at", "log.at", "trace.at")  # labels that carry a time
_REPLACING = ("t_replace_drain", "t_replace_swap", "t_replace_check", "t_replace_trial")
_OF_A_CONNECTOR = ("evse", "lease_timer", "meter")


class Pages(Protocol):
    """What the journal tells (store/service_book.py)."""

    def cash(self) -> Sheet: ...

    def report(self) -> Sheet: ...

    def last_period(self) -> Sheet: ...

    def owed(self) -> Sheet: ...

    def sessions(self, wanted: str) -> Sheet: ...

    def session(self, session: SessionId) -> Sheet: ...

    def incidents(self) -> Sheet: ...

    def incident(self, number: int) -> Sheet: ...

    def doings(self) -> Sheet: ...

    def incidents_since(self, stamp: str) -> int: ...

    def outbox(self) -> dict[str, int]: ...

    def cursors(self) -> dict[str, str]: ...

    def counted(self, serial: str) -> int: ...

    def last_serial(self, device: str) -> str: ...

    def is_balanced(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Site:
    """What does not change while the station runs, as lines; and where to ask for what does."""

    ocpp: tuple[Fact, ...]
    tariff: tuple[Fact, ...]
    software: tuple[Fact, ...]
    settings: tuple[Fact, ...]
    firmware: str
    timezone: str
    points: Callable[[], Mapping[ConnectorId, PointSeen]]
    link: Callable[[], LinkState]
    host: Callable[[], tuple[Fact, ...]]
    central: Callable[[], tuple[Fact, ...]] = tuple  # of the link: profile, certificates, frames
    window: Callable[[], tuple[Fact, ...]] = tuple  # of maintenance, where one is planned
    slots: Callable[[], Sheet] = Sheet
    commission: Callable[[], tuple[Fact, ...]] = tuple
    trace: Callable[[str], tuple[Fact, ...]] = lambda _chosen: ()
    reach: Callable[[], tuple[Fact, ...]] = tuple
    hoppers: tuple[Minor, ...] = ()
    has_notes: bool = False
    serviced: Mapping[str, Serviced] = field(default_factory=dict)
    has_printer: bool = False
    has_lamps: bool = False


class ServiceSheets:
    def __init__(self, book: Pages, watch: DeviceWatch, clock: Clock, site: Site) -> None:
        self._book = book
        self._watch = watch
        self._clock = clock
        self._site = site
        self._started = clock.monotonic()
        self._makers: dict[str, Callable[[str], Sheet]] = {
            "t_home": lambda _s: self._home(),
            "t_cash": lambda _s: book.cash(),
            "t_owed": lambda _s: book.owed(),
            "t_refill": lambda _s: self._hoppers(),
            "t_collect_report": lambda _s: book.report(),
            "t_collect_done": lambda _s: book.last_period(),
            "t_sessions": book.sessions,
            "t_session": lambda subject: book.session(SessionId(subject)),
            "t_devices": lambda _s: self._devices(),
            "t_device": self._device,
            **dict.fromkeys(_REPLACING, self._passport),
            "t_replace_done": self._replaced,
            "t_avail": lambda _s: Sheet(site.window()),
            "t_meter": lambda _s: self._meters(),
            "t_test": lambda _s: self._tests(),
            "t_logs": lambda _s: book.incidents(),
            "t_doings": lambda _s: book.doings(),
            "t_log": lambda subject: book.incident(int(subject)),
            "t_ocpp": lambda _s: self._ocpp(),
            "t_trace": lambda chosen: Sheet(site.trace(chosen)),
            "t_reach": lambda _s: Sheet(site.reach()),
            "t_tariff": lambda _s: Sheet(site.tariff),
            "t_net": lambda _s: self._net(),
            "t_sw": lambda _s: self._software(),
            "t_set": lambda _s: Sheet(site.settings),
            "t_commission": lambda _s: Sheet(site.commission()),
        }

    def sheet(self, page: str, subject: str) -> Sheet:
        """Times are those of the place."""
        found = self._makers[page](subject)
        return replace(found, facts=tuple(self._local(fact) for fact in found.facts))

    def _local(self, fact: Fact) -> Fact:
        if fact.kind == "time":
            return replace(fact, kind="text", value=local_time(fact.value, self._site.timezone))
        key, _, at = fact.label.partition("|")
        if key in _TIMED:
            return replace(fact, label=f"{key}|{local_time(at, self._site.timezone)}")
        return fact

    # --- home ---

    def _home(self) -> Sheet:
        since = (self._clock.utc() - _DAY).isoformat(timespec="milliseconds")
        count = self._book.incidents_since(since.replace("+00:00", "Z"))
        return Sheet(
            (
                *self._connectors(),
                *(
                    Fact(_label(name), mark=_mark(seen))
                    for name, seen in self._watch.devices.items()
                    if not name.startswith(_OF_A_CONNECTOR)
                ),
                self._central(),
                Fact("health.books", mark="ok" if self._book.is_balanced() else "bad"),
                Fact("home.incidents", str(count)),
                Fact("home.uptime", str(self._uptime_s()), "seconds"),
                Fact("home.version", self._site.firmware),
            )
        )

    def _connectors(self) -> tuple[Fact, ...]:
        found = []
        for connector, seen in sorted(self._site.points().items()):
            devices = (f"{kind}:{connector}" for kind in _OF_A_CONNECTOR)
            lost = [
                n for n in devices if self._watch.devices.get(n, DeviceSeen()).is_online is False
            ]
            mark = "bad" if lost or seen.data.faults else "ok" if seen.data.may_start else "warn"
            found.append(Fact(f"connector|{letter(connector)}", mark=mark))
        return tuple(found)

    def _central(self) -> Fact:
        marks = {LinkState.ONLINE: "ok", LinkState.PENDING: "warn", LinkState.OFFLINE: "bad"}
        dead = self._book.outbox().get("dead", 0)
        mark = marks[self._site.link()]
        return Fact("health.central", mark="warn" if dead and mark == "ok" else mark)

    def _uptime_s(self) -> int:
        return int(self._clock.monotonic() - self._started)

    # --- devices ---

    def _devices(self) -> Sheet:
        return Sheet(
            tuple(
                Fact(_label(name), _state(seen), "key", _mark(seen), id=name)
                for name, seen in self._watch.devices.items()
            )
        )

    def _device(self, name: str) -> Sheet:
        seen = self._watch.devices.get(name, DeviceSeen())
        found = [Fact(_label(name), _state(seen), "key", _mark(seen))]
        for label, at in (("device.seen", seen.seen_at), ("device.error_at", seen.error_at)):
            if at is not None:
                found.append(Fact(label, at.isoformat(), "time"))
        for label, text in (
            ("device.serial", seen.serial),
            ("device.firmware", seen.firmware),
            ("device.error", seen.error),
        ):
            if text:
                found.append(Fact(label, text))
        return Sheet(tuple(found))

    def _passport(self, name: str) -> Sheet:
        """What the device there says of itself now; of one that is away, what is known of it."""
        seen, cursors = self._watch.devices.get(name, DeviceSeen()), self._book.cursors()
        serviced = self._site.serviced.get(name)
        found = Passport() if serviced is None else serviced.passport()
        serial = found.serial or seen.serial or self._book.last_serial(name)
        return Sheet(
            passport=replace(
                found,
                serial=serial,
                firmware=found.firmware or seen.firmware,
                booked=cursors.get(serial, ""),
                is_online=seen.is_online,
                why=(found.why or seen.error) if seen.is_online is False else "",
            )
        )

    def _replaced(self, name: str) -> Sheet:
        """Old serial numbers and how far each is booked; the new one, its baseline, its coins."""
        here = self._watch.devices
        seen, cursors = here.get(name, DeviceSeen()), self._book.cursors()
        others = {each.serial for other, each in here.items() if other != name}
        old = [serial for serial in cursors if serial != seen.serial and serial not in others]
        baseline, count = cursors.get(seen.serial), self._book.counted(seen.serial)
        return Sheet(
            (
                *(Fact(f"replace.old|{serial}", cursors[serial], mark="ok") for serial in old[-3:]),
                Fact(_label(name), _state(seen), "key", _mark(seen)),
                Fact("replace.new", seen.serial or "?", mark="ok" if seen.serial else "warn"),
                Fact("replace.baseline", baseline or "-", mark="ok" if baseline else "warn"),
                Fact("replace.counted", str(count), mark="ok" if count else "warn"),
            )
        )

    def _meters(self) -> Sheet:
        found = []
        for connector, seen in sorted(self._site.points().items()):
            data, place = seen.data, letter(connector)
            if data.register is None:
                found.append(Fact(f"meter.register|{place}", "device.waiting", "key", "warn"))
                continue
            found += [
                Fact(f"meter.register|{place}", str(data.register), "energy"),
                Fact(f"meter.power|{place}", str(data.power), "power"),
                Fact(f"meter.current|{place}", str(data.current), "milliamp"),
                Fact(f"meter.voltage|{place}", str(data.voltage), "millivolt"),
            ]
        return Sheet(tuple(found))

    def _hoppers(self) -> Sheet:
        return Sheet(tuple(Fact(f"hopper|{v}", id=str(v)) for v in self._site.hoppers))

    def _tests(self) -> Sheet:
        """Only what is fitted and answers."""
        here = self._watch.devices
        found = [
            Fact(f"test.coin|{value}", id=f"coin:{value}")
            for value in self._site.hoppers
            if here.get(f"hopper:{value}", DeviceSeen()).is_online
        ]
        found += [
            Fact(f"test.lock|{letter(connector)}", id=f"lock:{connector}")
            for connector in sorted(self._site.points())
            if here.get(f"evse:{connector}", DeviceSeen()).is_online
        ]
        found += [
            Fact(f"test.contactor|{letter(connector)}", id=f"contactor:{connector}")
            for connector in sorted(self._site.points())
            if here.get(f"evse:{connector}", DeviceSeen()).is_online
        ]
        if self._site.has_notes and here.get("note_validator", DeviceSeen()).is_online:
            found += [Fact(f"test.{name}", id=name) for name in ("note_return", "note_stack")]
        if self._site.has_printer and here.get("printer", DeviceSeen()).is_online:
            found.append(Fact("test.print", id="print"))
        if self._site.has_lamps and here.get("cabinet", DeviceSeen()).is_online:
            found += [Fact(f"test.{name}", id=name) for name in ("lamp", "beeper")]
        return Sheet((*found, *_ALWAYS))

    # --- link, software ---

    def _ocpp(self) -> Sheet:
        """The amount is the number of dead letters."""
        waiting = self._book.outbox()
        queued, dead = waiting.get("queued", 0), waiting.get("dead", 0)
        return Sheet(
            (
                *self._site.ocpp,
                self._link_fact(),
                Fact("link.queued", str(queued)),
                Fact("link.dead", str(dead), mark="bad" if dead else ""),
                *self._site.central(),
            ),
            Minor(dead),
        )

    def _link_fact(self) -> Fact:
        link = self._site.link()
        mark = {LinkState.ONLINE: "ok", LinkState.PENDING: "warn"}.get(link, "bad")
        return Fact("link.link", f"link.{link}", "key", mark)

    def _net(self) -> Sheet:
        now = Fact("net.clock", self._clock.utc().isoformat(), "time")
        return Sheet((self._link_fact(), now, *self._site.host()))

    def _software(self) -> Sheet:
        slots = self._site.slots()
        uptime = Fact("home.uptime", str(self._uptime_s()), "seconds")
        return Sheet((*self._site.software, uptime, *slots.facts), slots.amount)


_ALWAYS = tuple(
    Fact(f"test.{name}", id=name)
    for name in ("central", "beep", "speech", "touch", "colours", "brightness")
)


def _label(name: str) -> str:
    kind, _, place = name.partition(":")
    if kind in _OF_A_CONNECTOR and place.isdigit():
        return f"device.{kind}|{letter(int(place))}"
    return f"device.{kind}|{place}" if place else f"device.{kind}"


def _state(seen: DeviceSeen) -> str:
    if seen.is_online is None:
        return "device.waiting"
    return "device.online" if seen.is_online else "device.offline"


def _mark(seen: DeviceSeen) -> str:
    if seen.is_online is None:
        return "warn"
    return "ok" if seen.is_online else "bad"
