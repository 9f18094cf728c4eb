"""The telephone desk: who calls is checked before anything of a card is shown.

    support number ──► asked ──three right answers──► open (15 min) ──► closed
                         │
                         └──anything wrong──► refused; the third in a row locks the number, each time
                                              for twice as long, known or not

Questions come for every number, answers are compared in slow hashes by whoever calls `judge`, and
every step is in the audit. Nothing tells whether a number exists.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from central.clock import Clock, utc_from_text, utc_text
from central.entropy import Entropy, fingerprint, name
from central.members.letters import Letters
from central.members.wallet import Wallet
from central.storage.store import Store
from central.storage.tables.support import PHONE_CHECK, PHONE_LOCK
from central.support.agents import Agent
from central.support.audit import Audit, Look
from central.support.decoys import Decoys

ASKED, OPEN, REFUSED, CLOSED = "asked", "open", "refused", "closed"
_FREE_FAILURES = 2
_FIRST_LOCK = timedelta(minutes=15)
_LONGEST_LOCK = timedelta(days=1)
_FORGOTTEN_AFTER = timedelta(days=30)
_ANSWERED_WITHIN = timedelta(minutes=10)
_OPEN_FOR = timedelta(minutes=15)
_ROWS_KEPT = timedelta(days=2)  # of checks: what happened is in the audit


class Locked(Exception):
    """Too many wrong answers for this support number, whether it exists or not."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Check:
    """One call. `number` None: no card has the support number that was said."""

    secret: str
    fingerprint: str
    number: str | None
    state: str

    @property
    def subject(self) -> str:
        """As the audit names it."""
        return self.number or f"unknown:{self.fingerprint[:12]}"


class PhoneDesk:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        entropy: Entropy,
        *,
        letters: Letters,
        wallet: Wallet,
        audit: Audit,
    ) -> None:
        self._store = store
        self._rows = store.database
        self._clock = clock
        self._entropy = entropy
        self._letters = letters
        self._wallet = wallet
        self._audit = audit
        self._decoys = Decoys(store, entropy)

    def begin(self, agent: Agent, support_number: str) -> Check:
        """Raises Locked. A second call about the same number is a check of its own."""
        mark = fingerprint(support_number)
        found = self._letters.card_of_support_number(support_number)
        number = None if found is None else self._store.lineage.newest(found)
        now = self._clock.utc()
        check = Check(name(self._entropy), mark, number, ASKED)
        with self._store.change(*Audit.names(f"phone:{mark}")):
            wait_s = self._wait_s(mark, now)
            self._note(agent, check, "phone.asked", "locked" if wait_s else "asked")
            if not wait_s:
                self._rows.write(
                    delete(PHONE_CHECK).where(PHONE_CHECK.c.ends_at < utc_text(now - _ROWS_KEPT))
                )
                self._rows.insert(
                    PHONE_CHECK,
                    secret=fingerprint(check.secret),
                    agent_id=agent.id,
                    fingerprint=mark,
                    number=number,
                    state=ASKED,
                    begun_at=utc_text(now),
                    ends_at=utc_text(now + _ANSWERED_WITHIN),
                )
        if wait_s:
            raise Locked(wait_s)
        return check

    def check(self, agent: Agent, secret: str) -> Check | None:
        """Only the agent who took the call; a check whose time is over is closed."""
        row = self._row(agent, secret)
        if row is None:
            return None
        is_over = row.ends_at <= utc_text(self._clock.utc()) and row.state in (ASKED, OPEN)
        return Check(secret, row.fingerprint, row.number, CLOSED if is_over else row.state)

    def questions(self, check: Check) -> list[tuple[str, str | None]]:
        """Three, each with the hash of its answer; None: no answer is right."""
        prepared = [] if check.number is None else self._wallet.questions(check.number)
        if len(prepared) == 3:
            return [(question, answer_hash) for question, answer_hash in prepared]
        return [(question, None) for question in self._decoys.questions(check.fingerprint)]

    def judge(self, agent: Agent, check: Check, *, is_right: bool) -> str:
        """The check's state then. One judgement for each check: answers are not tried one by one.

        Raises Locked when too many were wrong meanwhile, however right these are.
        """
        now = self._clock.utc()
        with self._store.change(*Audit.names(f"phone:{check.fingerprint}")):
            found = self.check(agent, check.secret)
            if found is None or found.state != ASKED:
                return CLOSED if found is None else found.state
            wait_s = self._wait_s(check.fingerprint, now)
            state = OPEN if is_right and check.number and not wait_s else REFUSED
            if state == OPEN:
                self._forgive(check.fingerprint)
            elif not wait_s:
                self._fail(check.fingerprint, now)
            self._set(check, state, now + _OPEN_FOR)
            outcome = "locked" if wait_s else "right" if state == OPEN else "wrong"
            self._note(agent, check, "phone.answered", outcome)
        if wait_s:
            raise Locked(wait_s)
        return state

    def close(self, agent: Agent, check: Check) -> None:
        with self._store.change(*Audit.names(f"phone:{check.fingerprint}")):
            self._set(check, CLOSED, self._clock.utc())
            self._note(agent, check, "phone.closed", "closed")

    # --- the lock -----------------------------------------------------------------------------------

    def _wait_s(self, mark: str, now: datetime) -> float:
        row = self._lock(mark)
        if row is None:
            return 0.0
        return max(0.0, (utc_from_text(row.until) - now).total_seconds())

    def _fail(self, mark: str, now: datetime) -> None:
        row = self._lock(mark)
        is_old = row is None or utc_from_text(row.last_at) < now - _FORGOTTEN_AFTER
        failures = 1 if row is None or is_old else row.failures + 1
        doubled = max(0, failures - _FREE_FAILURES - 1)
        lock = min(_LONGEST_LOCK, _FIRST_LOCK * 2 ** min(doubled, 20))
        until = now + lock if failures > _FREE_FAILURES else now
        self._rows.upsert(
            PHONE_LOCK,
            fingerprint=mark,
            failures=failures,
            last_at=utc_text(now),
            until=utc_text(until),
        )

    def _forgive(self, mark: str) -> None:
        self._rows.write(delete(PHONE_LOCK).where(PHONE_LOCK.c.fingerprint == mark))

    def _lock(self, mark: str) -> Any:
        return self._rows.first(select(PHONE_LOCK).where(PHONE_LOCK.c.fingerprint == mark))

    # --- rows ---------------------------------------------------------------------------------------

    def _row(self, agent: Agent, secret: str) -> Any:
        mine = (PHONE_CHECK.c.secret == fingerprint(secret)) & (PHONE_CHECK.c.agent_id == agent.id)
        return self._rows.first(select(PHONE_CHECK).where(mine))

    def _set(self, check: Check, state: str, ends: datetime) -> None:
        mine = PHONE_CHECK.c.secret == fingerprint(check.secret)
        values = {"state": state, "ends_at": utc_text(ends)}
        self._rows.write(update(PHONE_CHECK).where(mine).values(values))

    def _note(self, agent: Agent, check: Check, action: str, outcome: str) -> None:
        self._audit.add_inside(Look(agent.login, action, check.subject, outcome))
