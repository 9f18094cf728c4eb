"""Puts what happens to the station's security where it must be (ports: SecurityLog)."""

from collections.abc import Callable

from chargepoint.app.gate import Gate
from chargepoint.app.ports import JournalWriter
from chargepoint.domain.record import Batch
from chargepoint.domain.security import SecurityEvent, SecurityWord
from chargepoint.ports import Clock, Entropy

_INFO_CHARS = 255


class DurableSecurityLog:
    """Log and queue are one commit: none that is told is in one and not in the other."""

    def __init__(
        self,
        journal: JournalWriter,
        clock: Clock,
        entropy: Entropy,
        queued: Callable[[], None],
    ) -> None:
        self._gate = Gate(journal)
        self._clock = clock
        self._entropy = entropy
        self._queued = queued

    def note(self, event: str, info: str = "") -> None:
        """Raises ValueError for a word that the domain does not have."""
        noted = SecurityEvent(
            self._entropy.identifier(),
            SecurityWord(event),
            self._clock.utc(),
            info[:_INFO_CHARS],
        )
        if noted.is_told:
            batch = Batch(security_events=(noted,), deliveries=(noted,))
            self._gate.commit_then(batch, self._queued)
        else:
            self._gate.commit(Batch(security_events=(noted,)))
