"""What a simulated station's computer shows on site: a panel, keys, and a key that signs its reports."""

import asyncio
from collections.abc import Sequence
from typing import Any

from chargepoint.commission.finding import Finding, Step, good
from chargepoint.commission.report import signed
from chargepoint.ocpp.security import x509
from drivers.probe.found import Found, LineSetting, PortFound, PortState

SEARCH_S = 20.0
USED = "card_reader"  # by its driver
FREE = {
    "usb-spare": PortFound("usb-spare", PortState.SILENT),
    "usb-new": PortFound(
        "usb-new",
        PortState.ANSWERED,
        (Found("meter", ("sdm630",), LineSetting(9_600), 3, "21"),),
    ),
}
_KEY = x509.new_key(bytes(range(48)))  # no secret: it vouches for nothing


class SimulatedSite:
    """Implements commission.live.SiteView; everything is well."""

    configuration = "00" * 32

    def findings(self) -> Sequence[Finding]:
        return (
            good(Step.PANEL, "display", "simulated 1024x600"),
            good(Step.CERTIFICATE, "station", "simulated"),
            good(Step.KEYS, "service PINs", "simulated"),
        )

    async def look(self) -> None: ...

    async def ports(self) -> Sequence[str]:
        return (*FREE, USED)

    async def search(self, port: str) -> PortFound:
        if port == USED:
            return PortFound(port, PortState.IN_USE, why=f"{port} is in use by another program")
        await asyncio.sleep(SEARCH_S)
        return FREE[port]

    async def sign(self, body: dict[str, Any]) -> str:
        return signed(body, _KEY)
