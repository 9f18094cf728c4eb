"""What a card may spend without the central system: per charge, per day, whatever was cut."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chargepoint.app.offline_allowance import OfflineAllowance, OfflineRules
from chargepoint.domain.money.account import TokenAnswer, TokenStatus
from chargepoint.domain.record import Batch, PointRecord, SessionRecord
from chargepoint.domain.session import Means, Session, StartOrder, dump_session
from chargepoint.domain.units import ConnectorId, Minor, SessionId, Wh
from chargepoint.store.journal import Journal, open_inline
from tests.support.points import PUBLIC

ONE = ConnectorId(1)
CARD, OTHER = "7123450000000018", "7123450000000026"
RULES = OfflineRules(Minor(1000), Minor(2000), Minor(100), "Europe/Madrid")
OFFLINE = TokenAnswer(TokenStatus.ACCEPTED, offline=True)


class Noon:
    """A clock that stands at noon of a winter's day in Madrid, or where it is put."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 11, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0

    def utc(self) -> datetime:
        return self.now


class Till:
    """A journal with sessions, and what is left of a card's allowance."""

    def __init__(self, path: Path) -> None:
        self.clock = Noon()
        self.journal: Journal = open_inline(str(path / "journal.db"), self.clock)
        self.allowance = OfflineAllowance(RULES, self.clock, self.journal.offline_spent)
        self.sessions = 0

    def session(self, card: str, hours_ago: float, *, offline: bool = True) -> Session:
        self.sessions += 1
        name = SessionId(f"S{self.sessions}")
        order = StartOrder(name, Means.GREENCARD, card, PUBLIC, Minor(1000), offline=offline)
        began = self.clock.now - timedelta(hours=hours_ago)
        return Session(order, began, Wh(0), Wh(0), order.limit)

    def billed(
        self, total: int, hours_ago: float = 1, *, card: str = CARD, offline: bool = True
    ) -> None:
        session = self.session(card, hours_ago, offline=offline)
        body = {**dump_session(session), "total": total}
        self.write(Batch(sessions=(SessionRecord(session.id, ONE, body),)))

    def running(self, session: Session) -> None:
        body = {"session": dump_session(session), "saved_at": "", "pending": None}
        self.write(Batch(points=(PointRecord(ONE, "session/energised", body),)))

    def write(self, batch: Batch) -> None:
        async def durable() -> None:
            await self.journal.append(batch)

        asyncio.run(durable())

    def left(self, card: str = CARD) -> int | None:
        return self.allowance.limited(card, OFFLINE).allowance


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    made = Till(tmp_path)
    yield made
    made.journal.close()


def test_fresh_card_may_spend_the_limit_of_one_charge(till: Till) -> None:
    answer = till.allowance.limited(CARD, OFFLINE)
    assert answer == replace(OFFLINE, allowance=Minor(1000))


def test_day_counts_every_charge_of_this_card(till: Till) -> None:
    till.billed(900)
    assert till.left() == 1000
    till.billed(600)
    assert till.left() == 500
    assert till.left(OTHER) == 1000


def test_charge_that_is_not_billed_counts_in_full(till: Till) -> None:
    till.billed(900)
    session = till.session(CARD, 0.1)
    till.running(session)
    assert till.left() == 100
    body = {**dump_session(session), "total": 400}
    till.write(Batch(sessions=(SessionRecord(session.id, ONE, body),)))
    assert till.left() == 700


def test_card_that_spent_its_day_is_refused_with_what_is_left(till: Till) -> None:
    till.billed(1000)
    till.billed(950)
    answer = till.allowance.limited(CARD, OFFLINE)
    assert (answer.status, answer.allowance) == (TokenStatus.INVALID, 50)


def test_day_begins_at_midnight_here(till: Till) -> None:
    till.billed(700, hours_ago=11.9)  # 00:06 in Madrid
    till.billed(700, hours_ago=12.1)  # the day before, there
    assert till.left() == 1000
    till.billed(600)
    assert till.left() == 700
    till.clock.now += timedelta(days=1)
    assert till.left() == 1000


def test_night_that_puts_the_clock_back_belongs_to_one_day(till: Till) -> None:
    till.clock.now = datetime(2026, 10, 25, 20, tzinfo=UTC)  # 21:00; midnight was 22:00 UTC
    till.billed(1500, hours_ago=21.5)  # 00:30 of this day
    assert till.left() == 500


def test_charges_that_the_central_system_allowed_do_not_count(till: Till) -> None:
    till.billed(1900, offline=False)
    assert till.left() == 1000


@pytest.mark.parametrize(
    "answer",
    [
        TokenAnswer(TokenStatus.ACCEPTED),
        TokenAnswer(TokenStatus.INVALID, offline=True),
        TokenAnswer(TokenStatus.BLOCKED),
    ],
)
def test_other_answers_pass_unchanged(till: Till, answer: TokenAnswer) -> None:
    assert till.allowance.limited(CARD, answer) == answer
