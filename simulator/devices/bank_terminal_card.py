"""The customer at the terminal: a card, what comes of it, and how long it takes."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from drivers.zvt.codes import OK, Code
from simulator.devices.bank_terminal_messages import USUAL_BRAND

APPROVE = "approve"
REMOVE_EARLY = "remove_early"
HOST_SILENT = "host_silent"
PIN = "pin"
WRONG_PIN = "wrong_pin"

# What the issuer or the terminal says in the end; 05 is an issuer's plain refusal.
OUTCOMES: Mapping[str, int] = MappingProxyType(
    {
        APPROVE: OK,
        PIN: OK,
        WRONG_PIN: OK,  # right the second time
        "decline": 0x05,
        "insufficient": Code.INSUFFICIENT,
        "expired": Code.EXPIRED,
        "unreadable": Code.UNREADABLE,
        "limit": Code.AMOUNT_TOO_HIGH,
        HOST_SILENT: Code.HOST_SILENT,
        REMOVE_EARLY: 0xDC,
    }
)
KINDS = tuple(OUTCOMES)
PATIENCE_S = 10.0  # a card held to a terminal that asks for none goes away again


@dataclass(frozen=True, slots=True)
class Card:
    """`host_s`: how long its bank takes."""

    kind: str
    host_s: float
    brand: str = USUAL_BRAND


class CardSlot:
    """Where cards come and go; also where a waiting terminal learns that it shall stop waiting."""

    def __init__(self) -> None:
        self._card: Card | None = None
        self._until_s = 0.0
        self._news = asyncio.Event()
        self._is_aborted = False
        self._is_removed = False
        self.is_awaited = False
        self.holds_card = False

    def present(self, card: Card) -> None:
        self._card = card
        self._is_removed = False
        self._until_s = asyncio.get_running_loop().time() + PATIENCE_S
        self._news.set()

    def remove(self) -> None:
        self._is_removed = True
        self.holds_card = False
        self._news.set()

    def abort(self) -> None:
        self._is_aborted = True
        self._news.set()

    def clear(self) -> None:
        """For the next customer. A card that is already there stays."""
        self._is_aborted = self._is_removed = False

    async def next_card(self, limit_s: float) -> Card | None:
        """None: nobody came, or the wait was aborted. The card stays until `give_back`."""
        self.is_awaited = True
        try:
            async with asyncio.timeout(limit_s):
                while not self._is_aborted:
                    card = self._fresh_card()
                    if card is not None:
                        self.holds_card = True
                        return card
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return None
        finally:
            self.is_awaited = False
        return None

    def give_back(self) -> None:
        """The bank has spoken: whoever takes the card now tears nothing out."""
        self.holds_card = False

    async def is_removed_within(self, for_s: float) -> bool:
        """Watches the card while its bank is asked."""
        try:
            async with asyncio.timeout(for_s):
                while not self._is_removed:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return False
        return True

    def _fresh_card(self) -> Card | None:
        card, self._card = self._card, None
        is_there = asyncio.get_running_loop().time() <= self._until_s
        return card if is_there else None
