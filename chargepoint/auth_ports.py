"""What the operator says of tokens in advance, as its store promises it (OCPP 1.6 §3.5.2)."""

from collections.abc import Awaitable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chargepoint.domain.money.account import TokenStatus


@dataclass(frozen=True, slots=True)
class ListedToken:
    """One entry of the local authorisation list. Tags compare without regard to case."""

    id_tag: str
    status: TokenStatus
    expires: datetime | None = None
    parent: str | None = None


class LocalList(Protocol):
    """A durable list with a version; a write is whole or absent, whatever happens meanwhile."""

    def version(self) -> int:
        """0 before the first list."""
        ...

    def size(self) -> int: ...

    def find(self, id_tag: str) -> ListedToken | None: ...

    def replace(self, version: int, entries: Sequence[ListedToken]) -> Awaitable[None]:
        """Nothing else is in the list afterwards. Durable when done."""
        ...

    def change(
        self, version: int, entries: Sequence[ListedToken], removed: Collection[str]
    ) -> Awaitable[None]:
        """Add or update `entries`, forget `removed`. Durable when done."""
        ...
