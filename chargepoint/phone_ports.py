"""What the customer's telephone may ask of a charge. Implemented by app/phone_desk.py."""

from enum import StrEnum
from typing import Protocol

from chargepoint.domain.units import SessionId


class CodeVerdict(StrEnum):
    """`stopped`, or why not."""

    STOPPED = "stopped"
    WRONG = "wrong"
    LOCKED = "locked"  # three wrong codes: nobody may try for a minute
    NO_CODE = "noCode"  # paid by card, and ended with that card
    NOT_RUNNING = "notRunning"


class PhoneDoor(Protocol):
    async def stop_by_code(self, session: SessionId, proof: str) -> CodeVerdict:
        """`proof`: invoice.stop_proof of the code. Durable when it returns, within 2 s."""
        ...

    def watch(self, session: SessionId) -> bool:
        """Somebody looks: news every few seconds, for a minute. False: not running here."""
        ...
