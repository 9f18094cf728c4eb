"""The people of the support desk: their names, roles and sessions, apart from the members'."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from central.clock import Clock, utc_text
from central.entropy import Entropy, fingerprint, name
from central.storage.store import Store
from central.storage.tables.support import SUPPORT_AGENT, SUPPORT_SESSION

AGENT, OPERATOR = "agent", "operator"
_SESSION_LASTS = timedelta(hours=12)  # a long day


@dataclass(frozen=True, slots=True)
class Agent:
    """An operator also reads the trail of looks and says who is an agent."""

    id: int
    login: str
    name: str
    role: str

    @property
    def is_operator(self) -> bool:
        return self.role == OPERATOR


class Agents:
    def __init__(self, store: Store, clock: Clock, entropy: Entropy) -> None:
        self._store = store
        self._rows = store.database
        self._clock = clock
        self._entropy = entropy

    def join(self, login: str, full_name: str, role: str, password_hash: str) -> bool:
        """False when somebody has this sign-in name already."""
        with self._store.change(f"agent:{login}"):
            return self._rows.insert_new(
                SUPPORT_AGENT,
                login=login,
                name=full_name,
                role=role,
                password_hash=password_hash,
                made_at=utc_text(self._clock.utc()),
            )

    def leave(self, login: str) -> bool:
        """Their sessions end at once; their name stays with what they did."""
        with self._store.change(f"agent:{login}"):
            found = self._present(login)
            if found is None:
                return False
            mine = SUPPORT_AGENT.c.id == found.id
            now = utc_text(self._clock.utc())
            self._rows.write(update(SUPPORT_AGENT).where(mine).values(left_at=now))
            self._end_sessions(found.id)
        return True

    def set_password(self, login: str, password_hash: str) -> bool:
        with self._store.change(f"agent:{login}"):
            found = self._present(login)
            if found is None:
                return False
            mine = SUPPORT_AGENT.c.id == found.id
            self._rows.write(update(SUPPORT_AGENT).where(mine).values(password_hash=password_hash))
            self._end_sessions(found.id)
        return True

    def all(self) -> list[Agent]:
        present = select(SUPPORT_AGENT).where(SUPPORT_AGENT.c.left_at.is_(None))
        return [_agent(row) for row in self._rows.rows(present.order_by(SUPPORT_AGENT.c.name))]

    def password_of(self, login: str) -> tuple[Agent, str] | None:
        row = self._present(login)
        return None if row is None else (_agent(row), row.password_hash)

    def open_session(self, agent: Agent) -> str:
        secret, now = name(self._entropy), self._clock.utc()
        with self._store.change(f"agent:{agent.login}"):
            ended = SUPPORT_SESSION.c.ends_at <= utc_text(now)
            self._rows.write(delete(SUPPORT_SESSION).where(ended))
            self._rows.insert(
                SUPPORT_SESSION,
                fingerprint=fingerprint(secret),
                agent_id=agent.id,
                began_at=utc_text(now),
                ends_at=utc_text(now + _SESSION_LASTS),
            )
        return secret

    def person_of(self, session: str) -> Agent | None:
        row = self._rows.first(
            select(SUPPORT_AGENT)
            .join(SUPPORT_SESSION)
            .where(
                SUPPORT_SESSION.c.fingerprint == fingerprint(session),
                SUPPORT_SESSION.c.ends_at > utc_text(self._clock.utc()),
                SUPPORT_AGENT.c.left_at.is_(None),
            )
        )
        return None if row is None else _agent(row)

    def close_session(self, session: str) -> None:
        with self._store.change():
            mine = SUPPORT_SESSION.c.fingerprint == fingerprint(session)
            self._rows.write(delete(SUPPORT_SESSION).where(mine))

    def _end_sessions(self, agent_id: int) -> None:
        theirs = SUPPORT_SESSION.c.agent_id == agent_id
        self._rows.write(delete(SUPPORT_SESSION).where(theirs))

    def _present(self, login: str) -> Any:
        found = (SUPPORT_AGENT.c.login == login) & SUPPORT_AGENT.c.left_at.is_(None)
        return self._rows.first(select(SUPPORT_AGENT).where(found))


def _agent(row: Any) -> Agent:
    return Agent(row.id, row.login, row.name, row.role)
