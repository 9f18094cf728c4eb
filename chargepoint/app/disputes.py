"""The file of one charge that is disputed: what the journal holds of it, and the station's signature."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from chargepoint.app.housekeeping import Export
from chargepoint.app.replacing import Ended
from chargepoint.errors import ChargepointError
from chargepoint.ports import Clock

Sign = Callable[[dict[str, Any]], Awaitable[str]]
"""The signed document. Raises ChargepointError where there is no key."""


class Extracts(Protocol):
    def dispute(self, session: str) -> dict[str, Any] | None:
        """None: there is no such charge."""
        ...


class Disputes:
    def __init__(
        self,
        extracts: Extracts,
        clock: Clock,
        *,
        station: dict[str, str],
        sign: Sign,
        export: Export,
    ) -> None:
        """`station`: who says so; part of what is signed."""
        self._extracts = extracts
        self._clock = clock
        self._station = station
        self._sign = sign
        self._export = export

    async def export(self, session: str) -> Ended:
        """Two files: the document, signed as a report of commissioning is (`python -m
        chargepoint.commission verify` checks it), and its SHA-256 as `sha256sum -c` reads it.
        """
        found = self._extracts.dispute(session)
        if found is None:
            return False, "failed|no such session"
        now = self._clock.utc()
        body = {**self._station, "kind": "dispute", "madeAt": now.isoformat(), **found}
        try:
            text = await self._sign(body)
        except ChargepointError as error:
            return False, f"failed|{error}"
        at = now.strftime("%Y%m%dT%H%M%SZ")
        name = f"{self._station['station']}-dispute-{session[:8]}-{at}.json"
        content = text.encode()
        digest = f"{hashlib.sha256(content).hexdigest()}  {name}\n".encode()
        for part, octets in ((name, content), (f"{name}.sha256", digest)):
            why = await self._export(part, octets)
            if why:
                return False, f"failed|{why}"
        return True, "dispute_exported"
