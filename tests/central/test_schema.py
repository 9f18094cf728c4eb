"""The schema: as the tables say, whether made new, by revisions, or from an older file."""

import sqlite3
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect

from central import migrate
from central.storage import schema
from central.storage.engine import Database, StorageAway
from central.storage.migrating import upgrade_file
from central.storage.store import Store
from central.storage.tables import METADATA
from tests.support.central import CARD, START, a_system
from tests.support.postgres import Server


def shape(connection: Connection) -> dict[str, Any]:
    """Everything the catalogue knows of every table, without the order of columns."""
    catalogue = inspect(connection)
    return {
        name: {
            "columns": {
                # SQLite calls its numbered keys nullable, which they cannot be.
                each["name"]: (
                    str(each["type"]),
                    each["nullable"] and each["name"] != "id",
                    str(each["default"]),
                )
                for each in catalogue.get_columns(name)
            },
            "key": catalogue.get_pk_constraint(name)["constrained_columns"],
            "once": sorted(
                tuple(each["column_names"]) for each in catalogue.get_unique_constraints(name)
            ),
            "checks": sorted(
                str(each["sqltext"]) for each in catalogue.get_check_constraints(name)
            ),
            "refers": sorted(
                (tuple(each["constrained_columns"]), each["referred_table"])
                for each in catalogue.get_foreign_keys(name)
            ),
            "indexes": sorted(
                (str(each["name"]), tuple(each["column_names"]), bool(each["unique"]))
                for each in catalogue.get_indexes(name)
                if not each.get("duplicates_constraint")
            ),
        }
        for name in sorted(catalogue.get_table_names())
    }


def shape_of_file(path: Path) -> dict[str, Any]:
    return shape_of(Database(path))


def shape_of(database: Database) -> dict[str, Any]:
    with database.engine_connection() as connection:
        found = shape(connection)
    database.close()
    return found


def an_older_file(path: Path, version: int) -> None:
    older = sqlite3.connect(path)
    for number in range(1, version + 1):
        script = resources.files("central.storage.older").joinpath(f"schema_{number}.sql")
        older.executescript(script.read_text("utf-8"))
    older.execute(f"PRAGMA user_version = {version}")
    older.commit()
    older.close()


def test_new_database_when_made_by_revisions_then_as_the_tables_say(tmp_path: Path) -> None:
    Store(tmp_path / "new").close()
    revised = Database(tmp_path / "revised")
    with revised.engine_connection() as connection:
        upgrade_file(connection)
    revised.close()
    assert shape_of_file(tmp_path / "new") == shape_of_file(tmp_path / "revised")


def test_new_database_is_what_create_all_makes(tmp_path: Path) -> None:
    Store(tmp_path / "new").close()
    made = Database(tmp_path / "made")
    METADATA.create_all(made.engine)
    made.close()
    new = shape_of_file(tmp_path / "new")
    del new["alembic_version"]
    assert new == shape_of_file(tmp_path / "made")


@pytest.mark.parametrize("version", range(1, 6))
def test_older_file_when_opened_then_as_the_tables_say(tmp_path: Path, version: int) -> None:
    Store(tmp_path / "new").close()
    an_older_file(tmp_path / "old", version)
    Store(tmp_path / "old").close()
    assert shape_of_file(tmp_path / "new") == shape_of_file(tmp_path / "old")


def test_older_file_when_opened_then_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "old"
    an_older_file(path, 5)
    older = sqlite3.connect(path)
    older.execute(f"INSERT INTO posting (key, at, memo) VALUES ('opening', '{START}', '')")
    older.execute(f"INSERT INTO entry VALUES (1, 'card:{CARD}', 700), (1, 'opening', -700)")
    for name in ("second", "first"):
        older.execute(
            "INSERT INTO promotion (name, document) VALUES (?, ?)",
            (name, f'{{"name": "{name}", "percent": 5, "days": [], "sites": [], "plans": []}}'),
        )
    older.commit()
    older.close()
    for _ in range(2):
        store = Store(path)
        assert store.balances() == {f"card:{CARD}": 700, "opening": -700}
        assert [each.name for each in store.programme.promotions()] == ["second", "first"]
        store.close()
    # A program from before there were revisions compares this number and refuses the file.
    again = sqlite3.connect(path)
    assert again.execute("PRAGMA user_version").fetchone() == (6,)
    again.close()


def test_file_when_of_a_later_revision_then_refused(tmp_path: Path) -> None:
    path = tmp_path / "later"
    Store(path).close()
    later = sqlite3.connect(path)
    later.execute("UPDATE alembic_version SET version_num = '9999'")
    later.commit()
    later.close()
    with pytest.raises(schema.WrongStore, match="schema 9999"):
        Store(path)
    assert migrate.main(["--db", str(path)]) == 1


def test_file_when_behind_then_migrated_and_check_tells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "behind"
    database = Database(path)
    with database.engine_connection() as connection:
        upgrade_file(connection, "0001")
        connection.exec_driver_sql("PRAGMA user_version = 6")
    database.close()
    assert migrate.main(["--db", str(path), "--check"]) == 3
    assert "schema 0001" in capsys.readouterr().out
    assert migrate.main(["--db", str(path)]) == 0
    assert migrate.main(["--db", str(path), "--check"]) == 0


@pytest.mark.parametrize(
    "place", ["mysql://nowhere/x", "postgresql://", "sqlite:////no/such/folder/file", "://"]
)
def test_place_when_it_is_none_then_said(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert migrate.main(["--db", place]) == 1
    assert capsys.readouterr().err.startswith("central: ")


def test_file_when_no_database_then_said(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("this is a diary, not a database; it is long enough to be read as one" * 20)
    with pytest.raises(StorageAway, match="not a database"):
        Store(path)


def test_alembic_is_imported_only_where_a_revision_is_due() -> None:
    program = (
        "import sys; from central.storage.store import Store; Store(); "
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_every_revision_follows_the_one_before() -> None:
    assert schema.revisions() == tuple(f"{n:04}" for n in range(1, len(schema.revisions()) + 1))


def test_store_when_it_holds_money_of_a_running_system_then_survives_the_way(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path / "s")
    a_system(store).accounts.create_card(CARD, balance_minor=5)
    store.close()
    store = Store(tmp_path / "s")
    assert store.balance(f"card:{CARD}") == 5
    store.close()


# --- PostgreSQL -------------------------------------------------------------------------------------


def test_server_when_migrated_then_as_the_tables_say(postgres_server: Server) -> None:
    with postgres_server.bare() as revised, postgres_server.bare() as made:
        assert migrate.main(["--db", revised]) == 0
        database = Database(made)
        METADATA.create_all(database.engine)
        shapes = [shape_of(each) for each in (Database(revised), database)]
    del shapes[0]["alembic_version"]
    assert shapes[0] == shapes[1]


def test_server_when_not_migrated_then_refused_and_told_how(postgres_server: Server) -> None:
    with postgres_server.bare() as place:
        with pytest.raises(schema.WrongStore, match=r"python -m central\.migrate"):
            Store(place)
        assert migrate.main(["--db", place, "--check"]) == 3
        assert migrate.main(["--db", place]) == 0
        assert migrate.main(["--db", place]) == 0
        Store(place).close()


def test_server_when_not_there_then_said() -> None:
    with pytest.raises(StorageAway):
        Store("postgresql:///nothing?host=/no/such/folder")


def test_nul_when_sent_then_kept_as_something(postgres_place: str) -> None:
    store = Store(postgres_place)
    with store.change():
        store.add_finding(START, "CP-\0", "x", "y")
    assert [each.point for each in store.findings()] == ["CP-\ufffd"]
    store.close()
