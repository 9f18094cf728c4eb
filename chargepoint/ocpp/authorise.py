"""May this token charge: the central system if it answers within 10 s, else the offline rule.

A Green Card asks for its account first (decides on price and limit), then Authorize as OCPP says.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from chargepoint.domain.money.account import TokenAnswer, TokenStatus
from chargepoint.domain.units import ConnectorId
from chargepoint.ocpp import translate
from chargepoint.ocpp.authcache import AuthCache
from chargepoint.ocpp.keys import Keys
from chargepoint.ocpp.local_list import ListedTokens
from chargepoint.ocpp.rpc import Caller, CallFailed
from chargepoint.ports import CentralNews, Clock

logger = logging.getLogger(__name__)

ANSWER_WITHIN_S = 10.0
# Leaves time for a plain Authorize when the account is not answered.
ACCOUNT_WITHIN_S = 6.0


class Authoriser:
    def __init__(
        self,
        keys: Keys,
        cache: AuthCache,
        listed: ListedTokens,
        *,
        clock: Clock,
        news: CentralNews,
        online: Callable[[], Caller | None],
    ) -> None:
        self._keys = keys
        self._cache = cache
        self._listed = listed
        self._clock = clock
        self._news = news
        self._online = online

    async def authorise(self, id_tag: str, connector: ConnectorId, *, card: bool) -> TokenAnswer:
        """Within 10 s; never raises."""
        # A Green Card's price and limit are its account's: nothing local replaces it (decisions §5).
        if not card and self._keys.flag("LocalPreAuthorize"):
            known = self._known(id_tag)
            if known is not None and known.status is TokenStatus.ACCEPTED:
                return TokenAnswer(known.status, parent_tag=known.parent)
        caller = self._online()
        if caller is not None:
            deadline_s = asyncio.get_running_loop().time() + ANSWER_WITHIN_S
            account = await self._account(caller, id_tag, connector) if card else None
            answer = await self._ask(caller, id_tag, account, deadline_s)
            if answer is not None:
                return answer
        return self._offline(id_tag)

    async def ask(self, message_id: str, content: dict[str, Any]) -> dict[str, Any] | None:
        """One DataTransfer now, outside the queue."""
        caller = self._online()
        if caller is None:
            return None
        payload = translate.data_transfer(message_id, content)
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                answer = await caller.call(
                    "DataTransfer", payload, urgent=True, timeout_s=ANSWER_WITHIN_S
                )
            return translate.vendor_content(answer)
        except (CallFailed, TimeoutError, translate.AnswerUnreadable) as error:
            logger.warning("vendor question not answered", extra={"reason": repr(error)})
            return None

    async def _account(
        self, caller: Caller, number: str, connector: ConnectorId
    ) -> TokenAnswer | None:
        """None: the central system knows no accounts, or does not answer."""
        request = {"cardNumber": number, "connectorId": connector}
        payload = translate.data_transfer("GreenCard.Account", request)
        try:
            async with asyncio.timeout(ACCOUNT_WITHIN_S):
                answer = await caller.call(
                    "DataTransfer", payload, urgent=True, timeout_s=ACCOUNT_WITHIN_S
                )
        except (CallFailed, TimeoutError) as error:
            logger.warning("account not answered", extra={"reason": repr(error)})
            return None
        if answer["status"] != "Accepted":
            return None
        try:
            return translate.account_answer(translate.vendor_content(answer))
        except translate.AnswerUnreadable as error:
            self._news.incident("ocpp.account_unreadable", str(error))
            return None

    async def _ask(
        self, caller: Caller, id_tag: str, account: TokenAnswer | None, deadline_s: float
    ) -> TokenAnswer | None:
        """Authorize; without an answer what the account said stands."""
        if account is not None and account.status is not TokenStatus.ACCEPTED:
            return account
        left_s = deadline_s - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(deadline_s):
                payload = await caller.call(
                    "Authorize", {"idTag": id_tag}, urgent=True, timeout_s=left_s
                )
        except (CallFailed, TimeoutError) as error:
            logger.warning("authorisation not answered", extra={"reason": repr(error)})
            return account
        info = translate.tag_info(payload)
        if info is None:
            return account
        if self._keys.flag("AuthorizationCacheEnabled"):
            await self._cache.remember(id_tag, info)
        return TokenAnswer(
            info.status, account.account if account else None, parent_tag=info.parent
        )

    def _known(self, id_tag: str) -> translate.TagInfo | None:
        """The operator's list outranks what the cache remembers (§3.5.3)."""
        listed = self._listed.find(id_tag, self._clock.utc())
        if listed is not None:
            return listed
        if not self._keys.flag("AuthorizationCacheEnabled"):
            return None
        return self._cache.find(id_tag, self._clock.utc())

    def _offline(self, id_tag: str) -> TokenAnswer:
        """OCPP 1.6 §3.5: a known token by its last verdict, an unknown one by the operator's will."""
        known = self._known(id_tag)
        if known is None:
            allowed = self._keys.flag("AllowOfflineTxForUnknownId")
            status = TokenStatus.ACCEPTED if allowed else TokenStatus.INVALID
            return TokenAnswer(status, offline=True)
        if known.status is TokenStatus.ACCEPTED and not self._keys.flag("LocalAuthorizeOffline"):
            return TokenAnswer(TokenStatus.INVALID, offline=True)
        return TokenAnswer(known.status, offline=True, parent_tag=known.parent)
