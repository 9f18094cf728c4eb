"""Opens the database and brings its schema forward; refuses what it cannot trust."""

import logging
import os
import sqlite3
from importlib import resources
from pathlib import Path

from chargepoint.errors import ChargepointError

log = logging.getLogger(__name__)

BALLAST_BYTES = 16 * 1024 * 1024


class JournalBroken(ChargepointError):
    """The database is damaged or of a newer version; a person must look at it."""


def connect(path: str, *, check: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode with the pragmas every writer and reader shares."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # a commit survives a power cut
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA busy_timeout = 5000")
        verdict = connection.execute("PRAGMA quick_check").fetchone()[0] if check else "ok"
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        connection.close()
        raise JournalBroken(f"{path}: {verdict}")
    return connection


def migrate(connection: sqlite3.Connection) -> None:
    """Apply the numbered SQL files above `user_version`, each in its own transaction."""
    folder = resources.files("chargepoint.store") / "migrations"
    steps = _steps()
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(steps):
        raise JournalBroken(f"journal has schema {version}, this software knows {len(steps)}")
    for number, name in enumerate(steps[version:], start=version + 1):
        script = (folder / name).read_text("utf-8")
        connection.executescript(f"BEGIN; {script}; PRAGMA user_version = {number}; COMMIT;")


def require_current(connection: sqlite3.Connection) -> None:
    """For those who must not migrate: a command beside a running station."""
    version, known = connection.execute("PRAGMA user_version").fetchone()[0], len(_steps())
    if version != known:
        raise JournalBroken(f"journal has schema {version}, this software knows {known}")


def _steps() -> list[str]:
    folder = resources.files("chargepoint.store") / "migrations"
    return sorted(step.name for step in folder.iterdir() if step.name.endswith(".sql"))


def keep_ballast(path: str) -> None:
    """Reserve space beside the journal that is freed when the disk is full (decisions §7).

    A disk that has no room for it now must still let the core start, and settle what is open.
    """
    ballast = Path(path + ".ballast")
    if ballast.exists() and ballast.stat().st_size == BALLAST_BYTES:
        return
    try:
        _reserve(ballast)
    except OSError as error:
        ballast.unlink(missing_ok=True)
        log.warning("no room for ballast", extra={"path": path, "why": str(error)})


def _reserve(ballast: Path) -> None:
    """Without writing where the system can: the first start does not wait for a slow disk."""
    with ballast.open("wb") as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, BALLAST_BYTES)
        else:
            file.write(bytes(BALLAST_BYTES))


def drop_ballast(path: str) -> bool:
    """True when there was ballast to free."""
    ballast = Path(path + ".ballast")
    if not ballast.exists():
        return False
    ballast.unlink()
    return True
