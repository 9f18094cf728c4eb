"""`python -m central.migrate`: takes a database to this program's schema, or says which it has."""

import argparse
import sys
from collections.abc import Sequence

from central.errors import CentralError
from central.storage import schema
from central.storage.engine import Database

_EPILOG = """\
examples:
  python -m central.migrate --db postgresql://central@localhost/central
  python -m central.migrate --db central.sqlite --check

A SQLite file is also migrated whenever it is opened. Make a copy first: there is no way back.
"""


def main(words: Sequence[str] | None = None) -> int:
    """Exit code 0: the schema is the newest; 1: it cannot be made so; 3: --check, and it is not."""
    parser = argparse.ArgumentParser(
        prog="python -m central.migrate",
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--db", required=True, metavar="URL", help="database URL or SQLite file")
    parser.add_argument("--check", action="store_true", help="change nothing")
    asked = parser.parse_args(words)
    try:
        found = _checked(asked.db) if asked.check else _migrated(asked.db)
    except CentralError as error:
        sys.stderr.write(f"central: {error}\n")
        return 1
    sys.stdout.write(f"schema {found or 'none'}, this program's is {schema.head()}\n")
    return 0 if found == schema.head() else 3


def _checked(place: str) -> str | None:
    database = Database(place)
    try:
        return schema.revision_of(database)
    finally:
        database.close()


def _migrated(place: str) -> str | None:
    database = Database(place)
    try:
        if database.is_postgres:
            from central.storage.migrating import upgrade_server  # noqa: PLC0415 -- slow to import

            found = schema.revision_of(database)
            if found is not None and found not in schema.revisions():
                raise schema.WrongStore(f"schema {found}, this program knows {schema.head()}")
            upgrade_server(database)
        schema.prepare(database)
        return schema.revision_of(database)
    finally:
        database.close()


if __name__ == "__main__":
    sys.exit(main())
