"""A station is looked at on site: each device by its own driver, what moves, and what is wrong."""

import asyncio
from pathlib import Path

import pytest

from chargepoint.commission.finding import Finding, Mark, Step
from chargepoint.commission.inspection import Scope, inspect
from chargepoint.commission.trial import Heard, Trial
from chargepoint.domain.devices import DeviceKind, DeviceOnline, DeviceRef
from chargepoint.domain.units import ConnectorId
from chargepoint.payment_ports import PaymentHardware
from chargepoint.ports import Hardware
from simulator.entropy import SeededEntropy
from simulator.ev import Vehicle
from simulator.line_faults import LineFault
from simulator.vtime import VirtualClock, run_virtual
from tests.support.commissioning import Bench, kernel_view, write_site

QUIET = Scope(with_central=False)
MOVING = Scope(moves=True, with_central=False)


def inspected(folder: Path, scope: Scope = QUIET, *, trouble: object = None) -> list[Finding]:
    async def story() -> list[Finding]:
        bench = Bench(write_site(folder), VirtualClock(), SeededEntropy(1, "site"))
        if callable(trouble):
            trouble(bench)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(bench.devices.run())
            await asyncio.sleep(3)
            found = await inspect(bench.place(folder), scope)
            running.cancel()
        return found

    return run_virtual(story())


def of(found: list[Finding], step: Step) -> list[Finding]:
    return [each for each in found if each.step is step]


def texts(found: list[Finding], subject: str) -> str:
    return " | ".join(each.text for each in found if each.subject == subject)


def test_every_fitted_device_is_identified_and_well(tmp_path: Path) -> None:
    kernel_view(tmp_path)
    found = of(inspected(tmp_path), Step.DEVICES)
    assert [each for each in found if each.mark is not Mark.OK] == []
    assert {each.subject for each in found} == {
        *("coin_acceptor", "card_reader", "printer", "evse.1", "lease_timer.1", "meter.1"),
    }
    assert "kWh" in texts(found, "meter.1")


def test_what_moves_is_tried_when_asked_for(tmp_path: Path) -> None:
    kernel_view(tmp_path)
    found = inspected(tmp_path, MOVING)
    assert "lock shut and opened" in texts(found, "evse.1")
    assert "fell by itself" in texts(found, "lease_timer.1")
    assert "printed a line" in texts(found, "printer")


def test_nothing_moves_under_a_plug(tmp_path: Path) -> None:
    kernel_view(tmp_path)
    found = inspected(tmp_path, MOVING, trouble=lambda b: b.world.plug(1, Vehicle()))
    assert "not tried" in texts(found, "evse.1")
    assert "fell by itself" not in texts(found, "lease_timer.1")


def test_a_lease_that_does_not_fall_is_found(tmp_path: Path) -> None:
    kernel_view(tmp_path)
    found = inspected(
        tmp_path, MOVING, trouble=lambda b: b.devices.fault("lease_timer", "stuck", None)
    )
    told = [each for each in found if each.subject == "lease_timer.1" and each.mark is Mark.BAD]
    assert "did not fall" in told[0].text


@pytest.mark.parametrize("line", ["evse:1", "meter:1", "lease_timer", "coin_acceptor", "printer"])
def test_a_silent_device_is_told_with_its_port(tmp_path: Path, line: str) -> None:
    kernel_view(tmp_path)
    found = inspected(tmp_path, trouble=lambda b: b.lines[line].fault(LineFault.SILENT))
    subject = (
        line.replace(":", ".") if ":" in line else line.replace("lease_timer", "lease_timer.1")
    )
    (told,) = [
        e for e in found if e.subject == subject and e.step is Step.DEVICES and e.mark is Mark.BAD
    ]
    assert line in told.remedy


def test_one_meter_under_two_names_is_found() -> None:
    heard = Heard()
    for number in (1, 2):
        heard.emit(DeviceOnline(DeviceRef(DeviceKind.METER, ConnectorId(number)), serial="21"))
    trial = Trial(Hardware({}), PaymentHardware(), heard, {"meter.1": "/a", "meter.2": "/a"})
    found = asyncio.run(trial.run(limit_s=0.01))
    assert "the same device as meter.1" in texts(found, "meter.2")


def test_the_panel_is_compared_with_the_configuration(tmp_path: Path) -> None:
    kernel_view(tmp_path, mode="600x1024", touch=False)
    found = of(inspected(tmp_path), Step.PANEL)
    assert [each.mark for each in found] == [Mark.BAD, Mark.BAD]
    assert "turned by a quarter" in found[0].text
    assert "220 x 130 mm" in found[0].text


def test_no_display_is_told(tmp_path: Path) -> None:
    (tmp_path / "sys").mkdir()
    found = of(inspected(tmp_path), Step.PANEL)
    assert all(each.mark is Mark.BAD and each.remedy for each in found)


def test_without_a_technician_nobody_could_open_the_menu(tmp_path: Path) -> None:
    kernel_view(tmp_path)
    assert "no technician" in texts(inspected(tmp_path), "service PINs")


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    kernel_view(tmp_path)
    found = inspected(tmp_path, trouble=lambda _b: (tmp_path / "cards.key").chmod(0o644))
    assert "chmod 600" in texts(found, "card key")


def test_every_finding_that_is_not_good_has_a_remedy(tmp_path: Path) -> None:
    found = inspected(tmp_path)
    assert all(each.remedy for each in found if each.mark is not Mark.OK)
