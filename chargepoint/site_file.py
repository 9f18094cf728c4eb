"""The site's own file as the service menu changes it, and where it puts files for technicians."""

import asyncio
import os
from pathlib import Path

from chargepoint.domain.service.housekeeping import EDITABLE
from config.edit import write_values
from config.loader import ConfigurationWrong


class SiteFile:
    """Changes single, harmless values; the file is checked as a whole and exchanged at once."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    async def change(self, key: str, value: str) -> str:
        if self._file is None:
            return "started without a site file"
        if value not in EDITABLE.get(key, ()):
            return f"{key} cannot be {value} here"
        return await asyncio.to_thread(self._write, self._file, key, value)

    @staticmethod
    def _write(file: Path, key: str, value: str) -> str:
        try:
            write_values(file, {key: value})
        except ConfigurationWrong as wrong:
            return "; ".join(problem.reason for problem in wrong.problems)
        except OSError as error:
            return f"{file.name}: {error.strerror}"
        return ""


class ExportFolder:
    """A stick, or any folder: whole files only, synced before they have their name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, name: str, content: bytes) -> str:
        return await asyncio.to_thread(self._put, name, content)

    def _put(self, name: str, content: bytes) -> str:
        if not self._folder.is_dir():
            return f"{self._folder}: not there"
        fresh = self._folder / f"{name}.new"
        try:
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            fresh.replace(self._folder / name)
        except OSError as error:
            return f"{self._folder}: {error.strerror}"
        return ""
