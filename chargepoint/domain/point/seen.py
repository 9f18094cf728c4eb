"""A point as all others see it: what it was after its last commit. A value; never changed from outside."""

from dataclasses import dataclass, field

from chargepoint.domain.point.point import PointData
from chargepoint.domain.session import Session
from chargepoint.domain.units import ConnectorId


@dataclass(frozen=True, slots=True)
class PointSeen:
    """A point as it was after its last commit."""

    state: str = "booting"
    data: PointData = field(default_factory=lambda: PointData(ConnectorId(0)))

    @property
    def session(self) -> Session | None:
        return self.data.session

    @property
    def is_running(self) -> bool:
        return self.state.startswith("session/")

    @property
    def is_used(self) -> bool:
        """Somebody is plugged in, charges, or has ordered to."""
        data = self.data
        return data.session is not None or data.is_plugged or data.pending is not None

    @property
    def is_known(self) -> bool:
        """Its devices have answered, or are known not to."""
        return self.state != "booting" or bool(self.data.faults)

    @property
    def is_kept(self) -> bool:
        """For somebody who has not come forward yet."""
        return self.data.kept.only and not self.data.is_claimed

    @property
    def is_usable(self) -> bool:
        """A new customer may begin here."""
        return self.is_open and not self.is_kept

    @property
    def is_open(self) -> bool:
        """Free, were it not perhaps kept for somebody."""
        return self.data.may_start and self.state in (
            "idle/free",
            "idle/plugged",
            "settling/billed",
        )

    @property
    def is_out(self) -> bool:
        """Nobody may begin here, and nobody is being served: broken, or taken out of service."""
        if self.state == "booting":
            return bool(self.data.faults)
        return self.state in ("idle/free", "idle/plugged") and not self.data.may_start
