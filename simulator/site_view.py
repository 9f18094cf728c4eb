"""What a simulated station's computer shows on site: a panel, keys, and a key that signs its reports."""

from collections.abc import Sequence
from typing import Any

from chargepoint.commission.finding import Finding, Step, good
from chargepoint.commission.report import signed
from chargepoint.ocpp.security import x509

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

    async def sign(self, body: dict[str, Any]) -> str:
        return signed(body, _KEY)
