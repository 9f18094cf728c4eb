"""PostgreSQL for tests: the server that CENTRAL_TEST_PG names, or a throw-away one of our own.

Our own lives in a temporary folder, listens on a Unix socket there and nowhere else, promises
nothing about durability, and ends with the process that started it. Each test has a database of its
own, made by the revisions, and emptied for the next one.
"""

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL, make_url

from central.storage.engine import Database
from central.storage.migrating import upgrade_server
from central.storage.tables import METADATA

ADMIN_VARIABLE = "CENTRAL_TEST_PG"  # as postgresql://user@host/postgres
_TABLES = ", ".join(table.name for table in METADATA.sorted_tables)
# What a test left open would hold the tables that the next one wants empty.
_ALONE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_READY_S = 20
_QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "16MB",
    "max_connections": "100",
    "listen_addresses": "",
}


class NoPostgres(Exception):
    """Why there is none here; the reason a test gives when it is skipped."""


class Server:
    """`fresh()` gives the URL of an empty database of the newest schema."""

    def __init__(self, admin: URL) -> None:
        self._admin = admin
        self._numbers = itertools.count(1)
        self._made: list[str] = []
        self._free: list[str] = []

    def url(self, name: str) -> str:
        return self._admin.set(database=name).render_as_string(hide_password=False)

    @contextmanager
    def bare(self) -> Iterator[str]:
        """The URL of a database without any table."""
        name = self._create()
        yield self.url(name)
        self._drop(name)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        if self._free:
            name = self._free.pop()
        else:
            name = self._create()
            self._made.append(name)
            upgrade(self.url(name))
        yield self.url(name)
        self._ask(name, _ALONE)
        self._ask(name, f"TRUNCATE {_TABLES} RESTART IDENTITY CASCADE")
        self._free.append(name)

    def close(self) -> None:
        for name in self._made:
            self._drop(name)

    def _create(self) -> str:
        name = f"central_{os.getpid()}_{next(self._numbers)}"
        self._ask("postgres", f"CREATE DATABASE {name} TEMPLATE template0")
        return name

    def _drop(self, name: str) -> None:
        self._ask("postgres", f"DROP DATABASE {name} WITH (FORCE)")

    def _ask(self, database: str, statement: str) -> None:
        address = self._admin.set(drivername="postgresql", database=database)
        text = address.render_as_string(hide_password=False)
        with psycopg.connect(text, autocommit=True) as connection:
            connection.execute(statement.encode())


def upgrade(url: str) -> None:
    database = Database(url)
    upgrade_server(database)
    database.close()


@contextmanager
def running() -> Iterator[Server]:
    """Raises NoPostgres where there is none to be had."""
    with ExitStack() as life:
        named = os.environ.get(ADMIN_VARIABLE)
        admin = make_url(named) if named else life.enter_context(_throw_away())
        server = Server(admin)
        life.callback(server.close)
        yield server


@contextmanager
def _throw_away() -> Iterator[URL]:
    programs = _programs()
    user = _user()
    # Not pytest's folder: that is closed to other users, and PostgreSQL refuses to be root.
    folder = Path(tempfile.mkdtemp(prefix="central-pg-"))
    try:
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        books = folder / "books"
        made = [str(programs / "initdb"), "-D", str(books), "-U", "postgres", "-A", "trust"]
        _as(user, [*made, "--no-sync", "-E", "UTF8", "--locale=C"]).wait()
        options = [f"-c{name}={value}" for name, value in _QUICK.items()]
        server = _as(user, [str(programs / "postgres"), "-D", str(books), f"-k{folder}", *options])
        try:
            address = URL.create(
                "postgresql", "postgres", database="postgres", query={"host": str(folder)}
            )
            _until_ready(programs, folder, server)
            yield address
        finally:
            server.send_signal(signal.SIGINT)  # its "fast" shutdown
            server.wait(_READY_S)
    finally:
        shutil.rmtree(folder)


def _programs() -> Path:
    """Debian keeps them beside each other, a folder for each version."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: float(each.parent.name)
    )
    for folder in reversed(folders):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    if found is None:
        raise NoPostgres(f"no PostgreSQL is installed here, and {ADMIN_VARIABLE} names none")
    return Path(found).parent


def _user() -> pwd.struct_passwd | None:
    """Whom to run it as; None: ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        raise NoPostgres("PostgreSQL refuses to be root, and there is no user postgres") from None


def _as(user: pwd.struct_passwd | None, words: list[str]) -> subprocess.Popen[bytes]:
    """A child that ends when this process does, however it does."""
    tether = ["setpriv", "--pdeathsig", "INT"]
    if user is not None:
        tether += ["--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups"]
    if shutil.which("setpriv") is None:
        raise NoPostgres("no setpriv (util-linux) to tie PostgreSQL to this process")
    return subprocess.Popen(
        [*tether, "--", *words],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _until_ready(programs: Path, folder: Path, server: subprocess.Popen[bytes]) -> None:
    ask = [str(programs / "pg_isready"), "-q", "-h", str(folder), "-t", "1"]
    for _ in range(_READY_S * 20):
        if server.poll() is not None:
            raise NoPostgres(f"PostgreSQL ended with {server.returncode} as it started")
        if subprocess.run(ask, check=False).returncode == 0:
            return
        try:
            server.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
    raise NoPostgres(f"PostgreSQL was not ready in {_READY_S} s")
