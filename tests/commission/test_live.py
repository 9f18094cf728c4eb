"""Commissioning from the service menu: signed by who is inside, kept, and of this very station."""

from datetime import UTC, datetime
from pathlib import Path

from chargepoint.app.device_watch import DeviceWatch
from chargepoint.commission.live import LiveCommission, NoSite, SiteView
from chargepoint.commission.report import verified
from chargepoint.domain.devices import DeviceKind, DeviceOffline, DeviceOnline, DeviceRef
from chargepoint.domain.service.people import Person, Role
from chargepoint.domain.units import ConnectorId
from chargepoint.store.journal import Journal, open_inline
from config.schema import Station
from simulator.site_view import SimulatedSite
from simulator.vtime import VirtualClock, run_virtual

TINA = Person("tina", Role.TECHNICIAN)
METER = DeviceRef(DeviceKind.METER, ConnectorId(1))


def commissioned(folder: Path, site: SiteView, *, is_online: bool) -> tuple[bool, str, str | None]:
    async def story() -> tuple[bool, str, str | None]:
        clock = VirtualClock()
        journal: Journal = open_inline(str(folder / "journal.sqlite"), clock)
        watch = DeviceWatch(clock)
        watch.note(
            DeviceOnline(METER, serial="21") if is_online else DeviceOffline(METER, "silent")
        )
        live = LiveCommission(
            Station(id="CP-7", serial="SN-7"),
            site,
            journal,
            clock,
            watch=watch,
            points=dict,
        )
        is_done, outcome = await live.report(TINA)
        kept = journal.commission_report()
        assert live.facts()[0].mark == ("warn" if kept is None else "ok" if is_online else "bad")
        journal.close()
        return is_done, outcome, None if kept is None else kept.body

    return run_virtual(story())


def test_the_report_names_the_station_and_who_signed(tmp_path: Path) -> None:
    is_done, outcome, text = commissioned(tmp_path, SimulatedSite(), is_online=True)
    assert (is_done, outcome) == (True, "commissioned")
    assert text is not None
    body = verified(text).body
    assert (body["station"], body["by"], body["verdict"]) == ("CP-7", "tina", "passed")
    assert datetime.fromisoformat(body["madeAt"]).tzinfo == UTC


def test_a_silent_device_is_signed_as_not_passed(tmp_path: Path) -> None:
    _, outcome, text = commissioned(tmp_path, SimulatedSite(), is_online=False)
    assert outcome == "not_commissioned"
    assert text is not None
    assert verified(text).body["verdict"] == "failed"


def test_without_a_key_nothing_is_kept(tmp_path: Path) -> None:
    is_done, outcome, text = commissioned(tmp_path, NoSite(), is_online=True)
    assert (is_done, text) == (False, None)
    assert outcome.startswith("failed|")
