#!/usr/bin/env python3
"""Before each start of the core: put an installed package into the other slot, or go back to the old one.

It stands outside both slots and needs nothing but Python, so that no package can break it.

    /opt/chargepoint/a, b     two whole installations; `current` names the one that runs
    STATE/slots/next.package  a tar archive, verified by the core; next.json {"job"} is written last
    STATE/slots/back.json     {"job"}: a technician wants the slot before this one back
    STATE/slots/trial.json    {"job", "slot", "before", "tries"}: the new one has not yet proved itself
    STATE/slots/result.json   {"job", "ok"}: read by the core when it starts

`switch` (ExecStartPre) and `confirm` (ExecStartPost, which systemd runs when the core has said READY). Each
step may be cut by the power: whatever is found half done is done again, and the slot that runs is changed
by one rename.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

TRIES = 3
Prepare = Callable[[Path], None]


class Unusable(Exception):
    """The package cannot become an installation; the text says why."""


def switch(root: Path, slots: Path, prepare: Prepare) -> str:
    """What was done, in one word for the log."""
    trial = _read(slots / "trial.json")
    if trial:
        return _try_again(root, slots, trial)
    backward = _read(slots / "back.json")
    if backward:
        return _go_back(root, slots, str(backward.get("job", "")))
    following = _read(slots / "next.json")
    if not following:
        return "unchanged"
    job, before = str(following.get("job", "")), _current(root)
    slot = "b" if before == "a" else "a"
    try:
        _fill(root / slot, slots / "next.package", prepare)
    except (OSError, tarfile.TarError, Unusable, subprocess.SubprocessError) as why:
        sys.stderr.write(f"package not installed: {why}\n")
        _write(slots / "result.json", {"job": job, "ok": False})
        _drop_package(slots)
        return "refused"
    _write(slots / "trial.json", {"job": job, "slot": slot, "before": before, "tries": 1})
    return _run_from(root, slots, slot, job)


def _go_back(root: Path, slots: Path, job: str) -> str:
    """Tried like a new one: a slot that no longer starts is left again."""
    before = _current(root)
    slot = "b" if before == "a" else "a"
    if not (root / slot / "chargepoint" / "__main__.py").is_file():
        _write(slots / "result.json", {"job": job, "ok": False})
        _drop_package(slots)
        return "refused"
    _write(slots / "trial.json", {"job": job, "slot": slot, "before": before, "tries": 1})
    return _run_from(root, slots, slot, job)


def confirm(slots: Path) -> None:
    """The new slot has started: there is no way back any more."""
    (slots / "trial.json").unlink(missing_ok=True)
    _sync(slots)


def _try_again(root: Path, slots: Path, trial: dict[str, Any]) -> str:
    """The start before this one was never confirmed."""
    tries, job, before = int(trial.get("tries", 0)), str(trial["job"]), str(trial["before"])
    if tries < TRIES:
        _write(slots / "trial.json", {**trial, "tries": tries + 1})
        return _run_from(root, slots, str(trial["slot"]), job)
    _point_to(root, before)
    _write(slots / "result.json", {"job": job, "ok": False})
    _drop_package(slots)
    confirm(slots)
    return "rolled_back"


def _run_from(root: Path, slots: Path, slot: str, job: str) -> str:
    _point_to(root, slot)
    _write(slots / "result.json", {"job": job, "ok": True})
    _drop_package(slots)
    return "switched"


def _fill(slot: Path, package: Path, prepare: Prepare) -> None:
    fresh = slot.with_name(slot.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o755, parents=True)
    with tarfile.open(package) as archive:
        for member in archive:
            _check(member)
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            archive.extract(member, fresh, set_attrs=True, numeric_owner=False)
    if not (fresh / "chargepoint" / "__main__.py").is_file():
        raise Unusable("it holds no chargepoint/__main__.py")
    shutil.rmtree(slot, ignore_errors=True)
    fresh.replace(slot)
    # Only now: a virtual environment knows the path it was made at.
    prepare(slot)
    os.sync()


def _check(member: tarfile.TarInfo) -> None:
    """Plain files and folders below the slot, nothing else."""
    parts = Path(member.name).parts
    if not (member.isfile() or member.isdir()) or member.name.startswith("/") or ".." in parts:
        raise Unusable(f"{member.name!r} is no plain file below the slot")


def install_wheels(slot: Path) -> None:
    """Everything from the package; wheels only, because they run nothing when they are installed."""
    python = slot / "venv" / "bin" / "python"
    options = ("--no-index", "--only-binary", ":all:", "--no-cache-dir", "--quiet")
    for command in (
        (sys.executable, "-m", "venv", str(slot / "venv")),
        (
            *(str(python), "-m", "pip", "install", *options),
            *("--find-links", str(slot / "wheels"), "-r", str(slot / "requirements.lock")),
        ),
        (str(python), "-m", "compileall", "-q", str(slot)),
    ):
        subprocess.run(command, check=True, timeout=600)  # noqa: S603 - our own commands


def _current(root: Path) -> str:
    link = root / "current"
    return link.readlink().name if link.is_symlink() else "a"


def _point_to(root: Path, slot: str) -> None:
    fresh = root / "current.new"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(slot)
    fresh.replace(root / "current")
    _sync(root)


def _drop_package(slots: Path) -> None:
    """The note first: without it a package is nothing."""
    (slots / "back.json").unlink(missing_ok=True)
    (slots / "next.json").unlink(missing_ok=True)
    (slots / "next.package").unlink(missing_ok=True)
    _sync(slots)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("ascii"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, body: dict[str, Any]) -> None:
    fresh = path.with_name(path.name + ".new")
    with fresh.open("w", encoding="ascii") as file:
        json.dump(body, file)
        file.flush()
        os.fsync(file.fileno())
    # The core reads what root wrote here.
    fresh.chmod(0o644)
    fresh.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    if folder.is_dir():
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("do", choices=["switch", "confirm"])
    parser.add_argument("--root", type=Path, default=Path("/opt/chargepoint"))
    parser.add_argument("--slots", type=Path, default=Path("/var/lib/chargepoint/slots"))
    chosen = parser.parse_args(arguments)
    if chosen.do == "confirm":
        confirm(chosen.slots)
    else:
        sys.stderr.write(f"slots: {switch(chosen.root, chosen.slots, install_wheels)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
