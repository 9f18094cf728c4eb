"""Complaints: a number and a deadline at once, an answer that is given once and mailed.

    made ──► open ──agent answers──► answered            `due_on`: the last day for it, local

Who complained reads it behind an address that nobody can guess; the desk sees them all, the most
urgent first.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from central.clock import Clock, utc_text
from central.entropy import Entropy, fingerprint, name
from central.feed import Feed
from central.storage.store import Store
from central.storage.tables.support import COMPLAINT
from central.support.agents import Agent
from central.support.audit import Audit, Look

KIND = "complaint"
_LISTED_MAX = 200


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody complains about. `point`, `address`, `wish` may be empty."""

    name: str
    email: str
    address: str
    point: str
    happened_on: str
    facts: str
    wish: str
    language: str
    member_id: int | None = None


@dataclass(frozen=True, slots=True)
class Complaint:
    number: str
    written: Written
    state: str
    made_at: str
    due_on: str
    answer: str
    answered_at: str | None
    answered_by: str
    is_late: bool

    @property
    def is_open(self) -> bool:
        return self.state == "open"


class Complaints:
    def __init__(  # noqa: PLR0913 -- what it stands on, by name
        self,
        store: Store,
        clock: Clock,
        feed: Feed,
        entropy: Entropy,
        *,
        audit: Audit,
        days: int,
        timezone: str,
    ) -> None:
        self._store = store
        self._rows = store.database
        self._clock = clock
        self._feed = feed
        self._entropy = entropy
        self._audit = audit
        self._days = days
        self._zone = ZoneInfo(timezone)

    def make(self, written: Written) -> tuple[Complaint, str]:
        """The complaint, and the secret of its page."""
        secret = name(self._entropy)
        now = self._clock.utc()
        today = now.astimezone(self._zone).date()
        with self._store.change():
            row_id = self._rows.numbered(
                COMPLAINT,
                number=secret,
                secret=fingerprint(secret),
                member_id=written.member_id,
                name=written.name,
                email=written.email,
                address=written.address,
                point=written.point,
                happened_on=written.happened_on,
                facts=written.facts,
                wish=written.wish,
                language=written.language,
                state="open",
                made_at=utc_text(now),
                due_on=(today + timedelta(days=self._days)).isoformat(),
                answer="",
                answered_by="",
            )
            number = f"R-{today.year}-{row_id:06}"
            mine = COMPLAINT.c.id == row_id
            self._rows.write(update(COMPLAINT).where(mine).values(number=number))
            self._feed.changed(KIND, number)
        found = self.of_number(number)
        assert found is not None, "just made"
        return found, secret

    def behind(self, secret: str) -> Complaint | None:
        return self._one(COMPLAINT.c.secret == fingerprint(secret))

    def of_number(self, number: str) -> Complaint | None:
        return self._one(COMPLAINT.c.number == number)

    def all(self) -> list[Complaint]:
        """Open ones first, the most urgent first; then the answered ones, newest first."""
        waiting = select(COMPLAINT).where(COMPLAINT.c.state == "open").order_by(COMPLAINT.c.due_on)
        done = select(COMPLAINT).where(COMPLAINT.c.state == "answered")
        done = done.order_by(COMPLAINT.c.answered_at.desc()).limit(_LISTED_MAX)
        rows = [*self._rows.rows(waiting), *self._rows.rows(done)]
        return [self._complaint(row) for row in rows]

    def answer(self, agent: Agent, number: str, text: str) -> bool:
        """Once for ever; False when it was answered before, or there is none."""
        with self._store.change(*Audit.names(f"complaint:{number}")):
            is_open = (COMPLAINT.c.number == number) & (COMPLAINT.c.state == "open")
            now = utc_text(self._clock.utc())
            values = {
                "state": "answered",
                "answer": text,
                "answered_at": now,
                "answered_by": agent.login,
            }
            is_done = self._rows.write(update(COMPLAINT).where(is_open).values(values)) == 1
            if is_done:
                self._audit.add_inside(Look(agent.login, "complaint.answer", number, "answered"))
                self._feed.changed(KIND, number)
        return is_done

    def _one(self, condition: Any) -> Complaint | None:
        row = self._rows.first(select(COMPLAINT).where(condition))
        return None if row is None else self._complaint(row)

    def _complaint(self, row: Any) -> Complaint:
        today = self._clock.utc().astimezone(self._zone).date().isoformat()
        written = Written(
            row.name,
            row.email,
            row.address,
            row.point,
            row.happened_on,
            row.facts,
            row.wish,
            row.language,
            row.member_id,
        )
        return Complaint(
            row.number,
            written,
            row.state,
            row.made_at,
            row.due_on,
            row.answer,
            row.answered_at,
            row.answered_by,
            row.state == "open" and row.due_on < today,
        )
