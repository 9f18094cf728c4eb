"""The database: one connection of SQLite, or a pool of PostgreSQL that several processes share.

Every change happens inside `change()`: all of it is durable when the block ends, or none of it.
What is read outside such a block is what was committed when it was read.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache, partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import (
    Connection,
    Engine,
    Executable,
    Row,
    Table,
    create_engine,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from central.errors import CentralError

MEMORY = ":memory:"
_CONNECTIONS_MAX = 8  # of one process; PostgreSQL allows a hundred by default
_BUSY_MS = 5_000  # another process, as central.manage, may be writing

Wanted = ParamSpec("Wanted")
Result = TypeVar("Result")


class StorageAway(CentralError):
    """The database cannot be reached or opened, or is of another program."""


def url_of(place: Path | str) -> URL:
    """A file, `:memory:`, or a database URL as `postgresql://user@host/name`."""
    text = str(place)
    if text == MEMORY:
        return URL.create("sqlite")
    if "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise StorageAway(f"not a database URL: {error}") from error
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise StorageAway(f"{url.get_backend_name()}: SQLite and PostgreSQL are known here")
    return url


@cache
def _memory_engine() -> Engine:
    """Each connection is a database of its own; what is compiled once serves all of them."""
    return create_engine(
        "sqlite://",
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"check_same_thread": False},
    )


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        # A quarter of the start's time, where no server is asked.
        from central.storage.postgres import engine_of  # noqa: PLC0415

        return engine_of(url, connections_max=_CONNECTIONS_MAX)
    if not url.database:
        return _memory_engine()
    return create_engine(
        url,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"check_same_thread": False},
    )


class _Current(threading.local):
    """The change under way in this thread."""

    connection: Connection | None = None
    afterwards: list[Callable[[], None]] | None = None


class Database:
    """Statements for whoever keeps rows. SQLite: of one thread; PostgreSQL: of any."""

    def __init__(self, place: Path | str = MEMORY) -> None:
        url = url_of(place)
        self.is_postgres = url.get_backend_name() == "postgresql"
        self.place = url.render_as_string() if self.is_postgres else str(place)  # no password
        self.engine = _engine(url)
        self._reader = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._current = _Current()
        self._threads: ThreadPoolExecutor | None = None
        self._only: Connection | None = None
        if self.is_postgres:
            self._threads = ThreadPoolExecutor(_CONNECTIONS_MAX, "database")
        else:
            self._only = self._opened()

    def _opened(self) -> Connection:
        try:
            connection = self.engine.connect()
            for pragma in (
                f"busy_timeout = {_BUSY_MS}",
                "journal_mode = WAL",
                "synchronous = FULL",
                "foreign_keys = ON",
            ):
                connection.exec_driver_sql(f"PRAGMA {pragma}")
        except DBAPIError as error:
            raise StorageAway(f"{self.place}: {error.orig}") from error
        return connection

    def engine_connection(self) -> AbstractContextManager[Connection]:
        """For whoever looks after the schema."""
        return self._reader.connect() if self._only is None else nullcontext(self._only)

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown()
            self.engine.dispose()
        if self._only is not None:
            self._only.close()

    # --- off the event loop -------------------------------------------------------------------------

    async def run(
        self, job: Callable[Wanted, Result], *args: Wanted.args, **named: Wanted.kwargs
    ) -> Result:
        """`job(*args)` without holding up the event loop: at once with SQLite, whose answers take
        microseconds (and in virtual time nothing may wait); in a thread with PostgreSQL.
        """
        if self._threads is None:
            return job(*args, **named)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(job, *args, **named))

    # --- changes ------------------------------------------------------------------------------------

    @contextmanager
    def change(self, *names: str) -> Iterator[None]:
        """One durable step. Blocks do not nest.

        `names`: what the step decides about, as `card:6034…`. Of two steps with a name in common
        the second begins, in whichever process, when the first has ended; so read inside.
        """
        assert self._current.connection is None, "changes do not nest"
        with self._begun() as connection:
            afterwards: list[Callable[[], None]] = []
            self._current.connection = connection
            self._current.afterwards = afterwards
            try:
                if self.is_postgres:
                    for name in sorted(set(names)):
                        key = func.hashtextextended(name, 0)
                        connection.execute(select(func.pg_advisory_xact_lock(key)))
                yield
            finally:
                self._current.connection = None
                self._current.afterwards = None
        for act in afterwards:
            act()

    def afterwards(self, act: Callable[[], None]) -> None:
        """When the change under way in this thread is durable, and never if it fails; without a
        change, at once."""
        if self._current.afterwards is None:
            act()
        else:
            self._current.afterwards.append(act)

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        if self._only is None:
            with self.engine.begin() as connection:
                yield connection
            return
        driver = self._only.connection.driver_connection
        assert driver is not None
        driver.execute("BEGIN IMMEDIATE")
        try:
            yield self._only
        except BaseException:
            driver.execute("ROLLBACK")
            raise
        driver.execute("COMMIT")

    # --- statements ---------------------------------------------------------------------------------

    # A statement made once, with `bindparam`, and given `values` costs half of one made each time.

    def rows(self, statement: Executable, **values: Any) -> Sequence[Row[*tuple[Any, ...]]]:
        with self._connection() as connection:
            return connection.execute(statement, values).all()

    def first(self, statement: Executable, **values: Any) -> Row[*tuple[Any, ...]] | None:
        with self._connection() as connection:
            return connection.execute(statement, values).first()

    def value(self, statement: Executable, **values: Any) -> Any:
        """The first column of the first row; None when there is none."""
        with self._connection() as connection:
            return connection.execute(statement, values).scalar()

    def write(self, statement: Executable, *many: Mapping[str, Any], **values: Any) -> int:
        """How many rows it changed. Only inside a change."""
        options = {"preserve_rowcount": True}
        changing = self._changing()
        return changing.execute(statement, many or values, execution_options=options).rowcount

    def insert(self, table: Table, **values: Any) -> None:
        self.write(table.insert().values(values))

    def numbered(self, table: Table, **values: Any) -> int:
        """Insert, and give the `id` that the database counted."""
        statement = table.insert().values(values).returning(table.c.id)
        return int(self._changing().execute(statement).scalar_one())

    def insert_new(self, table: Table, **values: Any) -> bool:
        """False when a row with such a key is there already; it stays as it is."""
        insert = postgresql.insert if self.is_postgres else sqlite.insert
        statement = insert(table).values(values).on_conflict_do_nothing()
        return self.write(statement) == 1

    def upsert(self, table: Table, **values: Any) -> None:
        """Insert; of a row with this primary key, change the columns given."""
        insert = postgresql.insert if self.is_postgres else sqlite.insert
        keys = [column.name for column in table.primary_key]
        rest = {name: value for name, value in values.items() if name not in keys}
        statement = (
            insert(table).values(values).on_conflict_do_update(index_elements=keys, set_=rest)
        )
        self.write(statement)

    def _changing(self) -> Connection:
        connection = self._current.connection
        assert connection is not None, "a statement that changes rows belongs in a change"
        return connection

    def _connection(self) -> AbstractContextManager[Connection]:
        current = self._current.connection
        return self.engine_connection() if current is None else nullcontext(current)
