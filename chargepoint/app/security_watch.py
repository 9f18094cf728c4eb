"""What the machine itself notices of its security, in the words of the security log (whitepaper §8)."""

from collections.abc import Callable

from chargepoint.domain.devices import DoorMoved, Hazard, HazardRaised
from chargepoint.domain.security import SecurityWord
from chargepoint.security_ports import SecurityLog


class SecurityWatch:
    """`is_attended`: somebody has signed in at the service menu."""

    def __init__(self, log: SecurityLog, is_attended: Callable[[], bool]) -> None:
        self._log = log
        self._is_attended = is_attended

    def note(self, event: object) -> None:
        """Every fact of a device passes here."""
        match event:
            case DoorMoved(is_open=True) if not self._is_attended():
                self._log.note(SecurityWord.TAMPERED, "cabinet opened, nobody signed in")
            case HazardRaised(hazard=Hazard.TAMPER | Hazard.TILT as hazard):
                self._log.note(SecurityWord.TAMPERED, f"the cabinet: {hazard}")
            case _:
                pass

    def disk_full(self) -> None:
        """What was kept back for this has made room; whoever reads it must make more."""
        self._log.note(SecurityWord.MEMORY_EXHAUSTED, "disk full, the reserve is used up")
