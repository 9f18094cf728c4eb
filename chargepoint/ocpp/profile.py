"""A functional profile as station16.py takes it in: the requests it answers, and vendor messages."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from chargepoint.ocpp import translate
from chargepoint.ocpp.frames import Payload
from chargepoint.ocpp.rpc import Answer, Caller

_MOST_REASON_CHARS = 200

Handler = Callable[[Payload], Awaitable[Answer]]
Send = Callable[[Caller], Awaitable[None]]
Trigger = Callable[[], Send | None]
"""What sends the message that a TriggerMessage names; None when it cannot be sent now."""
TriggerId = tuple[str, str]
"""TriggerMessage or ExtendedTriggerMessage, and its requestedMessage."""
VendorMessageId = tuple[str, str]
"""vendorId and messageId of a DataTransfer."""


class Profile(Protocol):
    """Handlers get the whole request; what its schema can say was checked before."""

    @property
    def answers(self) -> Mapping[str, Handler]:
        """By action."""
        ...

    @property
    def vendor_answers(self) -> Mapping[VendorMessageId, Handler]:
        """By vendorId and messageId of DataTransfer (§4.3)."""
        ...


def status(word: str) -> Answer:
    """The answer that most requests have."""
    return Answer({"status": str(word)})


def refused(reason: str) -> Answer:
    """Of a vendor message: the sender reads why."""
    data = translate.vendor_data({"reason": str(reason)[:_MOST_REASON_CHARS]})
    return Answer({"status": "Rejected", **data})
