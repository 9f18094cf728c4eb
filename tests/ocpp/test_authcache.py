"""The authorisation cache: bounded, durable, and who goes first (OCPP 1.6 §3.5.1)."""

import asyncio
from datetime import UTC, datetime, timedelta

from chargepoint.domain.money.account import TokenStatus
from chargepoint.ocpp.authcache import MAX_TOKENS, AuthCache
from chargepoint.ocpp.translate import TagInfo
from tests.support.fakes import MemorySettings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
VALID = TagInfo(TokenStatus.ACCEPTED)
BLOCKED = TagInfo(TokenStatus.BLOCKED)


def _remember(cache: AuthCache, *tags: str, info: TagInfo = VALID) -> None:
    async def remember() -> None:
        for tag in tags:
            await cache.remember(tag, info)

    asyncio.run(remember())


def test_tokens_compare_without_case_and_survive_a_restart() -> None:
    settings = MemorySettings()
    info = TagInfo(TokenStatus.ACCEPTED, NOW + timedelta(days=1), "PARENT")
    _remember(AuthCache(settings), "aBc", info=info)
    assert AuthCache(settings).find("AbC", NOW) == info
    assert AuthCache(settings).find("AbCd", NOW) is None


def test_a_card_seen_again_writes_nothing() -> None:
    settings = MemorySettings()
    cache = AuthCache(settings)
    _remember(cache, "A", "A", "a")
    assert settings.writes == 1
    _remember(cache, "A", info=BLOCKED)
    assert settings.writes == 2


def test_a_passed_validity_reads_expired_and_a_refusal_stays_what_it_was() -> None:
    cache = AuthCache(MemorySettings())
    past = NOW - timedelta(seconds=1)
    _remember(cache, "A", info=TagInfo(TokenStatus.ACCEPTED, past))
    _remember(cache, "B", info=TagInfo(TokenStatus.BLOCKED, past))
    found = [cache.find(tag, NOW) for tag in ("A", "B")]
    assert [info and info.status for info in found] == ["expired", "blocked"]


def test_a_concurrent_transaction_says_nothing_of_the_token() -> None:
    cache = AuthCache(MemorySettings())
    _remember(cache, "A")
    _remember(cache, "A", "B", info=TagInfo(TokenStatus.CONCURRENT_TX))
    assert cache.find("A", NOW) == VALID
    assert cache.find("B", NOW) is None


def test_when_full_refused_tokens_go_first_then_the_ones_unseen_for_longest() -> None:
    cache = AuthCache(MemorySettings())
    _remember(cache, "bad", info=BLOCKED)
    _remember(cache, *(f"T{number}" for number in range(MAX_TOKENS - 1)))
    cache.find("T0", NOW)
    _remember(cache, "new-1", "new-2")
    assert cache.find("bad", NOW) is None
    assert cache.find("T0", NOW) == VALID
    assert cache.find("T1", NOW) is None
    assert cache.find("new-1", NOW) == VALID
    _remember(cache, "worst", info=BLOCKED)
    assert cache.find("worst", NOW) == BLOCKED


def test_clearing_is_durable() -> None:
    settings = MemorySettings()
    cache = AuthCache(settings)
    _remember(cache, "A")
    asyncio.run(cache.clear())
    assert AuthCache(settings).find("A", NOW) is None
