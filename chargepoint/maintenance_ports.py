"""What a technician needs of a device besides its service; same rules as chargepoint/ports.py."""

from typing import Protocol, runtime_checkable

from chargepoint.domain.service.passport import Passport


class Slots(Protocol):
    """Where the machine starts its software from."""

    def waiting(self) -> str:
        """The job whose package the next start begins from; empty: none."""
        ...

    def last(self) -> bool | None:
        """Whether the package that was started last runs; None: nobody has said."""
        ...

    async def take_back(self) -> None:
        """The next start is from what runs now."""
        ...

    async def go_back(self) -> str:
        """The next start is from the version before this one; or why not."""
        ...


class NoSlots:
    """Of a station whose software somebody else starts."""

    def waiting(self) -> str:
        return ""

    def last(self) -> bool | None:
        return None

    async def take_back(self) -> None:
        """Nothing waits."""

    async def go_back(self) -> str:
        return "somebody else starts this software"


@runtime_checkable
class Serviced(Protocol):
    """A money device that can be replaced. Implemented by the same driver."""

    def passport(self) -> Passport:
        """What it said when it was identified; empty but for the address while it is away."""
        ...

    async def self_check(self) -> None:
        """It says that it is well, within 5 s; raises DeviceUnavailable with what is wrong."""
        ...

    async def drain(self) -> None:
        """Returns when it is shut and nothing it took is unread, within 20 s.

        Raises DeviceUnavailable: then what it still holds stays unknown.
        """
        ...
