"""Taking a database to the newest revision; whoever imports this imports Alembic."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from central.storage.engine import Database


def upgrade_file(connection: Connection, to: str = "head") -> None:
    """All of it or nothing. Tables that refer to each other may be rebuilt on the way."""
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        _upgrade(connection, to)
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        assert not broken, f"revision broke references: {broken}"
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")
    connection.exec_driver_sql("PRAGMA foreign_keys = ON")


def upgrade_server(database: Database, to: str = "head") -> None:
    """PostgreSQL, in one transaction; two that do this at once do it one after the other."""
    with database.engine.begin() as connection:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('central.migrate'))")
        _upgrade(connection, to)


def _upgrade(connection: Connection, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", "central:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, to)
