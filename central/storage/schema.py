"""Which schema a database has, and what is done about it when it is opened.

A new SQLite database is made as the tables say. An older file is taken further by the revisions in
`central/migrations`; one from before there were revisions first by the scripts that were used
then. PostgreSQL is migrated when somebody says so: `python -m central.migrate`.
"""

from functools import cache
from importlib import resources

from sqlalchemy import Connection, inspect
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateIndex, CreateTable

from central.errors import CentralError
from central.storage.engine import Database, StorageAway
from central.storage.tables import METADATA

_SCRIPTS = tuple(f"schema_{number}.sql" for number in range(1, 6))
_FIRST_REVISION = "0001"  # what the last of these scripts left
_HAS_REVISIONS = len(_SCRIPTS) + 1  # PRAGMA user_version; programs before it refuse such a file
_STAMP = "INSERT INTO alembic_version (version_num) VALUES ('{}')"
_VERSION_TABLE = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)


class WrongStore(CentralError):
    """The database's schema is not one that this program knows or may change."""


@cache
def revisions() -> tuple[str, ...]:
    """Oldest first, by the names of their files: `r0001_accounts.py` is 0001."""
    folder = resources.files("central.migrations.versions")
    return tuple(sorted(each.name[1:5] for each in folder.iterdir() if each.name.startswith("r0")))


def head() -> str:
    return revisions()[-1]


def prepare(database: Database) -> None:
    """The schema is the newest afterwards, or this raises WrongStore or StorageAway."""
    if database.is_postgres:
        _require_newest(database)
        return
    with database.engine_connection() as connection:
        _prepare_file(database, connection)


def _require_newest(database: Database) -> None:
    found = revision_of(database)
    if found is None or found in revisions()[:-1]:
        raise WrongStore(
            f"{database.place}: schema {found or 'none'}, wanted {head()}; "
            f"run python -m central.migrate --db {database.place}"
        )
    if found != head():
        raise WrongStore(f"{database.place}: schema {found}, this program knows {head()}")


def revision_of(database: Database) -> str | None:
    """None where no revision was ever applied."""
    try:
        with database.engine_connection() as connection:
            return _revision(connection)
    except DBAPIError as error:
        raise StorageAway(f"{database.place}: {error.orig}") from error


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql(
        "SELECT version_num FROM alembic_version"
    ).scalar()
    return found


# --- SQLite -----------------------------------------------------------------------------------------


def _prepare_file(database: Database, connection: Connection) -> None:
    version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
    if version > _HAS_REVISIONS:
        known = _HAS_REVISIONS
        raise WrongStore(f"{database.place}: schema {version}, this program knows {known}")
    if version == 0:
        _run_script(connection, _fresh_script())
        return
    if version < _HAS_REVISIONS:
        _adopt(connection, version)
    found = _revision(connection)
    if found not in revisions():
        raise WrongStore(f"{database.place}: schema {found}, this program knows {head()}")
    if found != head():
        # Alembic takes a tenth of a second to import, and most starts do not need it.
        from central.storage.migrating import upgrade_file  # noqa: PLC0415

        upgrade_file(connection)


def _adopt(connection: Connection, version: int) -> None:
    for number, name in enumerate(_SCRIPTS[version:], start=version + 1):
        script = resources.files("central.storage.older").joinpath(name).read_text("utf-8")
        _run_script(connection, f"{script}; PRAGMA user_version = {number}")
    stamp = _STAMP.format(_FIRST_REVISION)
    _run_script(connection, f"{_VERSION_TABLE}; {stamp}; PRAGMA user_version = {_HAS_REVISIONS}")


def _run_script(connection: Connection, script: str) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.executescript(f"BEGIN IMMEDIATE; {script}; COMMIT;")


@cache
def _fresh_script() -> str:
    """What `metadata.create_all` would say, compiled once: the bench makes many databases."""
    dialect = sqlite.dialect()
    parts = []
    for table in METADATA.sorted_tables:
        parts.append(str(CreateTable(table).compile(dialect=dialect)))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        parts += [str(CreateIndex(index).compile(dialect=dialect)) for index in indexes]
    stamp = _STAMP.format(head())
    return "; ".join([*parts, _VERSION_TABLE, stamp, f"PRAGMA user_version = {_HAS_REVISIONS}"])
