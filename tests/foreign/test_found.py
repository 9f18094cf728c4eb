"""The search for devices on site finds hardware that was not made here, for what it is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.probe.found import LineSetting, PortFound, PortState
from drivers.probe.search import Search
from simulator.vtime import VirtualClock
from tests.foreign.heidelberg import Heidelberg
from tests.foreign.meters import b23, sdm72, sdm120, sdm630
from tests.foreign.openevse import OpenEvse
from tests.foreign.patience import counted_opener, run_patiently
from tests.foreign.rtu import Rs485, Unit
from tests.foreign.terminal import Terminal
from tests.foreign.test_openevse import BUILDS


def counted_line(path: str, setting: LineSetting) -> Callable[[], object]:
    return counted_opener(path, setting.baudrate, parity=setting.parity)


def searched(folder: Path, fit: Callable[[Path], Terminal]) -> PortFound:
    async def story() -> PortFound:
        stable = folder / "by-id"
        line = fit(stable)
        try:
            return await Search(VirtualClock(), open_line=counted_line).port(str(stable))  # type: ignore[arg-type]
        finally:
            line.pull_out()

    return run_patiently(story())


def kinds(found: PortFound) -> list[tuple[str, tuple[str, ...], int]]:
    assert found.state is PortState.ANSWERED
    return [(each.role, each.kinds, each.address) for each in found.devices]


@pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
def test_board_of_any_build_is_found(build: object, tmp_path: Path) -> None:
    found = searched(tmp_path, lambda at: OpenEvse(at, build).line)  # type: ignore[arg-type]
    assert kinds(found) == [("evse", ("openevse",), 0)]


@pytest.mark.parametrize("layout", [0x107, 0x108, 0x200, 0x204])
def test_charging_unit_of_any_layout_is_found(layout: int, tmp_path: Path) -> None:
    found = searched(tmp_path, lambda at: Heidelberg(at, layout=layout).rs485.line)
    assert [role for role, _, _ in kinds(found)] == ["evse" if layout > 0x107 else ""]


@pytest.mark.parametrize("echoes", [False, True])
@pytest.mark.parametrize(
    ("kind", "unit"), [("sdm120", sdm120), ("sdm630", sdm630), ("sdm72", sdm72), ("b23", b23)]
)
def test_meter_is_found_for_what_it_is(
    kind: str, unit: Callable[[], Unit], echoes: bool, tmp_path: Path
) -> None:
    def fit(at: Path) -> Terminal:
        rs485 = Rs485(at, {3: unit()})
        rs485.echoes = echoes
        return rs485.line

    assert kinds(searched(tmp_path, fit)) == [("meter", (kind,), 3)]
