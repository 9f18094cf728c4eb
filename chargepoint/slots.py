"""ports: Installer. Leaves a package in the slot folder for the machine's own boot to start from.

next.package     the verified package
next.json        {"job": "…"}: written last, so a package is whole when it is there
result.json      {"job": "…", "ok": true}: written by whoever started it
"""

import asyncio
import json
import os
import shutil
from pathlib import Path

from chargepoint.security_ports import Installed, InstallFailed

_ROOT = Path("/opt/chargepoint")


class SlotInstaller:
    def __init__(self, folder: Path, root: Path = _ROOT) -> None:
        self._folder = folder
        self._root = root

    async def install(self, package: Path, job: str) -> None:
        try:
            await asyncio.to_thread(self._place, package, job)
        except OSError as error:
            raise InstallFailed(f"slot not written: {error.strerror}") from error

    def waiting(self) -> str:
        """The job whose package the next start begins from; empty: none."""
        waits = self._said("back.json") or self._said("next.json")
        return str(waits.get("job", ""))

    def last(self) -> bool | None:
        """Whether the package that was started last runs; None: nobody has said."""
        said = self._said("result.json").get("ok")
        return said if isinstance(said, bool) else None

    async def take_back(self) -> None:
        """The next start is from what runs now."""
        for name in ("next.json", "back.json"):
            await asyncio.to_thread((self._folder / name).unlink, missing_ok=True)

    async def go_back(self) -> str:
        """The next start is from the other slot; or why not."""
        try:
            return await asyncio.to_thread(self._go_back)
        except OSError as error:
            return f"slot not written: {error.strerror}"

    def _go_back(self) -> str:
        link = self._root / "current"
        here = link.readlink().name if link.is_symlink() else ""
        other = {"a": "b", "b": "a"}.get(here, "")
        if not other or not (self._root / other / "chargepoint" / "__main__.py").is_file():
            return "there is no earlier version"
        self._note("back.json", f"back-to-{other}")
        return ""

    def _note(self, name: str, job: str) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        note = self._folder / f"{name}.new"
        note.write_text(json.dumps({"job": job}), encoding="ascii")
        _sync(note)
        note.replace(self._folder / name)
        _sync(self._folder)

    def _said(self, name: str) -> dict[str, object]:
        try:
            said = json.loads((self._folder / name).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return {}
        return said if isinstance(said, dict) else {}

    async def outcome(self, job: str) -> Installed:
        return await asyncio.to_thread(self._outcome, job)

    def _place(self, package: Path, job: str) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self._folder / "next.json").unlink(missing_ok=True)
        (self._folder / "result.json").unlink(missing_ok=True)
        fresh = self._folder / "next.package.new"
        shutil.move(package, fresh)
        _sync(fresh)
        fresh.replace(self._folder / "next.package")
        self._note("next.json", job)

    def _outcome(self, job: str) -> Installed:
        try:
            said = json.loads((self._folder / "result.json").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return Installed.FAILED
        is_done = isinstance(said, dict) and said.get("job") == job and said.get("ok") is True
        return Installed.DONE if is_done else Installed.FAILED


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
