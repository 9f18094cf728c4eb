"""What processes tell each other, as rows and as PostgreSQL's notifications. Synchronous."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update

from central.storage.engine import Database
from central.storage.tables.points import POINT_ORDER, POINT_STATE, SERVER_PROCESS

NOBODY = ""


@dataclass(frozen=True, slots=True)
class Order:
    """`answer`: JSON, None until there is one."""

    id: int
    point: str
    asked_by: str
    asked_of: str
    action: str
    payload: str
    at: str
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A point's state as its process last wrote it; `process` is NOBODY when none holds it."""

    point: str
    process: str
    document: str


def lock_of(process: str) -> str:
    """The advisory lock that a process holds while it lives."""
    return f"process:{process}"


class NetworkRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    def tell_inside(self, channel: str, text: str) -> None:
        """Heard by whoever listens when the change is durable."""
        self._database.value(select(func.pg_notify(channel, text)))

    # --- processes ----------------------------------------------------------------------------------

    def join(self, process: str, at: str) -> None:
        with self._database.change():
            self._database.upsert(SERVER_PROCESS, id=process, started_at=at)

    def leave(self, process: str) -> list[str]:
        """Its points are nobody's from now on; their names."""
        with self._database.change():
            return self._freed_inside(process)

    def bury(self, own: str) -> list[str]:
        """The points of processes that died: PostgreSQL took their locks away."""
        others = self._database.rows(select(SERVER_PROCESS.c.id).where(SERVER_PROCESS.c.id != own))
        freed: list[str] = []
        for (process,) in others:
            with self._database.change():
                key = func.hashtextextended(lock_of(process), 0)
                if self._database.value(select(func.pg_try_advisory_xact_lock(key))):
                    freed += self._freed_inside(process)
        return freed

    def _freed_inside(self, process: str) -> list[str]:
        held = POINT_STATE.c.process == process
        names = self._database.rows(select(POINT_STATE.c.point).where(held))
        self._database.write(update(POINT_STATE).where(held).values(process=NOBODY))
        self._database.write(delete(SERVER_PROCESS).where(SERVER_PROCESS.c.id == process))
        self._database.write(delete(POINT_ORDER).where(POINT_ORDER.c.asked_by == process))
        return [name for (name,) in names]

    # --- points -------------------------------------------------------------------------------------

    def claim(self, point: str, process: str) -> str:
        """From now on `process` holds the point; gives who held it before."""
        with self._database.change(f"point:{point}"):
            before = self.holder(point)
            self._database.insert_new(POINT_STATE, point=point, process=process, document="{}")
            mine = update(POINT_STATE).where(POINT_STATE.c.point == point)
            self._database.write(mine.values(process=process))
        return before

    def release(self, point: str, process: str) -> None:
        """Nothing, if another process has it by now."""
        mine = (POINT_STATE.c.point == point) & (POINT_STATE.c.process == process)
        with self._database.change(f"point:{point}"):
            self._database.write(update(POINT_STATE).where(mine).values(process=NOBODY))

    def keep_only(self, process: str, held: Iterable[str]) -> list[str]:
        """Points whose link ended while nobody could be told are nobody's; their names."""
        lost = (POINT_STATE.c.process == process) & POINT_STATE.c.point.not_in(sorted(held))
        with self._database.change():
            names = self._database.rows(select(POINT_STATE.c.point).where(lost))
            self._database.write(update(POINT_STATE).where(lost).values(process=NOBODY))
        return [name for (name,) in names]

    def holder(self, point: str) -> str:
        statement = select(POINT_STATE.c.process).where(POINT_STATE.c.point == point)
        return self._database.value(statement) or NOBODY

    def save_inside(self, process: str, documents: Mapping[str, str]) -> None:
        """Only of points that this process holds."""
        for point, document in sorted(documents.items()):
            mine = (POINT_STATE.c.point == point) & (POINT_STATE.c.process == process)
            self._database.write(update(POINT_STATE).where(mine).values(document=document))

    def states(self, points: Iterable[str] | None = None) -> list[Held]:
        """Of these points; of all."""
        statement = select(POINT_STATE.c.point, POINT_STATE.c.process, POINT_STATE.c.document)
        if points is not None:
            statement = statement.where(POINT_STATE.c.point.in_(sorted(points)))
        return [
            Held(row.point, row.process, row.document) for row in self._database.rows(statement)
        ]

    # --- orders -------------------------------------------------------------------------------------

    def place_inside(self, order: Order) -> int:
        return self._database.numbered(
            POINT_ORDER,
            point=order.point,
            asked_by=order.asked_by,
            asked_of=order.asked_of,
            action=order.action,
            payload=order.payload,
            at=order.at,
        )

    def order(self, number: int) -> Order | None:
        row = self._database.first(select(POINT_ORDER).where(POINT_ORDER.c.id == number))
        return None if row is None else Order(**row._asdict())

    def answer_inside(self, number: int, answer: str) -> bool:
        """False when whoever asked has gone meanwhile."""
        placed = update(POINT_ORDER).where(POINT_ORDER.c.id == number)
        return self._database.write(placed.values(answer=answer)) == 1

    def forget(self, number: int) -> None:
        with self._database.change():
            self._database.write(delete(POINT_ORDER).where(POINT_ORDER.c.id == number))
