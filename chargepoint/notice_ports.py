"""What a central system tells customers through the screen. Implemented by app/notice_board.py."""

from collections.abc import Mapping
from typing import Protocol

from chargepoint.domain.dialogue.announcement import Announcement
from chargepoint.domain.pricing.central_price import RunningCost
from chargepoint.domain.units import Minor, SessionId

Texts = Mapping[str, str]
"""By language; "" is for any."""


class NoticeDoor(Protocol):
    """Announcements are durable when their call returns; prices live as long as their charge."""

    async def announce(self, announcement: Announcement) -> bool:
        """In the place of one with the same id. False: too many."""
        ...

    async def withdraw(self, announcement_id: int) -> bool:
        """False: there is none with this id."""
        ...

    def announcements(self) -> tuple[Announcement, ...]: ...

    def default_price(self, online: Texts, offline: Texts) -> None: ...

    def user_price(self, id_tag: str, texts: Texts) -> None: ...

    def running_cost(self, session: SessionId, cost: RunningCost) -> bool:
        """False: this charge is not running here."""
        ...

    def final_cost(self, session: SessionId, total: Minor, texts: Texts, link: str) -> bool:
        """False: this charge is not the newest of any connector."""
        ...
