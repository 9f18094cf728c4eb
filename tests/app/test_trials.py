"""Hands for tests and housekeeping: what moves comes back, what is planned outlives a restart."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chargepoint.app.diagnostics import JournalLogs, technicians_file
from chargepoint.app.housekeeping import Housekeeping, no_export, no_site_file
from chargepoint.app.maintenance_window import KEY, MaintenanceWindow
from chargepoint.app.signals import Signals
from chargepoint.app.trials import TrialHands
from chargepoint.domain.effects import SetOperative
from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.service.orders import Deed
from chargepoint.domain.units import ConnectorId
from chargepoint.maintenance_ports import NoSlots
from chargepoint.ports import DeviceUnavailable, Hardware
from chargepoint.site_file import ExportFolder, SiteFile
from chargepoint.slots import SlotInstaller
from simulator.vtime import run_virtual

ONE = ConnectorId(1)
BEGIN = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


class Keeper:
    def __init__(self) -> None:
        self.log: list[str] = []
        self.newest = 7
        self.wants_closed = False

    def close(self, generation: int, _limit: int) -> None:
        self.log.append(f"close {generation}")

    def open(self, generation: int) -> None:
        self.log.append(f"open {generation}")


def pulsed(keeper: Keeper, *seen: dict[str, Any]) -> tuple[bool, str]:
    """`seen`: what the point shows at each look, the last for ever."""
    shown = list(seen) or [{}]

    def points() -> dict[ConnectorId, PointSeen]:
        now = shown.pop(0) if len(shown) > 1 else shown[0]
        return {ONE: PointSeen(data=PointData(ONE, **now))}

    async def reached() -> bool:
        return True

    hands = TrialHands(
        {},
        Hardware({}),
        {ONE: keeper},  # type: ignore[dict-item]
        points=points,
        bank=None,
        print_desk=None,
        reach_central=reached,
        reach=_no_way,
        signals=Signals(None),
    )
    return run_virtual(hands.carry_out(Deed.TEST_CONTACTOR, "1"))


def test_contactor_when_it_stays_open_then_good_and_permission_is_withdrawn() -> None:
    keeper = Keeper()
    assert pulsed(keeper) == (True, "contactor_stayed_open")
    assert keeper.log == ["close 7", "open 7"]


def test_contactor_when_it_closes_without_a_vehicle_then_bad_and_opened_at_once() -> None:
    keeper = Keeper()
    assert pulsed(keeper, {}, {}, {"contactor_closed": True}) == (False, "contactor_closed")
    assert keeper.log[-1] == "open 7"


def test_contactor_when_it_is_wanted_closed_then_not_touched() -> None:
    keeper = Keeper()
    keeper.wants_closed = True
    assert pulsed(keeper) == (False, "not_while_used")
    assert keeper.log == []


def test_device_when_it_has_no_check_then_told() -> None:
    hands = TrialHands(
        {},
        Hardware({}),
        {},
        points=dict,
        bank=None,
        print_desk=None,
        reach_central=_nobody,
        reach=_no_way,
        signals=Signals(None),
    )
    with pytest.raises(DeviceUnavailable):
        asyncio.run(hands.carry_out(Deed.SELF_TEST, "bank_terminal"))
    with pytest.raises(DeviceUnavailable):
        asyncio.run(hands.carry_out(Deed.TEST_LAMP, ""))
    assert asyncio.run(hands.carry_out(Deed.TEST_BEEPER, "")) == (True, "beeped")
    assert asyncio.run(hands.carry_out(Deed.TEST_CENTRAL, "")) == (False, "central_silent")
    assert asyncio.run(hands.carry_out(Deed.REACH, "")) == (False, "reach_failed")


async def _nobody() -> bool:
    return False


async def _no_way() -> tuple[bool, str]:
    return False, "reach_failed"


# --- windows --------------------------------------------------------------------------------------


class Drawer:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self.kept.get(key)

    def put(self, key: str, value: str) -> Awaitable[None]:
        self.kept[key] = value
        return asyncio.sleep(0)


class Clock:
    def __init__(self) -> None:
        self.began_s: float | None = None

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def utc(self) -> datetime:
        if self.began_s is None:
            self.began_s = self.monotonic()
        return BEGIN - timedelta(hours=1) + timedelta(seconds=self.monotonic() - self.began_s)


class Point:
    def __init__(self, connector: int, *, operative: bool) -> None:
        self.seen = PointSeen(data=PointData(ConnectorId(connector), operative=operative))
        self.orders: list[bool] = []

    def post(self, command: SetOperative) -> None:
        self.orders.append(command.operative)


def test_window_when_it_passes_then_only_what_it_took_out_comes_back() -> None:
    drawer, served, broken = Drawer(), Point(1, operative=True), Point(2, operative=False)
    points = {ConnectorId(1): served, ConnectorId(2): broken}
    states: list[list[bool]] = []

    async def live() -> None:
        clock = Clock()
        window = MaintenanceWindow(drawer, clock, lambda: points)  # type: ignore[arg-type,return-value]
        end = BEGIN + timedelta(hours=2)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(window.run())
            await window.plan(f"{BEGIN.isoformat()}/{end.isoformat()}")
            for wait_s in (1800, 3600, 7200):
                await asyncio.sleep(wait_s)
                states.append(list(served.orders))
            running.cancel()

    run_virtual(live())
    assert states == [[], [False], [False, True]]
    assert broken.orders == []
    assert drawer.kept[KEY] == ""


def test_window_when_dropped_in_the_middle_then_everything_is_back() -> None:
    drawer, point = Drawer(), Point(1, operative=True)
    drawer.kept[KEY] = '{"begin": "2026-11-22T00:00:00+00:00", "end": "", "taken": [1]}'

    async def live() -> None:
        await MaintenanceWindow(drawer, Clock(), lambda: {ONE: point}).plan("")  # type: ignore[arg-type,dict-item]

    run_virtual(live())
    assert point.orders == [True]
    assert drawer.kept[KEY] == ""


# --- files ----------------------------------------------------------------------------------------


def house(**parts: Any) -> Housekeeping:
    known: dict[str, Any] = {
        "change": no_site_file,
        "export": no_export,
        "logs": lambda: ("x.log", b"one\n"),
        "restart": lambda: None,
        "slots": NoSlots(),
    }
    return Housekeeping(MaintenanceWindow(Drawer(), Clock(), dict), **known | parts)


def done(desk: Housekeeping, deed: Deed, subject: str = "") -> tuple[bool, str]:
    return asyncio.run(desk.carry_out(deed, subject))


def test_setting_when_the_file_takes_it_then_the_rest_is_as_people_wrote_it(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text('[session]\nminimum = "1.00"  # EUR\n', "utf-8")
    desk = house(change=SiteFile(file).change)
    assert done(desk, Deed.SET, "session.minimum=2.00") == (True, "setting_saved")
    assert file.read_text("utf-8") == '[session]\nminimum = "2.00"  # EUR\n'


@pytest.mark.parametrize("subject", ["session.minimum=99", "tariff.energy=0.01", "central.url=x"])
def test_setting_when_not_on_the_list_then_refused(tmp_path: Path, subject: str) -> None:
    file = tmp_path / "site.toml"
    file.write_text("", "utf-8")
    is_done, _ = done(house(change=SiteFile(file).change), Deed.SET, subject)
    assert not is_done
    assert file.read_text("utf-8") == ""


def test_setting_when_there_is_no_file_then_told() -> None:
    assert not done(house(), Deed.SET, "session.minimum=2.00")[0]
    assert not done(house(change=SiteFile(None).change), Deed.SET, "session.minimum=2.00")[0]


def test_logs_when_exported_then_a_whole_file(tmp_path: Path) -> None:
    desk = house(export=ExportFolder(tmp_path).put)
    assert done(desk, Deed.EXPORT) == (True, "logs_exported")
    assert (tmp_path / "x.log").read_bytes() == b"one\n"
    assert [path.name for path in tmp_path.iterdir()] == ["x.log"]


def test_logs_when_the_stick_is_not_there_then_told(tmp_path: Path) -> None:
    desk = house(export=ExportFolder(tmp_path / "stick").put)
    assert not done(desk, Deed.EXPORT)[0]


def test_package_when_taken_back_then_the_next_start_is_from_what_runs(tmp_path: Path) -> None:
    (tmp_path / "next.json").write_text('{"job": "u-17"}', "ascii")
    (tmp_path / "result.json").write_text('{"job": "u-16", "ok": false}', "ascii")
    desk = house(slots=SlotInstaller(tmp_path))
    assert [fact.value for fact in desk.software().facts] == ["u-17", "sw.bad"]
    assert done(desk, Deed.TAKE_BACK) == (True, "update_taken_back")
    assert desk.software().amount == 0


def test_restart_when_ordered_then_asked_for() -> None:
    asked: list[str] = []
    assert done(house(restart=lambda: asked.append("restart")), Deed.REBOOT)[0]
    assert asked == ["restart"]


class Records:
    def security_events(self, *_: object) -> list[tuple[str, ...]]:
        return [("2026-11-22", "SettingSystemTime")]

    def incidents_between(self, *_: object) -> list[tuple[str, ...]]:
        return [("2026-11-22", "coin_acceptor.silent")]

    def boots(self, _limit: int) -> list[tuple[str, ...]]:
        return [("2026-11-21", "1")]


def test_file_of_logs_then_all_four_kinds_and_one_line_each() -> None:
    logs = JournalLogs(Records(), "CP-1", "0.1.0")  # type: ignore[arg-type]
    text = technicians_file(logs, [("log.at|x", "anna login: done\n")], [(BEGIN, "> MeterValues")])
    lines = text.decode().splitlines()
    assert "2026-11-22\tcoin_acceptor.silent" in lines
    assert "2026-11-22\tSettingSystemTime" in lines
    assert "log.at|x\tanna login: done" in lines
    assert "2026-11-22T02:00:00+00:00\t> MeterValues" in lines
