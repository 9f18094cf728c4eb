"""Bays that the desk holds for callers who have no code: listed for every agent, gone by themselves.

Nobody's reservation is pushed aside: what is reserved for the time of the hold is not held.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select

from central.clock import Clock, utc_text
from central.reservations.records import Bay
from central.reservations.register import Register
from central.storage.store import Store
from central.storage.tables.support import SUPPORT_HOLD
from central.support.agents import Agent

MINUTES = 15


@dataclass(frozen=True, slots=True)
class Hold:
    point: str
    connector: int
    begun_at: str
    until: str
    agent: str
    reason: str


class Holds:
    def __init__(self, store: Store, clock: Clock, register: Register) -> None:
        self._rows = store.database
        self._clock = clock
        self._register = register

    def take(self, agent: Agent, bay: Bay, reason: str) -> Hold | None:
        """None: it is somebody's. Held already, it is held anew."""
        now = self._clock.utc()
        until = now + timedelta(minutes=MINUTES)
        hold = Hold(*_at(bay), utc_text(now), utc_text(until), agent.login, reason)
        with self._register.change(self._register.bays.site_of(bay.point)):
            if not self._register.free_inside([bay], now, until):
                return None
            self._rows.write(delete(SUPPORT_HOLD).where(SUPPORT_HOLD.c.until <= utc_text(now)))
            self._rows.upsert(
                SUPPORT_HOLD,
                point=hold.point,
                connector=hold.connector,
                begun_at=hold.begun_at,
                until=hold.until,
                agent=hold.agent,
                reason=hold.reason,
            )
        return hold

    def let_go(self, bay: Bay) -> None:
        this = (SUPPORT_HOLD.c.point == bay.point) & (SUPPORT_HOLD.c.connector == bay.connector)
        with self._register.change(self._register.bays.site_of(bay.point)):
            self._rows.write(delete(SUPPORT_HOLD).where(this))

    def standing(self) -> list[Hold]:
        """The one that ends first comes first."""
        now = utc_text(self._clock.utc())
        found = select(SUPPORT_HOLD).where(SUPPORT_HOLD.c.until > now)
        rows = self._rows.rows(found.order_by(SUPPORT_HOLD.c.until, SUPPORT_HOLD.c.point))
        return [Hold(**row._asdict()) for row in rows]


def _at(bay: Bay) -> tuple[str, int]:
    return bay.point, bay.connector
