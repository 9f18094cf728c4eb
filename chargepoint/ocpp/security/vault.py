"""Where the station's own private key lives. It never leaves the station (A02.FR.05).

pending.key        the key of a signing request that is on its way
station.pem        the key and the certificates in use, one file so that they change as one
station.old.pem    what it replaced
report.key         signs what this station reports while it has no certificate
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from cryptography.x509 import Certificate

from chargepoint.ocpp.security import x509

_BEGIN_CERTIFICATE = "-----BEGIN CERTIFICATE-----"


class Vault(Protocol):
    """Durable when a call returns; what it holds is readable by this process's user alone."""

    @property
    def pending_key(self) -> str | None:
        """PEM of the key that waits for its certificate."""
        ...

    @property
    def chain(self) -> str | None:
        """PEM of the certificates in use, the station's own first."""
        ...

    @property
    def identity(self) -> Path | None:
        """The file that TLS loads: key and certificates in use."""
        ...

    async def keep_pending(self, key_pem: str) -> None: ...

    async def adopt(self, chain_pem: str) -> None:
        """The pending key and these certificates are the station's from now on."""
        ...


class FolderVault:
    """Files of mode 0600 in a folder of mode 0700; each is replaced by a rename."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.pending_key = _read(folder / "pending.key")
        self._current = _read(folder / "station.pem")

    @property
    def chain(self) -> str | None:
        return None if self._current is None else _certificates(self._current)

    @property
    def identity(self) -> Path | None:
        return None if self._current is None else self._folder / "station.pem"

    def report_key(self, new_key: Callable[[], str]) -> str:
        """Made when it is first asked for. Blocks; for commands, not for the loop."""
        name = "report.key"
        key_pem = _read(self._folder / name)
        if key_pem is None:
            key_pem = new_key()
            self._write(name, key_pem)
        return key_pem

    async def keep_pending(self, key_pem: str) -> None:
        await self._off_loop(lambda: self._write("pending.key", key_pem))
        self.pending_key = key_pem

    async def adopt(self, chain_pem: str) -> None:
        assert self.pending_key is not None
        fresh, old = self.pending_key + chain_pem, self._current

        def swap() -> None:
            if old is not None:
                self._write("station.old.pem", old)
            self._write("station.pem", fresh)
            (self._folder / "pending.key").unlink(missing_ok=True)

        await self._off_loop(swap)
        self._current, self.pending_key = fresh, None

    async def _off_loop(self, work: Callable[[], None]) -> None:
        await asyncio.to_thread(work)

    def _write(self, name: str, text: str) -> None:
        path, fresh = self._folder / name, self._folder / f"{name}.new"
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class VolatileVault:
    """Keeps nothing beyond its own life and has no file: for links without TLS."""

    identity: Path | None = None

    def __init__(self) -> None:
        self.pending_key: str | None = None
        self.chain: str | None = None

    async def keep_pending(self, key_pem: str) -> None:
        self.pending_key = key_pem

    async def adopt(self, chain_pem: str) -> None:
        self.chain, self.pending_key = chain_pem, None


def own_certificate(vault: Vault) -> Certificate | None:
    """The certificate in use."""
    return None if vault.chain is None else x509.read_chain(vault.chain)[0]


def _read(path: Path) -> str | None:
    return path.read_text(encoding="ascii") if path.exists() else None


def _certificates(text: str) -> str:
    return text[text.index(_BEGIN_CERTIFICATE) :]
