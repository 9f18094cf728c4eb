"""`SiteView` of a real station: its panel, papers and key, looked at off the loop."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from chargepoint.app.pins import StoredPin
from chargepoint.commission import panel, papers
from chargepoint.commission.finding import Finding
from chargepoint.commission.report import signed, signer_of
from chargepoint.ocpp.security.vault import FolderVault
from chargepoint.ports import Clock, Entropy
from config.schema import Config
from drivers.probe.found import PortFound
from drivers.probe.search import Search, ports_here


class SiteOnBoard:
    def __init__(  # noqa: PLR0913 - the computer's whole surroundings, by name
        self,
        config: Config,
        file: Path | None,
        folder: Path,
        clock: Clock,
        entropy: Entropy,
        *,
        pins: Callable[[], Sequence[StoredPin]],
        sys: Path = panel.SYS,
    ) -> None:
        self._config = config
        self._folder = folder
        self._clock = clock
        self._entropy = entropy
        self._pins = pins
        self._sys = sys
        self._found: list[Finding] = []
        self.configuration = "" if file is None else hashlib.sha256(file.read_bytes()).hexdigest()

    def findings(self) -> Sequence[Finding]:
        return self._found

    async def look(self) -> None:
        pins = self._pins()  # the journal's reader belongs to the loop's thread
        self._found = await asyncio.to_thread(self._looked, pins)

    async def sign(self, body: dict[str, Any]) -> str:
        return await asyncio.to_thread(self._signed, body)

    async def ports(self) -> Sequence[str]:
        return await asyncio.to_thread(ports_here)

    async def search(self, port: str) -> PortFound:
        return await Search(self._clock).port(port)

    def _looked(self, pins: Sequence[StoredPin]) -> list[Finding]:
        return [
            *panel.panel_findings(self._sys, self._config.kiosk.size),
            *papers.certificate_findings(
                self._config, FolderVault(self._folder), self._clock.utc()
            ),
            *papers.key_findings(self._config, pins),
        ]

    def _signed(self, body: dict[str, Any]) -> str:
        vault = FolderVault(self._folder)  # as it is now: certificates are renewed meanwhile
        signer = signer_of(vault, self._entropy)
        return signed(body, signer.key_pem, signer.chain_pem)
