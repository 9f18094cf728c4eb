"""What a technician needs of a device besides its service; same rules as chargepoint/ports.py."""

from typing import Protocol, runtime_checkable

from chargepoint.domain.service.passport import Passport


@runtime_checkable
class Serviced(Protocol):
    """A money device that can be replaced. Implemented by the same driver."""

    def passport(self) -> Passport:
        """What it said when it was identified; empty but for the address while it is away."""
        ...

    async def drain(self) -> None:
        """Returns when it is shut and nothing it took is unread, within 20 s.

        Raises DeviceUnavailable: then what it still holds stays unknown.
        """
        ...
