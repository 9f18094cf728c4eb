"""The slot switch: installs, proves, goes back; and whatever the power cuts short is done again."""

import asyncio
import contextlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chargepoint.slots import SlotInstaller
from config.system import switch_slot as slots

MAIN = "chargepoint/__main__.py"


class PowerCut(Exception):
    pass


class Board:
    def __init__(self, folder: Path) -> None:
        self.root, self.slots = folder / "opt", folder / "slots"
        (self.root / "a").mkdir(parents=True)
        (self.root / "current").symlink_to("a")
        self.slots.mkdir()

    def bring(self, job: str, files: dict[str, str], link: bool = False) -> None:
        with tarfile.open(self.slots / "next.package", "w") as archive:
            for name, text in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text.encode()))
            if link:
                member = tarfile.TarInfo("evil")
                member.type, member.linkname = tarfile.SYMTYPE, "/etc"
                archive.addfile(member)
        (self.slots / "next.json").write_text(json.dumps({"job": job}))

    def start(self, prepare: Callable[[Path], None] = lambda _slot: None) -> str:
        return slots.switch(self.root, self.slots, prepare)

    @property
    def running(self) -> str:
        return (self.root / "current").readlink().name

    @property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.slots / "result.json").read_text())
        return found


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board(tmp_path)


def test_start_without_a_package_changes_nothing(board: Board) -> None:
    assert (board.start(), board.running) == ("unchanged", "a")


def test_package_runs_from_the_other_slot_and_is_confirmed(board: Board) -> None:
    board.bring("job-1", {MAIN: "1"})
    assert (board.start(), board.running) == ("switched", "b")
    assert board.result == {"job": "job-1", "ok": True}
    slots.confirm(board.slots)
    assert (board.start(), board.running) == ("unchanged", "b")
    board.bring("job-2", {MAIN: "2"})
    assert (board.start(), board.running) == ("switched", "a")
    assert (board.root / "a" / MAIN).read_text() == "2"


def test_package_that_never_starts_is_rolled_back(board: Board) -> None:
    board.bring("job-1", {MAIN: "1"})
    assert [board.start() for _ in range(slots.TRIES)] == ["switched"] * slots.TRIES
    assert (board.start(), board.running) == ("rolled_back", "a")
    assert board.result == {"job": "job-1", "ok": False}
    assert (board.start(), board.running) == ("unchanged", "a")


@pytest.mark.parametrize(
    "files", [{"readme": "x"}, {MAIN: "1", "../out": "x"}, {MAIN: "1", "/abs": "x"}, {}]
)
def test_package_that_is_none_is_refused(board: Board, files: dict[str, str]) -> None:
    board.bring("job-1", files)
    assert (board.start(), board.running) == ("refused", "a")
    assert board.result == {"job": "job-1", "ok": False}
    assert not (board.slots / "next.package").exists()


def test_links_in_a_package_are_refused(board: Board) -> None:
    board.bring("job-1", {MAIN: "1"}, link=True)
    assert board.start() == "refused"


def test_damaged_package_is_refused(board: Board) -> None:
    (board.slots / "next.package").write_bytes(b"no archive")
    (board.slots / "next.json").write_text('{"job": "job-1"}')
    assert (board.start(), board.result["ok"]) == ("refused", False)


def test_failed_preparation_is_refused(board: Board) -> None:
    def fails(_slot: Path) -> None:
        raise slots.Unusable("no wheels")

    board.bring("job-1", {MAIN: "1"})
    assert (board.start(fails), board.running) == ("refused", "a")


STEPS = ("_fill", "_write", "_point_to", "_drop_package", "_sync")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_power_cut_at_any_step_ends_in_the_new_slot(
    board: Board, monkeypatch: pytest.MonkeyPatch, step: str, after: bool, count: int
) -> None:
    board.bring("job-1", {MAIN: "1"})
    real, calls = getattr(slots, step), []

    def cut(*arguments: Any) -> Any:
        calls.append(step)
        if len(calls) == count and not after:
            raise PowerCut
        done = real(*arguments)
        if len(calls) == count:
            raise PowerCut
        return done

    with monkeypatch.context() as patched:
        patched.setattr(slots, step, cut)
        with contextlib.suppress(PowerCut):
            board.start()
    board.start()
    slots.confirm(board.slots)
    assert (board.running, board.result) == ("b", {"job": "job-1", "ok": True})
    assert board.start() == "unchanged"


def test_switch_reads_what_the_core_leaves(board: Board, tmp_path: Path) -> None:
    package = tmp_path / "package"
    board.bring("x", {MAIN: "1"})
    (board.slots / "next.package").replace(package)
    installer = SlotInstaller(board.slots)
    asyncio.run(installer.install(package, "job-7"))
    assert board.start() == "switched"
    assert asyncio.run(installer.outcome("job-7")) == "done"
