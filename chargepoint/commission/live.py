"""Commissioning from the service menu: what the running station knows of itself, signed and kept.

Each device's driver says how it is; ports that no driver holds are searched by live_search.py.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib import metadata
from typing import Any, Protocol

from chargepoint.app.device_watch import DeviceWatch
from chargepoint.commission.finding import Finding, Mark, Step, bad, doubtful, good
from chargepoint.commission.report import PASSED, Head, body_of
from chargepoint.domain.faults import standing as faults
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.service.people import Person
from chargepoint.domain.service.values import Fact
from chargepoint.domain.units import ConnectorId
from chargepoint.errors import ChargepointError
from chargepoint.ports import Clock
from chargepoint.store.commission_reports import KeptReport
from chargepoint.store.journal import Journal
from config.schema import Station
from drivers.probe.found import PortFound


class NotHere(ChargepointError):
    """This station has no key to sign by."""


class SiteView(Protocol):
    """What only the computer of the station shows: panel, certificate, keys. And its key."""

    @property
    def configuration(self) -> str:
        """SHA-256 of the site file, hex."""
        ...

    def findings(self) -> Sequence[Finding]:
        """As they were last looked at; reads nothing."""
        ...

    async def look(self) -> None:
        """Look again."""
        ...

    async def sign(self, body: dict[str, Any]) -> str:
        """The signed document. Raises NotHere."""
        ...

    async def ports(self) -> Sequence[str]:
        """One name of each serial adapter that is plugged in."""
        ...

    async def search(self, port: str) -> PortFound:
        """Who is there; it is opened for that alone."""
        ...


class NoSite:
    """Of a station that nobody commissions: a simulated one."""

    configuration = ""

    def findings(self) -> Sequence[Finding]:
        return ()

    async def look(self) -> None: ...

    async def sign(self, body: dict[str, Any]) -> str:
        raise NotHere(f"{body['station']} has no key to sign by")

    async def ports(self) -> Sequence[str]:
        return ()

    async def search(self, port: str) -> PortFound:
        raise AssertionError(f"there is no port {port}")


class LiveCommission:
    def __init__(
        self,
        station: Station,
        site: SiteView,
        journal: Journal,
        clock: Clock,
        *,
        watch: DeviceWatch,
        points: Callable[[], Mapping[ConnectorId, PointSeen]],
    ) -> None:
        self._station = station
        self._site = site
        self._journal = journal
        self._clock = clock
        self._watch = watch
        self._points = points

    def facts(self) -> tuple[Fact, ...]:
        """The newest report, each step in one line, and whatever is not as it should be."""
        found = self._findings()
        steps = [step for step in Step if any(each.step is step for each in found)]
        return (
            _last(self._journal.commission_report()),
            *(_line(step, [each for each in found if each.step is step]) for step in steps),
            *(
                Fact(f"raw|{each.subject}: {each.text}", mark=str(each.mark))
                for each in found
                if each.mark is not Mark.OK
            ),
        )

    async def report(self, person: Person) -> tuple[bool, str]:
        """Looked at anew, signed, and durable when it returns; an outcome for the menu."""
        await self._site.look()
        now = self._clock.utc()
        body = body_of(self._head(person, now), self._findings())
        try:
            text = await self._site.sign(body)
        except NotHere as error:
            return False, f"failed|{error}"
        await self._journal.keep_report(
            KeptReport(str(body["madeAt"]), str(body["verdict"]), person.name, text)
        )
        return True, "commissioned" if body["verdict"] == PASSED else "not_commissioned"

    def _head(self, person: Person, now: datetime) -> Head:
        station = self._station
        return Head(
            station=station.id,
            serial=station.serial,
            software=metadata.version("chargepoint"),
            by=person.name,
            made_at=now,
            configuration=self._site.configuration,
        )

    def _findings(self) -> list[Finding]:
        return [*self._named(), *self._devices(), *self._faults(), *self._site.findings()]

    def _named(self) -> list[Finding]:
        told = []
        for name in ("id", "serial"):
            value = getattr(self._station, name)
            if value == Station.model_fields[name].default:
                remedy = "python -m chargepoint.commission set"
                told.append(bad(Step.SITE, f"station.{name}", "that of the example", remedy))
            else:
                told.append(good(Step.SITE, f"station.{name}", value))
        return told

    def _devices(self) -> list[Finding]:
        told = []
        for name, seen in self._watch.devices.items():
            words = [seen.firmware, f"serial {seen.serial}" if seen.serial else ""]
            text = ", ".join(word for word in words if word) or "online"
            if seen.is_online:
                told.append(good(Step.DEVICES, name, text))
            elif seen.is_online is None:
                told.append(doubtful(Step.DEVICES, name, "not heard yet", "wait a moment"))
            else:
                told.append(bad(Step.DEVICES, name, seen.error or "silent", "supply and cable"))
        return told

    def _faults(self) -> list[Finding]:
        return [
            bad(Step.DEVICES, f"connector {connector}", key, f"docs/faults.md, {_ref(key)}")
            for connector, seen in sorted(self._points().items())
            for key in sorted(seen.data.faults)
        ]


def _ref(key: str) -> str:
    return faults.FAULTS[key].ref


def _last(kept: KeptReport | None) -> Fact:
    if kept is None:
        return Fact("commission.no_report", "commission.none", "key", "warn")
    mark = "ok" if kept.verdict == PASSED else "bad"
    return Fact(f"commission.report|{kept.made_by}", kept.made_at, "time", mark)


def _line(step: Step, found: Sequence[Finding]) -> Fact:
    well = sum(each.mark is Mark.OK for each in found)
    order = (Mark.OK, Mark.WARN, Mark.BAD)
    worst = max((each.mark for each in found), key=order.index)
    return Fact(f"commission.{step}", f"{well}/{len(found)}", mark=str(worst))
