"""One tap blocks a card, and ends what runs on it: whoever found it charges no further.

The block is durable before any point is asked. A point that does not answer stops by its own rule when
it asks about the card again; a person is told.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from central.clock import Clock, utc_text
from central.errors import CallRefused, NoAnswer, PointAway
from central.greencard.accounts import masked
from central.greencard.records import Transaction
from central.members.pages import Member
from central.members.wallet import Wallet
from central.storage.store import Store

logger = logging.getLogger(__name__)

Call = Callable[[str, str, dict[str, Any]], Awaitable[dict[str, Any]]]
_ANSWER_LIMIT_S = 5.0  # somebody waits in front of a page


class Blocking:
    """`call`: any OCPP 1.6 call to a point, as CentralSystem.call."""

    def __init__(self, store: Store, wallet: Wallet, clock: Clock, call: Call) -> None:
        self._store = store
        self._wallet = wallet
        self._clock = clock
        self._call = call

    async def block(self, member: Member, number: str) -> bool:
        """False when the card is not theirs, and nothing happened."""
        if not await self._store.run(self._wallet.block, member, number):
            return False
        await self.end_charges(number)
        return True

    async def end_charges(self, number: str) -> None:
        """What runs on a card that is blocked already."""
        holds = await self._store.run(self._store.charges.open_holds, number)
        for transaction in holds:
            if transaction.is_running and not await self._is_stopping(transaction):
                await self._store.run(self._tell, transaction)

    async def _is_stopping(self, transaction: Transaction) -> bool:
        order = {"transactionId": transaction.id}
        try:
            async with asyncio.timeout(_ANSWER_LIMIT_S):
                answer = await self._call(transaction.key.point, "RemoteStopTransaction", order)
        except (PointAway, NoAnswer, CallRefused, TimeoutError):
            return False
        return answer.get("status") == "Accepted"

    def _tell(self, transaction: Transaction) -> None:
        key = transaction.key
        detail = f"transaction {transaction.id} of {masked(key.id_tag)} runs on a blocked card"
        with self._store.change():
            now = utc_text(self._clock.utc())
            self._store.add_finding(now, key.point, "block.still_running", detail)
        logger.warning("blocked card still charges", extra={"point": key.point})
